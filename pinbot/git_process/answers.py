"""What remotes answer, in the words of git: why a fetch failed, and what became of a push.

https://git-scm.com/docs/git-push#_output; the words are those of git's transport.c and receive-pack.c, and of forges.
"""

from __future__ import annotations

import re

from pinbot.errors import BranchMoved, EmptyRepository, GitError, PushRefused
from pinbot.git_process.process import complaint
from pinbot.git_process.remote import HARMLESS, Remote

_MAX_REASON = 500
_UNSEEN = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|[^\S ]|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)

# What git says: our sentence. The first that is found counts.
_FAILURES = (
    (r"could not read Username|Authentication failed|error: 401", "the remote does not accept the credentials"),
    (r"error: 403", "the remote forbids it (403): the account has no permission for this"),
    (r"error: 404|repository '.*' not found|does not appear to be a git repository", "there is no such repository"),
    (
        r"error: 30[1278]",
        "the remote redirects to another place, where we do not follow; the repository may have moved",
    ),
    (r"error: 429", "the remote asks to wait: too many requests (429)"),
    (r"SSL certificate|unable to get local issuer|server certificate verification", "the certificate is not trusted"),
    (r"died of signal 25|File too large", "it is larger than the 4 GiB that are fetched"),
    (r"transport '.*' not allowed", "the remote uses a protocol that is not allowed"),
)
_IS_MISSING = re.compile(r"couldn't find remote ref")
_IS_UNASKABLE = re.compile(
    r"not our ref|unadvertised object|allow-tip-sha1-in-want|remote error: .*not valid|Server does not allow"
)
_IS_UNFILTERED = re.compile(r"filter '[^']*' not supported|filtering not recognized")
_IS_OTHER_FORMAT = re.compile(r"mismatched algorithms|does not support this repository's hash algorithm")
# Whatever else git complains of is a matter of our own disk.
_IS_REMOTE = re.compile(
    r"unable to access|RPC failed|hung up|early EOF|remote error|unexpected disconnect|curl|^remote:|HTTP|ssh"
    r"|Could not read from remote repository|protocol error|bad line length|invalid .*response|expected ",
    re.MULTILINE,
)
_FAULT = re.compile(r"^error: object [0-9a-f]{40,64}: ([A-Za-z0-9]+): ", re.MULTILINE)
_IS_LACKING = re.compile(
    r"from promisor remote|lazy fetching disabled|missing (?:blob|tree|commit)"
    r"|unable to (?:read|get|find) .*[0-9a-f]{40}|bad (?:object|tree|blob)"
)
_IS_MOVED = re.compile(
    r"stale info|remote ref updated since checkout|fetch first|non-fast-forward"
    r"|cannot lock ref|failed to update ref|reference already exists|incorrect old value"
)
_IS_IN_THE_WAY = re.compile(r"exists; cannot create")
_IS_REFUSED = re.compile(
    r"error: 403|[Pp]ermission .*denied|denied to|not permitted|refusing to allow|read-only|archived"
)
_REF_LINE = re.compile(r"^(?P<flag>[ +\-*=!])\t[^\t]*\t(?P<said>.*)$", re.MULTILINE)


class Unaskable(GitError):
    """The remote gives no object that is asked for by its name."""


class OtherFilter(GitError):
    """The remote does not leave out what this filter says."""


class Damaged(GitError):
    """Our repository is not what git left there; it is to be thrown away."""


class HarmlessFault(GitError):
    """git's own check finds a fault that harms nobody who checks nothing out, and no other in what it looked at."""


class OtherFormat(GitError):
    """The remote names its objects by another algorithm."""


def failure(remote: Remote, said: str) -> GitError:
    """Return the error for a call that failed, from what git said on its standard error."""
    if _IS_MISSING.search(said):
        return EmptyRepository(f"{remote.shown}: no such branch, or nothing in it yet")
    if _IS_OTHER_FORMAT.search(said):
        return OtherFormat(f"{remote.shown}: it names its objects by another algorithm")
    reason = next((text for pattern, text in _FAILURES if re.search(pattern, said)), "")
    text = f"{remote.shown}: {reason or 'git failed'}: {clean(remote.redact(complaint(said)))}"
    if (faults := set(_FAULT.findall(said))) and faults <= HARMLESS:
        return HarmlessFault(text)
    if _IS_UNFILTERED.search(said):
        return OtherFilter(text)
    if _IS_UNASKABLE.search(said):
        return Unaskable(text)
    return GitError(text) if reason or _IS_REMOTE.search(said) else Damaged(text)


def lacks_objects(said: str) -> bool:
    """Whether git gave up since it wanted to send what was never fetched."""
    return _IS_LACKING.search(said) is not None


def refusal(remote: Remote, ref: str, told: str, said: str) -> GitError | None:
    """Return why a push failed, from its porcelain output and standard error; None where that does not tell."""
    found = _REF_LINE.search(told)
    if (found is None or found["flag"] != "!") and not _IS_REFUSED.search(said):
        return None
    why = found["said"] if found else complaint(said)
    where = f"{remote.shown}: {ref.removeprefix('refs/heads/')}"
    reason = clean(remote.redact(f"{why} {remote_words(said)}"))
    if _IS_IN_THE_WAY.search(said):
        return PushRefused(f"{where}: a branch of which this name is a part is in the way: {reason}")
    if _IS_MOVED.search(why):
        return BranchMoved(f"{where}: the branch is not what it was; nothing was pushed: {reason}")
    return PushRefused(f"{where}: the remote does not take it: {reason}")


def remote_words(said: str) -> str:
    """Return what the server itself said, on one line."""
    lines = (line.removeprefix("remote:").strip() for line in said.splitlines() if line.startswith("remote:"))
    return " ".join(filter(None, lines))


def clean(text: str) -> str:
    """Return a text of somebody else without control characters, in one line and short."""
    plain = " ".join(_UNSEEN.sub(" ", text).split())
    return plain if len(plain) <= _MAX_REASON else f"{plain[:_MAX_REASON]}…"
