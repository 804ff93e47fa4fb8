"""The settings of a pass over repositories: where they are, what pull requests look like, and who writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pinbot.config.secrets import SecretSource
from pinbot.proposals.repository import Selection
from pinbot.proposals.style import Style

ForgeKind = Literal["github", "gitlab", "gitea", "git", "local"]
OwnerKind = Literal["organisation", "group", "user", "installation"]
Flow = Literal["branch", "merge-request", "agit"]
FORGES: tuple[ForgeKind, ...] = ("github", "gitlab", "gitea", "git", "local")
FLOWS: tuple[Flow, ...] = ("branch", "merge-request", "agit")


@dataclass(frozen=True, slots=True)
class AppSettings:
    """A GitHub App: its id, its private key (PEM), and the installation where it has several."""

    id: int
    private_key: SecretSource
    installation: int | None = None


@dataclass(frozen=True, slots=True)
class GitlabSettings:
    """What only a GitLab has: whether a group has what is in the groups below it, and how what is opened is merged.

    `scheme` is how the token is shown. `squash` None leaves that to the project.
    """

    scheme: Literal["access", "oauth"] = "access"
    subgroups: bool = True
    squash: bool | None = None
    remove_source_branch: bool = True


@dataclass(frozen=True, slots=True)
class ForgeSettings:
    """One forge, or some remotes without one.

    `owners` are whose repositories are meant, by the kind of owner and the name. `remotes` are the URLs of a `git`
    forge, or folders of a `local` one, whose `folder` gets the patches (None: they are printed). `commits` is who makes
    commits: `git`, or the `api` of GitHub, where they show as verified. `paced` keeps to the pace of writes that a
    forge asks for.
    """

    kind: ForgeKind
    url: str | None = None
    token: SecretSource | None = None
    app: AppSettings | None = None
    username: str | None = None
    owners: tuple[tuple[OwnerKind, str], ...] = ()
    selection: Selection = field(default_factory=Selection)
    remotes: tuple[str, ...] = ()
    ca_file: str | None = None
    allow_http: bool = False
    commits: Literal["git", "api"] = "git"
    paced: bool = True
    flow: Flow = "branch"
    folder: str | None = None
    gitlab: GitlabSettings = GitlabSettings()


@dataclass(frozen=True, slots=True)
class Signing:
    """With which key commits are signed: the file of a private SSH key, or of an exported GPG key; no passphrase."""

    ssh_key_file: str | None = None
    gpg_key_file: str | None = None


@dataclass(frozen=True, slots=True)
class SweepSettings:
    """All of it. `cache` is the folder of the bare repositories, None for the user's own."""

    forges: tuple[ForgeSettings, ...] = ()
    style: Style = field(default_factory=Style)
    author_name: str = "pinbot"
    author_email: str = "pinbot@users.noreply.localhost"
    signing: Signing | None = None
    cache: str | None = None
