"""pre-commit: which word of an entry is the image."""

from __future__ import annotations

import pytest

from pinbot.formats import pre_commit
from tests.formats._scanning import scanned, told

FORMATS = (pre_commit.FORMAT,)
CONFIG = "repos:\n- repo: local\n  hooks:\n  - id: a\n    language: docker_image\n    entry: "

ENTRIES = [
    pytest.param("a/b:1", [("a/b:1", "writable")], id="the image alone"),
    pytest.param("a/b:1 lint --entrypoint x c/d:2", [("a/b:1", "writable")], id="arguments behind it"),
    pytest.param("--entrypoint /bin/x a/b:1 lint", [("a/b:1", "writable")], id="an option with a value"),
    pytest.param("--rm -it -e A=b --user=1 a/b:1", [("a/b:1", "writable")], id="switches and options"),
    pytest.param("\"-e 'A=b c' a/b:1\"", [("a/b:1", "writable")], id="words in quotes"),
    pytest.param("a/b:$TAG", [("a/b:$TAG", "variable")], id="a variable"),
    pytest.param("--entrypoint x", [], id="no image"),
    pytest.param(">-\n      --rm\n      a/b:1", [("--rm\n      a/b:1", "fixed")], id="a folded entry"),
]


@pytest.mark.parametrize(("entry", "found"), ENTRIES)
def test_finds_the_image_in_an_entry(entry: str, found: list[tuple[str, str]]) -> None:
    done = told(".pre-commit-config.yaml", f"{CONFIG}{entry}\n", formats=FORMATS)
    assert [(text.removeprefix(">-\n      "), said) for text, said in done] == found


def test_reads_the_hooks_that_a_repository_offers() -> None:
    text = "- id: a\n  language: docker_image\n  entry: 'a/b:1'\n- id: c\n  language: docker\n  entry: x y\n"
    assert told(".pre-commit-hooks.yaml", text, formats=FORMATS) == [("a/b:1", "writable")]


@pytest.mark.parametrize("language", ["docker", "python", "[docker_image]"])
def test_leaves_hooks_of_other_languages_alone(language: str) -> None:
    text = f"# docker_image\nrepos: [{{hooks: [{{language: {language}, entry: a/b}}]}}]"
    assert not scanned(".pre-commit-config.yaml", text, formats=FORMATS).findings
