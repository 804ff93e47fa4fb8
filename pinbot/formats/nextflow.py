"""Nextflow: containers of processes (https://www.nextflow.io/docs/latest/reference/process.html#container)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pinbot.formats._base import About, Companions, Format, finding_at
from pinbot.formats._claims import named
from pinbot.formats._code import MAX_BYTES, Quote, Syntax, Token, tokens
from pinbot.formats._joined import Piece, joined
from pinbot.formats._yaml_scalar import filled_in
from pinbot.source.finding import Aside, Finding, Fixed, Standing, Writable, Yield
from pinbot.source.text import SourceFile

NAME = "nextflow"
_CONFIG = "nextflow.config"
# `"$name"` fills in a value like `"${name}"`.
_DOUBLE = r"\\.|\$(?=[A-Za-z_])"
_GROOVY = Syntax(
    comments=r"//[^\n]*|/\*.*?(?:\*/|\Z)|\A(?:\ufeff)?#![^\n]*",
    quotes=(
        Quote('"""', '"""', _DOUBLE, r"\$\{"),
        Quote("'''", "'''"),
        Quote('"', r'"|(?=\n)', _DOUBLE, r"\$\{"),
        Quote("'", r"'|(?=\n)"),
    ),
)
_ENGINE = re.compile(r"\b(singularity|apptainer)\b[^}]{0,400}?\benabled\s*=\s*true")
_REGISTRY = re.compile(r"\b(?:docker|podman)\b[^}]{0,400}?\bregistry\s*=\s*(?:'([^'\n]+)'|\"([^\"\n]+)\")")
_SCOPES = {"process"}


@dataclass(frozen=True, slots=True)
class _Use:
    """A `container` directive: the process around it, and the tokens of its value."""

    process: str
    value: tuple[Token, ...]


def _scan(file: SourceFile, companions: Companions) -> Iterator[Yield]:
    settings: list[str] | None = None
    for use in _uses(file):
        finding = _finding(file, use)
        if isinstance(finding.standing, Writable):
            settings = _settings(file, companions) if settings is None else settings
            finding = replace(finding, standing=_as_run(finding.standing, settings))
        yield finding


def _uses(file: SourceFile) -> Iterator[_Use]:
    """Yield the directives within processes, and the settings of the `process` scope of a configuration."""
    program = tokens(file.text, _GROOVY)
    frames = [""]
    for index, token in enumerate(program):
        before = program[max(index - 4, 0) : index]
        if token.says("{"):
            frames.append(_process(before) or frames[-1])
        elif token.says("}") and len(frames) > 1:
            frames.pop()
        elif token.says("container"):
            scoped = len(before) > 1 and before[-1].says(".") and before[-2].text in _SCOPES
            if scoped or (frames[-1] and not (before and before[-1].says("."))):
                value = _value(file, program, index + 1)
                if value:
                    yield _Use("process" if scoped else frames[-1], value)


def _process(before: list[Token]) -> str:
    """Return the name of the process whose block begins, `process` for the scope of a configuration."""
    names = [token for token in before if token.kind != "sign"]
    if before and before[-1].says("process"):
        return "process"
    if len(names) > 1 and names[-2].says("process") and names[-1] is before[-1]:
        return f"process {names[-1].text}"
    return ""


def _value(file: SourceFile, program: list[Token], at: int) -> tuple[Token, ...]:
    """Return the tokens of a value: up to the end of the line, without a `=` and parentheses around it."""
    found: list[Token] = []
    for token in program[at : at + 6]:
        last = found[-1] if found else program[at - 1]
        if "\n" in file.text[last.span.stop : token.span.start] or token.says("}") or token.says(";"):
            break
        found.append(token)
    while found and (found[0].says("=") or found[0].says("(")):
        found = found[1:-1] if found[0].says("(") and found[-1].says(")") else found[1:]
    names = found and found[0].kind == "sign" and not found[0].says("{")
    return () if names else tuple(found)


def _finding(file: SourceFile, use: _Use) -> Finding:
    first, where = use.value[0], f"{use.process} container"
    if first.kind == "string" and len(use.value) == 1 and first.plain:
        standing: Standing = filled_in(first.text) or joined([Piece("", first.text, first.inner.start)])
        if "://" in first.text:
            standing = Aside("local", "an address, which names no image of a container registry")
        return finding_at(file, NAME, where, first.inner, standing)
    span = first.inner if first.kind == "string" else first.span
    return finding_at(file, NAME, where, span, Aside("variable", "Nextflow works it out when the pipeline runs"))


def _settings(file: SourceFile, companions: Companions) -> list[str]:
    """Return the texts of the configurations of a pipeline: the file itself, and those in its folder and above."""
    texts, folder = [file.text] if file.path.endswith(".config") else [], posixpath.dirname(file.path)
    while True:
        config = companions(posixpath.join(folder, _CONFIG))
        if config is not None:
            texts.append(config.text)
        if not folder:
            return texts
        folder = posixpath.dirname(folder)


def _as_run(standing: Writable, settings: list[str]) -> Standing:
    """Return the standing of an image as the configured engine would pull it."""
    reference = standing.reference
    for text in settings:
        registry = _REGISTRY.search(text)
        if registry and reference.name == reference.path:
            told = registry[1] or registry[2]
            return Fixed(reference, f"{told} of {_CONFIG} is put before it; write the registry here to have it pinned")
        engine = _ENGINE.search(text)
        if engine and not reference.digest:
            reason = f"{engine[1].capitalize()}, which {_CONFIG} enables, takes no tag beside a digest"
            return Fixed(reference, reason)
    return standing


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Nextflow",
        url="https://www.nextflow.io/docs/latest/reference/process.html#container",
        files="`*.nf`, `nextflow.config` and other `*.config` with a `process` scope",
        places=("`container` of a process", "`process.container` and `container` within `process { … }`"),
        path="main.nf",
        example="""\
process ALIGN {
    container 'quay.io/biocontainers/bwa:0.7.18--he4a0461_1'

    script:
    "bwa mem"
}
""",
        limits=(
            "strings that fill something in, and closures, are `variable`",
            "where the configuration enables Apptainer or Singularity, an image with a tag is refused",
            "where it sets a registry, an image without one is refused",
        ),
    ),
    claims=named(r".*\.nf|.*\.config"),
    endings=frozenset({"nf", "config"}),
    needles=(b"process", b"container"),
    max_bytes=MAX_BYTES,
)
