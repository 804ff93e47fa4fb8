"""Earthfiles: what is an image and what a target, which ARGs a target sees, and where a digest may go."""

from __future__ import annotations

import pytest

from pinbot.formats import earthfile
from pinbot.formats._claims import Claims
from pinbot.oci.platform import Platform
from pinbot.source.finding import Published, Writable
from tests.formats._scanning import reasons, scanned, told

FORMATS = (earthfile.FORMAT,)
PATH = "Earthfile"
HEAD = "VERSION 0.8\n"


@pytest.mark.parametrize("path", [PATH, "a/earthfile", "tests/web.earth", "web.Earthfile"])
def test_claims_by_name(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["Earthfile.md", "earth.yml", "Earthfiles", ".earthly"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


CASES = [
    pytest.param("FROM nginx", ["writable"], id="the base recipe"),
    pytest.param("a:\n  FROM nginx\nb:\n\tFROM redis", ["writable", "writable"], id="targets"),
    pytest.param("a:\n  FROM nginx # why", ["writable"], id="a comment behind it"),
    pytest.param('FROM "nginx:1"', ["writable"], id="quotes"),
    pytest.param("FROM --platform=linux/amd64 --allow-privileged nginx", ["writable"], id="options"),
    pytest.param("FROM --platform linux/amd64 nginx", ["writable"], id="an option with its value behind a space"),
    pytest.param("FROM \\\n  # why\n  nginx", ["writable"], id="on the next line"),
    pytest.param("FROM nginx:1\\\n.27", ["writable"], id="broken over lines"),
    pytest.param(
        "a:\n  IF true\n    FROM nginx\n  ELSE\n    FROM redis\n  END", ["writable", "writable"], id="branches"
    ),
    pytest.param("WITH DOCKER --pull nginx --pull=redis\nEND", ["writable", "writable"], id="pulls"),
    pytest.param("WITH DOCKER \\\n --compose a.yml \\\n --pull nginx\nEND", ["writable"], id="a pull on its own line"),
    pytest.param("FROM +a", ["local"], id="a target"),
    pytest.param("FROM ./b+a", ["local"], id="a target of another folder"),
    pytest.param("FROM github.com/a/b:main+c", ["local"], id="a target of another repository"),
    pytest.param("ARG T=+a\nFROM $T", ["local"], id="a target in a variable"),
    pytest.param("FROM +a --b=$(c d)", ["local"], id="a target with arguments"),
    pytest.param("FROM scratch", ["local"], id="the empty image"),
    pytest.param("FROM $(cat image)", ["variable"], id="a command"),
    pytest.param("FROM nginx:{{ tag }}", ["variable"], id="a template"),
    pytest.param("FROM nginx:", ["invalid"], id="what is no reference"),
    pytest.param("FROM DOCKERFILE .", [], id="a Dockerfile"),
    pytest.param("FROM DOCKERFILE -f nginx.Dockerfile a+b/", [], id="a Dockerfile by its name"),
    pytest.param("# FROM nginx", [], id="a comment"),
    pytest.param("RUN echo \\\n  FROM nginx", [], id="a line of a command"),
    pytest.param("RUN docker run --pull nginx", [], id="a command that pulls"),
    pytest.param("WITH DOCKER --load nginx=+a --service redis\nEND", [], id="what is loaded"),
    pytest.param("COPY --from=nginx a b", [], id="what COPY does not know"),
    pytest.param("BUILD +a --FROM=nginx\nIMPORT a AS FROM", [], id="arguments and imports"),
    pytest.param("SAVE IMAGE --cache-from=nginx web", [], id="what is saved"),
    pytest.param("FROM", [], id="no image"),
]


@pytest.mark.parametrize(("text", "outcomes"), CASES)
def test_takes_images_and_no_targets(text: str, outcomes: list[str]) -> None:
    assert [outcome for _, outcome in told(PATH, HEAD + text, formats=FORMATS)] == outcomes


ARGUMENTS = [
    pytest.param("VERSION 0.8\nARG V=1\nFROM a:$V", "writable", id="one of the base recipe"),
    pytest.param("VERSION 0.8\nt:\n  ARG V=1\n  FROM a:${V}", "writable", id="one of a target"),
    pytest.param("VERSION 0.8\nt:\n  ARG I=a:1\n  FROM $I", "writable", id="one that is all"),
    pytest.param("VERSION 0.8\nt:\n  LET V=1\n  FROM a:$V", "writable", id="a LET"),
    pytest.param("VERSION 0.8\nt:\n  ARG --required --global V = 1\n  FROM a:$V", "writable", id="spaces and options"),
    pytest.param("VERSION 0.8\nFROM a:${V:-1}", "writable", id="a default"),
    pytest.param("VERSION 0.8\nARG V=1\nt:\n  FROM a:$V", "variable", id="one that the target does not see"),
    pytest.param("VERSION 0.8\nARG --global V=1\nt:\n  FROM a:$V", "writable", id="a global one"),
    pytest.param("VERSION 0.6\nARG V=1\nt:\n  FROM a:$V", "writable", id="all are global before 0.7"),
    pytest.param("ARG V=1\nt:\n  FROM a:$V", "writable", id="all are global without a version"),
    pytest.param("VERSION --explicit-global 0.6\nARG V=1\nt:\n  FROM a:$V", "variable", id="unless it says otherwise"),
    pytest.param("VERSION 0.8\nx:\n  ARG V=1\nt:\n  FROM a:$V", "variable", id="one of another target"),
    pytest.param("VERSION 0.8\nARG V=1\nFROM a:$V-b", "fixed", id="one in the middle"),
    pytest.param("VERSION 0.8\nARG V=1\nFROM a:$V\nRUN echo $V", "fixed", id="one that a RUN uses"),
    pytest.param("VERSION 0.8\nARG V=1\nBUILD +b --V=$V\nFROM a:$V", "fixed", id="one that is handed on"),
    pytest.param("VERSION 0.8\nARG V=1\nFROM a:$V\nSAVE IMAGE b:$V", "fixed", id="one that names the result"),
    pytest.param("VERSION 0.8\nARG V=1\nFROM --platform=$V a:$V", "fixed", id="one that names the platform"),
    pytest.param("VERSION 0.8\nARG V\nFROM a:$V", "variable", id="one without a default"),
    pytest.param("VERSION 0.8\nARG V=$(cat v)\nFROM a:$V", "variable", id="one that a command says"),
    pytest.param("VERSION 0.8\nLET V=1\nIF true\n  SET V=2\nEND\nFROM a:$V", "variable", id="one that is set again"),
    pytest.param("VERSION 0.8\nIF true\n  ARG V=2\nEND\nFROM a:$V", "variable", id="one of a condition"),
    pytest.param("VERSION 0.8\nFOR V IN 1 2\n  FROM a:$V\nEND", "variable", id="one of a loop"),
    pytest.param("VERSION 0.8\nWAIT\n  ARG V=2\n  FROM a:$V\nEND", "writable", id="one of a WAIT"),
]


@pytest.mark.parametrize(("text", "outcome"), ARGUMENTS)
def test_an_argument_counts_where_it_is_seen(text: str, outcome: str) -> None:
    assert [outcome for _, outcome in told(PATH, text, formats=FORMATS)] == [outcome]


def test_two_targets_may_use_the_same_name() -> None:
    text = "VERSION 0.8\na:\n  ARG V=1\n  FROM x:$V\nb:\n  ARG V=2\n  FROM y:$V"
    found = scanned(PATH, text, formats=FORMATS).findings
    written = [text[: f.standing.digest.span.start] for f in found if isinstance(f.standing, Writable)]
    assert [before.rpartition("\n")[2] for before in written] == ["  ARG V=1", "  ARG V=2"]
    assert [f.where for f in found] == ["FROM (target a)", "FROM (target b)"]


def test_a_name_that_nothing_sets_says_so() -> None:
    assert reasons(PATH, "VERSION 0.8\nFROM a:$V", formats=FORMATS) == ["no ARG that this target sees sets V"]


def test_the_platform_is_known() -> None:
    (finding,) = scanned(PATH, "FROM --platform=linux/arm64 a", formats=FORMATS).findings
    assert finding.platform == Platform.parse("linux/arm64")


def test_what_is_pushed_is_published() -> None:
    text = f"{HEAD}a:\n  FROM +b\n  SAVE IMAGE --push ghcr.io/acme/a:1 ghcr.io/acme/b\n  SAVE IMAGE ghcr.io/acme/c\n"
    assert scanned(PATH, text, formats=FORMATS).relations == (
        Published("ghcr.io", "acme/a", "Earthfile, line 4"),
        Published("ghcr.io", "acme/b", "Earthfile, line 4"),
    )


def test_a_remark_above_the_argument_counts() -> None:
    text = "VERSION 0.8\n# pinbot: ignore\nARG V=1\n\nFROM a:$V\n"
    (finding,) = scanned(PATH, text, formats=FORMATS).findings
    assert finding.directives


@pytest.mark.parametrize(
    "piece", ["ARG A=$A$A\n", "FROM \\\n", "WITH DOCKER --pull ", "IF x\n", "FROM ${A:-", "a:\n", "'"]
)
def test_any_file_is_read_in_time(piece: str) -> None:
    assert scanned(PATH, f"FROM a\n{piece * 5_000}", formats=FORMATS).skips == ()
