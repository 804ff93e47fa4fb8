"""Mirrors on real registries: pull-through and copied ones, behind TLS, passwords, client certificates and a proxy."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.fakes.forward_proxy import ForwardProxy
from tests.process import Outcome, pinbot
from tests.real.mirrors import PASSWORD, USER, MirrorServer
from tests.real.registries import PASSWORD as HUB_PASSWORD
from tests.real.registries import Registries

SECRETS = {"MIRROR_PASSWORD": PASSWORD, "PROXY_PASSWORD": "s3cret-of-the-proxy"}


class Repository:
    """A repository with one reference, and the settings with which it is looked at."""

    def __init__(self, folder: Path, upstream: str, mirrors: MirrorServer) -> None:
        self.folder, self.root, self._upstream, self._mirrors = folder, folder / "repository", upstream, mirrors
        self.root.mkdir()
        self.settings("replica")

    def write(self, reference: str) -> None:
        """Let the one reference be this."""
        (self.root / "Dockerfile").write_text(f"FROM {reference}\n")

    @property
    def reference(self) -> str:
        """The reference as it stands."""
        return (self.root / "Dockerfile").read_text().removeprefix("FROM ").rstrip()

    def settings(self, prefix: str, more: str = "", host: str = "", reach: str = "", top: str = "") -> None:
        """Write settings in which docker.io has a mirror, below a prefix of a host."""
        host = host or self._mirrors.host
        (self.folder / "settings.yaml").write_text(
            f"{top}registries:\n"
            f"  docker.io:\n    endpoint: {self._upstream}\n    mirror: {{at: {host}/{prefix}{more}}}\n"
            f"  {host}:\n    ca-file: {self._mirrors.folder}/ca.pem\n"
            f"    username: {USER}\n    password: {{env: MIRROR_PASSWORD}}\n{reach}"
        )

    def run(self, verb: str = "bump", *more: str) -> Outcome:
        """Run pinbot in JSON."""
        settings = self.folder / "settings.yaml"
        return pinbot(verb, "--format", "json", "--config", settings, *more, self.root, home=self.folder, env=SECRETS)


@pytest.fixture
def repository(registries: Registries, mirrors: MirrorServer, tmp_path: Path) -> Repository:
    return Repository(tmp_path, registries.open.url, mirrors)


def copied(registries: Registries, mirrors: MirrorServer, path: str, tag: str) -> None:
    """Copy what the upstream's tag names to the replica, as a replication would."""
    there = f"docker://{mirrors.replica.host}/{path}:{tag}"
    here = f"docker://{registries.open.host}/{path}:{tag}"
    plain = ("--src-tls-verify=false", "--dest-tls-verify=false")
    registries.tools.run("skopeo", "--insecure-policy", "copy", "--all", "--quiet", *plain, here, there)


@pytest.mark.parametrize("by_mirror", [False, True], ids=["by the upstream's name", "by the mirror's name"])
def test_a_digest_is_held_until_the_copy_is_there(
    registries: Registries, mirrors: MirrorServer, repository: Repository, by_mirror: bool
) -> None:
    path = registries.new_path()
    old = registries.push(f"{path}:1", "old", index=True)
    copied(registries, mirrors, path, "1")
    name = f"{mirrors.host}/replica/{path}" if by_mirror else path
    repository.write(f"{name}:1")
    assert repository.run().code == 0
    assert repository.reference == f"{name}:1@{old}"

    new = registries.push(f"{path}:1", "new", index=True)
    kept = repository.run().outcome_of(repository.reference)
    assert (kept["outcome"], repository.reference) == ("held", f"{name}:1@{old}")
    assert f"{mirrors.host}/replica/{path} does not serve" in kept["reason"]

    copied(registries, mirrors, path, "1")
    with mirrors.watched() as asked, registries.open.watched() as upstream:
        assert repository.run().changes() == {f"{name}:1@{old}": f"{name}:1@{new}"}
    assert repository.reference == f"{name}:1@{new}"
    assert [(r.method, r.path.rpartition("/")[2]) for r in asked if "manifests" in r.path] == [("HEAD", new)]
    assert len([r for r in upstream if r.method == "HEAD" and r.path.endswith("/manifests/1")]) == 1
    assert repository.run().changes() == {}


def test_a_pull_through_cache_fetches_what_it_is_asked_for(
    registries: Registries, mirrors: MirrorServer, repository: Repository
) -> None:
    path = registries.new_path()
    digest = registries.push(f"{path}:1")
    repository.settings("cache")
    repository.write(f"{path}:1")
    with mirrors.watched() as asked:
        assert repository.run("pin").changes() == {f"{path}:1": f"{path}:1@{digest}"}
    assert [(r.method, r.status) for r in asked if "manifests" in r.path] == [("HEAD", 200)]
    # It has a copy of its own now: the upstream may lose the image.
    registries.open.delete(path, digest)
    repository.write(f"{mirrors.host}/cache/{path}:1@{digest}")
    assert "dead-digest" not in [p["rule"] for p in repository.run("check").json["problems"]]


