"""Earthfiles: https://docs.earthly.dev/docs/earthfile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pinbot.formats._base import About, Companions, Format
from pinbot.formats._claims import named
from pinbot.formats._dockerfile_standing import standing_of
from pinbot.formats._earthfile_lines import commands
from pinbot.formats._earthfile_uses import Saved, Use, Walk
from pinbot.oci.reference import Reference
from pinbot.source.directive import Directive, directives
from pinbot.source.finding import Aside, Finding, Published, Standing, Writable, Yield
from pinbot.source.text import SourceFile

NAME = "earthfile"
# The longest Earthfiles that people write have some 50 KB.
_MAX_BYTES = 512 * 1024


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    walk = Walk(file)
    for command in commands(file.text):
        walk.read(command)
    remarked = "pinbot:" in file.text
    for use in walk.found:
        finding = _finding(file, use)
        yield replace(finding, directives=_directives(file, use, finding.standing)) if remarked else finding
    for saved in walk.saved:
        yield from _published(file, saved)


def _finding(file: SourceFile, use: Use) -> Finding:
    return Finding(
        path=file.path,
        format=NAME,
        where=use.where,
        span=use.span,
        position=file.position(use.span.start),
        text=use.text,
        standing=_standing(use),
        platform=use.platform,
        variables=use.value.names,
    )


def _standing(use: Use) -> Standing:
    text = use.value.text
    if "+" in (text or use.text):
        return Aside("local", "a target of an Earthfile")
    if text == "scratch":
        return Aside("local", "the empty image", Reference.parse_or_none(text))
    return standing_of(use.value, use.arguments)


def _directives(file: SourceFile, use: Use, standing: Standing) -> tuple[Directive, ...]:
    """Return the remarks above the command, and above the ARG that carries the digest."""
    lines = {file.position(use.first).line}
    if isinstance(standing, Writable):
        lines.add(file.position(standing.digest.span.start).line)
    others = sorted(lines - {file.position(use.span.start).line, 1})
    return tuple(remark for line in others for remark in directives(file.line_text(line - 1), ""))


def _published(file: SourceFile, saved: Saved) -> Iterator[Published]:
    reference = None if saved.value.problem else Reference.parse_or_none(saved.value.text)
    if reference is not None:
        yield Published(reference.registry, reference.path, f"{file.path}, line {saved.line}")


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Earthfiles",
        url="https://docs.earthly.dev/docs/earthfile",
        files="`Earthfile`, and `*.earth`",
        places=(
            "`FROM`, with the `ARG` defaults that its target sees",
            "`--pull` of a `WITH DOCKER`",
        ),
        path="Earthfile",
        example="""\
VERSION 0.8
ARG --global GO=1.23
FROM golang:$GO
WORKDIR /app

test:
    COPY . .
    WITH DOCKER --pull postgres:16
        RUN go test ./...
    END
""",
        limits=(
            "targets (`+build`, `./web+build`) are `local`, and `FROM DOCKERFILE` names no image here",
            "an `ARG` that feeds more than one command, or does not end the reference, is refused",
            "what a condition, a loop or a command sets is `variable`",
        ),
    ),
    claims=named(r"earthfile|.*\.earth(?:file)?"),
    needles=((b"FROM", b"WITH DOCKER", b"SAVE IMAGE"),),
    max_bytes=_MAX_BYTES,
)
