"""What a Dockerfile names, place by place."""

from __future__ import annotations

import pytest

from pinbot.formats._dockerfile import scan_dockerfile_text
from pinbot.formats.dockerfile import claims
from pinbot.oci.platform import Platform
from pinbot.source.directive import Ignore
from pinbot.source.finding import Finding, Writable
from pinbot.source.text import SourceFile, Span
from tests.fakes.memory import BUMP, PIN, run_once
from tests.formats._dockerfiles import DIGEST, FORMATS, Told, images, pinned, scanned, told

CLAIMED = [
    "Dockerfile", "a/dockerfile", "DOCKERFILE", "Containerfile", "Dockerfile.prod", "Containerfile.dev",
    "web.Dockerfile", "web.dockerfile", "web.containerfile", "Dockerfile.j2", "Dockerfile.go", "Dockerfile-alpine",
    "Dockerfile_arm", "Dockerfile1", "dockerfile2", "DockerfileDev", "MyDockerfile", "web-Dockerfile",
    "web_Containerfile",
]  # fmt: skip
UNCLAIMED = [
    "Dockerfile.dockerignore", "Dockerfile.md", "dockerfile.go", "dockerfile_test.py", "Dockerfiles/x", "mydockerfile",
    "lint-dockerfile", "dockerfiles", "Dockerfiles", "DockerfileTest.java", "DockerfileInside.tf",
    "Dockerfile/readme", "docker-compose.yml", "Dockerfile.yaml",
]  # fmt: skip


@pytest.mark.parametrize("path", CLAIMED)
def test_claims_dockerfiles_by_name(path: str) -> None:
    assert claims(path)


@pytest.mark.parametrize("path", UNCLAIMED)
def test_leaves_files_that_only_sound_like_dockerfiles(path: str) -> None:
    assert not claims(path)


