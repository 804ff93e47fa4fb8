"""A remote: where it is, who we are to it, and the configuration under which git may ask it.

git-config: https://git-scm.com/docs/git-config#Documentation/git-config.txt-httplturlgt. Everything goes to git in
its environment (GIT_CONFIG_COUNT), so that no credential stands in a URL, an argument list or a file.
"""

from __future__ import annotations

import base64
import binascii
import re
import shlex
from dataclasses import dataclass
from urllib.parse import quote

from pinbot.errors import GitError
from pinbot.secret import Secret

# Printable ASCII without what some parser reads as another thing; no user name, no query, no fragment.
_HTTP = re.compile(
    r"https?://[A-Za-z0-9._-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%+-]+)+/?|https?://\[[0-9a-fA-F:.]+\](?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%+-]+)+/?"
)
_SSH = re.compile(
    r"ssh://(?:[A-Za-z0-9._][A-Za-z0-9._-]*@)?[A-Za-z0-9_][A-Za-z0-9._-]*(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%+-]+)+/?"
)
_MAX_URL = 2048
_SLOW_BYTES, _SLOW_SECONDS = 1000, 60  # a remote that sends less than this for so long is given up

# Faults of old or strange histories that harm nobody who checks nothing out: what fsck says of them is not for us.
HARMLESS = frozenset(
    (
        *("zeroPaddedFilemode", "badTimezone", "missingSpaceBeforeDate", "missingEmail", "badDate", "badFilemode"),
        # We refuse such names ourselves, each by its path, and never look at submodules.
        *("hasDot", "hasDotdot", "hasDotgit", "gitmodulesMissing", "gitmodulesBlob", "gitmodulesLarge"),
        *("gitmodulesName", "gitmodulesParse", "gitmodulesPath", "gitmodulesSymlink", "gitmodulesUrl"),
        *("gitmodulesUpdate", "gitattributesMissing", "gitattributesLarge", "gitattributesLineLength"),
        "gitattributesBlob",
    )
)
# For fetches alone: a push would want to have the old content of what it changes, to send deltas.
PARTIAL = (("remote.origin.promisor", "true"), ("remote.origin.partialclonefilter", "blob:none"))
_FIXED = (
    ("credential.helper", ""),
    ("http.followRedirects", "false"),  # git would take the credential along
    ("http.sslVerify", "true"),
    ("http.extraHeader", ""),
    ("http.lowSpeedLimit", str(_SLOW_BYTES)),
    ("http.lowSpeedTime", str(_SLOW_SECONDS)),
    ("protocol.version", "2"),
    ("transfer.fsckObjects", "true"),
    ("transfer.bundleURI", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("push.gpgSign", "false"),
    ("push.recurseSubmodules", "no"),
    ("push.followTags", "false"),
)


@dataclass(frozen=True, slots=True)
class SshKey:
    """The key file with which a remote is asked through ssh, and the file that says which hosts are the right ones."""

    key_file: str
    known_hosts_file: str

    @property
    def command(self) -> str:
        """The command line of ssh, for GIT_SSH_COMMAND: it asks nobody, and reads no configuration."""
        options = ("BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=yes", "PermitLocalCommand=no")
        hosts = f"UserKnownHostsFile={self.known_hosts_file}"
        words = ["ssh", "-F", "/dev/null", "-i", self.key_file, *(w for o in (*options, hosts) for w in ("-o", o))]
        return shlex.join(words)


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository at `https://host/path`, `ssh://` with a key, or a folder of this machine where that is allowed.

    `authorization` is the whole value of an Authorization header (`Basic …`, `Bearer …`); it goes to the origin of
    `url` alone. `ca_file` has the certificates to trust instead of the usual ones, `proxy` is a URL, maybe with a
    password; without one nothing is asked through a proxy. `plain_http` allows `http://`, `local` a folder.
    """

    url: str
    authorization: Secret | None = None
    ca_file: str | None = None
    proxy: Secret | None = None
    ssh: SshKey | None = None
    plain_http: bool = False
    local: bool = False

    @property
    def protocol(self) -> str:
        """What git is allowed to speak. Raises GitError for a URL that is not asked."""
        if len(self.url) <= _MAX_URL and _HTTP.fullmatch(self.url):
            scheme = self.url.partition(":")[0]
            if scheme == "https" or self.plain_http:
                return scheme
            raise GitError(f"{self.shown}: http is not allowed for this remote; use https")
        if self.ssh and len(self.url) <= _MAX_URL and _SSH.fullmatch(self.url):
            return "ssh"
        if self.local and self.url.startswith("/") and self.url.isprintable():
            return "file"
        raise GitError(f"{self.shown}: not the URL of a remote that is asked; https://host/owner/name is")

    @property
    def shown(self) -> str:
        """The URL as messages may have it."""
        plain = re.sub(r"//[^/]*@", "//", self.url[:_MAX_URL])
        return "".join(c if c.isprintable() else "?" for c in plain)[:200]

    def config(self) -> tuple[tuple[str, str], ...]:
        """Return the configuration for a call of git that asks this remote."""
        more = [("remote.origin.url", self.url), ("http.proxy", self.proxy.reveal() if self.proxy else "")]
        if self.ca_file:
            more.append(("http.sslCAInfo", self.ca_file))
        if self.authorization and self.protocol in {"http", "https"}:
            value = self.authorization.reveal()
            if not value.isprintable():
                raise GitError(f"{self.shown}: the credential for it has a line end or a control character in it")
            more.append((f"http.{_origin(self.url)}/.extraHeader", f"Authorization: {value}"))
        return (*_FIXED, *more)

    def environment(self) -> dict[str, str]:
        """Return the environment for a call of git that asks this remote."""
        return {"GIT_SSH_COMMAND": self.ssh.command, "GIT_SSH_VARIANT": "ssh"} if self.ssh else {}

    def redact(self, text: str) -> str:
        """Return a text with every form of our secrets in it replaced by `***`."""
        for form in sorted(self._secrets(), key=len, reverse=True):
            text = text.replace(form, "***")
        return text

    def _secrets(self) -> set[str]:
        forms: set[str] = set()
        for secret in (self.authorization, self.proxy):
            if secret:
                forms |= _forms(secret.reveal())
        return {form for form in forms if len(form) >= 4}  # a shorter one would black out the text


def _origin(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _forms(value: str) -> set[str]:
    """Return what a secret may show up as: the whole, what stands behind `Basic `, and what that says."""
    token = value.partition(" ")[2] or value
    forms = {value, token, quote(token, safe="")}
    try:
        pair = base64.b64decode(token, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        pair = ""
    if "://" in value:
        pair = value.partition("://")[2].rpartition("@")[0]
    password = pair.partition(":")[2]
    return forms | {pair, password, quote(password, safe="")}
