"""Push dates as Docker Hub gives them, and everything that is not one
(https://docs.docker.com/reference/api/hub/latest/operations/GetRepositoryTag/)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pinbot.errors import UsageError
from pinbot.net.origin import Origin
from pinbot.oci.digest import Digest
from pinbot.oci.resolution import Answer, Failed, PushDate, Pushed
from pinbot.registry.options import RegistryOptions, push_dates_of
from pinbot.registry.resolver import RegistryResolver
from pinbot.secret import Secret
from tests.fakes.canary import canary
from tests.fakes.server import Reply, Seen, Server
from tests.net.world import patient
from tests.registry.ask import HUB

DIGEST = Digest.of(b"index")
TARGET = "/v2/namespaces/library/repositories/nginx/tags/1.27"
# As the vendor describes a tag, shortened in its list of images.
TAG: dict[str, Any] = {
    "creator": 1156886,
    "id": 834,
    "images": [
        {
            "architecture": "amd64",
            "features": "",
            "variant": None,
            "digest": str(Digest.of(b"child")),
            "os": "linux",
            "os_features": "",
            "os_version": None,
            "size": 72_000_000,
            "status": "active",
            "last_pulled": "2026-11-20T08:00:00.000001Z",
            "last_pushed": "2026-11-18T03:04:05.506400Z",
        }
    ],
    "last_updated": "2026-11-19T01:00:00.000001Z",
    "last_updater": 1156886,
    "last_updater_username": "doijanky",
    "name": "1.27",
    "repository": 21171,
    "full_size": 72_000_000,
    "v2": True,
    "tag_status": "active",
    "tag_last_pulled": "2026-11-20T08:00:00.000001Z",
    "tag_last_pushed": "2026-11-18T03:04:05.506400Z",
    "media_type": "application/vnd.oci.image.index.v1+json",
    "content_type": "image",
    "digest": str(DIGEST),
}


def _hub(body: object, status: int = 200) -> Server:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def honest(seen: Seen) -> Reply:
        return Reply(status if seen.target == TARGET else 404, (("Content-Type", "application/json"),), data)

    return Server(honest)


def _ask(hub: Server, path: str = "library/nginx", tag: str = "1.27", registry: str = HUB) -> Answer:
    options = RegistryOptions(push_dates=hub.url, username="bot", password=Secret(canary("hub-login")))
    question = Pushed(registry, path, tag)
    with RegistryResolver({HUB: options}, world=patient()) as resolver:
        return resolver.answer([question])[question]


def test_the_last_push_of_a_tag_comes_with_its_digest() -> None:
    with _hub(TAG) as hub:
        assert _ask(hub) == PushDate(datetime(2026, 11, 18, 3, 4, 5, 506400, tzinfo=UTC), DIGEST)
        (request,) = hub.log
    assert (request.method, request.target) == ("GET", TARGET)
    assert not {"authorization", "cookie"} & request.headers.keys()


NO_DATES: dict[str, object] = {
    "no date": {**TAG, "tag_last_pushed": None},
    "no digest": {k: v for k, v in TAG.items() if k != "digest"},
    "a digest that is none": {**TAG, "digest": "sha256:12"},
    "a date without its zone": {**TAG, "tag_last_pushed": "2026-11-18T03:04:05"},
    "a date that is a number": {**TAG, "tag_last_pushed": 1763434800},
    "a day that is none": {**TAG, "tag_last_pushed": "2026-02-30T00:00:00Z"},
    "a date at the end of the calendar": {**TAG, "tag_last_pushed": "9999-12-31T23:59:59-12:00"},
    "a date in the future": {**TAG, "tag_last_pushed": "2199-01-01T00:00:00Z"},
    "a date before there were images": {**TAG, "tag_last_pushed": "1970-01-01T00:00:00Z"},
    "Go's zero time": {**TAG, "tag_last_pushed": "0001-01-01T00:00:00Z"},
    "another tag": {**TAG, "name": "latest"},
    "a list": [TAG],
    "a login page": b"<html>",
    "nested beyond measure": b"[" * 100_000,
    "nothing": b"",
}


@pytest.mark.parametrize("body", NO_DATES.values(), ids=NO_DATES)
def test_what_is_no_push_date_is_none(body: object) -> None:
    with _hub(body) as hub:
        answer = _ask(hub)
    assert isinstance(answer, Failed)
    assert answer.status == "no-date"
    assert answer.reason.startswith("docker.io/library/nginx:1.27: ")


@pytest.mark.parametrize(("status", "word"), [(404, "404"), (403, "no-date"), (301, "no-date")])
def test_an_answer_that_is_no_success_is_no_date(status: int, word: str) -> None:
    with _hub(TAG, status) as hub:
        answer = _ask(hub)
    assert isinstance(answer, Failed)
    assert answer.status == word


def test_a_redirect_is_not_followed() -> None:
    with _hub(TAG) as elsewhere:
        with Server(lambda _: Reply(302, (("Location", elsewhere.url + TARGET),))) as hub:
            assert isinstance(_ask(hub), Failed)
        assert elsewhere.log == []


@pytest.mark.parametrize(
    ("registry", "path"),
    [
        pytest.param("ghcr.io", "acme/api", id="another registry"),
        pytest.param(HUB, "one/two/three", id="three names"),
        pytest.param(HUB, "alone", id="one name"),
    ],
)
def test_where_nobody_keeps_dates_nobody_is_asked(registry: str, path: str) -> None:
    with _hub(TAG) as hub:
        answer = _ask(hub, path, registry=registry)
        assert hub.log == []
    assert isinstance(answer, Failed)
    assert answer.status == "no-date"


def test_names_cannot_lead_elsewhere() -> None:
    with _hub(TAG) as hub:
        _ask(hub, "library/nginx", "../../../x?y#z")
        (request,) = hub.log
    assert request.target == "/v2/namespaces/library/repositories/nginx/tags/..%2F..%2F..%2Fx%3Fy%23z"


ORIGINS: dict[str, tuple[str, RegistryOptions, str | None]] = {
    "Docker Hub": (HUB, RegistryOptions(), "https://hub.docker.com"),
    "a mirror of Docker Hub": (HUB, RegistryOptions(endpoint="https://mirror.example"), None),
    "a mirror with dates": (
        HUB,
        RegistryOptions(endpoint="https://mirror.example", push_dates="https://dates.example"),
        "https://dates.example",
    ),
    "switched off": (HUB, RegistryOptions(push_dates="off"), None),
    "another registry": ("ghcr.io", RegistryOptions(), None),
}


@pytest.mark.parametrize(("registry", "options", "origin"), ORIGINS.values(), ids=ORIGINS)
def test_who_is_asked_follows_the_settings(registry: str, options: RegistryOptions, origin: str | None) -> None:
    assert push_dates_of(registry, options) == (Origin.parse(origin) if origin else None)


@pytest.mark.parametrize("url", ["https://dates.example/api", "https://u@dates.example", "https://"])
def test_an_address_that_is_no_origin_is_wrong_usage(url: str) -> None:
    with pytest.raises(UsageError, match=r"push dates of docker\.io"):
        RegistryResolver({HUB: RegistryOptions(push_dates=url)})