FOUND = [
    pytest.param("FROM alpine:3.19", ["alpine:3.19"], id="a FROM"),
    pytest.param("from alpine:3.19 as x", ["alpine:3.19"], id="lower case"),
    pytest.param("FROM --platform=linux/arm64 alpine AS x", ["alpine"], id="a flag stands before the image"),
    pytest.param("  \tFROM alpine", ["alpine"], id="a FROM with leading space (peers 10)"),
    pytest.param("FROM \\\n  alpine:3 \\\n AS x", ["alpine:3"], id="a FROM with continuations (peers 10)"),
    pytest.param("FROM alpi\\\nne:3", ["alpine:3"], id="a continuation in the middle of a word"),
    pytest.param(
        "FROM \\ \t\n\n# note\n\t# note\nalpine", ["alpine"], id="blank and comment lines inside a continuation"
    ),
    pytest.param('FROM "alpine:3.19"', ["alpine:3.19"], id="quotes are not part of the name (peers 8)"),
    pytest.param("FROM 'alpine:3.19' AS x", ["alpine:3.19"], id="single quotes"),
    pytest.param("FROM localhost:5000/img:tag", ["localhost:5000/img:tag"], id="a port is not a tag (peers 13)"),
    pytest.param("FROM a:1\nFROM a:2\nFROM a:1", ["a:1", "a:2", "a:1"], id="one image with several tags (peers 17)"),
    pytest.param("COPY --from=alpine:3 /a /b", ["alpine:3"], id="a COPY"),
    pytest.param("COPY --chmod=u+x --from=alpine:3 /a /b", ["alpine:3"], id="a sign in an earlier flag (peers 1)"),
    pytest.param("COPY --exclude=*.md --from=alpine:3 /a /b", ["alpine:3"], id="a glob in an earlier flag (peers 2)"),
    pytest.param(
        "COPY --chown=$USER --from=alpine:3 /a /b", ["alpine:3"], id="a variable in an earlier flag (peers 3)"
    ),
    pytest.param('COPY --link --from="alpine:3" /a /b', ["alpine:3"], id="a quoted flag"),
    pytest.param("COPY \\\n --from=alp\\\nine:3 /a /b", ["alpine:3"], id="a flag broken by a continuation"),
    pytest.param("ONBUILD COPY --from=alpine:3 /a /b", ["alpine:3"], id="a trigger (peers 4)"),
    pytest.param(
        "RUN --mount=type=cache,target=/c --mount=type=bind,from=a:1,target=/x --mount=from=b:2,target=/y ls",
        ["a:1", "b:2"],
        id="every mount of a RUN (peers 5)",
    ),
    pytest.param("RUN --mount=target=/x,FROM=a:1,type=bind ls", ["a:1"], id="keys of a mount in any order and case"),
    pytest.param("""RUN --mount='type=bind,"from=a:1",target=/x' ls""", ["a:1"], id="a quoted field of a mount"),
    pytest.param("ONBUILD RUN --mount=from=a:1,target=/x ls", ["a:1"], id="a mount in a trigger"),
    pytest.param(
        "# check=skip=all\n# syntax=docker/dockerfile:1\nFROM a",
        ["docker/dockerfile:1", "a"],
        id="syntax on line 2 (peers 6)",
    ),
    pytest.param(
        "# escape=`\n#  SynTax = docker/dockerfile:1 x\nFROM a",
        ["docker/dockerfile:1", "a"],
        id="only the first word of syntax counts",
    ),
    pytest.param("\ufeff#!/usr/bin/env buildctl\n#syntax=d/f:1\nFROM a", ["d/f:1", "a"], id="syntax behind BOM and #!"),
    pytest.param("// syntax=d/f:1\nFROM a", ["d/f:1", "a"], id="syntax behind two slashes"),
    pytest.param('{"syntax": "d/f:1", "x": [1]}', ["d/f:1"], id="syntax in a JSON object"),
    pytest.param("# note\n# syntax=d/f:1\nFROM a", ["a"], id="no syntax behind a comment"),
    pytest.param("\n# syntax=d/f:1\nFROM a", ["a"], id="no syntax behind a blank line"),
    pytest.param(" # syntax=d/f:1\nFROM a", ["a"], id="no syntax behind an indentation"),
    pytest.param("RUN psql <<SQL\nSELECT *\nFROM users\nSQL\nFROM a", ["a"], id="a heredoc body is text (peers 7)"),
    pytest.param("COPY <<A <<-'B C' /\nFROM x\nA\n\tFROM y\n\tB C\nFROM a", ["a"], id="several heredocs on a line"),
    pytest.param("ONBUILD RUN <<E\nFROM x\nE\nFROM a", ["a"], id="a heredoc of a trigger"),
    pytest.param("RUN cat << EOF\nFROM x\nEOF\nFROM a", ["a"], id="a heredoc with a space before its name"),
    pytest.param("RUN echo $((1 << 2))\nFROM a", ["a"], id="a shift operator is no heredoc"),
    pytest.param('RUN echo "<<EOF"\nFROM a', ["a"], id="no heredoc inside quotes"),
    pytest.param('RUN ["sh", "<<EOF"]\nFROM a', ["a"], id="no heredoc in the JSON form"),
    pytest.param("CMD cat <<EOF\nFROM a", ["a"], id="only RUN, COPY and ADD have heredocs"),
    pytest.param("# escape=`\nRUN dir C:\\\nFROM a", ["a"], id="a backslash is nothing where the escape is another"),
    pytest.param("# escape=`\nFROM `\n a", ["a"], id="the other escape continues a line"),
    pytest.param("# note\n# escape=`\nRUN \\\nFROM b\nFROM a", ["a"], id="no escape directive behind a comment"),
    pytest.param("RUN echo \\\\\nFROM a", ["a"], id="an escaped escape continues nothing"),
    pytest.param("RUN x \\\r\n y\r\nFROM a\r\nFROM b\r\n", ["a", "b"], id="CRLF"),
    pytest.param("FROM build\nFROM a AS build", ["build", "a"], id="a FROM does not see later stages"),
    pytest.param("FROM a AS a", ["a"], id="a stage is not its own base"),
    pytest.param("RUN --mount=from=0,target=/x ls", ["0"], id="a number in a mount is a name"),
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_finds_the_images(text: str, expected: list[str]) -> None:
    assert images(text) == expected


LOCAL = [
    pytest.param("FROM x AS Build\nCOPY --from=build /a /b", "build", id="stages compare without case (peers 9)"),
    pytest.param("FROM x AS Build\nFROM BUILD", "BUILD", id="a FROM of an earlier stage"),
    pytest.param("COPY --from=late /a /b\nFROM x AS late", "late", id="a COPY sees later stages"),
    pytest.param("RUN --mount=from=late,target=/x ls\nFROM x AS late", "late", id="a mount sees later stages"),
    pytest.param("FROM x\nCOPY --from=0 /a /b", "0", id="a number is a stage"),
    pytest.param("FROM scratch", "scratch", id="scratch"),
    pytest.param("ONBUILD COPY --from=3 /a /b", "3", id="a number in a trigger is a stage of the other build"),
    pytest.param("ARG B=base\nFROM x AS base\nFROM $B", "$B", id="a stage named by a variable"),
]


@pytest.mark.parametrize(("text", "name"), LOCAL)
def test_stages_are_local(text: str, name: str) -> None:
    assert [t.text for t in told(text) if t.outcome == "local"] == [name]


ASIDE = [
    pytest.param("COPY --from=$X /a /b", "invalid", id="no variables in COPY --from"),
    pytest.param("RUN --mount=from=${X},target=/x ls", "invalid", id="no variables in a mount"),
    pytest.param("FROM x\nCOPY --from=1 /a /b", "invalid", id="no such stage number"),
    pytest.param("FROM Alpine", "invalid", id="an upper-case name"),
    pytest.param("FROM a b", "invalid", id="a second word"),
    pytest.param("FROM a # note", "invalid", id="a comment behind the image"),
    pytest.param("FROM a@sha256:abc", "invalid", id="a short digest"),
    pytest.param("FROM {{ base }}:1 AS x", "variable", id="a template"),
    pytest.param("FROM <%= base %>", "variable", id="another template"),
    pytest.param("FROM @BASE@", "variable", id="a placeholder of configure"),
    pytest.param("COPY --from={{image}} /a /b", "variable", id="a template in COPY --from"),
]


@pytest.mark.parametrize(("text", "status"), ASIDE)
def test_what_is_no_image_is_set_aside(text: str, status: str) -> None:
    assert told(text)[-1].outcome == status


def test_a_template_still_names_its_stage() -> None:
    assert [t.outcome for t in told("FROM {{ base }} AS b\nCOPY --from=b /a /b")] == ["variable", "local"]


def test_says_where_in_words() -> None:
    text = "# syntax=d/f:1\nFROM a AS Web\nFROM b\nCOPY --from=c / /\nONBUILD COPY --from=d / /\nRUN --mount=from=e x"
    assert [t.where for t in told(text)] == [
        "# syntax",
        "FROM (stage Web)",
        "FROM",
        "COPY --from",
        "ONBUILD COPY --from",
        "RUN --mount",
    ]


def test_span_and_text_are_those_of_the_word() -> None:
    text = 'RUN x\nFROM alpi\\\nne:3\nFROM "node:22" AS b\n'
    file = SourceFile("Dockerfile", text)
    first, second = scanned(text).findings
    assert (first.text, file.slice(first.span), first.position.line, first.position.column) == (
        "alpine:3",
        "alpi\\\nne:3",
        2,
        6,
    )
    assert (second.text, file.slice(second.span)) == ("node:22", "node:22")


@pytest.mark.parametrize(
    ("written", "platform"),
    [
        ("linux/arm64", Platform("linux", "arm64")),
        ('"linux/arm/v7"', Platform("linux", "arm", "v7")),
        ("$BUILDPLATFORM", None),
    ],
)
def test_a_platform_counts_where_it_is_written_out(written: str, platform: Platform | None) -> None:
    (finding,) = scanned(f"FROM --platform={written} alpine").findings
    assert finding.platform == platform


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# pinbot: ignore\nFROM a\n", id="above a FROM"),
        pytest.param("# pinbot: ignore\nRUN ls && \\\n ls\nFROM b", id="above another instruction"),
        pytest.param("# pinbot: ignore\nFROM \\\n  a\n", id="above the first line of an instruction"),
        pytest.param("FROM \\\n# pinbot: ignore\n  a\n", id="inside a continuation, above the image"),
        pytest.param("# pinbot: ignore\nARG V=1\nFROM a:$V\n", id="above the ARG that would carry the digest"),
    ],
)
def test_remarks_above_reach_their_reference(text: str) -> None:
    (finding,) = scanned(text).findings
    assert finding.directives == ((Ignore(),) if "FROM b" not in text else ())


