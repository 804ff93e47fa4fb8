"""Arguments of builds in compose files, and what a Dockerfile makes of them."""

from __future__ import annotations

import pytest

from pinbot.formats import compose, dockerfile
from tests.fakes.memory import run_once
from tests.formats._scanning import reasons, told

BUILT = "ARG GO=1.21\nFROM golang:${GO}\n"


def _compose(args: str) -> str:
    return f"services:\n  app:\n    build:\n      context: .\n      args:\n{args}"


FED = [
    pytest.param('        GO: "1.22"\n', BUILT, [("1.22", "writable")], id="a tag"),
    pytest.param("        GO: 1.22-alpine # why\n", BUILT, [("1.22-alpine", "writable")], id="a tag without quotes"),
    pytest.param("        - GO=1.22\n        - X=y\n", BUILT, [("1.22", "writable")], id="a list"),
    pytest.param("        GO: 1.22\n", BUILT, [("1.22", "writable")], id="a number that is printed as written"),
    pytest.param("        GO: 1.20\n", BUILT, [("1.20", "fixed")], id="a number that is not"),
    pytest.param("        GO: ${V:-1.22}\n", BUILT, [], id="a variable of compose"),
    pytest.param("        GO:\n", BUILT, [], id="a value from the environment"),
    pytest.param("        GO: null\n", BUILT, [], id="null"),
    pytest.param("        - GO\n", BUILT, [], id="a value from the environment, in a list"),
    pytest.param("        X: 1\n", BUILT, [], id="an argument that feeds no image"),
    pytest.param('        GO: "1"\n', f"{BUILT}ARG GO\n", [("1", "fixed")], id="an argument that a stage sees"),
    pytest.param('        GO: "1"\n', f"{BUILT}FROM x:${{GO}}\n", [("1", "fixed"), ("1", "fixed")], id="two images"),
]


@pytest.mark.parametrize(("args", "built", "expected"), FED)
def test_takes_arguments_that_feed_an_image(args: str, built: str, expected: list[tuple[str, str]]) -> None:
    assert told("compose.yaml", _compose(args), {"Dockerfile": built}) == expected


def test_says_which_dockerfile_uses_an_argument_twice() -> None:
    beside = {"Dockerfile": f"{BUILT}FROM x:${{GO}}\n"}
    assert "in Dockerfile, GO feeds" in reasons("compose.yaml", _compose('        GO: "1"\n'), beside)[0]


def test_the_digest_goes_into_the_argument() -> None:
    files = {"compose.yaml": _compose("        - GO=1.22 # why\n").encode(), "Dockerfile": BUILT.encode()}
    done, written = run_once(files, (compose.FORMAT, dockerfile.FORMAT))
    assert [str(change.finding.reference) for change in done.changes] == ["golang:1.22"]
    assert b"- GO=1.22@sha256:" in written["compose.yaml"]
    assert written["Dockerfile"] == files["Dockerfile"]
