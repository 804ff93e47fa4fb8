"""BuildKit's own parser sees what we see: over tricky texts, and over generated ones before and after a pin."""

from __future__ import annotations

import re

import dockerfile as buildkit
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pinbot.formats._claims import Claims
from pinbot.formats._dockerfile_lexer import Instruction, read
from pinbot.formats._scan import scan_file
from pinbot.source.finding import Writable
from pinbot.source.text import decode, encode
from tests.fakes.memory import BUMP, PIN, run_once
from tests.formats._dockerfiles import FORMATS, buildkit_lines, buildkit_sources

TRICKY = {
    "plain": "FROM a\nRUN b\n",
    "continuations": "FROM a\nRUN b \\\n c \\ \t\n\n # d\n  e\nCMD f",
    "an escaped escape": "RUN a \\\\\nRUN b\n",
    "a lone escape": "\\\nFROM a\n",
    "an escape at the end": "FROM a\nRUN b \\",
    "the other escape": "# escape=`\nRUN a `\n b\\\nRUN c``\nRUN d",
    "no escape directive behind #!": "#!/bin/sh\n# escape=`\nRUN a `\n# b\nFROM c",
    "CRLF": "FROM a \\\r\n AS b\r\n\r\nRUN c\r\n",
    "many returns": "FROM a\r\r\nRUN b\\\r\r\n c\n",
    "byte order mark": "\ufeffFROM a\n",
    "heredocs": "RUN <<A <<-'B' cat\nFROM x\nA\n\tFROM y\n\t\tB\nFROM z\n",
    "a heredoc in quotes": "RUN echo \"<<A\" '<<B' \\<<C\nFROM x\n",
    "a heredoc behind an open quote": "RUN echo it's <<A\nFROM x\n",
    "a heredoc with a number": "RUN 3<<A\nFROM x\nA\nFROM y\n",
    "a heredoc behind a word": "RUN cat<<A\nFROM x\nFROM A\n",
    "a heredoc behind variables": "RUN $a ${b} ${c:-d} \"${e:-\"f\"}\" <<A\nFROM x\nA\nFROM y\n",
    "a heredoc behind a broken variable": "RUN ${a <<A\nFROM x\n",
    "a heredoc with an escaped name": "RUN <<\\A\nFROM x\nA\nFROM y\n",
    "three angles": "RUN cat <<<A\nFROM x\n",
    "a heredoc in JSON": 'RUN ["a", "<<A"]\nFROM x\n',
    "a heredoc in broken JSON": 'RUN ["a", <<A\nFROM x\nA\nFROM y\n',
    "a heredoc of ADD": "ADD <<A /x\nFROM x\nA\nFROM y\n",
    "a heredoc of a trigger": "ONBUILD COPY <<A /x\nFROM x\nA\nFROM y\n",
    "no heredoc of CMD": "CMD <<A\nFROM x\n",
    "unknown instructions": "FROM a\nFOO b\n{% if x %}\nRUN c\n",
    "wide spaces": "\u00a0FROM\ta\n\u2003RUN b\n",
    "tabs and feeds": "FROM\x0ba\x0c\nRUN\tb\n",
    "comments in a continuation": "RUN a \\\n#b\\\n  # c\n d\nFROM e\n",
    "a comment that continues nothing": "# a \\\nFROM b\n",
}  # fmt: skip


@pytest.mark.parametrize("name", TRICKY)
def test_reads_the_instructions_that_buildkit_reads(name: str) -> None:
    assert _our_lines(TRICKY[name]) == buildkit_lines(TRICKY[name])


def _our_lines(text: str) -> list[tuple[str, int]]:
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    lines = list(zip(starts, text.split("\n"), strict=True))
    items = [item for item in read(lines) if isinstance(item, Instruction)]
    return [(item.keyword, text.count("\n", 0, item.first) + 1) for item in items]


IMAGES = st.sampled_from(
    ["alpine", "alpine:3.19", "ghcr.io/acme/api:2", "localhost:5000/a/b:1", "scratch", "build", "x"]
)
BREAKS = st.sampled_from([" ", "  ", "\t", " \\\n  ", " \\\n# note\n\n ", "\\\n "])
NAMES = st.sampled_from(["V", "W", "TAG"])
BODIES = st.sampled_from(["FROM ghost:1", "SELECT *\nFROM users", "COPY --from=ghost:2 / /", "", "echo $V"])


@st.composite
def froms(draw: st.DrawFn) -> str:
    flag = draw(st.sampled_from(["", "--platform=linux/amd64", "--platform=$BUILDPLATFORM"]))
    image = draw(
        st.one_of(
            IMAGES,
            IMAGES.map('"{}"'.format),
            st.builds("node:${{{}}}".format, NAMES),
            st.builds("node:${{{}:-22}}".format, NAMES),
            st.builds("node:${}-slim".format, NAMES),
        )
    )
    stage = draw(st.sampled_from(["", "AS build", "as X"]))
    keyword = draw(st.sampled_from(["FROM", "from", "  From"]))
    return draw(BREAKS).join(word for word in (keyword, flag, image, stage) if word)