def test_an_unfinished_heredoc_is_a_named_skip() -> None:
    result = scanned("FROM a\nRUN <<EOF\nFROM b\n")
    assert [f.text for f in result.findings] == ["a"]
    assert [s.reason for s in result.skips] == [
        "the here-document EOF of line 2 never ends, so nothing behind it was read"
    ]


def test_prose_is_a_named_skip() -> None:
    assert [s.reason for s in scanned("Dear all,\nthis is no build.\n").skips] == [
        "no line of it is a Dockerfile instruction"
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "# note\n", "RUN ls\n", "\\", "FROM", "FROM \\\n", "COPY --from= a b"])
def test_nothing_to_say_about_nothing(text: str) -> None:
    assert (scanned(text).findings, scanned(text).skips) == ((), ())


DEEP = {
    "substitutions": "FROM " + "${a:-" * 80_000,
    "closed substitutions": "FROM " + "${a:-" * 700 + "x" + "}" * 700,
    "quotes": "RUN <<A " + "\"${a:-'" * 50_000,
    "JSON": "RUN " + "[" * 100_000 + " <<A",
    "a JSON file": '{"syntax":' * 50_000,
    "ONBUILD": "ONBUILD " * 50_000 + "COPY --from=a b c",
    "ARGs of ARGs": "".join(f"ARG a{n + 1}=x$a{n}\n" for n in range(2_000)) + "FROM $a2000",
    "ARGs that double": "ARG a=x\n" + "ARG a=$a$a\n" * 60 + "FROM $a",
    "empty ARGs that double": "ARG a=\n" + "ARG a=$a$a\n" * 60 + "FROM $a",
    "angles": "RUN " + "<" * 100_000,
    "spaces": "RUN <<" + " " * 100_000 + "<",
}


