"""The holes that were found in other clients, replayed against ours: no strange host is shown anything of a login.

The list is that of the reliability research, 2.4. Link headers (CVE-2026-88887 and its kin) are in test_tags.py,
bodies without end (CVE-2020-1702) in tests/net/test_limits.py, addresses (crane #2243, #2292) in tests/net.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from pinbot.oci.manifest import OCI_MANIFEST
from tests.fakes import faults
from tests.fakes.canary import canary
from tests.fakes.images import Stored, digest_of
from tests.fakes.registry import Auth, FakeRegistry
from tests.fakes.server import Reply, Seen, Server
from tests.registry.ask import PATH, TAG, alive, ask, config, content, head, login

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


def _size_without_sense(registry: FakeRegistry, _evil: Server) -> None:
    blob = {"mediaType": "x", "digest": digest_of(b"{}"), "size": -(2**80)}
    _push(registry, {"schemaVersion": 2, "config": blob, "layers": [blob] * 3})


def _push(registry: FakeRegistry, manifest: object) -> None:
    registry.push_manifest(PATH, Stored(OCI_MANIFEST, json.dumps(manifest).encode()), [TAG])


PEERS: dict[str, Vector] = {
    "CVE-2020-15157 (containerd): a blob elsewhere asks for a login": _blob_store_that_wants_a_login,
    "CVE-2026-49349 (regclient): an external blob store has a challenge of its own": _challenge_of_the_blob_store,
    "CVE-2026-48978 (oras-go): the realm is another host": _realm,
    "CVE-2026-33540 (distribution): the login goes to the realm": _realm,
    "GHSA-28r5-37g7-p6mp (oras-go): a redirect to another port of the same host": _manifest_on_another_port,
    "GHSA-f36w-mj3v-6jqv (oras-go): a size that makes no sense": _size_without_sense,
    "crane 2302: the token server redirects": _realm_that_redirects,
    "crane 2349: the token comes back after a detour": _detour,
    "crane 2360: a token is fetched for the challenge of another host": _challenge_in_a_later_answer,
    "crane 2293: a layer has a URL of its own": _foreign_layer,
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
            *(head(), alive(digest), content(named), config(named)),
            **login("robot", canary("peers")),
        )
        # A realm on the registry's own host may have the login, on whatever port; nothing else may.
        evil.may_see |= {canary("peers")} if vector is _realm and name == "127.0.0.1" else set()
        assert evil.may_see or [s for s in evil.log if "authorization" in s.headers] == []


def _stranger(_seen: Seen) -> Reply:
    return Reply(200, (("Content-Type", "application/json"),), b'{"token":"t"}')
