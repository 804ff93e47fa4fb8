"""Home Assistant add-ons: base images, and what is published under which name."""

from __future__ import annotations

import pytest

from pinbot.formats import home_assistant
from pinbot.source.finding import BuildContext, Published
from tests.formats._scanning import reasons, scanned, told

FORMATS = (home_assistant.FORMAT,)
BUILD = "build_from:\n  amd64: ghcr.io/a/amd64-base:3\n  aarch64: ghcr.io/a/aarch64-base:3\nargs:\n  TOOL: '1'\n"
CONFIG = "name: A\nversion: '1'\nslug: a\ndescription: b\narch:\n  - amd64\n  - aarch64\n"


def test_a_base_image_is_pinned_where_the_add_on_is_published() -> None:
    beside = {"web/config.yaml": f"{CONFIG}image: ghcr.io/a/{{arch}}-web\n"}
    assert told("web/build.yaml", BUILD, beside, FORMATS) == [
        ("ghcr.io/a/amd64-base:3", "writable"),
        ("ghcr.io/a/aarch64-base:3", "writable"),
    ]


@pytest.mark.parametrize("config", [CONFIG, f"{CONFIG}# image: a\n"])
def test_the_supervisor_accepts_no_digest(config: str) -> None:
    assert [said for _, said in told("web/build.yaml", BUILD, {"web/config.yaml": config}, FORMATS)] == ["fixed"] * 2
    assert "Supervisor" in reasons("web/build.yaml", BUILD, {"web/config.yaml": config}, FORMATS)[0]


def test_a_pinned_base_image_is_kept_up_to_date() -> None:
    text = f"build_from: ghcr.io/a/b:3@sha256:{'0' * 64}\n"
    assert [said for _, said in told("build.json", text, formats=FORMATS)] == ["writable"]


def test_sets_the_arguments_of_the_dockerfiles_beside_it() -> None:
    relations = scanned("web/build.yaml", BUILD, formats=FORMATS).relations
    arguments = frozenset({"BUILD_FROM", "TOOL"})
    assert relations == tuple(
        BuildContext(f"web/{name}", frozenset(), arguments, "web/build.yaml:2")
        for name in ("Dockerfile", "Dockerfile.amd64", "Dockerfile.aarch64")
    )


def test_the_image_of_an_add_on_is_what_it_publishes() -> None:
    text = f"{CONFIG}image: ghcr.io/a/{{arch}}-web\n"
    done = scanned("web/config.yaml", text, formats=FORMATS)
    assert told("web/config.yaml", text, formats=FORMATS) == [("ghcr.io/a/{arch}-web", "local")]
    assert [one.repository for one in done.relations if isinstance(one, Published)] == ["a/amd64-web", "a/aarch64-web"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("config.yaml", "slug: a\nimage: b:1\n", id="another configuration"),
        pytest.param("build.yaml", "image: b:1\nslug: c\n", id="another build file"),
        pytest.param("build.yaml", "build_from: [a]\n", id="base images in a list"),
        pytest.param("config.json", "[slug, image]", id="no mapping"),
    ],
)
def test_leaves_other_files_alone(path: str, text: str) -> None:
    assert not scanned(path, text, formats=FORMATS).findings
