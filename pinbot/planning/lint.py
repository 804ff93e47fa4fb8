"""The gate: what is wrong with the references of a repository, as errors and notes (contract, `check`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pinbot.oci.digest import Digest
from pinbot.oci.reference import DEFAULT_TAG, Reference
from pinbot.oci.resolution import Facts, Head, Question, Served
from pinbot.planning import health
from pinbot.planning.known import unanswered
from pinbot.planning.problem import PIN_IT, Gate, Item, Pin, Problem, Unchecked
from pinbot.source.finding import Aside, Finding, Fixed, Idle, Lapse, Writable

_PIN_BY_HAND = "where pinbot cannot write it, pin it by hand, or mark the line with `# pinbot: ignore`"
_CORRECT = "correct the reference, or the line that builds it"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found."""

    problems: tuple[Problem, ...]
    unchecked: tuple[Unchecked, ...]


def missing(
    findings: Iterable[Finding], facts: Facts, gate: Gate, all_findings: Iterable[Finding] = ()
) -> frozenset[Question]:
    """Return the questions whose answers the verdict waits for; empty when everything can be judged."""
    return unanswered(_judgements(findings, facts, gate, all_findings))


def judge(
    findings: Iterable[Finding], facts: Facts | None, gate: Gate, all_findings: Iterable[Finding] = ()
) -> Verdict:
    """Return what is wrong with each finding; without facts (offline) only what files and settings show.

    `facts` must answer all that `missing` asks. `all_findings` are those of the whole repository, where only some are
    judged: the others may hold the same digests.
    """
    items = [item for decide in _judgements(findings, facts, gate, all_findings) for item in decide()]
    # What failed for a reference is named once: it counts references, and the first failure explains the others.
    unchecked = {id(item.finding): item for item in reversed(items) if isinstance(item, Unchecked)}
    return Verdict(
        problems=tuple(item for item in items if isinstance(item, Problem)),
        unchecked=tuple(reversed(unchecked.values())),
    )


def unused(values: Iterable[Idle]) -> tuple[Problem, ...]:
    """Return the problem of each value that holds a digest and that nothing consumes."""
    return tuple(
        Problem("unused-digest", _carrier(value), value.reason, "let the reference use it, or remove it")
        for value in values
    )


def _carrier(value: Idle) -> Finding:
    """Return what stands in a report for a value that is no reference."""
    standing = Aside("variable", value.reason)
    return Finding(value.path, "variable", value.name, value.span, value.position, value.text, standing)


