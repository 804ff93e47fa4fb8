"""Azure Pipelines: https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/jobs-job-container and
https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/resources-containers-container.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pinbot.formats._azure_pipeline import Pipeline, cut, is_job, is_pipeline
from pinbot.formats._base import OBJECT, About, Companions, Format
from pinbot.formats._claims import YAML, placed, untemplated
from pinbot.formats._yaml import scan_documents
from pinbot.formats._yaml_nodes import is_null, is_scalar, lookup, text_at
from pinbot.formats._yaml_scalar import scalar_finding, text_of
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_variables import references
from pinbot.formats._yaml_walk import Map, Place, places
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Skip, Yield
from pinbot.source.text import SourceFile

NAME = "azure-pipelines"
_placed = placed(
    r"(?:.*/)?(?:[^/]*azure-pipelines?[^/]*\.ya?ml|\.vsts-[^/]+\.ya?ml"
    r"|\.(?:azure|azuredevops|azure-pipelines|ado|pipelines|vsts)/(?:.*/)?[^/]+\.ya?ml)"
)
# One of them stands at the left margin; most other YAML is told apart by that, without reading it.
_KEYS = ("jobs", "stages", "resources", "extends")
# Declared for the file, or handed to a template that declares them.
_DECLARED = ("resources.containers[].image", "extends.parameters.containers.*.image")
# How many keys lead from a job to each of these; what stands there may be the name of a declared container.
_IN_JOBS = {"**.container": 1, "**.container.image": 2, "**.services.*": 2}
_ROUTES = (*_DECLARED, *_IN_JOBS)
_NAMED = Aside("local", "the name of a container that this file declares")
_WORD = re.compile(r"[\w.-]{1,200}")
_BARE = "the name of a container that another file declares, or an image without a tag; write its tag to have it pinned"


@cache
def _chart() -> Map:
    return Map.of(_ROUTES, ("**.steps", "**.inputs", "**.variables"))


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    at_its_place = _placed(untemplated(file.path))
    if not at_its_place and not any(file.text.startswith(key) or f"\n{key}" in file.text for key in _KEYS):
        return

    def read(document: Document) -> Iterator[Yield]:
        kubernetes = text_at(document.root, "apiVersion") and text_at(document.root, "kind")
        if not kubernetes and (at_its_place or is_pipeline(document.root)):
            pipeline = Pipeline(document)
            for number, place in places(document, _chart()):
                yield from _findings(pipeline, place, _IN_JOBS.get(_ROUTES[number], 0))

    for item in scan_documents(file, read):
        # What is no YAML, somewhere else, is nobody's pipeline.
        if at_its_place or not isinstance(item, Skip):
            yield item


def _findings(pipeline: Pipeline, place: Place, depth: int) -> Iterator[Finding]:
    if depth and not _in_job(place, depth):
        return
    # An `image` says that it is one; a container or service alone may be a name.
    if depth and place.path[-1] != "image" and is_scalar(place.node) and not is_null(place.node):
        text = text_of(place.document, place.node)
        if text.value in pipeline.aliases:
            yield scalar_finding(place.document.file, NAME, place.where, text.span, _NAMED)
            return
        if _WORD.fullmatch(text.value) and not pipeline.runs_by_itself:
            standing = Aside("variable", _BARE, Reference.parse_or_none(text.value))
            yield scalar_finding(place.document.file, NAME, place.where, text.span, standing)
            return
    yield from references(place, NAME, cut, pipeline.lookups(place.above))


def _in_job(place: Place, depth: int) -> bool:
    """Whether the keys at the end of a path belong to a job; `${{ if … }}:` may stand between."""
    path = place.path[:-depth]
    conditions = 0
    while path and isinstance(path[-1], str) and path[-1].startswith("${{"):
        path, conditions = path[:-1], conditions + 1
    owner = place.above[-depth - conditions]
    if not path:
        return lookup(owner, "steps") is not None
    return isinstance(path[-1], int) and is_job(owner)


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Azure Pipelines",
        url="https://learn.microsoft.com/azure/devops/pipelines/process/container-phases",
        files="`azure-pipelines*.yml`, YAML files in `.azure-pipelines`, `.azuredevops`, `.pipelines` and the like, "
        "and other YAML files whose `jobs`, `stages` or `resources` are those of a pipeline",
        places=(
            "`resources.containers` and the `containers` that a template is handed",
            "`container:` and `services:` of jobs that are no names of declared containers",
            "`variables` and defaults of `parameters` of the same file that end a reference",
        ),
        path="azure-pipelines.yml",
        example="""\
trigger: [main]
resources:
  containers:
    - container: tools
      image: ubuntu:24.04
jobs:
  - job: test
    container: tools
    steps:
      - script: make test
  - job: lint
    container: golangci/golangci-lint:v1.61
    steps:
      - script: golangci-lint run
""",
        limits=(
            "`pool.vmImage` and the images of pools name no container images",
            "a container of the type `ACR` is named in parts by Azure, not by a reference",
            "a single word in a template may name a container of the pipeline that uses it: `variable`",
        ),
    ),
    endings=YAML,
    needles=((b"container", b"services"),),
    never=(OBJECT,),
)