@st.composite
def copies(draw: st.DrawFn) -> str:
    flag = draw(st.sampled_from(["--chmod=u+x", "--exclude=*.md", "--link", "--chown=$U"]))
    lead = draw(st.sampled_from(["", "ONBUILD "]))
    return lead + draw(BREAKS).join(["COPY", flag, f"--from={draw(IMAGES)}", "/a", "/b"])


@st.composite
def runs(draw: st.DrawFn) -> str:
    mounts = [f"--mount=type=bind,from={image},target=/m" for image in draw(st.lists(IMAGES, max_size=3))]
    return draw(BREAKS).join(["RUN", *mounts, "make", "all"])


@st.composite
def heredocs(draw: st.DrawFn) -> str:
    opening = draw(st.sampled_from(["<<EOF", "<<-EOF", "<<'EOF'", '<<-"EOF"']))
    return f"{draw(st.sampled_from(['RUN', 'ONBUILD RUN']))} cat {opening} > /x\n{draw(BODIES)}\nEOF"


ARGUMENTS = st.builds("ARG {}={}".format, NAMES, st.sampled_from(["1", '"2"', "3-slim", "", "${W:-4}", "'5'"]))
OTHERS = st.sampled_from(["# note", "", "ARG V", "LABEL a=alpine:3", 'CMD ["alpine:3"]', "ENV V=alpine:3"])


@st.composite
def dockerfiles(draw: st.DrawFn) -> bytes:
    lines = draw(st.lists(st.sampled_from(["# syntax=docker/dockerfile:1", "# note"]), max_size=1))
    lines += draw(st.lists(ARGUMENTS, max_size=3))
    lines += [draw(froms())]
    lines += draw(st.lists(st.one_of(froms(), copies(), runs(), heredocs(), ARGUMENTS, OTHERS), max_size=7))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = draw(st.sampled_from(["", "\ufeff"])) + "\n".join(lines) + draw(st.sampled_from(["", "\n"]))
    return encode(text.replace("\n", end))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=dockerfiles())
def test_a_pin_changes_nothing_but_digests(before: bytes) -> None:
    done, files = run_once({"Dockerfile": before}, FORMATS, PIN)
    after = files["Dockerfile"]

    assert _bare(decode(after)) == _bare(decode(before)), "outside the digests every byte is equal"
    assert [_bare(s) for s in buildkit_sources(decode(after))] == [_bare(s) for s in buildkit_sources(decode(before))]
    assert len(done.changes) + len(done.kept) == len(done.survey.findings)
    assert {k.reason for k in done.kept} & {
        "the changed file would not read as intended, so it stays as it is"
    } == set()

    again, same = run_once(files, FORMATS, BUMP)
    assert (again.changes, same) == ((), files)


def _bare(text: str) -> str:
    """The text without digests, and without the `latest` that a pin writes for a name without a tag."""
    return re.sub(r"(?::latest)?@sha256:[0-9a-f]{64}", "", text)


# fmt: off
TOKENS = st.sampled_from([
    "FROM ", "ARG V", "=", "a:1", "\n", "\r\n", "\\\n", "\\", "`", "# escape=`\n", "# syntax=a/b\n", '"', "'", "$",
    "${", "}", "${V:-", "<<E", "<<-'E'", "E\n", " ", "\t", "COPY ", "--from=", "RUN ", "--mount=from=", ",", "ONBUILD ",
    "[", "]", "#", "{{", "@sha256:", "\ufeff", "\u00a0", "é", "\udcff", "AS b",
])
# fmt: on


@settings(max_examples=600, deadline=None)
@given(text=st.lists(TOKENS, max_size=40).map("".join))
def test_no_text_breaks_it_and_every_slot_holds_what_it_says(text: str) -> None:
    result = scan_file("Dockerfile", encode(text), Claims(FORMATS), lambda _path: None)
    for finding in result.findings if result else ():
        if isinstance(finding.standing, Writable):
            digest = finding.standing.digest.span
            assert text[digest.start : digest.stop] == str(finding.standing.reference.digest or "")
    # BuildKit's binding crashes on text that is not UTF-8; with a gap behind `<<` its version is older than ours.
    if "\udcff" not in text and "<< " not in text and "<<\t" not in text:
        _agrees_where_buildkit_reads_it(text)


def _agrees_where_buildkit_reads_it(text: str) -> None:
    try:
        expected = buildkit_lines(text)
    except buildkit.GoParseError:
        return
    assert _our_lines(text) == expected
