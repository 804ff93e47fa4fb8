"""The forges of the settings as living objects: who lists repositories, who opens them, who makes commits."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from pinbot.config._reaching import ProxySettings
from pinbot.config.sweeping import ForgeSettings, Signing, SweepSettings
from pinbot.errors import UsageError
from pinbot.forge._base import Address, World
from pinbot.forge._listed import Tip
from pinbot.forge._pace import UNPACED, Pace, paced_seconds
from pinbot.git_process.identity import Identity
from pinbot.git_process.identity import Signing as SignsWith
from pinbot.git_process.remote import Remote
from pinbot.net.credential import Credential
from pinbot.net.origin import Origin
from pinbot.net.proxy import Proxies
from pinbot.net.retry import RetryPolicy
from pinbot.ports import Checkouts, Forge
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.repository import Repository
from pinbot.secret import Secret
from pinbot.sweep.tools import Committer
from pinbot.wiring.chosen import chosen_forges, host_of, shares
from pinbot.wiring.reaching import proxies
from pinbot.wiring.secrets import secret
from pinbot.workspace.checkouts import CALL_SECONDS, GitCheckouts

# GitHub ends a request after ten.
_ANSWER_SECONDS = 15
Show = Callable[[Repository, Proposal], None]


@dataclass(frozen=True, slots=True)
class OpenForge:
    """A forge of the settings, ready to be asked.

    `warnings` are sentences for the user. `paced` returns how long so many writes take at the pace it asks for, and
    `written` how many there were.
    """

    name: str
    forge: Forge
    checkouts: Checkouts
    committer: Committer | None = None
    warnings: Callable[[], Sequence[str]] = lambda: ()
    paced: Callable[[int], timedelta] = lambda _writes: timedelta()
    written: Callable[[], int] = lambda: 0


@dataclass(frozen=True, slots=True)
class _World:
    """What all forges of a run share."""

    sweep: SweepSettings
    environ: Mapping[str, str]
    signing: SignsWith | None
    cache: Path
    proxies: Proxies = field(default_factory=Proxies)
    seconds: float | None = None

    @property
    def retries(self) -> RetryPolicy:
        """How often something is tried again: not at all where somebody waits for it."""
        return RetryPolicy() if self.seconds is None else RetryPolicy(tries=1, wait_cap_seconds=0.0)

    def checkouts(self, remote_of: Callable[[Repository], Remote]) -> GitCheckouts:
        author = Identity(self.sweep.author_name, self.sweep.author_email)
        return GitCheckouts(self.cache / "git", remote_of, author, self.signing, self.seconds or CALL_SECONDS)

    def remote(self, address: Address, chosen: ForgeSettings) -> Remote:
        """Return where git finds a repository, with how it is reached."""
        if not address.url.startswith(("https://", "http://")):
            return Remote(address.url, local=address.url.startswith("/"))
        origin = Origin.parse(address.url)
        proxy = self.proxies.server_for(origin)
        return Remote(
            address.url,
            address.authorization,
            ca_file=chosen.ca_file,
            proxy=proxy.url if proxy else None,
            plain_http=chosen.allow_http or origin.is_loopback,
        )


@contextmanager
def open_forges(
    sweep: SweepSettings,
    environ: Mapping[str, str],
    names: Collection[str] = (),
    show: Show = lambda _repository, _proposal: None,
    *,
    beyond: bool = False,
    proxy: ProxySettings | None = None,
    seconds: float | None = None,
) -> Iterator[list[OpenForge]]:
    """Open the forges of the settings, in their order; with `names` (`host/owner/name`), for those repositories alone.

    They must be among those that the settings select, unless `beyond` says otherwise. `show` gets the proposals of a
    local forge without a folder; `proxy` is that of the settings. With `seconds`, nothing is waited for longer, and
    nothing is tried again. Raises UsageError.
    """
    from tempfile import TemporaryDirectory

    with ExitStack() as stack:
        signing = _signing(sweep.signing, Path(stack.enter_context(TemporaryDirectory(prefix="pinbot-"))))
        world = _World(sweep, environ, signing, _cache(sweep, environ), proxies(proxy, environ), seconds)
        chosen = list(chosen_forges(sweep.forges, names, beyond))
        yield [opened for one in chosen for opened in _OPENERS[one.kind](world, one, stack, show)]


def _github(world: _World, chosen: ForgeSettings, stack: ExitStack, _show: Show) -> Iterator[OpenForge]:
    from pinbot.forge._base import Owner
    from pinbot.forge.github import App, GitHub, Options, Wire

    warnings: list[str] = []
    account: Secret | App
    if chosen.app is not None:
        key = secret("the private key of the GitHub App", chosen.app.private_key, world.environ)
        account = App(str(chosen.app.id), key, chosen.app.installation)
    else:
        assert chosen.token is not None
        account = secret("the token for GitHub", chosen.token, world.environ)
    options = Options(
        account,
        chosen.url or "https://api.github.com",
        selection=chosen.selection,
        prefix=world.sweep.style.branch_prefix,
        dashboards=world.sweep.style.dashboards.are_wanted,
        wire=Wire(chosen.ca_file, world.proxies, timeout_seconds=math.ceil(world.seconds or _ANSWER_SECONDS)),
        pace=Pace() if chosen.paced else UNPACED,
        warn=warnings.append,
        retries=world.retries,
    )
    for kind, name, selection in shares(chosen):
        forge = stack.enter_context(GitHub(replace(options, owner=Owner(kind, name), selection=selection)))
        yield OpenForge(
            host_of(chosen),
            forge,
            world.checkouts(forge.remote),
            forge.commit_on_branch if chosen.commits == "api" else None,
            lambda: tuple(dict.fromkeys(warnings)),
            _paced,
            lambda forge=forge: forge.writes,  # type: ignore[misc] # bound now, as the loop goes on
        )


def _paced(writes: int) -> timedelta:
    return timedelta(seconds=paced_seconds(writes))


def _gitea(world: _World, chosen: ForgeSettings, stack: ExitStack, _show: Show) -> Iterator[OpenForge]:
    from pinbot.forge._base import Owner
    from pinbot.forge.gitea import Gitea
    from pinbot.net.client import DEADLINE_SECONDS, Client
    from pinbot.net.rules import OriginRules

    assert chosen.url is not None
    assert chosen.token is not None
    rules = {Origin.parse(chosen.url): OriginRules(chosen.allow_http, chosen.ca_file)}
    forge = Gitea(
        chosen.url,
        secret(f"the token for {host_of(chosen)}", chosen.token, world.environ),
        Client(
            rules=rules,
            proxies=world.proxies,
            retries=world.retries,
            deadline_seconds=world.seconds or DEADLINE_SECONDS,
        ),
        owners=[Owner(kind, name) for kind, name in chosen.owners],
        selection=chosen.selection,
        prefix=world.sweep.style.branch_prefix,
        dashboards=world.sweep.style.dashboards.are_wanted,
        pace=Pace() if chosen.paced else UNPACED,
        world=World(),
    )
    stack.enter_context(forge)
    yield OpenForge(
        host_of(chosen),
        forge,
        world.checkouts(lambda repository: world.remote(forge.remote(repository), chosen)),
        None,
        lambda: forge.warnings,
        _paced,
        lambda: forge.writes,
    )


def _gitlab(world: _World, chosen: ForgeSettings, stack: ExitStack, _show: Show) -> Iterator[OpenForge]:
    from pinbot.wiring.gitlab import gitlab

    warnings: list[str] = []
    assert chosen.token is not None
    token = secret(f"the token for {host_of(chosen)}", chosen.token, world.environ)
    prefix, pace = world.sweep.style.branch_prefix, Pace() if chosen.paced else UNPACED
    ways = (world.proxies, world.retries, world.seconds, pace, warnings.append)
    forge = gitlab(chosen, token, prefix, *ways, dashboards=world.sweep.style.dashboards.are_wanted)
    stack.enter_context(forge)
    yield OpenForge(
        host_of(chosen),
        forge,
        world.checkouts(lambda repository: world.remote(forge.remote(repository), chosen)),
        None,
        lambda: tuple(dict.fromkeys(warnings)),
        _paced,
        lambda: forge.writes,
    )


def _git(world: _World, chosen: ForgeSettings, _stack: ExitStack, _show: Show) -> Iterator[OpenForge]:
    from pinbot.forge.git import Git

    checkouts = world.checkouts(lambda repository: world.remote(_plain(world, chosen, repository), chosen))
    forge = Git(chosen.remotes, flow=chosen.flow, tip_of=_tip_of(checkouts))
    yield OpenForge("git", forge, checkouts, None, lambda: forge.warnings)


def _local(world: _World, chosen: ForgeSettings, _stack: ExitStack, show: Show) -> Iterator[OpenForge]:
    from pinbot.forge.local import Local

    checkouts = world.checkouts(lambda repository: world.remote(Address(repository.id), chosen))
    to = Path(chosen.folder) if chosen.folder else lambda repository, proposal, _text: show(repository, proposal)
    forge = Local(chosen.remotes, to, tip_of=_tip_of(checkouts))
    yield OpenForge("local", forge, checkouts, None, lambda: forge.warnings)


_OPENERS: Mapping[str, Callable[[_World, ForgeSettings, ExitStack, Show], Iterator[OpenForge]]] = {
    "github": _github,
    "gitlab": _gitlab,
    "gitea": _gitea,
    "git": _git,
    "local": _local,
}


def _plain(world: _World, chosen: ForgeSettings, repository: Repository) -> Address:
    """Return a remote of the settings with the user name and password that are given for it."""
    if chosen.username is None or chosen.token is None or "://" not in repository.id:
        return Address(repository.id)
    password = secret("the password for git", chosen.token, world.environ)
    return Address(repository.id, Credential.basic(Origin.parse(repository.id), chosen.username, password).value)


def _tip_of(checkouts: GitCheckouts) -> Callable[[Repository], Tip]:
    def tip_of(repository: Repository) -> Tip:
        found = checkouts.default_branch(repository)
        return Tip(*found) if found else Tip("", None)

    return tip_of


def _signing(chosen: Signing | None, home: Path) -> SignsWith | None:
    if chosen is None:
        return None
    if chosen.ssh_key_file is not None:
        return SignsWith("ssh", chosen.ssh_key_file)
    from pinbot.git_process.gpg import gpg_signing

    assert chosen.gpg_key_file is not None
    return gpg_signing(Path(chosen.gpg_key_file), home)


def _cache(sweep: SweepSettings, environ: Mapping[str, str]) -> Path:
    """Return the folder of what can be had again: that of the settings, or the user's own."""
    if sweep.cache is not None:
        return Path(sweep.cache)
    base = environ.get("XDG_CACHE_HOME", "")
    if not Path(base).is_absolute():
        if not environ.get("HOME"):
            raise UsageError(
                "There is no home folder for the cache of repositories; name one in the settings: `cache`."
            )
        base = f"{environ['HOME']}/.cache"
    return Path(base, "pinbot")
