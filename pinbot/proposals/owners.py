"""Who is asked for a review: the owners that a CODEOWNERS file names for the changed files.

GitHub: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners.
Gitea and Forgejo: https://docs.gitea.com/usage/code-owners.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pinbot.errors import InvalidPattern
from pinbot.planning.globs import glob, searcher

Dialect = Literal["github", "gitea"]

# The first that is there counts, whatever is in it.
PLACES: dict[Dialect, tuple[str, ...]] = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitea": ("CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS"),
}
MOST = 10
# A real file has hundreds of lines. What is longer, or asks for more, was not written to be read: it is left out, so
# that no file makes this slow or large.
_LINES, _PATHS = 5_000, 200
_LONGEST, _WILDS = 300, 20
_COSTLY = re.compile(r"\{|\\[pP]")
_OWNER = re.compile(r"@([A-Za-z0-9][A-Za-z0-9_.-]{0,99}(?:/[A-Za-z0-9][A-Za-z0-9_.-]{0,99})?)")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True, slots=True)
class _Rule:
    matches: Callable[[str], bool]
    owners: tuple[str, ...]


def owners(
    files: Mapping[str, str], paths: Iterable[str], dialect: Dialect = "github", most: int = MOST
) -> tuple[str, ...]:
    """Return the names (`jane`, `acme/team`) of who owns these paths, those of the most first, then by name.

    `files` has the texts of the CODEOWNERS that are there, by path. Addresses of mail name nobody who could be asked.
    A line that cannot be read is left out, as forges do.
    """
    text = next((files[place] for place in PLACES[dialect] if place in files), "")
    rules = [rule for line in text.split("\n", _LINES)[:_LINES] if (rule := _rule(line, dialect))]
    counted = Counter(name for path in sorted(set(paths))[:_PATHS] for name in _owners_of(path, rules, dialect))
    return tuple(sorted(counted, key=lambda name: (-counted[name], name)))[:most]


def _owners_of(path: str, rules: Sequence[_Rule], dialect: Dialect) -> tuple[str, ...]:
    """On GitHub the last rule that matches decides, and may say nobody; on Gitea all that match do."""
    if dialect == "github":
        return next((rule.owners for rule in reversed(rules) if rule.matches(path)), ())
    return tuple(dict.fromkeys(name for rule in rules if rule.matches(path) for name in rule.owners))


def _rule(line: str, dialect: Dialect) -> _Rule | None:
    pattern, *words = _words(line)
    if not pattern or len(pattern) > _LONGEST:
        return None
    names = tuple(dict.fromkeys(found[1] for word in words if (found := _OWNER.fullmatch(word))))
    try:
        return _Rule(_github(pattern) if dialect == "github" else _gitea(pattern), names)
    except InvalidPattern:
        return None


def _words(line: str) -> list[str]:
    """Return the pattern and the owners of a line; a backslash before a space keeps it, `#` begins a comment."""
    words: list[str] = []
    for word in _WORD.findall(line[: 10 * _LONGEST]):
        if word.startswith("#"):
            break
        words.append(word)
    return words or [""]


def _github(pattern: str) -> Callable[[str], bool]:
    """Return what a pattern matches: as in .gitignore, but `docs/*` is only what lies in `docs` itself.

    Raises InvalidPattern for what GitHub does not take: exceptions, character classes, an escaped `#`.
    """
    wilds = pattern.count("*") + pattern.count("?")
    if pattern.startswith(("!", "\\#")) or "[" in pattern or wilds > _WILDS:
        raise InvalidPattern(f"{pattern}: not a pattern that GitHub takes")
    plain = re.sub(r"\\(.)", r"\1", pattern)
    anchored, body = "/" in plain.rstrip("/"), plain.strip("/")
    ends_with_any = anchored and body.rpartition("/")[2] == "*"
    tail = "/.*" if plain.endswith("/") else "" if ends_with_any else "(?:/.*)?"
    return searcher((f"(?s)^{'' if anchored else '(?:.*/)?'}{glob(body)}{tail}$",))


def _gitea(pattern: str) -> Callable[[str], bool]:
    """Return what a pattern matches: a regular expression (RE2) for all of the path, with `!` all that it does not."""
    if _COSTLY.search(pattern):
        raise InvalidPattern(f"{pattern}: a repetition or a class that may need much memory")
    found = searcher((f"^(?:{pattern.removeprefix('!')})$",))
    return (lambda path: not found(path)) if pattern.startswith("!") else found
