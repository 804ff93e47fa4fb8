"""Which references of a Dockerfile are in the image that is built, and which only help to build it."""

from __future__ import annotations

import pytest

from tests.formats._dockerfiles import scanned
from tests.formats._scanning import scanned as scanned_beside

STAGES = [
    pytest.param("FROM a", ["final"], id="the only stage"),
    pytest.param("FROM a AS x\nFROM b", ["builder", "final"], id="the last stage"),
    pytest.param("FROM a AS x\nFROM x AS y\nFROM Y", ["final", "final", "final"], id="what the last one is built from"),
    pytest.param("FROM a AS x\nFROM b AS y\nFROM x", ["final", "builder", "final"], id="a stage between"),
    pytest.param("FROM a AS x\nFROM b\nCOPY --from=x / /", ["builder", "final", "builder"], id="a stage copied from"),
    pytest.param(
        "FROM a\nCOPY --from=b / /\nRUN --mount=from=c,target=/c ls",
        ["final", "builder", "builder"],
        id="images copied from and mounted",
    ),
    pytest.param("# syntax=docker/dockerfile:1\nFROM a", ["builder", "final"], id="the frontend"),
    pytest.param(
        "FROM a AS x\nFROM b AS x\nFROM x", ["final", "builder", "final"], id="of two stages of a name the first"
    ),
    pytest.param("FROM x AS x", ["final"], id="a stage that is named for its image"),
    pytest.param("ARG X=1\nFROM a:$X AS b\nFROM ${Y} AS c\nFROM b", ["final", "builder", "final"], id="variables"),
    pytest.param("COPY --from=a / /", ["builder"], id="a file without a stage"),
]


@pytest.mark.parametrize(("text", "stages"), STAGES)
def test_says_what_is_in_the_result(text: str, stages: list[str]) -> None:
    assert [f.stage for f in scanned(text).findings] == stages


def test_an_inline_dockerfile_has_stages_and_the_file_around_it_has_none() -> None:
    inline = "    build:\n      dockerfile_inline: |\n        FROM a AS x\n        FROM b\n"
    text = f"services:\n  a:\n    image: nginx\n  b:\n{inline}"
    assert [f.stage for f in scanned_beside("compose.yaml", text).findings] == [None, "builder", "final"]
