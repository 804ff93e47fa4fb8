"""Scripts of exchanges with registries: who asks for what, in which words, and what is to be made of it.

Each row is a registry that answers a few requests and no other (404). What is told here of Docker Hub, ECR, Google's
registries, GHCR and proxies before them is what peers' tests tell of them too (docs/conformance.md, "Registries").
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST
from pinbot.oci.resolution import Answer, Barred, Config, Failed, Head, ImageConfig, Question, Served, TagList, Tags
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from pinbot.secret import Secret
from tests.fakes.images import digest_of
from tests.fakes.server import Reply, Seen, Server
from tests.net.world import patient

DIGEST = digest_of(b"an index")
PASSWORD = "a-password-of-tests"


@dataclass(frozen=True)
class Step:
    """An answer: `wants` is the Authorization without which it is the challenge of the ping instead (None: any)."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    wants: str | None = None
    breaks: bool = False

    def reply(self) -> Reply:
        """Return it as it is sent."""
        if self.breaks:
            return Reply(200, (), [b"x"], 9, reset=True)
        return Reply(self.status, tuple(self.headers.items()), self.body)


Script = Mapping[str, Step | Sequence[Step]]


def basic() -> str:
    """Return the header of the login."""
    return f"Basic {base64.b64encode(f'robot:{PASSWORD}'.encode()).decode()}"