def test_a_mirror_that_is_asked_says_what_its_tags_name(
    registries: Registries, mirrors: MirrorServer, repository: Repository
) -> None:
    path = registries.new_path()
    mine = registries.push(f"{path}:1", "old")
    copied(registries, mirrors, path, "1")
    registries.push(f"{path}:1", "new")
    repository.settings("replica", more=", mode: resolve, stale-after: 0")
    repository.write(f"{path}:1")
    assert repository.run().changes() == {f"{path}:1": f"{path}:1@{mine}"}
    kept = repository.run().outcome_of(repository.reference)
    assert kept["outcome"] == "current"
    assert "is behind" in kept["reason"]
    done = repository.run("check")
    assert ("stale-mirror" in [p["rule"] for p in done.json["problems"]], done.code) == (True, 0)


def test_the_name_is_rewritten_once(registries: Registries, mirrors: MirrorServer, repository: Repository) -> None:
    path = registries.new_path()
    digest = registries.push(f"{path}:1")
    copied(registries, mirrors, path, "1")
    repository.settings("replica", more=", rewrite: true")
    repository.write(f"{path}:1@{digest}")
    assert repository.run().code == 0
    assert repository.reference == f"{mirrors.host}/replica/{path}:1@{digest}"
    assert repository.run().changes() == {}


def test_neither_registry_sees_the_others_login(
    registries: Registries, mirrors: MirrorServer, repository: Repository
) -> None:
    path = registries.new_path()
    registries.push(f"{path}:1")
    repository.write(f"{path}:1")
    repository.settings("cache")
    settings = repository.folder / "settings.yaml"
    hub = f"endpoint: {registries.htpasswd.url}\n    username: bot\n    password: {{env: HUB_PASSWORD}}\n"
    settings.write_text(settings.read_text().replace(f"endpoint: {registries.open.url}\n", hub))
    with mirrors.watched() as asked:
        done = pinbot("pin", "--config", settings, repository.root, home=repository.folder,
                      env={**SECRETS, "HUB_PASSWORD": HUB_PASSWORD})  # fmt: skip
    assert done.code == 0, done.stderr
    assert len({r.login for r in asked} - {"-"}) == 1
    expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    assert {r.login for r in asked} - {"-"} == {f"Basic {expected}"}


def test_a_client_certificate_opens_the_mirror(
    registries: Registries, mirrors: MirrorServer, repository: Repository
) -> None:
    path = registries.new_path()
    digest = registries.push(f"{path}:1")
    repository.write(f"{path}:1")
    repository.settings("cache", host=mirrors.mutual_host)
    kept = repository.run("pin").outcome_of(f"{path}:1")
    assert kept["outcome"] == "lookup-failed"
    assert "client certificate" in kept["reason"]
    mine = f"    client-certificate: {{cert: {mirrors.folder}/me.pem, key: {mirrors.folder}/me.key}}\n"
    repository.settings("cache", host=mirrors.mutual_host, reach=mine)
    assert repository.run("pin").changes() == {f"{path}:1": f"{path}:1@{digest}"}


def test_a_proxy_with_a_password_leads_to_the_mirror(
    registries: Registries, mirrors: MirrorServer, repository: Repository
) -> None:
    path = registries.new_path()
    digest = registries.push(f"{path}:1")
    repository.write(f"{path}:1")
    with ForwardProxy("me", SECRETS["PROXY_PASSWORD"], {f"mirror.corp:{mirrors.port}": mirrors.port}) as proxy:
        through = f"{{url: '{proxy.url}', username: me, password: {{env: PROXY_PASSWORD}}}}"
        repository.settings("cache", host=f"mirror.corp:{mirrors.port}", reach=f"    proxy: {through}\n")
        assert repository.run("pin").changes() == {f"{path}:1": f"{path}:1@{digest}"}
        assert {(t.target, t.status) for t in proxy.log} == {(f"mirror.corp:{mirrors.port}", 200)}
        asked = len(proxy.log)
        repository.write(f"{path}:1")
        repository.settings("cache", host=f"mirror.corp:{mirrors.port}", top=f"proxy: {through}\n")
        assert repository.run("pin").changes() == {f"{path}:1": f"{path}:1@{digest}"}
        assert len(proxy.log) > asked, "the one for everything leads there as well"


def test_a_proxy_that_does_not_know_us_is_named(
    registries: Registries, mirrors: MirrorServer, repository: Repository
) -> None:
    path = registries.new_path()
    registries.push(f"{path}:1")
    repository.write(f"{path}:1")
    with ForwardProxy("me", "another", {f"mirror.corp:{mirrors.port}": mirrors.port}) as proxy:
        through = f"{{url: '{proxy.url}', username: me, password: {{env: PROXY_PASSWORD}}}}"
        repository.settings("cache", host=f"mirror.corp:{mirrors.port}", reach=f"    proxy: {through}\n")
        kept = repository.run("pin").outcome_of(f"{path}:1")
    assert kept["outcome"] == "lookup-failed"
    assert "the proxy refuses" in kept["reason"]
    assert SECRETS["PROXY_PASSWORD"] not in kept["reason"]
