"""Moves to a newer tag: the newest that the level allows, that is old enough, and is what it says (semantics "4.")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from pinbot.oci.candidates import Candidate, Limits, candidates, successors
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Index
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import Barred, Dead, Failed, PushDate, Served, TagList
from pinbot.oci.tags import Kind, compatible, parse
from pinbot.planning.case import Case
from pinbot.planning.children import origin_of_dead, origin_of_pin, unserved
from pinbot.planning.mirrors import unmirrored
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.platforms import child_for
from pinbot.planning.policy import LEVELS, NO_COOLDOWN, Values
from pinbot.planning.sanity import is_for_another, is_older, lacks
from pinbot.planning.spans import day, in_words, later
from pinbot.planning.targets import earlier, not_newest, sooner

# How many candidates of one reference are looked at; each costs a request.
_LOOKED_AT = 10
_KINDS: tuple[Kind, ...] = ("patch", "minor", "major")


@dataclass(frozen=True, slots=True)
class Search:
    """What the search for a newer tag came to.

    `change` is the move. Where there is none, `kept` says what stands in the way of one (None: there is no newer tag).
    `seen` are the tags of the repository, with the reason why each was not taken, where that was asked for.
    """

    change: Change | None = None
    kept: Kept | None = None
    seen: tuple[Candidate, ...] = ()


def search(case: Case, *, explained: bool = False) -> Search:
    """Look for the newest tag that a reference may move to; where it is to be explained, through all tags."""
    tag, known = case.reference.tag, case.known
    kinds = [kind for kind in _KINDS if _allows(case, kind)]
    if tag is None or not kinds or parse(tag) is None:
        return Search()
    known.need(known.head_question(tag), known.tags_question(), known.memory_question())
    tags = known.tags()
    if not isinstance(tags, TagList):
        return Search(kept=case.without_answer(tags, "the tags could not be listed: "))
    judged = _listed(case, tag, tags.tags, kinds, explained)
    if not explained:
        return _chosen(case, tag, judged)[0]
    listed = tuple(judged)
    found, verdicts, others = _chosen(case, tag, listed)
    return replace(found, seen=_explained(listed, verdicts, others, found))


def _allows(case: Case, kind: Kind) -> bool:
    values = case.values(kind)
    is_open = values.until is None or case.terms.today > values.until
    return is_open and values.mode in {"bump", "watch"} and LEVELS.index(values.level) >= LEVELS.index(kind)


def _listed(case: Case, tag: str, tags: tuple[str, ...], kinds: list[Kind], explained: bool) -> Iterator[Candidate]:
    """Yield the candidates; whoever stops at one leaves those behind it unjudged."""
    values = {kind: case.values(kind) for kind in kinds}
    follows = any(one.suffix == "follow" for one in values.values())
    limits = Limits(kinds[-1], follows, lambda other: _refused(case, other, values.values()))
    found = candidates(tag, tags, limits) if explained else successors(tag, tags, limits)
    for one in found:
        verdict = _verdict(case, tag, one, values)
        yield one if verdict == one.verdict else replace(one, verdict=verdict)


def _refused(case: Case, tag: str, values: Iterable[Values]) -> str | None:
    """Return why a tag may not be taken by a change of any of these kinds; None where one of them may."""
    refusals = [case.tag_refusal(one, tag) for one in values]
    return refusals[0] if all(refusals) else None


def _verdict(case: Case, tag: str, one: Candidate, values: Mapping[Kind, Values]) -> str | None:
    """Return why a tag may not be taken, by what the settings say of a change of its kind too."""
    if one.verdict is not None or one.kind is None:
        return one.verdict
    if one.kind not in values:
        return f"the settings allow no {one.kind} change"
    now, new = parse(tag), parse(one.tag)
    if now and new and now.suffix != new.suffix and values[one.kind].suffix == "keep":
        return compatible(now, new)
    return _refused(case, one.tag, (values[one.kind],))


def _chosen(case: Case, tag: str, listed: Iterable[Candidate]) -> tuple[Search, dict[str, str], str | None]:
    """Try the candidates from the newest down; return as well why each of them was not taken, and why no other."""
    base, kept, others = _base(case, tag), None, None
    verdicts: dict[str, str] = {}
    looked_at = 0
    for number, one in enumerate(one for one in listed if one.verdict is None and one.kind is not None):
        if looked_at >= _LOOKED_AT:
            others = f"not looked at: the {_LOOKED_AT} newest were, and none may be taken now"
            break
        first, may_ask = looked_at == 0, number < _LOOKED_AT
        outcome = _tried(case, base, one, first=first, may_ask=may_ask)
        if isinstance(outcome, Change):
            return Search(outcome), verdicts, f"older than {one.tag}"
        looked_at += outcome.status != _UNASKED
        verdicts[one.tag] = outcome.reason
        kept = kept or replace(outcome, reason=f"{one.tag}: {outcome.reason}")
        if outcome.outcome == "lookup-failed":
            break
    return Search(None, kept), verdicts, others


_UNASKED = "unasked"


def _explained(
    listed: tuple[Candidate, ...], verdicts: dict[str, str], others: str | None, found: Search
) -> tuple[Candidate, ...]:
    taken = found.change.new.tag if found.change else None
    return tuple(
        replace(one, verdict=verdicts.get(one.tag, others)) if one.verdict is None and one.tag != taken else one
        for one in listed
    )


@dataclass(frozen=True, slots=True)
class _Base:
    """What a candidate is compared with: the digest in use, and the platform where a single image of it is pinned.

    `is_dead` is whether the digest in use is not served any more; then it is compared with what the tag names now.
    """

    served: Served | None
    platform: Platform | None
    is_child: bool = False
    is_dead: bool = False


def _base(case: Case, tag: str) -> _Base:
    now, digest = case.known.head(tag), case.reference.digest
    present = now if isinstance(now, Served) else None
    if digest is None or (present and present.digest == digest):
        return _Base(present, case.finding.platform)
    alive = case.known.alive(digest)
    if isinstance(alive, Dead) and present and (origin := origin_of_dead(case, present)):
        return _Base(present, origin.platform, is_child=True)
    if not isinstance(alive, Served):
        return _Base(present, case.finding.platform, is_dead=isinstance(alive, Dead))
    if not alive.is_index and present and present.is_index:
        origin = origin_of_pin(case, present)
        return _Base(alive, origin.platform if origin else None, is_child=True)
    return _Base(alive, case.finding.platform)


def _tried(case: Case, base: _Base, one: Candidate, *, first: bool, may_ask: bool) -> Change | Kept:
    """Return the move to a candidate, or why it is not made now."""
    assert one.kind is not None
    values = case.values(one.kind)
    if case.hurries_to(one.tag):
        values = replace(values, cooldown=NO_COOLDOWN)
    if one.doubt is not None:
        return case.kept("held", one.doubt, status=_UNASKED)
    if values.cooldown and not first and (young := _young(case, one.tag, values.cooldown, may_ask)):
        return young
    head = case.known.head(one.tag)
    if isinstance(head, Failed) and head.status == "404":
        return case.kept("held", "it is in the list of tags, and the registry does not serve it")
    if isinstance(head, Failed | Barred):
        return case.without_answer(head)
    history, target = case.history(one.tag, head, one.kind), head
    wait = case.wait(history, head.digest, values.cooldown, case.clock(head))
    held = case.held(wait) if wait else None if base.is_child else unmirrored(case, head.digest)
    if held is not None:
        older = earlier(case, history, head, values.cooldown)
        if older is None:
            return sooner(case, history, None, held, one.kind)
        target = older
    reason = not_newest(history, target)
    if base.is_child:
        return _child(case, base.platform, one, target, reason)
    if odd := _odd(case, base, target, one.kind):
        return case.kept("held", odd)
    moved = _moved(case, one, target.digest, target.digest, reason)
    return replace(moved, rescues=base.is_dead) if isinstance(moved, Change) else moved


def _young(case: Case, tag: str, cooldown: timedelta, may_ask: bool) -> Kept | None:
    """Say that a tag was never seen before; None where it was, or where the registry's push date releases it."""
    if case.known.history(tag).seen:
        return None
    pushed = case.known.pushed(tag) if may_ask else None
    if not isinstance(pushed, PushDate):
        # It would be seen for the first time now, and wait like the newer ones: no request for that.
        return case.kept("held", "not seen before, and the cooldown begins with that", status=_UNASKED)
    until = later(pushed.at, cooldown)
    if until <= case.terms.now:
        return None
    return case.kept("held", f"pushed on {day(pushed.at)}, cooldown {in_words(cooldown)}", until=until)


