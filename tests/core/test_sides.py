"""Two references beside each other: what NEW may leave out, what is asked, and what can be said of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from pinbot.errors import InvalidReference
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import OCI_INDEX
from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Answer, Attested, Config, Content, Failed, Head, Question, Served
from pinbot.planning.sides import Sides, beside, missing, sides
from tests.core.pictures import AMD, ARM, NGINX, Picture, packages

DIGEST = str(Digest.of(b"new"))
OLD, NEW = Picture("old", packages=packages(a="1")), Picture("new", packages=packages(a="2"))
TAGGED = Reference.parse("nginx:1.28")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(":1.28", "ghcr.io/acme/web:1.28", id="a tag"),
        pytest.param(DIGEST, f"ghcr.io/acme/web@{DIGEST}", id="a digest"),
        pytest.param(f"@{DIGEST}", f"ghcr.io/acme/web@{DIGEST}", id="a digest with its sign"),
        pytest.param(f":1@{DIGEST}", f"ghcr.io/acme/web:1@{DIGEST}", id="both"),
        pytest.param("redis:7", "redis:7", id="another image"),
        pytest.param("localhost:5000/a", "localhost:5000/a", id="another registry"),
    ],
)
def test_what_new_leaves_out_is_that_of_old(text: str, expected: str) -> None:
    assert str(beside(Reference.parse("ghcr.io/acme/web:1.27@" + DIGEST), text)) == expected


@pytest.mark.parametrize("text", ["", ":", "@", "sha256:12", ":a b", "A"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(InvalidReference):
        beside(NGINX, text)


def _served(reference: Reference, digest: Digest) -> dict[Question, Answer]:
    return {Head(reference.registry, reference.path, reference.tag or ""): Served(digest, OCI_INDEX)}


def _facts(old: Picture = OLD, new: Picture = NEW) -> dict[Question, Answer]:
    return {**old.facts(), **new.facts(), **_served(NGINX, old.digest), **_served(TAGGED, new.digest)}


def _asked(
    facts: Mapping[Question, Answer], old: Reference = NGINX, new: Reference = TAGGED, platform: Platform | None = None
) -> tuple[list[set[str]], Sides]:
    """Return the kinds of questions of each round, and what there is to say in the end."""
    known: dict[Question, Answer] = {}
    kinds: list[set[str]] = []
    while questions := missing(old, new, platform, known):
        kinds.append({type(q).__name__ for q in questions})
        known |= {q: facts.get(q, Failed("404", f"no {type(q).__name__}")) for q in questions}
    return kinds, sides(old, new, platform, known)


def test_three_rounds_tell_what_changed() -> None:
    rounds, found = _asked(_facts())
    assert rounds == [{"Head"}, {"Content"}, {"Content", "Config", "Attested"}]
    assert found.differ
    assert found.evidence
    assert found.evidence.packages is not None
    assert [one.name for one in found.evidence.packages.changed] == ["a"]
    assert found.errors == ()


def test_two_names_of_one_digest_are_told_apart_from_nothing_else() -> None:
    rounds, found = _asked({**_facts(), **_served(TAGGED, OLD.digest)})
    assert rounds == [{"Head"}]
    assert (found.differ, found.evidence, found.errors) == (False, None, ())


def test_digests_are_not_looked_for_by_their_tags() -> None:
    pinned = NGINX.pinned_to(OLD.digest), TAGGED.pinned_to(NEW.digest)
    rounds, found = _asked(_facts(), *pinned)
    assert rounds[0] == {"Content"}
    assert found.differ


def test_two_repositories_are_each_asked_for_their_own() -> None:
    other = Reference.parse("ghcr.io/acme/web:2")
    facts = {**OLD.facts(), **_served(NGINX, OLD.digest), **NEW.facts(other), **_served(other, NEW.digest)}
    _, found = _asked(facts, NGINX, other)
    assert found.evidence
    assert found.evidence.packages is not None
    assert found.errors == ()


@pytest.mark.parametrize(
    ("lost", "error"),
    [
        pytest.param(lambda q: isinstance(q, Head) and q.tag == "1.28", "no Head", id="a tag"),
        pytest.param(lambda q: isinstance(q, Content) and q.digest == OLD.digest, "no Content", id="a digest"),
        pytest.param(lambda q: isinstance(q, Config), "no Config", id="configurations"),
        pytest.param(lambda q: isinstance(q, Attested), "no Attested", id="statements"),
    ],
)
def test_what_could_not_be_looked_up_is_an_error(lost: object, error: str) -> None:
    assert callable(lost)
    _, found = _asked({q: a for q, a in _facts().items() if not lost(q)})
    assert any(error in one for one in found.errors)


def test_what_is_wrong_with_a_statement_is_no_error() -> None:
    _, found = _asked(_facts(new=replace(NEW, packages=None, problems=("The list is odd.",))))
    assert found.errors == ()
    assert found.evidence
    assert found.evidence.problems == ("The list is odd.",)


def test_a_platform_that_is_asked_for_is_looked_into() -> None:
    _, found = _asked(_facts(), platform=ARM)
    assert found.evidence
    assert found.evidence.new.platform == ARM.normal()


def test_a_platform_that_one_lacks_is_an_error_that_names_the_others() -> None:
    _, found = _asked(_facts(new=replace(NEW, platforms=(AMD,))), platform=ARM)
    assert found.evidence is None
    assert found.errors == ("nginx:1.28: it is not for linux/arm64/v8, but for linux/amd64",)


def test_a_single_image_is_compared_with_its_own_platform_in_an_index() -> None:
    single = replace(OLD, platforms=(ARM,), single=True)
    _, found = _asked(_facts(old=single))
    assert found.evidence
    assert found.evidence.old
    assert found.evidence.old.platform == found.evidence.new.platform == ARM.normal()
    _, found = _asked(_facts(old=single), platform=AMD)
    assert found.errors == ("nginx:1.27: it is not for linux/amd64, but for linux/arm64",)
