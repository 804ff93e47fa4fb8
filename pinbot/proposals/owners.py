"""Who is asked for a review: the owners that a CODEOWNERS file names for the changed files.

GitHub: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners.
Gitea and Forgejo: https://docs.gitea.com/usage/code-owners. GitLab: https://docs.gitlab.com/user/project/codeowners/reference/.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from pinbot.errors import InvalidPattern
from pinbot.planning.globs import glob, searcher

Dialect = Literal["github", "gitea", "gitlab"]

# The first that is there counts, whatever is in it.
PLACES: dict[Dialect, tuple[str, ...]] = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitea": ("CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
}
MOST = 10
# A real file has hundreds of lines. What is longer, or asks for more, was not written to be read: it is left out, so
# that no file makes this slow or large.
_LINES, _PATHS = 5_000, 200
_LONGEST, _WILDS = 300, 20
_COSTLY = re.compile(r"\{|\\[pP]")
_OWNER = re.compile(r"@([A-Za-z0-9][A-Za-z0-9_.-]{0,99}(?:/[A-Za-z0-9][A-Za-z0-9_.-]{0,99})?)")
# At GitLab groups lie in groups.
_MEMBER = re.compile(r"@([A-Za-z0-9][A-Za-z0-9_.-]{0,254}(?:/[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}){0,20})")
# `[Name]`, `^[Name]` (nobody has to approve), `[Name][2]` (so many have to).
_SECTION = re.compile(r"\^?\[([^\]]{1,200})\](?:\[[0-9]{1,9}\])?(?=\s|$)")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True, slots=True)
class _Rule:
    matches: Callable[[str], bool]
    owners: tuple[str, ...]
    section: str = ""
    is_exception: bool = False


def owners(
    files: Mapping[str, str], paths: Iterable[str], dialect: Dialect = "github", most: int = MOST
) -> tuple[str, ...]:
    """Return the names (`jane`, `acme/team`) of who owns these paths, those of the most first, then by name.

    `files` has the texts of the CODEOWNERS that are there, by path. Addresses of mail name nobody who could be asked.
    A line that cannot be read is left out, as forges do.
    """
    text = next((files[place] for place in PLACES[dialect] if place in files), "")
    lines = text.split("\n", _LINES)[:_LINES]
    rules = list(_sections(lines)) if dialect == "gitlab" else [r for line in lines if (r := _rule(line, dialect))]
    counted = Counter(name for path in sorted(set(paths))[:_PATHS] for name in _owners_of(path, rules, dialect))
    return tuple(sorted(counted, key=lambda name: (-counted[name], name)))[:most]


def _owners_of(path: str, rules: Sequence[_Rule], dialect: Dialect) -> tuple[str, ...]:
    """On GitHub the last rule that matches decides, and may say nobody; on Gitea all that match do.

    On GitLab the last one of each section does; what a section excepts is nobody's there.
    """
    if dialect == "gitlab":
        of_section = {rule.section: rule for rule in rules if not rule.is_exception and rule.matches(path)}
        excepted = {rule.section for rule in rules if rule.is_exception and rule.matches(path)}
        return tuple(dict.fromkeys(n for name, rule in of_section.items() if name not in excepted for n in rule.owners))
    if dialect == "github":
        return next((rule.owners for rule in reversed(rules) if rule.matches(path)), ())
    return tuple(dict.fromkeys(name for rule in rules if rule.matches(path) for name in rule.owners))


def _rule(line: str, dialect: Dialect) -> _Rule | None:
    pattern, *words = _words(line)
    if not pattern or len(pattern) > _LONGEST:
        return None
    names = _named(words)
    try:
        return _Rule(_github(pattern) if dialect == "github" else _gitea(pattern), names)
    except InvalidPattern:
        return None


def _sections(lines: Iterable[str]) -> Iterator[_Rule]:
    """Yield the rules of GitLab, each with its section; a rule without owners has those of its section."""
    section, default = "", _named(())
    for line in lines:
        if found := _SECTION.match(line[: 10 * _LONGEST].strip()):
            section, default = found[1].strip().lower(), _named(_words(line.strip()[found.end() :]), _MEMBER)
            continue
        pattern, *words = _words(line)
        if not pattern or len(pattern) > _LONGEST or pattern.count("*") + pattern.count("?") > _WILDS:
            continue
        with suppress(InvalidPattern):
            matches = _gitlab(pattern.removeprefix("!"))
            yield _Rule(matches, _named(words, _MEMBER) or default, section, pattern.startswith("!"))


def _named(words: Iterable[str], name: re.Pattern[str] = _OWNER) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found[1] for word in words if (found := name.fullmatch(word))))


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


def _gitlab(pattern: str) -> Callable[[str], bool]:
    """Return what a pattern matches, as Ruby's `File.fnmatch` does: what does not begin with a slash, anywhere.

    Raises InvalidPattern for character classes, which nobody uses for paths.
    """
    if "[" in pattern:
        raise InvalidPattern(f"{pattern}: a character class")
    plain = re.sub(r"\\(.)", r"\1", pattern)
    plain = plain if plain.startswith("/") else f"/**/{plain}"
    plain = f"{plain}**/*" if plain.endswith("/") else plain
    # `**` that is no folder of its own is one `*` there.
    body = re.sub(r"(?<![/*])\*\*+|\*\*+(?![/*])", "*", plain)
    return searcher((f"(?s)^{glob(body.removeprefix('/'))}$",))
