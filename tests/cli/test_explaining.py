"""`pinbot scan --explain PATH:LINE`, and the files that a scan accounts for."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Place


def test_a_line_is_explained_from_where_one_stands(place: Place) -> None:
    place.write("deploy/Dockerfile", "FROM nginx:1.27\n")
    for arguments in (["deploy/Dockerfile:1"], ["deploy/Dockerfile:1", "deploy"], ["Dockerfile:1", "deploy"]):
        told = place.pinbot("scan", "--explain", *arguments)
        assert told.code == 0
        assert "Dockerfile:1  FROM nginx:1.27" in told.stdout


def test_an_explanation_is_to_be_had_as_json(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    told = json.loads(place.pinbot("scan", "--explain", "Dockerfile:1", "--format", "json").stdout)
    assert (told["schema"], told["line"], told["text"]) == ("pinbot.explanation/1", 1, "FROM nginx:1.27")
    assert [r["reference"] for r in told["references"]] == ["docker.io/library/nginx:1.27"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param("Dockerfile", "takes PATH:LINE", id="no line"),
        pytest.param("Dockerfile:x", "takes PATH:LINE", id="a line that is no number"),
        pytest.param("Dockerfile:9", "has no line 9", id="a line beyond the end"),
        pytest.param("Other:1", "not among the files that count", id="a file that is not there"),
    ],
)
def test_a_place_that_is_none_is_wrong_usage(place: Place, given: str, words: str) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    told = place.pinbot("scan", "--explain", given)
    assert told.code == 2
    assert words in told.stderr


def test_every_file_that_a_format_looked_into_is_accounted_for(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    place.write("empty/Dockerfile", "# nothing yet\n")
    place.write("cm.yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {image: x}\n")
    place.write("broken/compose.yaml", "services: [\n")
    place.write("compose.yaml", "services: {}\n")
    place.write("README.md", "nginx:1.27\n")
    told = json.loads(place.pinbot("scan", "--format", "json").stdout)
    reasons = {s["path"]: s["reason"] for s in told["skipped_files"]}
    assert {r["path"] for r in told["references"]} == {"Dockerfile"}
    assert reasons.keys() == {"empty/Dockerfile", "cm.yaml", "broken/compose.yaml", "compose.yaml"}
    assert reasons["cm.yaml"] == "words that images stand beside are in it, and no format finds a reference there"
    assert reasons["compose.yaml"].startswith("read as compose")
