"""One repository, from bytes to outcomes: the story, told with the doors of `ports` and the pure rooms below.

The one-shot command tells it today; the Action and the service will call these same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from pinbot.errors import AlreadyRead, InvalidReference, SourceError, UsageError
from pinbot.formats._claims import Claims
from pinbot.formats._scan import Scanned, scan_file
from pinbot.formats._suspects import looks_suspect, suspects
from pinbot.oci.reference import Reference
from pinbot.planning.link import idle, link
from pinbot.planning.result import Check, Survey, Update
from pinbot.ports import Doors
from pinbot.rounds import Part, answered, settled
from pinbot.source.finding import Skip
from pinbot.source.text import SourceFile, decode, encode

# `scan` asks and decides nothing, so what only deciding needs is loaded where it is used: starting is a feature.
if TYPE_CHECKING:
    from datetime import timedelta

    from pinbot.oci.resolution import Facts
    from pinbot.planning.explain import Explanation
    from pinbot.planning.inspect import Inspection
    from pinbot.planning.outcome import Intent, Kept, Plan
    from pinbot.planning.patch import Patch, Rescan, Texts
    from pinbot.planning.policy import Terms
    from pinbot.planning.result import Choice
    from pinbot.ports import Workspace
    from pinbot.source.finding import Finding
    from pinbot.source.suspect import Suspect


__all__ = [
    "Before", "Chosen", "Doors", "Scope", "check", "choices", "explain", "fetch", "remove", "rescan", "resolve",
    "survey", "update",
]  # fmt: skip

Chosen = Sequence[tuple[str, bool, bool]]
"""Paths, each with whether a format claims it, and whether it may hold commands."""
Before = Callable[[Collection[str]], Mapping[str, bytes]]
"""Returns the earlier content of the files at these paths; those that did not exist are left out."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which files count: `chosen` decides by path, `everything` includes vendored and test data."""

    claims: Claims
    chosen: Callable[[str], bool] = lambda _path: True
    everything: bool = False


def fetch(workspace: Workspace, scope: Scope) -> Chosen:
    """Get all files that count, where they come from elsewhere, and return which they are.

    Nothing of formats is used but their claims, so that several threads may do it for several workspaces.
    """
    chosen = [(p, bool(scope.claims.of(p)), looks_suspect(p)) for p in filter(scope.chosen, workspace.paths())]
    workspace.want([path for path, claimed, suspect in chosen if claimed or suspect])
    return chosen


def survey(workspace: Workspace, scope: Scope, terms: Terms, chosen: Chosen | None = None) -> Survey:
    """Read every file that a format claims, once, and return what they hold; `chosen` is what `fetch` returned."""
    reader = _Reader(workspace)
    scanned: list[Scanned] = []
    found: list[Suspect] = []
    unread = [Skip(path, reason) for path, reason in workspace.missed()]
    for path, claimed, suspect in fetch(workspace, scope) if chosen is None else chosen:
        data = reader.read(path) if claimed or suspect else None
        if isinstance(data, Skip):
            unread += [data] if claimed else []
            continue
        if data is not None and claimed and (result := scan_file(path, data, scope.claims, reader.companion)):
            scanned.append(result)
            if result.findings:
                reader.keep(path, data)
        if data is not None and suspect:
            found += suspects(path, data)
    findings, skips = link(scanned, terms.today, scope.everything, terms.policy.ignores)
    unused = idle(scanned, terms.today, scope.everything, terms.policy.ignores)
    return Survey(reader.files, findings, (*skips, *unread), tuple(found), tuple(scanned), unused)


def explain(workspace: Workspace, scope: Scope, path: str, line: int, terms: Terms) -> Explanation:
    """Say what the formats and the repository make of one line (from 1) of a file.

    Raises SourceError where the file cannot be read, UsageError where it has no such line.
    """
    from pinbot.planning.explain import explain as explained

    findings = survey(workspace, scope, terms).findings
    data = workspace.read(path)
    if not 1 <= line <= decode(data).count("\n") + 1:
        raise UsageError(f"{path} has no line {line}.")
    return explained(path, line, data, scope.claims, _Reader(workspace).companion, findings)


