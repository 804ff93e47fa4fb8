"""What a mirror changes: a digest is written when the mirror serves it, by the mirror's name where that is asked for.

In the mode `verify` the upstream says what tags name, and the mirror is asked for each digest that would be written; a
HEAD by digest lets a pull-through cache fetch what it lacks. In the mode `resolve` the mirror says it, and the upstream
is asked whether the mirror is behind (Harbor's caches are: https://github.com/goharbor/harbor/issues/19429).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pinbot.oci.digest import Digest
from pinbot.oci.mirrors import Mirrored
from pinbot.oci.resolution import Dead, Failed, PushDate, Served
from pinbot.planning.case import Case
from pinbot.planning.known import Known
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.spans import day, later
from pinbot.source.finding import Writable


def unmirrored(case: Case, digest: Digest) -> Kept | None:
    """Say why a digest cannot be written yet: the mirror does not serve it; None where it does, or there is none."""
    place = case.known.mirrored
    if place is None or place.mirror.mode != "verify":
        return None
    return _not_there(case, place, digest)


def the_mirrors_own(case: Case, head: Served, lag: Kept) -> Change | Kept:
    """Pin what the mirror's own tag names, where the mirror lacks what the upstream's names now.

    Only where the upstream still serves it, and was seen to name it so: nobody but the publisher says what its images
    are, and a mirror must not choose an old release by its tag.
    """
    tag, place = case.reference.effective_tag or "", case.known.mirrored
    own = case.known.head_at_mirror(tag)
    if place is None or lag.outcome != "held" or not isinstance(own, Served) or own.digest == head.digest:
        return lag
    new = case.reference.pinned_to(own.digest)
    if case.known.history_upstream(tag).first_seen(own.digest) is None:
        return lag
    is_taken_back = own.digest in case.known.history(tag).retracted
    if is_taken_back or case.denial(new) or not isinstance(case.known.alive_upstream(own.digest), Served):
        return lag
    return case.change("pin", new, f"what {place.mirror} has of {tag}; {lag.reason}")


def rewrites(case: Case) -> bool:
    """Whether the settings ask for the mirror's name, and it stands where it can be written, and is not there yet."""
    standing, place = case.finding.standing, case.known.mirrored
    if place is None or not place.mirror.rewrite or not isinstance(standing, Writable) or standing.name is None:
        return False
    return place.rewritten(case.reference) is not None


def rewritten(case: Case, decision: Change | Kept) -> Change | Kept:
    """Write the mirror's name, where the settings ask for that."""
    place = case.known.mirrored
    if place is None or not rewrites(case):
        return decision
    new, declined = (
        place.rewritten(decision.new if isinstance(decision, Change) else case.reference),
        case.declined_name,
    )
    if isinstance(decision, Change):
        # A rule that keeps changes of names from being made means those that come with others, too.
        is_kept = declined or new is None or case.values("replace").mode != "bump"
        return decision if is_kept or new is None else replace(decision, new=new)
    if decision.outcome != "current" or new is None or new.digest is None:
        return decision
    return case.kept("refused", declined) if declined else case.change("replace", new, "by the mirror's name")


def mirrored(case: Case, decision: Change | Kept) -> Change | Kept:
    """Let nothing be written, or be called current by the mirror's name, that the mirror does not serve.

    Says as well where the mirror is behind.
    """
    place = case.known.mirrored
    if place is None:
        return decision
    if isinstance(decision, Kept) and (not case.intent.refresh or decision.outcome not in {"current", "held"}):
        return decision
    if isinstance(decision, Change):
        digest = decision.new.digest
        is_new = digest != decision.old.digest or decision.new.name != decision.old.name
        return (_missing(case, place, digest) if digest and is_new else None) or _behind(case, place, decision)
    if decision.outcome == "current" and place.is_alias and case.reference.digest:
        return _missing(case, place, case.reference.digest) or _behind(case, place, decision)
    return _behind(case, place, decision)


def lag(known: Known, tag: str, now: datetime) -> str | None:
    """Say that a mirror that is asked has had another digest under a tag for too long; None where it has not.

    What it names is known. The upstream is not asked where the settings say so, and no answer tells nothing.
    """
    place, mine = known.mirrored, known.head(tag)
    if place is None or place.mirror.mode != "resolve" or place.mirror.stale_after is None:
        return None
    its = known.head_upstream(tag)
    if not isinstance(mine, Served) or not isinstance(its, Served) or its.digest == mine.digest:
        return None
    since = _since(known, tag, mine.digest, its.digest)
    if since is None or later(since, place.mirror.stale_after) > now:
        return None
    return (
        f"the mirror {place.mirror} is behind: {place.upstream} names {its.digest.algorithm}:{its.digest.short}… for "
        f"{tag}, since {day(since)} at the latest"
    )


def _since(known: Known, tag: str, mine: Digest, its: Digest) -> datetime | None:
    """Return since when the upstream's tag has left what the mirror has; None where nobody saw that."""
    history = known.history_upstream(tag)
    first = history.first_seen(its)
    if since := history.left(mine) or (first.first if first else None):
        return since
    pushed = known.pushed(tag)
    return pushed.at if isinstance(pushed, PushDate) and pushed.digest == its else None


def _missing(case: Case, place: Mirrored, digest: Digest) -> Kept | None:
    """Say that the mirror lacks a digest that would be pulled from it; where it was asked, its answer is known."""
    return _not_there(case, place, digest) if place.mirror.mode == "verify" else None


def _not_there(case: Case, place: Mirrored, digest: Digest) -> Kept | None:
    answer = case.known.alive_at_mirror(digest)
    if isinstance(answer, Served):
        return None
    if isinstance(answer, Dead) or (isinstance(answer, Failed) and answer.status == "404"):
        is_own = digest == case.reference.digest and place.is_alias
        when = "" if is_own else " yet"
        return case.kept("held", f"{place.copy} does not serve {digest.algorithm}:{digest.short}…{when} (404)")
    return case.without_answer(answer, "whether the mirror serves it could not be looked up: ")


def _behind(case: Case, place: Mirrored, decision: Change | Kept) -> Change | Kept:
    """Add to a decision that the mirror is behind, where it is."""
    if place.mirror.mode != "resolve":
        return decision
    tag = (decision.new if isinstance(decision, Change) else case.reference).tag
    said = lag(case.known, tag, case.terms.now) if tag else None
    return replace(decision, reason="; ".join(filter(None, (decision.reason, said)))) if said else decision
