"""Pull requests of other bots: what they change already is held, with a link, instead of being proposed twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pinbot.planning.outcome import Change, Kept
from pinbot.planning.result import Update
from pinbot.proposals.pull import PullRequest
from pinbot.source.finding import Writable
from pinbot.source.text import SourceFile

# Branches by which the bots of this trade are known where they run under the account of a person.
_BRANCHES = ("renovate/", "dependabot/", "digestabot/", "frizbee", "updatecli_", "pinact/")
_DEV_NULL = "/dev/null"


@dataclass(frozen=True, slots=True)
class Claim:
    """The lines that a pull request of another bot takes away or replaces, without white space around, by path."""

    pull: PullRequest
    lines: Mapping[str, frozenset[str]]


def is_rival(pull: PullRequest, prefix: str) -> bool:
    """Whether an open pull request is of another bot, by its account or the name of its branch."""
    if pull.by_us or (pull.in_repository and pull.branch.startswith(prefix)):
        return False
    return pull.author.lower().endswith(("[bot]", "-bot")) or pull.branch.lower().startswith(_BRANCHES)


def claim(pull: PullRequest, diff: str) -> Claim:
    """Read the unified diff of a pull request; what is none claims nothing."""
    lines: dict[str, set[str]] = {}
    path, left = "", 0
    for line in diff.splitlines():
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
    plain = text.split("\t", 1)[0].strip('"')
    return plain if plain == _DEV_NULL else plain.removeprefix("a/")


def _removed_or_kept(header: str) -> int:
    """Return how many lines of the old file a hunk shows: the second number of `@@ -3,7 +3,8 @@`, 1 where none is."""
    old = next((word for word in header.split(" ") if word.startswith("-")), "-0,0")
    _, comma, count = old.partition(",")
    return int(count) if comma and count.isdecimal() else 1
