"""Definition files of Apptainer and Singularity (https://apptainer.org/docs/user/latest/definition_files.html)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pinbot.formats._base import About, Companions, Format, finding_at
from pinbot.formats._claims import named
from pinbot.formats._joined import Piece, joined
from pinbot.formats._yaml_scalar import filled_in, with_remark
from pinbot.source.finding import Aside, Finding, Fixed, Standing, Writable, Yield
from pinbot.source.text import SourceFile, Span

NAME = "singularity"
_HEADER = re.compile(r"^[ \t]*([A-Za-z]+)[ \t]*:[ \t]*([^#\r\n]*)", re.MULTILINE)
_SECTION = re.compile(r"^[ \t]*%[A-Za-z]", re.MULTILINE)
# What is bootstrapped from the same place as with `docker`.
_REGISTRY_AGENTS = {"docker"}
_REFUSED = "Apptainer takes no tag beside a digest; write name@sha256:… # tag to have it kept up to date"


@dataclass(frozen=True, slots=True)
class _Field:
    """A value of a header: its text and where it stands."""

    text: str
    span: Span


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    stage: dict[str, _Field] = {}
    for key, field in _fields(file.text):
        if key == "bootstrap":
            yield from _image(file, stage)
            stage = {}
        stage.setdefault(key, field)
    yield from _image(file, stage)


def _fields(text: str) -> Iterator[tuple[str, _Field]]:
    """Yield the fields of all headers; a header begins with `Bootstrap:` and ends at the first section."""
    sections = [match.start() for match in _SECTION.finditer(text)]
    inside = number = 0
    for match in _HEADER.finditer(text):
        key, value = match[1].lower(), match[2].rstrip()
        passed = number
        while number < len(sections) and sections[number] < match.start():
            number += 1
        inside = 1 if key == "bootstrap" else inside and number == passed
        if inside and value:
            yield key, _Field(value, Span(match.start(2), match.start(2) + len(value)))


def _image(file: SourceFile, stage: dict[str, _Field]) -> Iterator[Finding]:
    """Yield the image that a stage begins from, where that is one of a registry."""
    agent, image = stage.get("bootstrap"), stage.get("from")
    if agent is None or image is None or agent.text.lower() not in _REGISTRY_AGENTS:
        return
    above = [stage[key] for key in ("registry", "namespace") if key in stage]
    filled = next((aside for one in (*above, image) if (aside := filled_in(one.text))), None)
    standing = filled or joined(
        [
            *(Piece("", one.text.rstrip("/"), one.span.start, "/") for one in above),
            Piece("", image.text, image.span.start),
        ]
    )
    name = stage["stage"].text if "stage" in stage else ""
    where = f"From (stage {name})" if name else "From"
    yield finding_at(file, NAME, where, image.span, _one_of_both(with_remark(file, standing, image.span)))


def _one_of_both(standing: Standing) -> Standing:
    """A reference may have a digest, but then it has no tag; the tag may stand in a comment behind it."""
    if isinstance(standing, Aside | Fixed) or (standing.reference.digest and standing.tag is None):
        return standing
    reference = standing.reference
    if reference.digest and not reference.tag:
        return Writable(reference, standing.digest)
    return Fixed(reference, _REFUSED)


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Apptainer and Singularity",
        url="https://apptainer.org/docs/user/latest/definition_files.html",
        files="`*.def`, `Singularity`, `Singularity.*`, `*.singularity`, `*.apptainer`",
        places=("`From:` of a stage whose `Bootstrap:` is `docker`, with `Registry:` and `Namespace:`",),
        path="tools.def",
        example=f"""\
Bootstrap: docker
From: docker.io/library/ubuntu@sha256:{"0" * 64} # 24.04

%post
    apt-get update
""",
        limits=(
            "Apptainer takes no tag beside a digest, so an image with a tag is refused",
            "a digest is renewed where the tag stands in a comment behind it: `ubuntu@sha256:… # 24.04`",
            "other bootstrap agents (`library`, `localimage`, `oras`, …) name no container image",
        ),
    ),
    claims=named(r".*\.(?:def|singularity|apptainer)|(?:Singularity|Apptainer)(?:\.[^/]*)?"),
    needles=((b"ootstrap", b"ootStrap", b"OOTSTRAP"), (b"rom:", b"rom :", b"FROM")),
)
