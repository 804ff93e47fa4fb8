"""The settings, as frozen values whose defaults can be read here; `config.example.yaml` shows each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pinbot.config._reaching import ClientCertificateSettings, ProxySettings
from pinbot.config.credentials import CredentialSettings
from pinbot.config.secrets import SecretSource
from pinbot.oci.mirrors import Mirror
from pinbot.planning.rules import Rulebook

if TYPE_CHECKING:
    from pinbot.config.sweeping import SweepSettings

DEFAULT_JOBS = 8
# Of one registry at the same time: more is slower.
DEFAULT_CONCURRENCY = 8
# Per cent of a pull limit.
DEFAULT_RESERVE = 10.0
DEFAULT_TIMEOUT_SECONDS = 60.0
# The digest of no text at all: settings that nobody wrote.
NO_SETTINGS = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """How one registry is reached.

    `endpoint` is the URL that is asked instead of the registry's own host; `allow_http` permits plain http to a
    host that is not loopback; `ca_file` is a PEM file with certificates to trust beside the system's;
    `token_hosts` are hosts, beside the registry's own, that may be given its credentials for a token;
    `push_dates` is the URL that knows when tags were pushed, as Docker Hub does, or `off`;
    `client_certificate` is shown to the registry's own host alone; `proxy` is the one that it is asked through, None
    for the usual one; `mirror` is where its copies are (the upstream's name is in that of the rulebook only).
    `concurrency` is how many requests it is sent at a time (1 to 8), `requests_per_minute` a pace that is never
    exceeded (None: none), `reserve` the percentage of its pull limit that is left to others. Of `username` with
    `password`, `token`, `identity_token` and `credentials` there is one at most.
    """

    endpoint: str | None = None
    allow_http: bool = False
    ca_file: str | None = None
    username: str | None = None
    password: SecretSource | None = None
    token_hosts: tuple[str, ...] = ()
    push_dates: str | None = None
    token: SecretSource | None = None
    identity_token: SecretSource | None = None
    credentials: CredentialSettings | None = None
    client_certificate: ClientCertificateSettings | None = None
    proxy: ProxySettings | None = None
    mirror: Mirror | None = None
    concurrency: int = DEFAULT_CONCURRENCY
    requests_per_minute: int | None = None
    reserve: float = DEFAULT_RESERVE


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """Where the ledger is: the path of a file or the URL of a database, None for this user's own, `off` for none.

    `repository` (`host/owner/name`) is that of the settings in which a pass keeps it, in `refs/pinbot/ledger`.
    """

    location: str | None = None
    password: SecretSource | None = None
    repository: str | None = None


@dataclass(frozen=True, slots=True)
class PatternSettings:
    """A format of the user's own: where `pattern` (RE2) finds references, in files that match one of `paths`."""

    name: str
    paths: tuple[str, ...]
    pattern: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. `fingerprint` is a digest of the text they were read from, for the context of a report.

    `sweep` is what a pass over repositories needs; None where nothing is said of that. `docker_config` and
    `containers_auth` say whether the logins of Docker, and of Podman and its kin, are used; `credential_helpers` which
    helpers may run: None leaves it to the verb, all for a person, none for a pass that nobody watches.
    `proxy` is the one that everything is asked through, None for that of the environment.
    """

    registries: Mapping[str, RegistrySettings] = field(default_factory=dict)
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    patterns: tuple[PatternSettings, ...] = ()
    jobs: int = DEFAULT_JOBS
    docker_config: bool = True
    containers_auth: bool = True
    credential_helpers: tuple[str, ...] | None = None
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    proxy: ProxySettings | None = None
    ledger: LedgerSettings = LedgerSettings()
    rulebook: Rulebook = field(default_factory=Rulebook)
    sweep: SweepSettings | None = None
    fingerprint: str = NO_SETTINGS