def update(workspace: Workspace, scope: Scope, doors: Doors, intent: Intent, terms: Terms, write: bool) -> Update:
    """Pin or bump what the files hold; with `write` the changed files are replaced, each whole or not at all."""
    from pinbot.planning.plan import decide, is_at_once, waiting

    seen = survey(workspace, scope, terms)
    facts = settled(doors, [Part(seen.findings, partial(waiting, intent=intent, terms=terms))])
    _remember(doors, seen.findings, facts, terms)
    plan = decide(seen.findings, facts, intent, terms)
    done = _carried_out(workspace if write else None, rescan(scope), seen, plan)
    return replace(done, at_once=sum(is_at_once(change, terms) for change in done.changes))


def choices(
    workspace: Workspace, scope: Scope, doors: Doors, intent: Intent, terms: Terms, path: str, line: int
) -> tuple[Choice, ...]:
    """Say what becomes of the references on one line (from 1), with all tags that they could have."""
    from pinbot.planning.plan import choice, waiting

    seen = survey(workspace, scope, terms)
    asked = [f for f in seen.findings if f.path == path and f.position.line == line]
    facts = settled(doors, [Part(asked, partial(waiting, intent=intent, terms=terms))])
    return tuple(choice(finding, facts, intent, terms) for finding in asked)


def remove(workspace: Workspace, scope: Scope, terms: Terms, write: bool) -> Update:
    """Take out the digests that a tag stands beside; with `write` the changed files are replaced, as in `update`."""
    from pinbot.planning.unpin import unpin

    seen = survey(workspace, scope, terms)
    return _carried_out(workspace if write else None, rescan(scope), seen, unpin(seen.findings, _texts(seen)))


def _carried_out(workspace: Workspace | None, again: Rescan, seen: Survey, plan: Plan) -> Update:
    """Prove the changes of a plan, and write those that are proved where there is a workspace for that."""
    from pinbot.planning.patch import patches

    proved, refused = patches(plan.changes, _texts(seen), again, seen.readers)
    unwritten = _write(workspace, proved) if workspace else ()
    changed = {id(c.finding) for p in proved for c in p.changes} - {id(k.finding) for k in unwritten}
    return Update(
        survey=seen,
        changes=tuple(c for c in plan.changes if id(c.finding) in changed),
        kept=_in_order(seen.findings, (*plan.kept, *refused, *unwritten)),
        patches=proved,
        unwritten=unwritten,
    )


def check(
    workspace: Workspace,
    scope: Scope,
    doors: Doors | None,
    terms: Terms,
    before: Before | None = None,
    max_lag: timedelta | None = None,
) -> Check:
    """Judge the references; without doors only by what the files themselves show.

    With `before`, only references count that were not in the earlier content of their file. With `max_lag`, a digest
    that its tag left longer ago is an error.
    """
    from pinbot.planning import lint
    from pinbot.planning.problem import Gate

    seen = survey(workspace, scope, terms)
    judged = seen.findings if before is None else _added(seen, before(tuple(seen.files)), scope)
    gate = Gate(terms, max_lag, tuple(sorted(seen.platforms, key=str)) or None)
    facts = None
    if doors:
        facts = answered(doors, lambda known: lint.missing(judged, known, gate, seen.findings))
        _remember(doors, judged, facts, terms)
    verdict = lint.judge(judged, facts, gate, seen.findings)
    # Whether a change added such a value cannot be told: only the references of earlier files are read again.
    unused = lint.unused(seen.idle) if before is None else ()
    return Check(seen, judged, (*verdict.problems, *unused), verdict.unchecked)


