"""Knative functions: the images that build them, beside the name of what is built."""

from __future__ import annotations

import pytest

from pinbot.formats import knative_functions
from tests.formats._scanning import told

FORMATS = (knative_functions.FORMAT,)
HEAD = "name: hello\nruntime: go\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("build: {builderImages: {pack: a}}", [("a", "writable")], id="a builder"),
        pytest.param("builderImages: {pack: a}", [("a", "writable")], id="a builder of older files"),
        pytest.param("builders: {default: a}", [("a", "writable")], id="a builder of the oldest files"),
        pytest.param("build: {baseImage: a}", [("a", "writable")], id="a base image"),
        pytest.param("image: a", [("a", "local")], id="what is built"),
        pytest.param("deploy: {image: a}", [("a", "local")], id="what is deployed"),
        pytest.param("build: {builder: pack}", [], id="the name of a builder"),
        pytest.param("builder: pack", [], id="the name of a builder in older files"),
    ],
)
def test_tells_builders_from_what_they_build(text: str, found: list[tuple[str, str]]) -> None:
    assert told("func.yaml", HEAD + text, formats=FORMATS) == found


@pytest.mark.parametrize("path", ["functions.yaml", "my-func.yaml", "func.json"])
def test_leaves_other_files_alone(path: str) -> None:
    assert told(path, HEAD + "builders: {default: a}", formats=FORMATS) == []


def test_leaves_a_file_that_describes_no_function() -> None:
    assert told("func.yaml", "name: hello\nimage: a\n# runtime", formats=FORMATS) == []
