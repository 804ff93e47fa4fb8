"""What a reviewer must not overlook in a change, and what speaks for it; the same decides what may merge by itself."""

from __future__ import annotations

from dataclasses import dataclass

from pinbot.oci.platform import Platform
from pinbot.planning.evidence import Evidence, without_run
from pinbot.planning.outcome import Change
from pinbot.planning.spans import day
from pinbot.planning.versions import is_full
from pinbot.proposals._markdown import clean
from pinbot.proposals.news import News

_PLATFORMS = 6
_QUOTED = 120


@dataclass(frozen=True, slots=True)
class Concern:
    """Something to look at: a mark of a few words for a table, and a sentence that follows the name of the image.

    What is in backticks in the sentence is somebody else's. One that is not `loud` is said of the pull request anyway.
    """

    mark: str
    sentence: str
    loud: bool = True


def concerns(change: Change, news: News) -> tuple[Concern, ...]:
    """Return what speaks against a change, the worst first."""
    found = news.evidence
    return (
        *(of_images(found, unverified=is_unverified(change, found)) if found and found.old else ()),
        *([MAJOR] if news.is_major and change.kind != "major" else []),
        *([_DIED] if change.rescues else []),
    )


def assurances(news: News) -> tuple[str, ...]:
    """Return what speaks for a change, in a few words each."""
    found = news.evidence
    if found is None:
        return ()
    return (
        *(["same source"] if found.same_source else []),
        *(["same builder"] if found.same_builder else []),
        *(["same user"] if found.settings is not None and all(s.name != "user" for s in found.settings) else []),
    )


MAJOR = Concern("major version", "crosses a major version, though its tag stays")
_DIED = Concern("digest was gone", "had to be replaced at once, as nothing serves the old digest", loud=False)


def of_images(found: Evidence, *, unverified: bool = False) -> tuple[Concern, ...]:
    """Return what a reviewer must not overlook in two images, the worst first; `unverified` as in `is_unverified`."""
    if found.old is None:
        return ()
    concerns: list[Concern] = []
    if found.becomes_root and found.old.config:
        was = found.old.config.runtime.user
        concerns.append(Concern("runs as root", f"is run by root now, and was run by {quoted(was)}"))
    if found.same_source is False:
        old, new = quoted(found.old.labels.source), quoted(found.new.labels.source)
        concerns.append(Concern("another source", f"says that it is from {new}, and was from {old}"))
    if found.same_builder is False:
        concerns.append(Concern(*_builder(found)))
    if found.gone:
        concerns.append(Concern("lost platforms", f"is no longer for {platforms(found.gone)}"))
    if unverified:
        reason = found.rebuild.reason
        concerns.append(Concern("unverified", f"is a full version that was pushed again, and {reason}"))
    if found.is_backward and found.old.created and found.new.created:
        made, before = day(found.new.created), day(found.old.created)
        concerns.append(Concern("older", f"was built on {made}, before the present one ({before})"))
    return tuple(concerns)


def is_unverified(change: Change, found: Evidence) -> bool:
    """Whether a full version was pushed again, and nothing tells a rebuild from a replacement."""
    is_again = change.old.tag == change.new.tag and change.kind in {"refresh", "replace"}
    return is_again and is_full(change.new.tag or "") and found.rebuild.verdict != "rebuilt"


def platforms(some: tuple[Platform, ...]) -> str:
    """Return the names of platforms, those beyond six counted; they are somebody else's."""
    shown = ", ".join(quoted(str(one)) for one in some[:_PLATFORMS])
    return f"{shown} and {len(some) - _PLATFORMS} more" if len(some) > _PLATFORMS else shown


def quoted(text: str) -> str:
    """Return somebody else's words in backticks, as `prose` reads them."""
    shown = clean(text, _QUOTED).replace("`", "'")
    return f"`{shown}`" if shown else "nobody"


def _builder(found: Evidence) -> tuple[str, str]:
    old = found.old.statements.provenance if found.old and found.old.statements else None
    new = found.new.statements.provenance if found.new.statements else None
    if new is None:
        # There may be one that cannot be read: then that is among what could not be looked up.
        read = " that could be read" if found.new.statements and found.new.statements.problems else ""
        return "no provenance", f"comes without a statement of who built it{read}, which the old one had"
    if old and old.builder and without_run(old.builder) != without_run(new.builder):
        return "another builder", f"was built by {quoted(new.builder)}, the old one by {quoted(old.builder)}"
    was = quoted(old.source if old else "")
    return "built from another source", f"was built from {quoted(new.source)}, the old one from {was}"


def unlooked(found: Evidence | None) -> str | None:
    """Say why not all can be said about what changed; None where it can."""
    if found is None:
        return "what changed was not looked up"
    if found.old is None or found.old.config is None:
        return "the earlier image could not be looked at"
    if found.new.config is None:
        return "the new image could not be looked at"
    if found.old.platform != found.new.platform:
        return "the images that were looked at are for two platforms"
    return "not everything could be looked up" if found.problems else None