def _odd(case: Case, base: _Base, head: Served, kind: Kind) -> str | None:
    """Say what is wrong with a candidate.

    Ages, and the platforms of single images, cost up to six requests, so they are asked for only where numbers are
    known to lie: between whole versions.
    """
    if base.served is None:
        return None
    missing = lacks(case.known, base.served, head, case.values(kind).platforms)
    if missing is not None or kind != "major":
        return missing
    older = is_older(case.known, base.served, head, base.platform)
    return older or is_for_another(case.known, base.served, head)


def _child(case: Case, platform: Platform | None, one: Candidate, head: Served, reason: str) -> Change | Kept:
    """Stay with one platform where a single image of an index is pinned."""
    if platform is None:
        return case.kept("refused", "a single image is pinned, and for which platform cannot be proven")
    content = case.known.content(head.digest)
    if isinstance(content, Barred | Failed):
        return case.without_answer(content)
    child = child_for(platform, content) if isinstance(content, Index) else None
    if child is None:
        return case.kept("held", f"it has no image for {platform}")
    return unserved(case, child.digest, platform) or _moved(case, one, child.digest, head.digest, reason)


def _moved(case: Case, one: Candidate, digest: Digest, top: Digest, reason: str) -> Change | Kept:
    assert one.kind is not None
    new = case.moved(one.tag, digest)
    denial = case.denial(new) or case.denial(case.moved(one.tag, top))
    return case.kept("refused", denial) if denial else case.change(one.kind, new, reason)
