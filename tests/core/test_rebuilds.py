"""A full version that moved: rebuilt, replaced, or nobody can tell; and versions that run into one another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pinbot.oci.digest import Digest
from pinbot.oci.history import History, Memory, Sighting
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import ImageConfig
from pinbot.planning.collisions import collision
from pinbot.planning.labels import labels
from pinbot.planning.rebuilds import Rebuild, compare
from tests.core.examples import NEW, OLD, OTHER

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
SOURCE = "https://github.com/acme/api"


def config(
    source: str = "", version: str = "", revision: str = "", prefix: str = "org.opencontainers.image."
) -> ImageConfig:
    named = {"source": source, "version": version, "revision": revision}
    return ImageConfig(Platform("linux", "amd64"), None, {prefix + k: v for k, v in named.items() if v})


def judged(old: ImageConfig | None, new: ImageConfig | None, *, immutable: bool = False) -> Rebuild:
    before, after = (labels(one) if one else None for one in (old, new))
    return compare(before, after, immutable)


FULL = config(SOURCE, "1.2.3", "aaa")
LATER = config(SOURCE, "1.2.3", "bbb")
SPELT = config(f"{SOURCE}.git", "v1.2.3")
AS_GIT = config("git+https://GitHub.com/acme/api/", "1.2.3")


@pytest.mark.parametrize(
    ("old", "new", "verdict", "says"),
    [
        pytest.param(FULL, FULL, "rebuilt", "same source", id="every label is the same"),
        pytest.param(
            FULL,
            config(SOURCE, "1.2.3", "bbb"),
            "rebuilt",
            "revision label changed from aaa to bbb",
            id="a later commit",
        ),
        pytest.param(
            FULL,
            config(SOURCE + ".git", "v1.2.3"),
            "rebuilt",
            "same version label v1.2.3",
            id="other spellings of both",
        ),
        pytest.param(
            FULL,
            config("git+https://GitHub.com/acme/api/", "1.2.3"),
            "rebuilt",
            "same source",
            id="an address of git's",
        ),
        pytest.param(
            ImageConfig(
                Platform("linux", "amd64"),
                None,
                {"org.label-schema.vcs-url": SOURCE, "org.label-schema.version": "1.2.3"},
            ),
            FULL,
            "rebuilt",
            "same source",
            id="the forerunners of the labels",
        ),
        pytest.param(
            FULL,
            config("https://github.com/evil/api", "1.2.3"),
            "replaced",
            "source label changed from https://github.com/acme/api to https://github.com/evil/api",
            id="another source",
        ),
        pytest.param(
            FULL, config(SOURCE, "1.2.4"), "replaced", "version label changed from 1.2.3 to 1.2.4", id="another version"
        ),
        pytest.param(config(version="1"), config(version="2"), "replaced", "version label", id="a version alone tells"),
        pytest.param(config(), config(), "unverified", "source and version", id="no labels"),
        pytest.param(FULL, config(), "unverified", "source and version", id="labels that went away"),
        pytest.param(
            config(version="24.04"), config(version="24.04"), "unverified", "source", id="the base image's label alone"
        ),
        pytest.param(
            config("https://github.com/nginxinc/docker-nginx.git#aa11:mainline/debian", "1.2.3", "aa11"),
            config("https://github.com/nginxinc/docker-nginx.git#bb22:mainline/debian", "1.2.3", "bb22"),
            "rebuilt",
            "same source",
            id="a source that names its revision, as Docker's official images do",
        ),
        pytest.param(
            config("https://github.com/nginxinc/docker-nginx.git#aa11:mainline/debian", "1.2.3"),
            config("https://github.com/nginxinc/docker-nginx.git#aa11:mainline/alpine", "1.2.3"),
            "replaced",
            "source label",
            id="another folder of one repository",
        ),
        pytest.param(None, FULL, "unverified", "the earlier image", id="the old one is gone"),
        pytest.param(FULL, None, "unverified", "the present image", id="the new one cannot be read"),
        pytest.param(None, None, "unverified", "both images", id="neither can be read"),
    ],
)
def test_labels_tell_a_rebuild_from_a_replacement(
    old: ImageConfig | None, new: ImageConfig | None, verdict: str, says: str
) -> None:
    told = judged(old, new)
    assert told.verdict == verdict
    assert says in told.reason


def test_an_immutable_tag_is_never_rebuilt() -> None:
    assert judged(FULL, FULL, immutable=True).verdict == "replaced"


def test_a_label_of_a_page_is_cut() -> None:
    assert len(judged(FULL, config("x" * 10_000)).reason) < 300


def seen(*stretches: tuple[Digest, int, int]) -> History:
    return History(tuple(Sighting(d, MONDAY + timedelta(a), MONDAY + timedelta(b)) for d, a, b in stretches))


APART = Memory({"1.2.3": seen((OLD, 0, 4)), "1.2.4": seen((NEW, 2, 4))})
NOTHING = Memory()


@pytest.mark.parametrize(
    ("tag", "heads", "known", "held", "other"),
    [
        pytest.param("1.2.3", {"1.2.4": NEW}, APART, [], "1.2.4", id="the ledger knew them apart"),
        pytest.param("1.2.3", {}, APART, [], "1.2.4", id="what the other one names is the ledger's word"),
        pytest.param("1.2.3", {"1.2.4": OTHER}, APART, [], None, id="the other one has moved on"),
        pytest.param("1.2.3", {"1.2.4": NEW}, NOTHING, [], None, id="nothing was known"),
        pytest.param(
            "1.2.3", {"1.2.4": NEW}, NOTHING, [("1.2.3", OLD), ("1.2.4", NEW)], "1.2.4", id="the files knew them apart"
        ),
        pytest.param(
            "1.2.3", {"1.2.4": NEW}, NOTHING, [("1.2.3", OLD), ("1.2.4", OLD)], None, id="the files have both as one"
        ),
        pytest.param(
            "1.2.3",
            {"1.2.4": NEW},
            NOTHING,
            [("1.2.3", OLD), ("1.2.3", NEW), ("1.2.4", NEW)],
            "1.2.4",
            id="what both name now was taken into the files by another line",
        ),
        pytest.param("1.2.3", {"1.2.4": NEW}, NOTHING, [("1.2.3", OLD)], None, id="the files know only one of them"),
        pytest.param(
            "1.2.3",
            {"1.2.4": NEW},
            Memory({"1.2.3": seen((OLD, 0, 4), (NEW, 5, 6)), "1.2.4": seen((NEW, 5, 6))}),
            [],
            None,
            id="the other one was not seen before both met",
        ),
        pytest.param(
            "1.2.3",
            {"1.2.4": NEW},
            Memory({"1.2.3": seen((OLD, 0, 4)), "1.2.4": seen((OLD, 0, 4))}),
            [],
            None,
            id="two names that move together",
        ),
        *(
            pytest.param(
                "3.13.1",
                {alias: NEW},
                Memory({"3.13.1": APART.of("1.2.3"), alias: APART.of("1.2.4")}),
                [],
                None,
                id=f"{alias} is an alias",
            )
            for alias in ("3", "3.13", "latest", "3.13.1-slim", "v3.13.1", "3.13.1.5")
        ),
        pytest.param(
            "1.2",
            {"1.3": NEW},
            Memory({"1.2": APART.of("1.2.3"), "1.3": APART.of("1.2.4")}),
            [],
            None,
            id="series move",
        ),
    ],
)
def test_versions_collide_only_when_they_were_known_apart(
    tag: str, heads: dict[str, Digest], known: Memory, held: list[tuple[str, Digest]], other: str | None
) -> None:
    assert collision(tag, NEW, heads, known, held) == other