def said(value: object, status: int = 200, **headers: str) -> Step:
    """Return an answer in JSON; `Docker_Content_Digest="x"` is a header."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Step(status, json.dumps(value).encode(), {"Content-Type": "application/json", **named})


def challenge(text: str) -> Step:
    """Return the answer of a registry that asks who we are; HERE is its own address."""
    return Step(401, b"", {"WWW-Authenticate": text})


def tag(digest: str | None = DIGEST, media_type: str = OCI_INDEX, body: bytes = b"an index", **more: str) -> Step:
    """Return the answer to a question about a tag."""
    named = {"Docker-Content-Digest": digest} if digest is not None else {}
    return Step(200, body, {"Content-Type": media_type, **named}, **more)  # type: ignore[arg-type] # wants alone


def manifest(config: bytes, media_type: str) -> bytes:
    """Return a manifest of an image with that configuration."""
    about = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest_of(config), "size": len(config)}
    return json.dumps({"schemaVersion": 2, "mediaType": media_type, "config": about, "layers": []}).encode()


BEARER = challenge('Bearer realm="HERE/token",service="registry",scope="repository:a/b:pull"')
BASIC = challenge('Basic realm="My Private Registry"')
IMAGE = "/v2/a/b/manifests/1"
LIST = "/v2/a/b/tags/list"
NOBODY = {"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]}

# (what it answers, whether we log in) → the digest that it names, or the word for why there is none
DIGESTS: dict[str, tuple[Script, bool, str]] = {
    "a registry that asks for nothing": ({"/v2/": said({}), IMAGE: tag()}, False, DIGEST),
    "a ping that holds a token for nobody": ({"/v2/": said({"token": "abc"}), IMAGE: tag()}, False, DIGEST),
    "a ping in plain text": ({"/v2/": Step(200, b"", {"Content-Type": "text/plain"}), IMAGE: tag()}, False, DIGEST),
    "a ping without any content": ({"/v2/": Step(), IMAGE: tag()}, False, DIGEST),
    "a token for everyone": (
        {"/v2/": BEARER, "/token": said({"token": "t-1"}), IMAGE: tag(wants="Bearer t-1")}, False, DIGEST
    ),
    "a token by its other name": (
        {"/v2/": BEARER, "/token": said({"access_token": "t-1"}), IMAGE: tag(wants="Bearer t-1")}, False, DIGEST
    ),
    "both names of a token": (
        {"/v2/": BEARER, "/token": said({"token": "t-1", "access_token": "t-2"}), IMAGE: tag(wants="Bearer t-1")},
        False,
        DIGEST,
    ),
    "a token for a login": (
        {"/v2/": BEARER, "/token": Step(200, b'{"token":"t-1"}', {}, basic()), IMAGE: tag(wants="Bearer t-1")},
        True,
        DIGEST,
    ),
    "a challenge without a service or a scope": (
        {"/v2/": challenge('Bearer realm="HERE/token"'), "/token": said({"token": "t-1"}),
         IMAGE: tag(wants="Bearer t-1")},
        False,
        DIGEST,
    ),
    "a challenge with another scope than ours (ECR Public says aws)": (
        {"/v2/": challenge('Bearer realm="HERE/token/",service="public.ecr.aws",scope="aws"'),
         "/token/": said({"token": "t-1"}), IMAGE: tag(wants="Bearer t-1")},
        False,
        DIGEST,
    ),
    "a realm below /v2": (
        {"/v2/": challenge('Bearer realm="HERE/v2/token",service="x"'), "/v2/token": said({"token": "t-1"}),
         IMAGE: tag(wants="Bearer t-1")},
        False,
        DIGEST,
    ),
    "a user name and a password": ({"/v2/": BASIC, IMAGE: tag(wants=basic())}, True, DIGEST),
    "Negotiate before Basic": (
        {"/v2/": challenge('Negotiate, Basic realm="x"'), IMAGE: tag(wants=basic())}, True, DIGEST
    ),
    "a password is asked for, and there is none": ({"/v2/": BASIC, IMAGE: tag(wants=basic())}, False, "401"),
    "a token server that refuses strangers": ({"/v2/": BEARER, "/token": said(NOBODY, 401)}, False, "401"),
    "a token server without a token": ({"/v2/": BEARER, "/token": said({})}, False, "not-a-registry"),
    "a token with a space at its end": ({"/v2/": BEARER, "/token": said({"token": "t-1 "})}, False, "not-a-registry"),
    "a login that may not": ({"/v2/": BASIC, IMAGE: Step(403)}, True, "403"),
    "a challenge that nobody knows": ({"/v2/": challenge("Digest qop=auth"), IMAGE: tag()}, False, "401"),
    "a connection that is cut": ({"/v2/": said({}), IMAGE: Step(breaks=True)}, False, "broken"),
    "too many requests": ({"/v2/": said({}), IMAGE: Step(429)}, False, "429"),
    "trouble of its own": ({"/v2/": said({}), IMAGE: Step(503)}, False, "5xx"),
    "an unknown tag": ({"/v2/": said({})}, False, "404"),
    "no digest in the header, so its bytes tell": ({"/v2/": said({}), IMAGE: tag(None)}, False, DIGEST),
    "an empty digest in the header": ({"/v2/": said({}), IMAGE: tag("")}, False, DIGEST),
    "a digest that is none": ({"/v2/": said({}), IMAGE: tag("some-digest")}, False, DIGEST),
    "a digest in capital letters": ({"/v2/": said({}), IMAGE: tag(DIGEST.upper())}, False, DIGEST),
    "a digest of other bytes": (
        {"/v2/": said({}), IMAGE: tag(digest_of(b"other"), "text/plain", manifest(b"{}", OCI_MANIFEST))},
        False,
        "barred",
    ),
    "an index of Docker": ({"/v2/": said({}), IMAGE: tag(media_type=DOCKER_LIST)}, False, DIGEST),
    "a manifest of Docker": ({"/v2/": said({}), IMAGE: tag(media_type=DOCKER_MANIFEST)}, False, DIGEST),
    "schema 1": (
        {"/v2/": said({}), IMAGE: tag(media_type="application/vnd.docker.distribution.manifest.v1+prettyjws")},
        False,
        "barred",
    ),
    "a login page": ({"/v2/": said({}), IMAGE: Step(200, b"<!doctype html>", {"Content-Type": "text/html"})}, False,
                     "not-a-registry"),
}  # fmt: skip

# → (tags, whether these are all), or the word for why there are none
LISTS: dict[str, tuple[Script, bool, tuple[tuple[str, ...], bool] | str]] = {
    "a page": ({"/v2/": said({}), LIST: said({"tags": ["1", "2"]})}, False, (("1", "2"), True)),
    "a page for a token": (
        {"/v2/": BEARER, "/token": said({"token": "t-1"}),
         LIST: Step(200, b'{"tags":["1"]}', {}, "Bearer t-1")},
        False,
        (("1",), True),
    ),
    "two pages": (
        {"/v2/": said({}), LIST: [said({"tags": ["1"]}, Link=f'<{LIST}?last=1>; rel="next"'), said({"tags": ["2"]})]},
        False,
        (("1", "2"), True),
    ),
    "a next page by its whole address": (
        {"/v2/": said({}),
         LIST: [said({"tags": ["1"]}, Link=f'<HERE{LIST}?n=1000&last=1>; rel="next", '), said({"tags": ["2"]})]},
        False,
        (("1", "2"), True),
    ),
    "a next page at the host of somebody else": (
        {"/v2/": said({}),
         LIST: said({"tags": ["1"]}, Link='<https://attacker.example.com/v2/steal/tags/list>; rel="next"')},
        False,
        (("1",), False),
    ),
    "a next page of another repository": (
        {"/v2/": said({}), LIST: said({"tags": ["1"]}, Link='</v2/c/d/tags/list>; rel="next"')}, False, (("1",), False)
    ),
    "a second page that fails": (
        {"/v2/": said({}), LIST: [said({"tags": ["1"]}, Link=f'<{LIST}?last=1>; rel="next"'), Step(500)]},
        False,
        (("1",), False),
    ),
    "no tags": ({"/v2/": said({}), LIST: said({"tags": None})}, False, ((), True)),
    "a repository that is not there": (
        {"/v2/": said({}), LIST: said({"errors": [{"code": "NAME_UNKNOWN"}]}, 404)}, False, "404"
    ),
    "a list that is none": ({"/v2/": said({}), LIST: Step(200, b"")}, False, "not-a-registry"),
    "a connection that is cut": ({"/v2/": said({}), LIST: Step(breaks=True)}, False, "broken"),
    "a proxy before ECR that finds the page too long": (
        {"/v2/": said({}), LIST: said({"errors": [{"code": "UNSUPPORTED", "message": "maxResults"}]}, 405)},
        False,
        "not-a-registry",
    ),
    "a list that a login may not see": ({"/v2/": BASIC, LIST: Step(403)}, True, "403"),
}  # fmt: skip


@pytest.mark.parametrize(("script", "logs_in", "expected"), DIGESTS.values(), ids=DIGESTS)
def test_the_digest_of_a_tag(script: Script, logs_in: bool, expected: str) -> None:
    answer = _asked(script, logs_in, Head("r.example", "a/b", "1"))
    assert (str(answer.digest) if isinstance(answer, Served) else _word(answer)) == expected


@pytest.mark.parametrize(("script", "logs_in", "expected"), LISTS.values(), ids=LISTS)
def test_the_tags_of_a_repository(script: Script, logs_in: bool, expected: object) -> None:
    answer = _asked(script, logs_in, Tags("r.example", "a/b"))
    assert ((answer.tags, answer.complete) if isinstance(answer, TagList) else _word(answer)) == expected


def test_a_page_is_as_long_as_the_strictest_registry_allows() -> None:
    seen = _log({"/v2/": said({}), LIST: said({"tags": ["1"]})}, Tags("r.example", "a/b"))
    assert [s.query["n"] for s in seen if s.path == LIST] == [["1000"]]


ECR = [
    f"123456789012.{middle}"
    for middle in (
        "dkr.ecr.us-east-1.amazonaws.com", "dkr.ecr-fips.us-gov-east-1.amazonaws.com", "dkr-ecr.us-east-1.on.aws",
        "dkr-ecr-fips.us-east-1.on.aws", "dkr.ecr.cn-north-1.amazonaws.com.cn", "dkr.ecr.eusc-de-east-1.amazonaws.eu",
        "dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "dkr-ecr-fips.eusc-de-east-1.on.amazonwebservices.eu",
        "dkr.ecr.us-iso-east-1.c2s.ic.gov", "dkr.ecr-fips.us-isob-east-1.sc2s.sgov.gov",
        "dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "dkr-ecr.us-isof-east-1.on.aws.hci.ic.gov",
    )
]  # fmt: skip
OTHERS = ["public.ecr.aws", "eu.gcr.io", "europe-docker.pkg.dev", "ghcr.io", "quay.io", "registry.company.com:5000"]


@pytest.mark.parametrize("registry", [*ECR, *OTHERS])
def test_a_password_is_sent_to_the_registry_that_it_is_for(registry: str) -> None:
    answer = _asked({"/v2/": BASIC, IMAGE: tag(wants=basic())}, True, Head(registry, "a/b", "1"))
    assert isinstance(answer, Served)


@pytest.mark.parametrize("registry", [*ECR, *OTHERS])
def test_without_a_password_it_is_not_taken_for_gone(registry: str) -> None:
    assert _word(_asked({"/v2/": BASIC, IMAGE: tag(wants=basic())}, False, Head(registry, "a/b", "1"))) == "401"


def test_a_refusal_is_not_remembered_in_the_next_run() -> None:
    refused = _asked({"/v2/": BASIC, IMAGE: Step(403)}, True, Head("r.example", "a/b", "1"))
    served = _asked({"/v2/": BASIC, IMAGE: tag(wants=basic())}, True, Head("r.example", "a/b", "1"))
    assert (_word(refused), isinstance(served, Served)) == ("403", True)


CONFIG = json.dumps(
    {"architecture": "amd64", "os": "linux", "config": {"Labels": {"org.opencontainers.image.source": "https://x"}}}
).encode()


@pytest.mark.parametrize("media_type", [OCI_MANIFEST, DOCKER_MANIFEST])
@pytest.mark.parametrize("moved", [False, True], ids=["here", "on the storage that it is led to"])
def test_labels_and_platform_are_those_of_the_configuration(media_type: str, moved: bool) -> None:
    made = manifest(CONFIG, media_type)
    name, blob = digest_of(made), f"/v2/a/b/blobs/{digest_of(CONFIG)}"
    there: Script = {"/storage": Step(200, CONFIG), blob: Step(307, b"", {"Location": "/storage"})}
    script = {
        "/v2/": said({}),
        f"/v2/a/b/manifests/{name}": Step(200, made, {"Content-Type": media_type}),
        **(there if moved else {blob: Step(200, CONFIG)}),
    }
    answer = _asked(script, False, Config("r.example", "a/b", Digest.parse(name)))
    assert isinstance(answer, ImageConfig)
    assert answer.platform.architecture == "amd64"
    assert answer.labels["org.opencontainers.image.source"] == "https://x"


def _asked(script: Script, logs_in: bool, question: Question) -> Answer:
    return _run(script, logs_in, question)[0]


def _log(script: Script, question: Question) -> list[Seen]:
    return _run(script, False, question)[1]


def _run(script: Script, logs_in: bool, question: Question) -> tuple[Answer, list[Seen]]:
    login = {"username": "robot", "password": Secret(PASSWORD)} if logs_in else {}
    with Server() as server:
        server.owned = lambda: (PASSWORD,)
        server.faults.append(_Player(script, server))
        options = {question.registry: RegistryOptions(endpoint=server.url, **login)}  # type: ignore[arg-type]
        with RegistryResolver(options, world=patient()) as resolver:
            return resolver.answer([question])[question], server.log


class _Player:
    """Plays a script: each path has its answers in their order, the last of which stays."""

    def __init__(self, script: Script, server: Server) -> None:
        self._steps = {path: [one] if isinstance(one, Step) else list(one) for path, one in script.items()}
        self._server = server

    def __call__(self, seen: Seen, _reply: Reply) -> Reply:
        steps = self._steps.get(seen.path, [Step(404)])
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        if step.wants not in {None, seen.headers.get("authorization")}:
            step = self._steps["/v2/"][0]
        reply = step.reply()
        return Reply(
            reply.status,
            tuple((name, text.replace("HERE", self._server.url)) for name, text in reply.headers),
            reply.body,
            reply.length,
            reset=reply.reset,
        )


def _word(answer: Answer) -> str:
    return "barred" if isinstance(answer, Barred) else answer.status if isinstance(answer, Failed) else str(answer)
