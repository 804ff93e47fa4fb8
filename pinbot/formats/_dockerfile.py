"""The text of a Dockerfile, from lines to findings: https://docs.docker.com/reference/dockerfile/.

Shared ground of the Dockerfile format and of files that hold a Dockerfile (`dockerfile_inline` in compose).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from pinbot.formats._dockerfile_lexer import Line, Unfinished, read
from pinbot.formats._dockerfile_standing import standing_of
from pinbot.formats._dockerfile_uses import Use, Uses
from pinbot.formats._dockerfile_values import Arguments
from pinbot.formats._idle import idle
from pinbot.formats._pieces import Value
from pinbot.oci.reference import Reference
from pinbot.source.directive import Directive, directives
from pinbot.source.finding import Aside, Finding, Idle, Skip, Slot, Stage, Standing, Writable
from pinbot.source.text import SourceFile, Span


def scan_dockerfile_text(
    file: SourceFile, lines: Iterable[Span], format_name: str, lead: str = ""
) -> Iterator[Finding | Skip | Idle]:
    """Yield what a Dockerfile holds that is written inside `file`.

    `lines` are the lines of the Dockerfile in their order, each as the span of `file` where it stands, without
    its line end and without the indentation that the outer format takes off (of a YAML block scalar `|`, say);
    an empty line is an empty span. `lead` goes before the place (`services.web.build: `). All offsets of the
    findings are offsets into `file`.
    """
    return _scan(file, [(span.start, file.slice(span)) for span in lines], format_name, lead)


def scan_dockerfile(file: SourceFile, format_name: str) -> Iterator[Finding | Skip | Idle]:
    """Yield what a file that is a Dockerfile holds."""
    return _scan(file, list(_lines(file.text)), format_name, "")


def _lines(text: str) -> Iterator[Line]:
    at = 0
    for line in text.split("\n"):
        yield at, line
        at += len(line) + 1


def fed_by(file: SourceFile, given: Mapping[str, Value]) -> tuple[Uses, list[Use]]:
    """Return how a Dockerfile is read with values given for its ARGs, and the images that come from one of them."""
    uses = Uses(file, arguments=Arguments(given=given))
    for item in read(list(_lines(file.text))):
        if not isinstance(item, Unfinished):
            uses.read(item)
    fed = [use for use in uses.found if not given.keys().isdisjoint(use.value.names)]
    return uses, [use for use in fed if use.value.problem or not _why_local(use.value.text, use, uses)]


def _scan(file: SourceFile, lines: list[Line], format_name: str, lead: str) -> Iterator[Finding | Skip | Idle]:
    uses, unfinished = Uses(file), None
    uses.read_syntax(lines)
    for item in read(lines):
        if isinstance(item, Unfinished):
            unfinished = item
        else:
            uses.read(item)
    remarked, final = "pinbot:" in file.text, uses.final()
    for use in uses.found:
        stage: Stage = "final" if use.scope == "earlier" and use.stages in final else "builder"
        finding = replace(_finding(file, use, uses, format_name, lead), stage=stage)
        yield replace(finding, directives=_directives(file, use, finding.standing)) if remarked else finding
    if not unfinished and uses.unknown is None and uses.stages:
        yield from _idle(file, uses)
    if unfinished:
        line = file.position(unfinished.offset).line
        reason = f"the here-document {unfinished.name} of line {line} never ends, so nothing behind it was read"
        yield Skip(file.path, reason, Span(unfinished.offset, len(file.text)))
    elif uses.unknown is not None and not uses.known and not uses.found:
        yield Skip(file.path, "no line of it is a Dockerfile instruction")


def _idle(file: SourceFile, uses: Uses) -> Iterator[Idle]:
    """Yield the digests in defaults that nothing of the file reads; commands see the ARGs of their stage."""
    for default in uses.defaults:
        seen = not default.is_global and default.span.start < uses.last_run
        if seen or default.name.startswith("BUILDKIT_"):
            continue
        reader = "no FROM and no stage" if default.is_global else "nothing in its stage"
        found = idle(file, default.name, default.span, f"{reader} of this file reads ARG {default.name}")
        if found:
            yield found


def _finding(file: SourceFile, use: Use, uses: Uses, format_name: str, lead: str) -> Finding:
    return Finding(
        path=file.path,
        format=format_name,
        where=f"{lead}{use.where}",
        span=use.span,
        position=file.position(use.span.start),
        text=use.text,
        standing=_standing(use, uses),
        platform=use.platform,
        variables=use.value.names,
    )


def _standing(use: Use, uses: Uses) -> Standing:
    name = use.value.text
    if use.value.problem or use.scope == "none":
        return standing_of(use.value, uses.arguments)
    reason = _why_local(name, use, uses)
    if reason:
        return Aside("local", reason, Reference.parse_or_none(name))
    if use.scope == "numbers" and _is_number(name):
        return Aside("invalid", f"there is no build stage {name[:9]}; the last one is {uses.stages - 1}")
    return standing_of(use.value, uses.arguments)


def _why_local(name: str, use: Use, uses: Uses) -> str | None:
    """Say why a name is no image; None where it is one."""
    if name == "scratch":
        return "the empty image"
    number = uses.names.get(name.lower())
    if number is not None and (use.scope != "earlier" or number < use.stages):
        return "a build stage of this file"
    if use.scope == "trigger" and _is_number(name):
        return "a stage of the build that the trigger runs in"
    if use.scope == "numbers" and _is_number(name) and int(name[:9]) < uses.stages:
        return "a build stage of this file, by its number"
    return None


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdecimal()


def _directives(file: SourceFile, use: Use, standing: Standing) -> tuple[Directive, ...]:
    """Return the remarks above the instruction, and above the ARG that carries the digest.

    Those above the line of the finding are attached for all formats alike.
    """
    own = file.position(use.span.start).line
    lines = {file.position(use.first).line}
    if isinstance(standing, Writable):
        lines |= {file.position(slot.span.start).line for slot in _slots(standing)}
    return tuple(remark for line in sorted(lines - {own, 1}) for remark in directives(file.line_text(line - 1), ""))


def _slots(standing: Writable) -> tuple[Slot, ...]:
    return (standing.digest, standing.tag) if standing.tag else (standing.digest,)
