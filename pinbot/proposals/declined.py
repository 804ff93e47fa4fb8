"""What closing a pull request refuses, and what the closed ones of a repository have refused (semantics "6.")."""

from __future__ import annotations

from collections.abc import Iterable

from pinbot.planning.declined import Closed, Declined, digest_token, name_token, pin_token, tag_token
from pinbot.planning.outcome import Change
from pinbot.proposals.pull import PullRequest

_VERSIONS = {"patch", "minor", "major"}


def covers(changes: Iterable[Change]) -> tuple[str, ...]:
    """Return what closing a pull request with these changes refuses, as tokens in a stable order."""
    return tuple(sorted({token(change) for change in changes}))


def token(change: Change) -> str:
    """Return what a change is about: a first pin its reference, a version or a better name its tag, others a digest.

    The image is called as it was before: only what is written so is ever decided upon again.
    """
    old, new, path = change.old, change.new, change.finding.path
    if change.kind == "pin" or new.digest is None:
        return pin_token(path, old)
    if change.kind in _VERSIONS:
        return tag_token(old, new.tag or "")
    if new.digest != old.digest:
        return digest_token(old, new.digest)
    return tag_token(old, new.tag) if new.tag and new.tag != old.tag else name_token(path, old)


def declined(pulls: Iterable[PullRequest]) -> Declined:
    """Return what people declined, by all that is known of our pull requests in a repository, open ones too.

    For each thing the last that happened to what offered it counts: when that was closed without merging, people
    declined it; when it was merged, or opened since (by an emergency), they did not, or not any more. What pinbot
    closed by itself was declined by nobody.
    """
    latest: dict[str, PullRequest] = {}
    for pull in sorted(
        pulls, key=lambda one: (one.closed if one.state != "open" and one.closed else one.opened, one.number)
    ):
        if pull.by_us and pull.in_repository and not pull.is_withdrawn:
            latest |= dict.fromkeys(_offered(pull), pull)
    return Declined({token: Closed(pull.number, pull.url) for token, pull in latest.items() if pull.state == "closed"})


def _offered(pull: PullRequest) -> frozenset[str]:
    """Return what its latest commit of ours covers.

    A rebase by a person, or an amendment, leaves the trailers and changes the tree; to close it means the same then.
    """
    ours = (commit for commit in reversed(pull.commits) if commit.claimed_fingerprint is not None)
    return next((commit.covers for commit in ours), frozenset())
