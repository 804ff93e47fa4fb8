"""Mirrors at the edge: names become origins, each with its own login, and a miss is asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from pinbot.formats._claims import Claims
from pinbot.formats.dockerfile import FORMAT
from pinbot.oci.mirrors import Mirror, Mirrors
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.policy import Policy, Terms
from pinbot.planning.rules import Rulebook
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from pinbot.run import Doors, Scope, update
from pinbot.secret import Secret
from tests.fakes import faults
from tests.fakes.canary import canary
from tests.fakes.memory import BUMP, NOW, MemoryLedger, MemoryWorkspace
from tests.fakes.registry import Auth, FakeRegistry
from tests.fakes.server import Reply, Seen
from tests.net.world import patient
from tests.registry.ask import PATH, TAG

COPY = f"hub/{PATH}"


@dataclass
class Pair:
    """An upstream and its mirror, each with a login of its own."""

    upstream: FakeRegistry
    mirror: FakeRegistry

    def push(self, *, copied: bool = True) -> str:
        """Push the same image to both, or to the upstream alone; return its digest."""
        digest = self.upstream.push_image(PATH, [TAG])
        if copied:
            self.mirror.push_manifest(COPY, self.upstream.manifests[PATH, digest], [TAG])
        return digest

    def bump(self, reference: str = f"nginx:{TAG}", mirror: Mirror | None = None) -> Change | Kept:
        """Run once on a file with this reference, with connections of its own."""
        named = mirror or Mirror("docker.io", "registry.corp", "hub")
        terms = Terms(Policy(organisation=Rulebook(mirrors=Mirrors((named,)))), NOW)
        options = {
            "docker.io": self._options(self.upstream, "upstream"),
            "registry.corp": self._options(self.mirror, "mirror"),
        }
        files = MemoryWorkspace({"Dockerfile": f"FROM {reference}\n".encode()})
        with RegistryResolver(options, world=patient()) as resolver:
            done = update(files, Scope(Claims([FORMAT])), Doors(resolver, MemoryLedger()), BUMP, terms, write=True)
        ends: list[Change | Kept] = [*done.changes, *done.kept]
        assert len(ends) == 1
        return ends[0]

    def asked(self) -> list[str]:
        """Return what the mirror was asked about manifests since the last time."""
        found = [f"{s.method} {s.path.rpartition('/')[2][:9]}" for s in self.mirror.requests(containing="/manifests/")]
        self.mirror.log.clear()
        return found

    def _options(self, registry: FakeRegistry, name: str) -> RegistryOptions:
        return RegistryOptions(registry.url, username=name, password=Secret(canary(name)))


@pytest.fixture(params=["basic", "bearer"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    auth: Auth = request.param
    with (
        FakeRegistry(auth=auth, users={"upstream": canary("upstream")}) as upstream,
        FakeRegistry(auth=auth, users={"mirror": canary("mirror")}) as mirror,
    ):
        yield Pair(upstream, mirror)


def changed(end: Change | Kept) -> str:
    assert isinstance(end, Change), end.reason
    return str(end.new.digest)


def kept(end: Change | Kept) -> tuple[str, str]:
    assert isinstance(end, Kept), end.new
    return end.outcome, end.reason


def test_one_request_by_digest_tells_that_the_mirror_has_it(pair: Pair) -> None:
    digest = pair.push()
    assert changed(pair.bump()) == digest
    assert pair.asked() == [f"HEAD {digest[:9]}"]


def test_a_miss_of_a_pull_through_cache_is_a_hit_later(pair: Pair) -> None:
    digest = pair.push()
    pair.mirror.faults.append(faults.on("/manifests/", faults.status(404)))
    outcome, reason = kept(pair.bump(f"registry.corp/{COPY}:{TAG}"))
    assert (outcome, "does not serve" in reason) == ("held", True)
    name = digest[:9]
    assert pair.asked() == [f"HEAD {name}", f"GET {name}", f"HEAD {TAG}", f"GET {TAG}"], "and what it has instead"
    pair.mirror.faults.clear()
    assert changed(pair.bump(f"registry.corp/{COPY}:{TAG}")) == digest


def test_a_cache_that_fetches_at_the_first_request_is_not_held(pair: Pair) -> None:
    digest = pair.push()
    pair.mirror.faults.append(faults.on("/manifests/", faults.times(1, faults.status(404))))
    assert changed(pair.bump()) == digest


@pytest.mark.parametrize("status", [500, 503, 429, 401, 403])
def test_trouble_of_the_mirror_is_a_failed_lookup(pair: Pair, status: int) -> None:
    pair.push()
    pair.mirror.faults.append(faults.on("/manifests/", faults.status(status)))
    outcome, reason = kept(pair.bump())
    assert outcome == "lookup-failed"
    # What its login is worth is the registry's matter, all else is the repository's.
    where = "registry.corp: the login of 'mirror'" if status == 401 else "registry.corp/"
    assert reason.startswith(f"whether the mirror serves it could not be looked up: {where}")


def test_a_mirror_that_answers_with_another_digest_is_refused(pair: Pair) -> None:
    pair.push()
    other = f"sha256:{'0' * 64}"
    pair.mirror.faults.append(faults.on("/manifests/", faults.header("Docker-Content-Digest", other)))
    outcome, reason = kept(pair.bump())
    assert outcome == "refused"
    assert other in reason


def test_a_mirror_that_sends_back_to_the_upstream_brings_no_login_along(pair: Pair) -> None:
    """The canaries tell: each server is searched for those of the other after the test."""
    pair.push(copied=False)

    def back(seen: Seen, reply: Reply) -> Reply:
        there = f"{pair.upstream.url}{seen.target.replace('/hub/', '/')}"
        return Reply(307, (("Location", there),)) if "/manifests/" in seen.target else reply

    pair.mirror.faults.append(back)
    outcome, _ = kept(pair.bump())
    assert outcome == "lookup-failed", "the upstream wants a login, and gets none from its mirror"


def test_a_mirror_that_is_asked_is_the_only_one_that_is(pair: Pair) -> None:
    digest = pair.push()
    alone = Mirror("docker.io", "registry.corp", "hub", "resolve", stale_after=None)
    assert changed(pair.bump(mirror=alone)) == digest
    assert pair.upstream.log == []
    assert pair.asked() == [f"HEAD {TAG}"]
