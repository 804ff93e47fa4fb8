"""What a Jenkins pipeline holds, from its text to findings: https://www.jenkins.io/doc/book/pipeline/docker/."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pinbot.formats._base import finding_at
from pinbot.formats._groovy import tokens
from pinbot.formats._jenkins_pods import pod_findings
from pinbot.formats._jenkins_uses import Use, Walk
from pinbot.formats._jenkins_values import HUB, Values
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Published, Yield
from pinbot.source.text import SourceFile

_MADE, _PUSHED = "docker.build of this pipeline makes it", "the pipeline pushes it"


def scan_pipeline(file: SourceFile, format_name: str) -> Iterator[Yield]:
    """Yield what a pipeline, or a step of a shared library, holds."""
    walk = Walk(list(tokens(file.text)))
    values = Values(file, walk.definitions)
    made = {values.text(use.argument) for use in walk.builds} - {""}
    for use in walk.uses:
        yield _finding(file, use, values, made, format_name)
    for pod in walk.pods:
        definitions = walk.definitions.get(pod.name or "", ())
        string = pod.string or (definitions[0].value if len(definitions) == 1 else None)
        if string is not None:
            yield from pod_findings(file, string, format_name)
    for use in walk.builds if "push" in file.text else ():
        yield from _published(file, use, values)


def _finding(file: SourceFile, use: Use, values: Values, made: set[str], format_name: str) -> Finding:
    standing = values.standing(use)
    if values.text(use.argument) in made or use.pushed:
        standing = Aside("local", _PUSHED if use.pushed else _MADE, standing.reference)
    finding = finding_at(file, format_name, use.where, values.span(use.argument), standing)
    return replace(finding, variables=values.names(use.argument))


def _published(file: SourceFile, use: Use, values: Values) -> Iterator[Published]:
    host, text = values.registry(use), values.text(use.argument)
    reference = Reference.parse_or_none(f"{host}/{text}" if host not in HUB else text)
    if host is not None and reference is not None:
        line = file.position(use.argument.span.start).line
        yield Published(reference.registry, reference.path, f"{file.path}, line {line}")
