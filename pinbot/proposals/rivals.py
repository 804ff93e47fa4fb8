"""Pull requests of other bots: what they change already is held, with a link, instead of being proposed twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pinbot.planning.outcome import Change, Kept
from pinbot.planning.result import Update
from pinbot.proposals.pull import PullRequest
from pinbot.source.finding import Writable
from pinbot.source.text import SourceFile

# What the accounts of bots are called; the last are those of GitLab's project and group tokens.
_ACCOUNT = re.compile(r"(?:\[bot\]|-bot)\Z|\A(?:project|group)_[0-9]{1,18}_bot(?:_|\Z)")
# Branches by which the bots of this trade are known where they run under the account of a person.
_BRANCHES = ("renovate/", "dependabot/", "digestabot/", "frizbee", "updatecli_", "pinact/")
_DEV_NULL = "/dev/null"
# Each costs a request, and anybody may open thousands from forks.
_MOST = 50


_ESCAPED = re.compile(rb'\\([0-7]{3}|[abtnvfr"\\])')
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_ESCAPES |= {b'"': b'"', b"\\": b"\\"}


@dataclass(frozen=True, slots=True)
class Claim:
    """The lines that a pull request of another bot takes away or replaces, without white space around, by path."""

    pull: PullRequest
    lines: Mapping[str, frozenset[str]]


def is_rival(pull: PullRequest, prefix: str) -> bool:
    """Whether an open pull request is of another bot, by its account or the name of its branch."""
    if pull.in_repository and pull.branch.startswith(prefix):
        return False
    # Workflows of one repository share an account: what pinbot opens has a branch with its prefix.
    is_bot = not pull.by_us and _ACCOUNT.search(pull.author.lower()) is not None
    return is_bot or pull.branch.lower().startswith(_BRANCHES)


def rivals(pulls: Iterable[PullRequest], prefix: str) -> list[PullRequest]:
    """Return the open pull requests of other bots: of more than 50 those of the repository itself, then the latest."""
    found = [pull for pull in pulls if is_rival(pull, prefix)]
    return sorted(sorted(found, key=lambda p: (not p.in_repository, -p.number))[:_MOST], key=lambda p: p.number)


def claim(pull: PullRequest, diff: str) -> Claim:
    """Read the unified diff of a pull request; what is none claims nothing."""
    lines: dict[str, set[str]] = {}
    path, left = "", 0
    for line in diff.split("\n"):
        if left > 0 and line[:1] in {"-", " ", ""}:
            left -= 1
            if line.startswith("-"):
                lines.setdefault(path, set()).add(line[1:].strip())
        elif line.startswith("--- "):
            path = _path(line[4:])
        elif line.startswith("@@ "):
            left = _removed_or_kept(line)
    return Claim(pull, {name: frozenset(found) for name, found in lines.items() if name != _DEV_NULL})


def yielding(update: Update, claims: Sequence[Claim]) -> Update:
    """Hold the changes of lines that another bot's pull request changes as well."""
    taken = {id(change): found for change in update.changes if (found := _claimed(change, update, claims))}
    if not taken:
        return update
    held = [
        Kept(change.finding, "held", f"{pull.author} has an open pull request for this line: {pull.url}")
        for change in update.changes
        if (pull := taken.get(id(change)))
    ]
    kept = (*update.kept, *held)
    order = {id(finding): number for number, finding in enumerate(update.survey.findings)}
    return replace(
        update,
        changes=tuple(change for change in update.changes if id(change) not in taken),
        kept=tuple(sorted(kept, key=lambda k: order.get(id(k.finding), len(order)))),
    )


def _claimed(change: Change, update: Update, claims: Sequence[Claim]) -> PullRequest | None:
    mine = set(_lines(change, update.survey.files))
    for one in claims:
        if any(text in one.lines.get(path, ()) for path, text in mine):
            return one.pull
    return None


def _lines(change: Change, files: Mapping[str, SourceFile]) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each line that a change touches."""
    standing = change.finding.standing
    if not isinstance(standing, Writable):
        return
    for slot in filter(None, (standing.name, standing.tag, standing.digest)):
        path = slot.path or change.finding.path
        text = files[path].text
        start = text.rfind("\n", 0, slot.span.start) + 1
        stop = text.find("\n", slot.span.stop)
        yield path, text[start : None if stop < 0 else stop].strip()


def _path(text: str) -> str:
    """Return the path of a `--- a/path` line, without the quotes and the tab that may be about it."""
    plain = text.split("\t", 1)[0].rstrip("\r")
    if plain.startswith('"') and plain.endswith('"'):
        plain = _unquoted(plain[1:-1])
    return plain if plain == _DEV_NULL else plain.removeprefix("a/")


def _unquoted(text: str) -> str:
    """Return a path that git quoted (core.quotePath): bytes in octal digits, and C's escapes."""
    data = text.encode("utf-8", "surrogateescape")
    plain = _ESCAPED.sub(lambda found: _ESCAPES.get(found[1]) or bytes([int(found[1], 8) & 255]), data)
    return plain.decode("utf-8", "surrogateescape")


def _removed_or_kept(header: str) -> int:
    """Return how many lines of the old file a hunk shows: the second number of `@@ -3,7 +3,8 @@`, 1 where none is."""
    old = next((word for word in header.split(" ") if word.startswith("-")), "-0,0")
    _, comma, count = old.partition(",")
    return int(count[:9]) if comma and count.isdecimal() else 1