def _added(seen: Survey, before: Mapping[str, bytes], scope: Scope) -> tuple[Finding, ...]:
    from pinbot.planning import lint

    texts = {path: decode(data) for path, data in before.items()}
    again = rescan(scope)
    return lint.added(seen.findings, (f for path in texts for f in again(path, texts)))


def resolve(texts: Sequence[str], doors: Doors) -> tuple[Inspection, ...]:
    """Say what registries answer for each reference; one that cannot be read is answered with its error."""
    from pinbot.planning import inspect

    parsed = {text: _parsed(text) for text in texts}
    references = [r for r in parsed.values() if isinstance(r, Reference)]
    facts = answered(doors, lambda known: inspect.missing(references, known))
    return tuple(inspect.inspect(text, r, facts) if isinstance(r := parsed[text], Reference) else r for text in texts)


def _parsed(text: str) -> Reference | Inspection:
    from pinbot.planning.inspect import Inspection

    try:
        return Reference.parse(text)
    except InvalidReference as error:
        return Inspection(text, None, error=str(error))


def _remember(doors: Doors, findings: Sequence[Finding], facts: Facts, terms: Terms) -> None:
    from pinbot.planning.observations import observations

    doors.ledger.record(observations(findings, facts, terms.now, terms.policy.mirrors), facts)


class _Reader:
    """Keeps the texts of files with findings, and of the files that formats asked for beside their own."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.files: dict[str, SourceFile] = {}

    def read(self, path: str) -> bytes | Skip | None:
        """Return the bytes of a file, why there are none, or None for a second name of a file that was read."""
        try:
            return self._workspace.read(path)
        except AlreadyRead:
            return None
        except SourceError as error:
            return Skip(path, str(error))

    def keep(self, path: str, data: bytes) -> None:
        self.files[path] = SourceFile(path, decode(data))

    def companion(self, path: str) -> SourceFile | None:
        if path not in self.files:
            try:
                self.keep(path, self._workspace.read(path))
            except SourceError:
                return None
        return self.files[path]


def _texts(seen: Survey) -> Texts:
    return {path: file.text for path, file in seen.files.items()}


def rescan(scope: Scope) -> Rescan:
    """Return what scans one file of some texts again, in the light of the others: the proof of a patch.

    It remembers what it found: the same file is asked for by each attempt at a group of changes.
    """
    # By path and text: what was found, and the texts of the other files that were looked at (None: not there).
    known: dict[tuple[str, str], tuple[dict[str, str | None], tuple[Finding, ...]]] = {}

    def again(path: str, texts: Texts) -> tuple[Finding, ...]:
        beside, found = known.get((path, texts[path]), (None, ()))
        if beside is not None and all(texts.get(other) == text for other, text in beside.items()):
            return found
        asked: dict[str, str | None] = {}

        def companion(other: str) -> SourceFile | None:
            asked[other] = texts.get(other)
            return SourceFile(other, texts[other]) if other in texts else None

        scanned = scan_file(path, encode(texts[path]), scope.claims, companion)
        found = scanned.findings if scanned else ()
        known[path, texts[path]] = asked, found
        return found

    return again


def _write(workspace: Workspace, proved: Sequence[Patch]) -> tuple[Kept, ...]:
    """Write the patches; a change whose file could not be written is refused with the reason."""
    from pinbot.planning.outcome import Kept

    unwritten: dict[int, Kept] = {}
    for patch in proved:
        try:
            workspace.write(patch.path, encode(patch.before), encode(patch.after))
        except SourceError as error:
            unwritten |= {id(c.finding): Kept(c.finding, "refused", str(error)) for c in patch.changes}
    return tuple(unwritten.values())


def _in_order(findings: Sequence[Finding], kept: Sequence[Kept]) -> tuple[Kept, ...]:
    by_finding = {id(k.finding): k for k in kept}
    return tuple(by_finding[id(f)] for f in findings if id(f) in by_finding)
