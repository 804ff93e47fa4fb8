"""The holes that were found in other clients, replayed against ours: no strange host is shown anything of a login.

The list is that of the reliability research, 2.4; each row is named by the number under which the hole is known. A row
is `(what the registry does, whom it wants to have the login)`. That no other host sees one is also what every test of
the suite is held to (tests/conftest.py).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pinbot.oci.manifest import OCI_MANIFEST
from pinbot.oci.resolution import Head, Served, Tags
from pinbot.registry.credentials._base import Ambient
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from tests.fakes import faults
from tests.fakes.canary import canary, leaks, shows_canary
from tests.fakes.images import Stored, digest_of
from tests.fakes.registry import Auth, FakeRegistry
from tests.fakes.server import Reply, Seen, Server
from tests.net.world import patient
from tests.registry.ask import HUB, PATH, TAG, alive, ask, config, content, head, login

Vector = Callable[[FakeRegistry, Server], None]


def _realm(registry: FakeRegistry, evil: Server) -> None:
    registry.realm = f"{evil.url}/token"


def _realm_that_redirects(registry: FakeRegistry, evil: Server) -> None:
    registry.faults.append(faults.on("/token", faults.redirect(f"{evil.url}/token")))


def _blob_store_that_wants_a_login(registry: FakeRegistry, evil: Server) -> None:
    evil.faults.append(faults.challenge('Basic realm="x"'))
    registry.faults.append(faults.on("/blobs/", faults.redirect(f"{evil.url}/blob")))


def _manifest_on_another_port(registry: FakeRegistry, evil: Server) -> None:
    registry.faults.append(faults.on("/manifests/", faults.redirect(f"{evil.url}/v2/{PATH}/manifests/{TAG}")))


def _detour(registry: FakeRegistry, evil: Server) -> None:
    evil.faults.append(lambda seen, _: Reply(307, (("Location", f"{registry.url}{seen.target}"),)))
    registry.faults.append(faults.times(1, faults.on("/manifests/", faults.redirect(f"{evil.url}/v2/{PATH}"))))


def _challenge_in_a_later_answer(registry: FakeRegistry, evil: Server) -> None:
    later = faults.challenge(f'Bearer realm="{evil.url}/token",service="x"')
    registry.faults.append(faults.on("/manifests/", later))


def _challenge_of_the_blob_store(registry: FakeRegistry, evil: Server) -> None:
    evil.faults.append(faults.challenge(f'Bearer realm="{evil.url}/token"'))
    registry.faults.append(faults.on("/blobs/", faults.redirect(f"{evil.url}/blob")))


def _foreign_layer(registry: FakeRegistry, evil: Server) -> None:
    blob = {"mediaType": "x", "digest": digest_of(b"{}"), "size": 2, "urls": [f"{evil.url}/layer"]}
    _push(registry, {"schemaVersion": 2, "config": blob, "layers": [blob]})


def _foreign_layer_that_wants_a_login(registry: FakeRegistry, evil: Server) -> None:
    evil.faults.append(faults.challenge('Basic realm="x"'))
    _foreign_layer(registry, evil)


def _size_without_sense(registry: FakeRegistry, _evil: Server) -> None:
    blob = {"mediaType": "x", "digest": digest_of(b"{}"), "size": -(2**80)}
    _push(registry, {"schemaVersion": 2, "config": blob, "layers": [blob] * 3})


def _push(registry: FakeRegistry, manifest: object) -> None:
    registry.push_manifest(PATH, Stored(OCI_MANIFEST, json.dumps(manifest).encode()), [TAG])


def _realm_by_http(registry: FakeRegistry, evil: Server) -> None:
    registry.realm = f"http://user:pw@{evil.host}/token"


def _realm_without_an_address(host: str) -> Vector:
    def vector(registry: FakeRegistry, evil: Server) -> None:
        registry.realm = f"http://{host}:{evil.port}/token"

    return vector


def _next_page(where: str) -> Vector:
    """Let the list of tags go on elsewhere; `where` has EVIL for the other server and PORT for its port."""

    def vector(registry: FakeRegistry, evil: Server) -> None:
        link = where.replace("EVIL", evil.url).replace("PORT", str(evil.port))
        registry.faults.append(faults.on("/tags/list", faults.header("Link", f'<{link}>; rel="next"')))

    return vector


def _other_scheme(registry: FakeRegistry, _evil: Server) -> None:
    registry.faults.append(faults.on("/manifests/", faults.redirect(f"https://{registry.host}/v2/{PATH}")))


def _manifest_at_a_metadata_service(registry: FakeRegistry, _evil: Server) -> None:
    registry.faults.append(faults.on("/manifests/", faults.redirect("http://169.254.169.254/latest/meta-data")))


def _location_of_an_upload(registry: FakeRegistry, evil: Server) -> None:
    registry.faults.append(faults.on("/manifests/", faults.header("Location", f"{evil.url}/upload")))


def _redirected_ping(registry: FakeRegistry, evil: Server) -> None:
    evil.faults.append(faults.challenge(f'Bearer realm="{evil.url}/token",service="x"'))
    registry.faults.append(lambda s, r: Reply(307, (("Location", f"{evil.url}/v2/"),)) if s.path == "/v2/" else r)


def _endless(part: str) -> Vector:
    def vector(registry: FakeRegistry, _evil: Server) -> None:
        registry.faults.append(faults.on(part, faults.infinite(), "GET"))

    return vector


def _bomb(part: str) -> Vector:
    def vector(registry: FakeRegistry, _evil: Server) -> None:
        registry.faults.append(faults.on(part, faults.compressed(b"0" * 50_000_000), "GET"))

    return vector


def _two_challenges(registry: FakeRegistry, evil: Server) -> None:
    """Offer Basic behind a Bearer of somebody else: the login is not for the one that comes first."""
    value = f'Bearer realm="{evil.url}/token",service="x", Basic realm="y"'
    challenge = faults.challenge(value)
    registry.faults.append(lambda s, r: challenge(s, r) if s.path == "/v2/" else r)


PEERS: dict[str, Vector] = {
    "CVE-2020-15157 (containerd): a blob elsewhere asks for a login": _blob_store_that_wants_a_login,
    "CVE-2020-15157 (containerd): a layer elsewhere asks for a login": _foreign_layer_that_wants_a_login,
    "CVE-2020-1702 (containers-image): a manifest without an end": _endless("/manifests/"),
    "CVE-2020-1702 (containers-image): a token without an end": _endless("/token"),
    "CVE-2026-49349 (regclient): an external blob store has a challenge of its own": _challenge_of_the_blob_store,
    "CVE-2026-48978 (oras-go): the realm is another host": _realm,
    "CVE-2026-48978 (oras-go): the ping is led to a host with a realm of its own": _redirected_ping,
    "CVE-2026-33540 (distribution): the login goes to the realm": _realm,
    "CVE-2026-33540 (distribution): a Bearer of another host before a Basic": _two_challenges,
    "CVE-2026-88887 (Renovate, docker): the next page is on another host": _next_page(
        "EVIL/v2/library/nginx/tags/list"
    ),
    "CVE-2026-88882 (Renovate, nuget): the next page has no scheme": _next_page("//localhost:PORT/v2/x/tags/list"),
    "CVE-2026-88881 (Renovate, GitHub): the next page is on another port": _next_page(
        "http://127.0.0.1:PORT/v2/library/nginx/tags/list"
    ),
    "CVE-2026-88880 (Renovate, GitLab): the next page has a user in its address": _next_page(
        "http://127.0.0.1@localhost:PORT/v2/library/nginx/tags/list"
    ),
    "CVE-2026-21441 (urllib3): a manifest that grows when it is unpacked": _bomb("/manifests/"),
    "GHSA-28r5-37g7-p6mp (oras-go): a redirect to another port of the same host": _manifest_on_another_port,
    "GHSA-vh4v-2xq2-g5cg (oras-go): a redirect to another scheme of the same host": _other_scheme,
    "GHSA-jxpm-75mh-9fp7 (oras-go): the Location of an upload names another host": _location_of_an_upload,
    "GHSA-f36w-mj3v-6jqv (oras-go): a size that makes no sense": _size_without_sense,
    "crane 2243: the realm has a user and a password in its address": _realm_by_http,
    "crane 2243: the realm is a metadata service": _realm_without_an_address("169.254.169.254"),
    "crane 2285: the realm is 0.0.0.0": _realm_without_an_address("0.0.0.0"),
    "crane 2285: the realm is [::]": _realm_without_an_address("[::]"),
    "crane 2292: the token server redirects": _realm_that_redirects,
    "crane 2349: the token comes back after a detour": _detour,
    "crane 2360: a token is fetched for the challenge of another host": _challenge_in_a_later_answer,
    "crane 2332: the list of tags goes on elsewhere": _next_page("EVIL/v2/other/tags/list?last=1"),
    "crane 2293: a layer has a URL of its own": _foreign_layer,
    "crane 2295: the Location of an upload names another host": _location_of_an_upload,
    "crane (TestCheckRedirectSSRF): a manifest is led to a metadata service": _manifest_at_a_metadata_service,
    "crane 2296: a blob without an end": _endless("/blobs/"),
}


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"], ids=["on another port", "under another name"])
@pytest.mark.parametrize("auth", ["basic", "bearer"])
@pytest.mark.parametrize("vector", PEERS.values(), ids=PEERS)
def test_does_not_fall_for(vector: Vector, auth: Auth, name: str) -> None:
    with (
        Server(_stranger, name=name) as evil,
        FakeRegistry(auth=auth, users={"robot": canary("peers")}) as registry,
    ):
        digest = registry.push_image(PATH, [TAG])
        vector(registry, evil)
        named = registry.tags[PATH][TAG]
        ask(
            registry,
            *(head(), alive(digest), content(named), config(named), Tags(HUB, PATH)),
            **login("robot", canary("peers")),
        )
        # A realm on the registry's own host may have the login, on whatever port; nothing else may.
        is_same_host = vector in {_realm, _two_challenges} and name == "127.0.0.1"
        evil.may_see |= {canary("peers")} if is_same_host else set()
        assert evil.may_see or [s for s in evil.log if "authorization" in s.headers] == []


def test_crane_2302_a_realm_on_the_registrys_own_host_still_works() -> None:
    with FakeRegistry(auth="bearer", users={"robot": canary("peers")}) as registry:
        registry.push_image(PATH, [TAG])
        (answer,) = ask(registry, head(), **login("robot", canary("peers")))
        assert isinstance(answer, Served)


def _saved(folder: Path, *hosts: str, entry: Mapping[str, str] | None = None) -> Path:
    """Write what `docker login` leaves behind for these hosts: for each a canary of its own, or this entry."""
    auths = {
        host: dict(entry)
        if entry is not None
        else {"auth": base64.b64encode(f"robot:{canary(host)}".encode()).decode()}
        for host in hosts
    }
    file = folder / "config.json"
    file.write_text(json.dumps({"auths": auths}))
    return file


LOOK_ALIKES = ("docker.io", "index.docker.io", "registry-1.docker.io", "ghcr.io", "localhost", "127.0.0.1", "0.0.0.1")


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_cve_2026_24845_malcontent_logins_of_other_registries_stay_at_home(auth: Auth, tmp_path: Path) -> None:
    with FakeRegistry(auth=auth, anonymous=True) as registry:
        registry.push_image(PATH, [TAG])
        with RegistryResolver(ambient=Ambient(docker_config=_saved(tmp_path, *LOOK_ALIKES)), world=patient()) as asked:
            asked.answer([Head(registry.host, PATH, TAG), Tags(registry.host, PATH)])
        assert registry.log != []
        assert [s for s in registry.log if s.headers.get("authorization", "").startswith("Basic ")] == []


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_cve_2026_33540_distribution_a_mirror_is_not_shown_the_login_of_what_it_mirrors(
    auth: Auth, tmp_path: Path
) -> None:
    with FakeRegistry(auth=auth, anonymous=True) as mirror:
        mirror.push_image(PATH, [TAG])
        options = {HUB: RegistryOptions(endpoint=mirror.url)}
        saved = _saved(tmp_path, "docker.io", "https://index.docker.io/v1/")
        with RegistryResolver(options, ambient=Ambient(docker_config=saved), world=patient()) as asked:
            asked.answer([head()])
        assert [s for s in mirror.log if s.headers.get("authorization", "").startswith("Basic ")] == []


def test_an_identity_token_goes_nowhere_but_to_the_token_server_of_its_registry(tmp_path: Path) -> None:
    with Server(_stranger, name="localhost") as evil, FakeRegistry(auth="bearer", anonymous=True) as registry:
        registry.push_image(PATH, [TAG])
        registry.realm = f"{evil.url}/token"
        entry = {"auth": base64.b64encode(b"<token>:").decode(), "identitytoken": canary("identity")}
        with RegistryResolver(
            ambient=Ambient(docker_config=_saved(tmp_path, registry.host, entry=entry)), world=patient()
        ) as asked:
            asked.answer([Head(registry.host, PATH, TAG)])
            assert shows_canary(asked.warnings) == []
        assert leaks(canary("identity"), [evil, registry]) == []


def _stranger(_seen: Seen) -> Reply:
    return Reply(200, (("Content-Type", "application/json"),), b'{"token":"t"}')
