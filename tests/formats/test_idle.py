"""Digests that nothing consumes: said where it is sure, and never else."""

from __future__ import annotations

import pytest

from pinbot import wiring
from pinbot.formats._claims import Claims
from pinbot.run import Scope, survey
from pinbot.source.finding import Idle
from tests.core.examples import OLD
from tests.fakes.memory import TERMS, MemoryWorkspace

CLAIMS = Claims(wiring.formats())
FROM = "FROM alpine:3\n"
BAKE = 'variable "V" {\n  default = "alpine:3@DIGEST"\n}\ntarget "a" {\n  context = "."\n}\n'


def idle(files: dict[str, str]) -> list[Idle]:
    """Return what is idle in these files; DIGEST stands for a digest."""
    data = {path: text.replace("DIGEST", str(OLD)).encode() for path, text in files.items()}
    return list(survey(MemoryWorkspace(data), Scope(CLAIMS), TERMS).idle)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("Dockerfile", f"ARG V=alpine:3@DIGEST\n{FROM}", id="an ARG before the first FROM"),
        pytest.param("Dockerfile", f'ARG V="DIGEST"\n{FROM}RUN true\n', id="a digest alone, in quotes"),
        pytest.param("Dockerfile", f"ARG V=3@DIGEST\n{FROM}", id="a tag with a digest"),
        pytest.param("Dockerfile", f"{FROM}RUN true\nARG V=alpine:3@DIGEST\n", id="an ARG behind all commands"),
        pytest.param("Dockerfile", f"ARG V=a:3@DIGEST\n{FROM}RUN true # pinbot: ignore\n", id="another line's remark"),
        pytest.param("docker-bake.hcl", BAKE, id="a variable of a bake file"),
        pytest.param(
            "docker-bake.json",
            '{"variable": {"V": {"default": "3@DIGEST"}}, "target": {"a": {"context": "."}}}',
            id="a variable of a bake file in JSON",
        ),
    ],
)
def test_says_that_nothing_reads_a_digest(path: str, text: str) -> None:
    (one,) = idle({path: text})
    written = text.replace("DIGEST", str(OLD))
    assert (one.name, one.text, one.path) == ("V", written[one.span.start : one.span.stop], path)
    assert one.text.endswith(str(OLD))
    assert "V" in one.reason


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"Dockerfile": "ARG V=alpine:3@DIGEST\nFROM ${V}\n"}, id="a FROM reads it"),
        pytest.param({"Dockerfile": "ARG V=3@DIGEST\nARG W=alpine:$V\nFROM $W\n"}, id="another ARG reads it"),
        pytest.param({"Dockerfile": f"ARG V=alpine:3@DIGEST\n{FROM}ARG V\n"}, id="a stage redeclares it"),
        pytest.param({"Dockerfile": f"ARG V=alpine:3@DIGEST\n{FROM}RUN <<E\necho $V\nE\n"}, id="a script names it"),
        pytest.param({"Dockerfile": f"# V is for make\nARG V=alpine:3@DIGEST\n{FROM}"}, id="a comment names it"),
        pytest.param({"Dockerfile": f"{FROM}ARG V=alpine:3@DIGEST\nRUN ./build\n"}, id="a command sees it"),
        pytest.param({"Dockerfile": f"{FROM}ARG V=alpine:3@DIGEST\nONBUILD RUN ./build\n"}, id="a trigger may see it"),
        pytest.param({"Dockerfile": "ARG V=alpine:3@DIGEST\n"}, id="a part of a Dockerfile"),
        pytest.param(
            {"Dockerfile": f"ARG V=alpine:3@DIGEST\nINCLUDE x\n{FROM}"}, id="an instruction that is not known"
        ),
        pytest.param({"Dockerfile": f"ARG V=alpine:3\n{FROM}"}, id="no digest"),
        pytest.param({"Dockerfile": f"ARG V=https://x/DIGEST/y\n{FROM}"}, id="a digest within something else"),
        pytest.param({"Dockerfile": f"ARG BUILDKIT_SYNTAX=d/f:1@DIGEST\n{FROM}"}, id="what BuildKit itself reads"),
        pytest.param({"Dockerfile": f"# pinbot: ignore\nARG V=alpine:3@DIGEST\n{FROM}"}, id="a remark"),
        pytest.param({"Dockerfile": f"# pinbot: image\nARG V=alpine:3@DIGEST\n{FROM}"}, id="a person marked the line"),
        pytest.param({"vendor/Dockerfile": f"ARG V=alpine:3@DIGEST\n{FROM}"}, id="a vendored file"),
        pytest.param({"docker-bake.hcl": f"{BAKE}# V\n"}, id="a comment of a bake file names it"),
        pytest.param({"docker-bake.hcl": BAKE, "x/ci.bake.hcl": 'target "a" {}\n'}, id="bake files read as one"),
        pytest.param(
            {"docker-bake.hcl": 'variable "V" {\n  default = "3@DIGEST"\n}\ntarget "a" {\n  args = { X = V }\n}\n'},
            id="a target reads it",
        ),
        pytest.param(
            {"compose.yaml": "services:\n  a:\n    image: a:1\n", ".env": "V=a:1@DIGEST\n"},
            id="a line of .env, which anything may read",
        ),
    ],
)
def test_says_nothing_where_something_may_read_it(files: dict[str, str]) -> None:
    assert idle(files) == []
