"""Formats that a user writes: patterns of the settings, in RE2's language (https://github.com/google/re2/wiki/Syntax).

RE2 takes linear time whatever the pattern and the file, so that no pattern can hang a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pinbot.errors import InvalidPattern
from pinbot.formats._base import About, Companions, Format, finding_at
from pinbot.formats._joined import Piece, joined
from pinbot.formats._yaml_scalar import filled_in
from pinbot.source.finding import Skip, Standing, Yield
from pinbot.source.text import SourceFile, Span

_GROUPS = ("image", "tag", "digest")
# Of memory for one compiled pattern; what needs more is a mistake.
_MAX_MEMORY = 8 * 1024 * 1024


def checked(pattern: str) -> None:
    """Raise InvalidPattern where a pattern cannot be used, with the reason."""
    _compiled(pattern)


def pattern_format(name: str, claims: Callable[[str], bool], pattern: str) -> Format:
    """Return the format of the files that `claims` names, in which `pattern` finds references.

    Its group `image` holds a name or a whole reference, `tag` and `digest` what stands apart. Raises InvalidPattern.
    """
    _compiled(pattern)

    def scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
        try:
            matches = list(_compiled(pattern).finditer(file.text))
        except UnicodeEncodeError as error:
            yield Skip(file.path, f"{name}: the file holds bytes that are not UTF-8", Span(error.start, error.end))
            return
        for match in matches:
            parts = _parts(match)
            if parts:
                # At the tag or digest where that stands apart from the name.
                at = parts[min(1, len(parts) - 1)]
                span = Span(at.start, at.start + len(at.text))
                yield finding_at(file, name, "a match of the pattern", span, _standing(parts))

    return Format(name, scan, _ABOUT, claims=claims)


def _compiled(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        reason = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise InvalidPattern(f"not a pattern that RE2 understands: {reason}") from error
    unknown = sorted(set(compiled.groupindex) - set(_GROUPS))
    if unknown:
        raise InvalidPattern(f"the group {unknown[0]!r} means nothing; {', '.join(_GROUPS)} do")
    if "image" not in compiled.groupindex:
        raise InvalidPattern("it needs a group (?P<image>…) that holds the name, or the whole reference")
    return compiled


def _parts(match: Any) -> list[Piece]:
    """Return the groups that matched something, as parts of a reference; nothing without a name."""
    numbers = match.re.groupindex
    found = [
        Piece(lead, match.group(numbers[group]), match.start(numbers[group]))
        for lead, group in zip(("", ":", "@"), _GROUPS, strict=True)
        if group in numbers and match.group(numbers[group])
    ]
    return found if match.group(numbers["image"]) else []


def _standing(parts: list[Piece]) -> Standing:
    return next((aside for part in parts if (aside := filled_in(part.text))), None) or joined(parts)


_ABOUT = About(
    title="Patterns of your own",
    url="https://github.com/google/re2/wiki/Syntax",
    files="the files that `paths` of a pattern in the settings name",
    places=("each match: its group `image` is the name or whole reference, `tag` and `digest` what stands apart",),
    path="config/images.properties",
    example="web.image = nginx\nweb.tag = 1.27\n",
)