@pytest.mark.parametrize("name", DEEP)
def test_depth_and_length_break_nothing(name: str) -> None:
    assert all(not isinstance(f.standing, Writable) for f in scanned(DEEP[name]).findings)


UNTOUCHED = [
    pytest.param(f"FROM alpine:3@{DIGEST}", id="pinned already"),
    pytest.param("FROM scratch\nFROM scratch AS x\nFROM x", id="local names"),
    pytest.param("LABEL image=alpine:3.19\nENV FROM=alpine:3.19", id="a name that only looks like one (peers 15)"),
    pytest.param("# FROM alpine:3.19\nRUN docker run alpine:3.19", id="comments and commands"),
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_leaves_alone(text: str) -> None:
    _, files = run_once({"Dockerfile": text.encode()}, FORMATS, PIN)
    assert files["Dockerfile"] == text.encode()


def test_both_of_two_pinned_references_are_refreshed() -> None:
    text = f"RUN --mount=from=a:1@{DIGEST},target=/a --mount=from=b:1@{DIGEST},target=/b ls"
    done, files = run_once({"Dockerfile": text.encode()}, FORMATS, BUMP)
    assert len(done.changes) == 2, "peers 14"
    assert DIGEST.encode() not in files["Dockerfile"]


def test_a_broken_digest_is_known_but_cannot_be_replaced() -> None:
    (finding,) = scanned(f"FROM a:1@{DIGEST[:30]}\\\n{DIGEST[30:]}").findings
    assert told(f"FROM a:1@{DIGEST[:30]}\\\n{DIGEST[30:]}") == [Told("FROM", finding.text, f"fixed a:1@{DIGEST}")]


def test_a_name_without_a_tag_gets_latest() -> None:
    assert pinned("FROM alpine\n") == "FROM alpine:latest@…\n"


def test_reads_a_dockerfile_inside_another_file() -> None:
    outer = "build:\n  inline: |\n    ARG V=1\n\n    FROM a:$V \\\n      AS x\n"
    file = SourceFile("compose.yaml", outer)
    spans, at = [], 0
    for line in outer.split("\n"):
        indent = min(4, len(line))
        spans.append(Span(at + indent, at + len(line)))
        at += len(line) + 1
    (finding,) = scan_dockerfile_text(file, spans[2:6], "compose", "build: ")
    assert isinstance(finding, Finding)
    assert isinstance(finding.standing, Writable)
    assert (finding.where, finding.format, finding.text) == ("build: FROM (stage x)", "compose", "a:$V")
    assert file.slice(finding.span) == "a:$V"
    assert outer[: finding.standing.digest.span.start].endswith("ARG V=1")
