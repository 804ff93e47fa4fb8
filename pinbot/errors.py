"""The one tree of exceptions; what it says here is all that pinbot raises on purpose.

    PinbotError
    ├── UsageError                    wrong arguments or settings: exit 2
    │   └── SettingsError             … with the file, line and column
    ├── InvalidPattern                a pattern of the settings that RE2 does not understand, or that finds no image
    ├── InvalidReference              a text that is no image reference
    │   └── InvalidDigest             … because of its digest
    ├── SourceError                   a file of the repository
    │   ├── UnreadableFile            it could not be read, or may not be
    │   ├── AlreadyRead               it is a link to a file that was read under its own name
    │   ├── StaleEdit                 the text is no longer what the edit was made for
    │   └── FileChanged               the file changed on disk since it was read
    ├── GitError                      git refused or is not there
    │   ├── EmptyRepository           the branch has no commit
    │   ├── BranchMoved               the branch of the remote is not what it was thought to be: nothing was pushed
    │   └── PushRefused               the remote does not take it: a protected branch, a hook, a missing permission
    ├── StoreError                    a ledger that cannot be opened, read or written
    ├── NetError                      a request that got no answer
    │   ├── AddressRefused            the address may not be asked
    │   ├── RedirectRefused           the answer points to a place that may not be asked
    │   ├── CannotResolveName         DNS
    │   ├── CannotConnect             nobody listens, or the way is cut
    │   │   └── LeftAlone             … and it was not asked again, since it failed several times in a row
    │   ├── TlsFailed                 the certificate or the handshake
    │   ├── TimedOut                  no complete answer in time
    │   ├── AnswerTooLarge            more bytes than such an answer may have
    │   └── BrokenAnswer              not HTTP, cut short, or encoded though we asked for identity
    ├── ForgeError                    a forge answered, and the answer is no, or gave no answer
    │   ├── ForgeForbids              401, 403, 404, a rule: this account may not, or the repository is not there for it
    │   └── ForgeBusy                 a rate limit that is further away than a run waits; `until` says when
    └── RegistryError                 a registry answered, and the answer is no
        ├── NotFound                  404: the repository, tag or digest is unknown
        ├── Unauthorized              401: credentials are missing or wrong
        ├── Forbidden                 403: these credentials may not
        ├── RateLimited               429: too many requests; `retry_after_seconds` where it said so
        │   └── PullLimitReached      … since the pulls of a window are used up, but for those that are left to others
        ├── Unavailable               5xx
        ├── NotARegistry              an answer that no registry gives
        ├── UnsupportedManifest       schema 1, or no image at all
        └── DigestMismatch            the bytes do not hash to the digest they came under

Nothing else leaves a public function; `cli.main` turns a PinbotError into an exit code and a sentence,
anything else is a bug (exit 70).
"""

from __future__ import annotations

from datetime import datetime


class PinbotError(Exception):
    """The root: its text is a sentence that says what, where, why and, where there is one, the way out."""


class UsageError(PinbotError):
    """Wrong arguments or settings."""


class SettingsError(UsageError):
    """Settings that cannot be used; the text begins with `file:line:column`."""


class InvalidPattern(PinbotError):
    """A pattern that cannot be used to find references."""


class InvalidReference(PinbotError):
    """A text that is not an image reference."""


class InvalidDigest(InvalidReference):
    """A digest of unknown algorithm, wrong length or with upper-case hex."""


class SourceError(PinbotError):
    """Something about a file of the repository."""


class UnreadableFile(SourceError):
    """A file that could not be read, or may not be."""


class AlreadyRead(SourceError):
    """A link to a file that was read under its own name: nothing in it is missed."""


class StaleEdit(SourceError):
    """An edit whose span does not hold the text it was made for, or that overlaps another."""


class FileChanged(SourceError):
    """A file that is not what it was when it was read; it stays as it is."""


class GitError(PinbotError):
    """git refused, failed or is not installed."""


class EmptyRepository(GitError):
    """The branch has no commit."""


class BranchMoved(GitError):
    """The branch of the remote is not what it was thought to be; nothing was pushed."""


class PushRefused(GitError):
    """The remote does not take the push: a protected branch, a hook, a missing permission."""


class ForgeError(PinbotError):
    """A forge answered, and the answer is no, or gave no answer."""


class ForgeForbids(ForgeError):
    """This account may not, or the repository is not there for it."""


class ForgeBusy(ForgeError):
    """A rate limit that is further away than a run waits; `until` (UTC) says when it ends, None where unknown."""

    def __init__(self, message: str, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until


class StoreError(PinbotError):
    """A ledger that cannot be opened, read or written; what it holds stays as it is."""


class NetError(PinbotError):
    """A request that got no answer."""


class AddressRefused(NetError):
    """An address that may not be asked: cloud metadata, or one outside what the settings allow."""


class RedirectRefused(NetError):
    """An answer that points to a place that may not be asked."""


class CannotResolveName(NetError):
    """The name has no address."""


class CannotConnect(NetError):
    """Nobody listens there, or the way is cut."""


class LeftAlone(CannotConnect):
    """A host that failed several times in a row, and was not asked: nothing was sent."""


class TlsFailed(NetError):
    """The certificate is not good for this host, or the handshake failed."""


class TimedOut(NetError):
    """No complete answer in time."""


class AnswerTooLarge(NetError):
    """More bytes than such an answer may have."""


class BrokenAnswer(NetError):
    """Not HTTP, cut short, or encoded though identity was asked for."""


class RegistryError(PinbotError):
    """A registry answered, and the answer is no."""


class NotFound(RegistryError):
    """404: the registry does not know the repository, the tag or the digest."""


class Unauthorized(RegistryError):
    """401: credentials are missing, or are not accepted."""


class Forbidden(RegistryError):
    """403: these credentials may not read this repository."""


class RateLimited(RegistryError):
    """429: too many requests.

    `retry_after_seconds` is how long the registry asks to wait, None where it does not say.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class PullLimitReached(RateLimited):
    """The pulls that a registry grants in a window are used up, but for those that are left to others."""


class Unavailable(RegistryError):
    """5xx: the registry has trouble of its own."""


class NotARegistry(RegistryError):
    """An answer that no registry gives, such as a login page."""


class UnsupportedManifest(RegistryError):
    """A manifest that cannot be pinned: schema 1, or not an image."""


class DigestMismatch(RegistryError):
    """Bytes that do not hash to the digest they came under: a broken or lying registry."""
