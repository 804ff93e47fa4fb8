"""Who a commit is by, when, and with which key it is signed.

https://git-scm.com/docs/git-commit-tree#_commit_information, https://git-scm.com/docs/git-config#Documentation/git-config.txt-gpgformat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# The year 2100: a later time is a slip or an attack, and some forges cannot show it.
_LATEST = 4_102_444_800


@dataclass(frozen=True, slots=True)
class Identity:
    """The author and committer of a commit; `seconds` since 1970 is the time of both, in UTC."""

    name: str
    email: str
    seconds: int = 0

    def environment(self) -> dict[str, str]:
        """Return the environment that tells git."""
        when = f"@{min(max(self.seconds, 0), _LATEST)} +0000"
        roles = ("AUTHOR", "COMMITTER")
        who = {f"GIT_{r}_{k}": v for r in roles for k, v in (("NAME", self.name), ("EMAIL", self.email))}
        return who | {f"GIT_{role}_DATE": when for role in roles}


@dataclass(frozen=True, slots=True)
class Signing:
    """A key that signs commits.

    For `ssh`, `key` is the path of a private key without a passphrase; an Ed25519 one signs the same commit alike every
    time. For `openpgp`, `key` is the name of a key without a passphrase in the GnuPG home folder `home` (see
    `pinbot.git_process.gpg`); its signatures hold the time, so that the same commit signed again is another one.
    """

    format: Literal["ssh", "openpgp"]
    key: str
    home: str | None = None

    def config(self) -> tuple[tuple[str, str], ...]:
        """Return the configuration that tells git."""
        return (("gpg.format", self.format), ("user.signingKey", self.key))

    def environment(self) -> dict[str, str]:
        """Return the environment of the signing program: it asks nobody."""
        home = {"GNUPGHOME": self.home} if self.home else {}
        return {"SSH_ASKPASS_REQUIRE": "never", "SSH_AUTH_SOCK": "", "GPG_TTY": "", **home}
