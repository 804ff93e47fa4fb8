"""Pull requests about images that buildah built: a registry, a repository that names its images, and days in between.

Each story ends with the pull request that a reviewer gets. What differs from machine to machine (digests, sizes to the
byte) is written as if it did not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from pinbot.formats._claims import Claims
from pinbot.formats.dockerfile import FORMAT
from pinbot.oci.digest import Digest
from pinbot.oci.statement import Package, Provenance
from pinbot.planning.policy import Policy, Values
from pinbot.planning.rules import Denied, Rulebook
from pinbot.ports import Doors
from pinbot.proposals.issue import Issue
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.style import Dashboards, Grants, Limits, Style
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from pinbot.run import Scope
from pinbot.sweep.tools import Order, Rules, Tools
from pinbot.sweep.whole import sweep
from tests.fakes.forge import MemoryCheckouts, MemoryForge, repository
from tests.fakes.memory import MemoryLedger
from tests.real.building import built
from tests.real.clock_proxy import ClockProxy
from tests.real.pushing import Pusher
from tests.real.registries import Registries

START = datetime(2026, 11, 3, 9, tzinfo=UTC)
SOURCE = "https://github.com/acme/web"
MADE = Provenance("https://ci.acme.example/runs", SOURCE, "1f0c2a9b7d")
FIRST, LATER = "3f1d0c5e" * 5, "9a7b21c4" * 5
STYLE = Style(grants=Grants("propose"), limits=Limits(None, None), refresh_every=timedelta())
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass
class Shop:
    """A repository at a forge in memory, and a registry whose clock is ours; `names` is what its Dockerfiles name."""

    registries: Registries
    proxy: ClockProxy
    forge: MemoryForge
    ledger: MemoryLedger
    values: Values
    style: Style = STYLE

    def build(self, name: str, tag: str, **image: Any) -> str:
        """Push an image as it is built now, and return its digest."""
        made = {"created": f"{self.proxy.now:%Y-%m-%dT%H:%M:%SZ}", "layers": ("base", f"{name} {self.proxy.now}")}
        return built(self.registries, name, tag, size=400_000, **(made | image))

    def writes(self, files: Mapping[str, str]) -> None:
        """Let somebody commit files to the default branch."""
        held = next(iter(self.forge.held.values()))
        held.person_commits("main", {path: text.encode() for path, text in files.items()})

    def pass_by(self, **span: float) -> None:
        """Let time go by: `days=1`."""
        self.proxy.pass_by(**span)

    def swept(self, book: Rulebook | None = None) -> list[PullRequest]:
        """Run once, by more rules if there are any, and return what is open then."""
        checkouts = MemoryCheckouts(self.forge)
        rules = Rules(Policy(self.values, organisation=book or Rulebook()), Scope(Claims([FORMAT])))
        with RegistryResolver({"docker.io": RegistryOptions(self.proxy.url)}) as resolver:
            tools = Tools(self.forge, checkouts, Doors(resolver, self.ledger))
            order = Order(lambda _repository, _checkout: rules, self.style, self.proxy.now, write=True)
            done = sweep(tools, order, lambda: self.proxy.now)
        assert [visit.error for visit in done.visits] == [None]
        held = next(iter(self.forge.held.values()))
        return [pull for pull in held.pulls.values() if pull.state == "open"]


@contextmanager
def shop(registries: Registries) -> Iterator[Shop]:
    """Open a shop."""
    with ClockProxy(registries.open.host, START) as proxy:
        forge = MemoryForge(repository("acme/shop", {"README.md": b"\n"}))
        yield Shop(registries, proxy, forge, MemoryLedger(), Values())


def a_refresh_with_packages(shop: Shop) -> PullRequest:
    """Fifteen days later the image was rebuilt, with newer packages."""
    name = shop.registries.new_path()
    labels = _labels("1.27.3", FIRST)
    one = shop.build(name, "1.27", user="nonroot", labels=labels, packages=_packages(), provenance=MADE)
    _pinned(shop, f"{name}:1.27@{one}")
    labels, made = _labels("1.27.3", LATER), replace(MADE, revision="77ab90c4e1")
    newer = _packages(openssl="3.0.15-1~deb12u1", libssl3="3.0.15-1~deb12u1", tzdata="2026b-0+deb12u1", less=None)
    shop.build(name, "1.27", user="nonroot", labels=labels, packages=newer, provenance=made)
    return _only(shop)


def a_refresh_without(shop: Shop) -> PullRequest:
    """The image was rebuilt, and nobody says anything of it."""
    name = shop.registries.new_path()
    _pinned(shop, f"{name}:stable@{shop.build(name, 'stable')}")
    shop.build(name, "stable")
    return _only(shop)


def a_version(shop: Shop) -> PullRequest:
    """There is a newer version, which listens on another port."""
    name = shop.registries.new_path()
    shop.values = Values(level="minor")
    labels, run = _labels("1.27.3", FIRST), {"entrypoint": ("/docker-entrypoint.sh",), "ports": ("80/tcp",)}
    one = shop.build(name, "1.27.3", labels=labels, packages=_packages(nginx="1.27.3-1"), **run)
    _pinned(shop, f"{name}:1.27.3@{one}")
    more = run | {"ports": ("80/tcp", "443/tcp")}
    packages = _packages(nginx="1.28.0-1", libnginx="1.28.0-1", openssl="3.0.15-1~deb12u1")
    shop.build(name, "1.28.0", labels=_labels("1.28.0", LATER), packages=packages, **more)
    return _only(shop)


def twelve_pins(shop: Shop) -> PullRequest:
    """Nothing is pinned yet."""
    names = [shop.registries.new_path() for _ in range(12)]
    for number, name in enumerate(names):
        user = "root" if number % 3 == 0 else "nonroot"
        shop.build(name, f"1.{number}", layers=(f"app {number}",), labels=_labels(f"1.{number}.7", FIRST), user=user)
        shop.pass_by(hours=1)
    shop.writes({f"services/{n}/Dockerfile": f"FROM {name}:1.{n}\n" for n, name in enumerate(names)})
    return _only(shop)


def a_dead_digest(shop: Shop) -> PullRequest:
    """The registry has deleted what was pinned."""
    name = shop.registries.new_path()
    one = shop.build(name, "16", labels=_labels("16.4", FIRST), packages=_packages())
    _pinned(shop, f"{name}:16@{one}")
    shop.build(name, "16", labels=_labels("16.5", LATER), packages=_packages(openssl="3.0.15-1~deb12u1"))
    with Pusher(shop.registries.open.host, name) as push:
        push.delete(one)
    return _only(shop)


def an_unverified_rebuild(shop: Shop) -> PullRequest:
    """A full version was pushed again, and no label tells why."""
    name = shop.registries.new_path()
    _pinned(shop, f"{name}:2.4.1@{shop.build(name, '2.4.1', user='app', entrypoint=('/app',))}")
    shop.build(name, "2.4.1", user="app", entrypoint=("/app",))
    return _only(shop)


def a_user_that_became_root(shop: Shop) -> PullRequest:
    """What nonroot ran is run by root."""
    name = shop.registries.new_path()
    labels = _labels("3.12.8", FIRST)
    one = shop.build(name, "3.12", user="nonroot", labels=labels, packages=_packages(), provenance=MADE)
    _pinned(shop, f"{name}:3.12@{one}")
    labels = _labels("3.12.9", LATER)
    shop.build(name, "3.12", user="root", labels=labels, packages=_packages(tzdata="2026b"), provenance=MADE)
    return _only(shop)


def a_dashboard(shop: Shop) -> Issue:
    """One image is held, one refused, one not there, one to be pinned; and one pull request waits for its limit."""
    held, denied, moved, gone, new = (shop.registries.new_path() for _ in range(5))
    shop.style = replace(STYLE, dashboards=Dashboards(everywhere=True), limits=Limits(1, None))
    shop.values = Values(cooldown=timedelta(days=3))
    pins = {name: shop.build(name, "1", layers=(name,)) for name in (held, denied, moved)}
    shop.writes({f"{n}/Dockerfile": f"FROM {name}:1@{digest}\n" for n, (name, digest) in enumerate(pins.items())})
    shop.swept()
    shop.pass_by(days=15)
    bad = shop.build(denied, "1", layers=("denied",))
    shop.build(moved, "1", layers=("moved",))
    shop.swept()
    shop.pass_by(days=4)
    shop.build(held, "1", layers=("held",))
    shop.build(new, "2", layers=("new",))
    shop.writes({"new/Dockerfile": f"FROM {new}:2\n", "gone/Dockerfile": f"FROM {gone}:1\n"})
    digest = Digest.parse(bad)
    shop.swept(Rulebook(denied=(Denied(digest, "config.yaml:12 (deny-digests)", "it was built by nobody we know"),)))
    issue = next(iter(next(iter(shop.forge.held.values())).issues.values()))
    assert isinstance(issue, Issue)
    return issue


STORIES: Mapping[str, tuple[Callable[[Shop], PullRequest | Issue], str]] = {
    "refresh-with-packages": (a_refresh_with_packages, "nginx"),
    "refresh-without": (a_refresh_without, "acme/tools"),
    "version": (a_version, "nginx"),
    "twelve-pins": (twelve_pins, "acme/service"),
    "dead-digest": (a_dead_digest, "postgres"),
    "unverified-rebuild": (an_unverified_rebuild, "acme/api"),
    "became-root": (a_user_that_became_root, "python"),
    "dashboard": (a_dashboard, "acme/service"),
}


def text(pull: PullRequest | Issue, name: str) -> str:
    """Return title and body as one page, in which digests and names are the same every time.

    `name` stands for the repository of the images, which is another one in each run.
    """
    # Which digest buildah notes for its empty base depends on its version.
    page = re.sub(r"\| base image \|.*\n", "", f"{pull.title}\n\n{pull.body}")
    digests = dict.fromkeys(_DIGEST.findall(page))
    for number, digest in enumerate(digests):
        stable = sha256(f"digest {number}".encode()).hexdigest()
        page = page.replace(digest, stable).replace(digest[:12], stable[:12])
    numbers = sorted({int(found) for found in re.findall(r"team/app-([0-9]+)", page)})
    for place, number in reversed([*enumerate(numbers, start=1)]):
        page = page.replace(f"team/app-{number}", f"{name}-{place}" if len(numbers) > 1 else name)
    return page


def _labels(version: str, revision: str) -> dict[str, str]:
    prefix = "org.opencontainers.image."
    return {f"{prefix}source": SOURCE, f"{prefix}version": version, f"{prefix}revision": revision}


def _packages(**others: str | None) -> list[Package]:
    """Return the packages of a small distribution; those that are None are not there."""
    usual = {
        "base-files": "12.4+deb12u8",
        "ca-certificates": "20230311",
        "less": "590-2.1",
        "libc6": "2.36-9+deb12u9",
        "libssl3": "3.0.14-1~deb12u2",
        "openssl": "3.0.14-1~deb12u2",
        "tzdata": "2026a-0+deb12u1",
    }
    return [Package(name, version, "deb") for name, version in (usual | others).items() if version is not None]


def _pinned(shop: Shop, reference: str) -> None:
    """Let the repository name an image, let pinbot see it, and let fifteen days go by."""
    shop.writes({"Dockerfile": f"FROM {reference}\nCOPY . /srv\n"})
    assert shop.swept() == []
    shop.pass_by(days=15)


def _only(shop: Shop) -> PullRequest:
    (pull,) = shop.swept()
    return pull
