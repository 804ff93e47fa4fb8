"""One reference that is to be decided upon: what is known of it, what may be done with it, and when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pinbot.oci.digest import Digest
from pinbot.oci.history import History, Observation
from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Barred, Failed, PushDate, Served
from pinbot.planning.declined import digest_token, tag_token
from pinbot.planning.known import Known
from pinbot.planning.outcome import Change, Intent, Kept, Outcome
from pinbot.planning.policy import NO_COOLDOWN, ChangeKind, Terms, Values
from pinbot.planning.spans import in_words, later
from pinbot.source.finding import Finding


@dataclass(frozen=True, slots=True)
class Wait:
    """Something is not old enough yet; it will be at `until`."""

    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A finding and its reference, with everything that a decision about it goes by."""

    finding: Finding
    reference: Reference
    known: Known
    intent: Intent
    terms: Terms

    def values(self, kind: ChangeKind | None = None) -> Values:
        """Return what the policy says for a change of this kind; an urgent image waits for nothing."""
        values = self.terms.policy.of(self.finding, kind)
        if self.terms.policy.is_urgent(self.reference):
            return replace(values, cooldown=NO_COOLDOWN, settle=NO_COOLDOWN)
        return values

    def denial(self, new: Reference) -> str | None:
        """Say why the digest of a new reference must not be taken: it is denied, or somebody declined it."""
        denied = self.terms.policy.denial(new)
        return denied or (None if self._is_urgent(new) else self.terms.declined.digest(new, new.digest))

    def tag_refusal(self, values: Values, tag: str) -> str | None:
        """Say why a tag may not be taken: the settings refuse it, or somebody declined it."""
        refused = self.terms.policy.tag_refusal(values, tag)
        declined = None if refused else self.terms.declined.tag(self.reference, tag)
        # Asked in this order since there may be a hundred thousand tags, and next to nothing is declined.
        return None if declined and self._is_urgent(replace(self.reference, tag=tag)) else refused or declined

    @property
    def declined_pin(self) -> str | None:
        """Say that somebody declined to have the reference pinned; None where it is pinned."""
        is_free = self.reference.digest is not None or self._is_urgent(self.reference)
        return None if is_free else self.terms.declined.pin(self.finding)

    @property
    def declined_name(self) -> str | None:
        """Say that somebody declined to have the name in full."""
        return None if self._is_urgent(self.reference) else self.terms.declined.name(self.finding)

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """The platforms that count: the declared ones, or that of the line; none for all."""
        return self.values().platforms or ((self.finding.platform,) if self.finding.platform else ())

    def history(self, tag: str, served: Served, kind: ChangeKind = "refresh", *, dated: bool = False) -> History:
        """Return the history of a tag, with what the registry answers now.

        Where nothing was seen of it before, the registry's own push date may stand in for the first sighting; it is
        asked for where a change of this kind has a cooldown, or the history is to be `dated`. What a mirror names is as
        old as the upstream has had it.
        """
        at = max(self.terms.now, served.clock(self.terms.now))
        earlier = self.known.history(tag)
        history = earlier.observed(self._seen(tag, served.digest, at))
        if elder := self._elder(tag, earlier, served.digest):
            return history.observed(replace(self._seen(tag, served.digest, elder), source="pushed"))
        if earlier.first_seen(served.digest) is None and (dated or self.values(kind).cooldown):
            pushed = self.known.pushed(tag)
            if isinstance(pushed, PushDate) and pushed.digest == served.digest and pushed.at <= at:
                return history.observed(replace(self._seen(tag, served.digest, pushed.at), source="pushed"))
        return history

    def moved(self, tag: str, digest: Digest) -> Reference:
        """Return the reference with another tag and digest."""
        return replace(self.reference, tag=tag, digest=digest)

    def clock(self, served: Served) -> datetime:
        """Return the time by which ages are judged: the earlier of this machine's clock and the registry's."""
        return min(self.terms.now, served.clock(self.terms.now))

    def hurries(self, digest: Digest) -> bool:
        """Whether an emergency has offered this digest of the image, and nobody has said no to that."""
        return bool(self.terms.hurried) and digest_token(self.reference, digest) in self.terms.hurried

    def hurries_to(self, tag: str) -> bool:
        """Whether an emergency has offered this tag of the image."""
        return bool(self.terms.hurried) and tag_token(self.reference, tag) in self.terms.hurried

    def wait(self, history: History, digest: Digest, cooldown: timedelta, now: datetime) -> Wait | None:
        """Say that a digest is younger than its cooldown; None where it is old enough, or somebody is in a hurry."""
        if self.hurries(digest):
            return None
        first = history.first_seen(digest)
        since = first.first if first else now
        if not cooldown or later(since, cooldown) <= now:
            return None
        said = "pushed" if first and first.source == "pushed" else "first seen"
        ago = in_words(now - since) if now > since else "less than a minute"
        return Wait(f"{said} {ago} ago, cooldown {in_words(cooldown)}", later(since, cooldown))

    def change(self, kind: ChangeKind, new: Reference, reason: str = "", *, rescues: bool = False) -> Change:
        """Return the change to `new`; `rescues` says that the present digest is gone."""
        return Change(kind, self.finding, self.reference, new, reason, rescues)

    def kept(self, outcome: Outcome, reason: str, *, until: datetime | None = None, status: str | None = None) -> Kept:
        """Return that the reference stays as it is."""
        return Kept(self.finding, outcome, reason, until, status)

    def held(self, wait: Wait, what: str = "") -> Kept:
        """Return that the reference waits."""
        return self.kept("held", f"{what}{wait.reason}", until=wait.until)

    def without_answer(self, answer: object, what: str = "") -> Kept:
        """Return the outcome for an answer that is none."""
        match answer:
            case Failed(status=status, reason=reason):
                return self.kept("lookup-failed", f"{what}{reason}", status=status)
            case Barred(reason=reason):
                return self.kept("refused", f"{what}{reason}")
            case _:
                raise TypeError(f"{answer!r} is an answer")

    def _is_urgent(self, new: Reference) -> bool:
        return self.terms.policy.is_urgent(self.reference) or self.terms.policy.is_urgent(new)

    def _elder(self, tag: str, history: History, digest: Digest) -> datetime | None:
        """Return since when the upstream has had what its mirror names; None where the mirror was seen with it before.

        Only of what a mirror is asked for: by the upstream's name the history is the upstream's own.
        """
        if self.known.mirrored is None or self.known.mirrored.mirror.mode != "resolve":
            return None
        mine, its = history.first_seen(digest), self.known.history_upstream(tag).first_seen(digest)
        return its.first if its and (mine is None or its.first < mine.first) else None

    def _seen(self, tag: str, digest: Digest, at: datetime) -> Observation:
        return Observation(self.known.place.registry, self.known.place.path, tag, digest, at)
