"""Better names for what is pinned: the precise tag of a floating one, the tag of a bare digest, the name in full.

All three are asked for in the settings (`tag: precise`, `restore-tag`, `qualify`), and none changes what runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pinbot.oci.digest import Digest
from pinbot.oci.precise import more_precise
from pinbot.oci.resolution import Failed, Served, TagList
from pinbot.oci.tags import order_key, parse
from pinbot.planning.case import Case
from pinbot.planning.outcome import Change, Kept
from pinbot.source.finding import Writable

# How many tags are asked for the digest that is sought, and how many of them at once.
_ASKED, _AT_ONCE = 60, 10


def made_precise(case: Case, decision: Change | Kept) -> Change | Kept:
    """Give a pin the most precise tag of its variant that names the same digest, where the settings ask for that."""
    if case.values("replace").tag != "precise" or not _can_write_tag(case):
        return decision
    reference = decision.new if isinstance(decision, Change) else case.reference
    if (isinstance(decision, Kept) and decision.outcome != "current") or reference.digest is None or not reference.tag:
        return decision
    head = case.known.head(reference.tag)
    if not isinstance(head, Served) or head.digest != reference.digest:
        return decision  # a pin of one platform, or one that its tag has left: no tag names it
    tags = case.known.tags()
    if not isinstance(tags, TagList):
        return _unlisted(case, decision, tags)
    finer = [tag for tag in more_precise(reference.tag, tags.tags) if _may_take(case, tag)]
    name = _naming(case, reference.digest, finer)
    if name is None:
        return decision
    new, reason = replace(reference, tag=name), f"{reference.tag} is {name}"
    if isinstance(decision, Change):
        return replace(decision, new=new, reason="; ".join(filter(None, (decision.reason, reason))))
    return case.change("replace", new, reason)


def restored(case: Case, decision: Change | Kept) -> Change | Kept:
    """Find the tag of a digest that has none, where the settings ask for that: the most precise one that names it."""
    digest = case.reference.digest
    wanted = case.values("replace").restore_tag and isinstance(decision, Kept) and decision.outcome == "current"
    if not wanted or digest is None or not _can_write_tag(case):
        return decision
    tags = case.known.tags()
    if not isinstance(tags, TagList):
        return _unlisted(case, decision, tags)
    listed, memory = set(tags.tags), case.known.memory()
    seen = {tag for tag, history in memory.tags.items() if history.has_had(digest) and tag in listed}
    allowed = [tag for tag in (*_precise_first(seen), *_precise_first(listed - seen)) if _may_take(case, tag)]
    name = _naming(case, digest, allowed)
    if name is None:
        reason = f"a digest without a tag, and none of the {min(_ASKED, len(allowed))} tags that were asked names it"
        return case.kept("current", reason)
    return case.change("replace", replace(case.reference, tag=name), f"{name} names this digest")


def qualified(case: Case, decision: Change | Kept) -> Change | Kept:
    """Write the name in full, where the settings ask for that and it stands where it can be written."""
    standing = case.finding.standing
    if not case.values("replace").qualify or not isinstance(standing, Writable) or standing.name is None:
        return decision
    declined = case.declined_name
    if isinstance(decision, Change):
        return decision if declined else replace(decision, new=decision.new.qualified())
    full = case.reference.qualified()
    if decision.outcome != "current" or full == case.reference:
        return decision
    return case.kept("refused", declined) if declined else case.change("replace", full, "the name in full")


def _can_write_tag(case: Case) -> bool:
    return isinstance(case.finding.standing, Writable) and case.finding.standing.tag is not None


def _may_take(case: Case, tag: str) -> bool:
    return case.tag_refusal(case.values("replace"), tag) is None


def _naming(case: Case, digest: Digest, tags: Iterable[str]) -> str | None:
    """Return the first of `tags` that names the digest now; asked in small groups, as the first is usually right."""
    names = list(tags)[:_ASKED]
    for start in range(0, len(names), _AT_ONCE):
        group = names[start : start + _AT_ONCE]
        case.known.need(*(case.known.head_question(name) for name in group))
        for name in group:
            head = case.known.head(name)
            if isinstance(head, Served) and head.digest == digest:
                return name
    return None


def _unlisted(case: Case, decision: Change | Kept, answer: object) -> Change | Kept:
    if isinstance(decision, Change) or not isinstance(answer, Failed):
        return decision
    return case.without_answer(answer, "the tags could not be listed: ")


def _precise_first(tags: Iterable[str]) -> list[str]:
    """Sort tags: those that say most of a version first, of these the newest, and words at the end."""

    def key(tag: str) -> tuple[object, ...]:
        version = parse(tag)
        return (1, version.precision, order_key(version), tag) if version else (0, 0, (), tag)

    return sorted(tags, key=key, reverse=True)
