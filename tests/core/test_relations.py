"""What files say of one another: who sets a tag, who reads a digest, which images are made here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pinbot.planning.relations import Relations
from pinbot.source.finding import (
    Aside,
    Consumer,
    Finding,
    Fixed,
    Offer,
    Override,
    Published,
    Relation,
    Slot,
    Use,
    Writable,
)
from pinbot.source.text import Span
from tests.core.examples import aside, found, writable

NGINX = found("nginx:1.27")
OFFER = Offer("helm chart image.digest", writable("nginx:1.27"))
OFFERED = replace(NGINX, standing=Fixed(writable("nginx:1.27").reference, "nobody reads it", OFFER))
IN_ENV = replace(NGINX, standing=replace(writable("nginx:1.27"), digest=Slot(Span(8, 8), "@", ".env"), tag=None))


def test_an_offer_is_taken_up_where_something_reads_the_digest() -> None:
    linked = Relations([Consumer("helm chart image.digest")]).applied(OFFERED)
    assert linked.standing == writable("nginx:1.27")


@pytest.mark.parametrize(
    "relations",
    [
        pytest.param([], id="nothing at all"),
        pytest.param([Consumer("helm other image.digest")], id="another chart"),
        pytest.param([Override("helm chart image.digest", "ci.yml:3")], id="it is set, not read"),
    ],
)
def test_an_offer_stays_one_where_nothing_reads_the_digest(relations: list[Relation]) -> None:
    assert Relations(relations).applied(OFFERED) == OFFERED


def test_a_tag_that_another_file_sets_is_not_pinned() -> None:
    settable = replace(NGINX, settable=("helm image.tag",))
    standing = Relations([Override("helm image.tag", "ci.yml:3")]).applied(settable).standing
    assert isinstance(standing, Fixed)
    assert standing.reason == "ci.yml:3 sets this tag, and a digest here would silently beat what it sets"


def test_an_offer_that_is_taken_up_can_still_be_set_elsewhere() -> None:
    both: list[Relation] = [Consumer("helm chart image.digest"), Override("helm image.tag", "ci.yml:3")]
    standing = Relations(both).applied(replace(OFFERED, settable=("helm image.tag",))).standing
    assert isinstance(standing, Fixed)
    assert standing.reason.startswith("ci.yml:3 sets this tag")


def test_an_override_of_something_else_changes_nothing() -> None:
    settable = replace(NGINX, settable=("helm image.tag",))
    assert Relations([Override("helm other.tag", "ci.yml:3")]).applied(settable) == settable


@pytest.mark.parametrize("text", ["acme/app:1", "docker.io/acme/app", "acme/app:2"])
def test_an_image_that_the_repository_publishes_is_local(text: str) -> None:
    standing = Relations([Published("docker.io", "acme/app", "release.yml:9")]).applied(found(text)).standing
    assert isinstance(standing, Aside)
    assert (standing.status, standing.reason) == ("local", "release.yml:9 builds and publishes this image")


@pytest.mark.parametrize(
    "finding",
    [
        pytest.param(found("acme/other:1"), id="another repository"),
        pytest.param(found("ghcr.io/acme/app:1"), id="another registry"),
        pytest.param(aside("variable"), id="no known reference"),
        pytest.param(replace(NGINX, standing=Aside("ignored", "because", NGINX.reference)), id="it is set aside"),
    ],
)
def test_other_images_are_not_the_repository_s_own(finding: Finding) -> None:
    assert Relations([Published("docker.io", "acme/app", "release.yml:9")]).applied(finding) == finding


USES = [
    pytest.param([Use(".env", Span(4, 8), "a:1:1")], True, id="one reader"),
    pytest.param([Use(".env", Span(4, 8), "a:1:1"), Use(".env", Span(20, 24), "b:1:1")], True, id="of another line"),
    pytest.param([Use(".env", Span(4, 8), "a:1:1"), Use("x/.env", Span(4, 8), "b:1:1")], True, id="of another file"),
    pytest.param([Use(".env", Span(4, 8), "a:1:1"), Use(".env", Span(4, 8), "b:1:1")], False, id="two readers"),
    pytest.param([Use(".env", Span(4, 8), "a:1:1"), Use(".env", Span(4, 8), "a:1:9")], False, id="twice in one line"),
]


@pytest.mark.parametrize(("uses", "stays"), USES)
def test_a_value_of_another_file_carries_a_digest_for_one_reader(uses: list[Use], stays: bool) -> None:
    assert isinstance(Relations(uses).applied(IN_ENV).standing, Writable) is stays


def test_the_readers_of_a_shared_value_are_named() -> None:
    uses = [Use(".env", Span(4, 8), f"c{n}.yaml:3:5") for n in range(5)]
    standing = Relations(uses).applied(IN_ENV).standing
    assert isinstance(standing, Fixed)
    assert "read in 5 places (c0.yaml:3:5, c1.yaml:3:5, c2.yaml:3:5, …)" in standing.reason