def added(findings: Iterable[Finding], before: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that a change added or touched, given those of the same files before it.

    A reference that only moved within its file is not touched; one whose value changed elsewhere (an ARG) is.
    """
    known = Counter(_identity(f) for f in before)
    new = []
    for finding in findings:
        if known[_identity(finding)]:
            known[_identity(finding)] -= 1
        else:
            new.append(finding)
    return tuple(new)


def _identity(finding: Finding) -> tuple[str, str, str | None]:
    return finding.path, finding.text, str(finding.reference) if finding.reference else None


def _judgements(
    findings: Iterable[Finding], facts: Facts | None, gate: Gate, all_findings: Iterable[Finding]
) -> Iterator[Callable[[], Sequence[Item]]]:
    """Yield every judgement, each as a function that raises Unanswered where it waits for an answer."""
    findings = tuple(findings)
    books = _Books((*all_findings, *findings), facts or {})
    for finding in findings:
        yield partial(_all, _by_files, finding, gate)
        if facts is not None and (pin := _pin(finding, gate, books)):
            yield partial(_all, health.judged, pin, facts)


def _all(judgement: Callable[..., Iterator[Item]], *arguments: object) -> Sequence[Item]:
    return tuple(judgement(*arguments))


class _Books:
    """Which digests the files hold and where, and which the tags name now; by registry and repository."""

    def __init__(self, findings: Iterable[Finding], facts: Facts) -> None:
        self.heads: dict[tuple[str, str], dict[str, Digest]] = defaultdict(dict)
        for question, answer in facts.items():
            if isinstance(question, Head) and isinstance(answer, Served):
                self.heads[question.registry, question.path][question.tag] = answer.digest
        self.pairs: dict[tuple[str, str], set[tuple[str, Digest]]] = defaultdict(set)
        self._holders: dict[Digest, dict[tuple[str, str], Finding]] = defaultdict(dict)
        for finding in findings:
            reference = finding.reference
            if reference is not None and reference.digest is not None:
                name = reference.registry, reference.path
                self._holders[reference.digest].setdefault(name, finding)
                if reference.tag is not None:
                    self.pairs[name].add((reference.tag, reference.digest))

    def elsewhere(self, reference: Reference) -> tuple[Finding, ...]:
        """Return a finding of each other repository with the same digest."""
        assert reference.digest is not None
        holders: Mapping[tuple[str, str], Finding] = self._holders[reference.digest]
        return tuple(f for name, f in holders.items() if name != (reference.registry, reference.path))


def _pin(finding: Finding, gate: Gate, books: _Books) -> Pin | None:
    """Return a pinned reference that counts."""
    match finding.standing:
        case Writable(reference=reference) | Fixed(reference=reference) if reference.digest is not None:
            values, name = gate.terms.policy.of(finding), (reference.registry, reference.path)
            if values.mode == "ignore":
                return None
            mirrors = gate.terms.policy.mirrors
            asked = mirrors.asked(reference)
            heads, held, elsewhere = (
                books.heads[asked.registry, asked.path],
                books.pairs[name],
                books.elsewhere(reference),
            )
            return Pin(finding, reference, values, gate, heads, held, elsewhere, mirrors.of(reference))
        case _:
            return None


def _by_files(finding: Finding, gate: Gate) -> Iterator[Item]:
    """Yield what files and settings alone show."""
    policy, reference = gate.terms.policy, finding.reference
    # What must not run must not hide behind a remark either.
    if reference is not None and (denial := policy.denial(reference)):
        yield Problem(
            "denied-digest", finding, denial, "replace the digest at once, and look into what has run with it"
        )
    if policy.of(finding).mode == "ignore":
        return
    match finding.standing:
        case Aside(status="invalid", reason=reason):
            yield Problem("invalid", finding, reason, _CORRECT)
        case Writable(reference=used) | Fixed(reference=used):
            if distrust := policy.distrust(used):
                yield Problem("untrusted-registry", finding, distrust, "take the image from a trusted registry")
            if used.digest is None:
                yield _unpinned(finding)
            if finding.stage == "final" and (used.tag or DEFAULT_TAG) == DEFAULT_TAG and not _is_bare(used):
                yield _latest(finding, used)
        case _:
            pass
    yield from (_lapsed(finding, lapse) for lapse in finding.lapsed)


def _unpinned(finding: Finding) -> Problem:
    if isinstance(finding.standing, Fixed):
        message = f"it has no digest, and pinbot cannot write one here: {finding.standing.reason}"
        return Problem("unpinned", finding, message, _PIN_BY_HAND)
    message = f"{finding.text} has no digest: whoever pushes the tag decides what runs"
    return Problem("unpinned", finding, message, PIN_IT)


def _is_bare(reference: Reference) -> bool:
    """Whether a digest stands without a tag: that is no `latest`."""
    return reference.tag is None and reference.digest is not None


def _latest(finding: Finding, reference: Reference) -> Problem:
    what = "the tag is latest" if reference.tag else "no tag is written, which means latest"
    message = f"{what}, in the stage that is shipped: nothing says which version runs"
    return Problem("latest", finding, message, "name a version")


def _lapsed(finding: Finding, lapse: Lapse) -> Problem:
    if lapse.expired:
        return Problem("expired-ignore", finding, lapse.reason, "remove the remark, or give it a new day")
    return Problem("ignore-not-permitted", finding, lapse.reason, "complete the remark, or remove it")
