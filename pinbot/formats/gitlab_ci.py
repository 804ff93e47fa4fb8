"""Pipelines of GitLab: https://docs.gitlab.com/ci/yaml/#image and https://docs.gitlab.com/ci/yaml/#services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from pinbot.formats._base import OBJECT, About, Companions, Format
from pinbot.formats._claims import YAML, placed, untemplated
from pinbot.formats._gitlab_pipeline import NO_JOBS, Pipeline
from pinbot.formats._yaml import scan_documents
from pinbot.formats._yaml_nodes import is_scalar, is_sequence, lookup, pairs, text_at
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_variables import Literal, Piece, Variable, cut_at, references
from pinbot.formats._yaml_walk import Map, places
from pinbot.oci.platform import Platform
from pinbot.source.finding import Aside, Finding, Skip, Yield
from pinbot.source.text import SourceFile

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

NAME = "gitlab-ci"
_NEEDLES = (b"image", b"services")
_placed = placed(r"(?:.*/)?(?:[^/]*gitlab-ci[^/]*\.ya?ml|\.gitlab(?:-ci)?(?:/.+)?/[^/]+\.ya?ml)")
# Most other YAML is told apart without reading it; a pattern that begins with its word is found as fast as the word.
_SCRIPT = re.compile(r"""script["']?[ \t]*:""")
_OBJECT = re.compile(r"^apiVersion:", re.MULTILINE)
# What a job says besides its script, and no other tool does.
_WORDS = ("stage", "rules", "only", "except", "needs", "before_script", "after_script", "extends", "artifacts")
_ROUTES = ("image", "image.name", "services[]", "services[].name")
_ALL = (*_ROUTES, *(f"*.{route}" for route in _ROUTES))
# The last three are variables; the second is a proxy for Docker Hub, through which a digest is what it is there
# (https://docs.gitlab.com/user/packages/dependency_proxy/).
_NOTATION = re.compile(
    r"\$\$"
    r"|\A(?P<proxy>\$\{?CI_DEPENDENCY_PROXY_(?:DIRECT_)?GROUP_IMAGE_PREFIX\}?/)"
    r"|\$\[\[\s?inputs\.(?P<input>[\w-]{1,100})[^\]]{0,200}\]\]"
    r"|\$\{(?P<braced>\w{1,200})\}"
    r"|\$(?P<bare>[A-Za-z_]\w{0,200})"
)
# https://docs.gitlab.com/ci/yaml/yaml_optimization/#reference-tags
_REFERENCE = "!reference"
_OWN_REGISTRY = re.compile(r"\$(?:CI_REGISTRY_IMAGE\b|\{CI_REGISTRY_IMAGE\})")


def _piece(match: re.Match[str], _base: int | None) -> Piece:
    if match["input"]:
        return Variable(f"inputs.{match['input']}")
    if name := match["braced"] or match["bare"]:
        return Variable(name)
    return Literal("" if match["proxy"] else "$")


_cut = cut_at(_NOTATION, _piece)


@cache
def _chart() -> Map:
    return Map.of(_ALL)


def _scan(file: SourceFile, companions: Companions) -> Iterator[Yield]:
    at_its_place = _placed(untemplated(file.path))
    if not at_its_place and not _SCRIPT.search(file.text):
        return
    documents: list[Document] = []

    def keep(document: Document) -> Iterator[Yield]:
        documents.append(document)
        yield from ()

    words, passed_over = ((), None) if at_its_place else ((("script", "spec"),), _OBJECT)
    for item in scan_documents(file, keep, words, passed_over):
        # What is no YAML, somewhere else, is nobody's pipeline.
        if at_its_place or not isinstance(item, Skip):
            yield item
    head = next((one for one in documents if lookup(one.root, "spec") is not None), None)
    for document in documents:
        if document is not head and _is_pipeline(document.root, at_its_place):
            yield from _findings(document, Pipeline(document, head, companions))


def _is_pipeline(root: Node, at_its_place: bool) -> bool:
    """Whether a document holds jobs; elsewhere they have to look like those of no other tool."""
    if text_at(root, "apiVersion") and text_at(root, "kind"):
        return False
    return at_its_place or any(_is_job(job) for _, job in pairs(root))


def _is_job(node: Node) -> bool:
    script = lookup(node, "script")
    return (is_scalar(script) or is_sequence(script)) and any(lookup(node, word) is not None for word in _WORDS)


def _findings(document: Document, pipeline: Pipeline) -> Iterator[Finding]:
    for _, place in places(document, _chart()):
        depth = next(at for at, key in enumerate(place.path) if key in {"image", "services"})
        if depth and place.path[0] in NO_JOBS:
            continue
        key, owner = str(place.path[depth]), str(place.path[0]) if depth else ""
        nodes = (*place.above, place.node)
        setting = nodes[len(nodes) - len(place.path) + depth]
        if setting.tag == _REFERENCE:
            continue
        platform = Platform.parse(text_at(place.above[-1], "docker", "platform"))
        for finding in references(place, NAME, _cut, pipeline.lookups(setting, key, owner)):
            yield replace(_own(finding), platform=platform)


def _own(finding: Finding) -> Finding:
    if not _OWN_REGISTRY.match(finding.text):
        return finding
    return replace(finding, standing=Aside("local", "from the registry of this project, to which it publishes"))


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="GitLab CI",
        url="https://docs.gitlab.com/ci/yaml/",
        files="`.gitlab-ci.yml` and every YAML file with `gitlab-ci` in its name or in `.gitlab`, and other YAML files "
        "with jobs: a `script` beside a `stage`, `rules`, `needs`, …",
        places=(
            "`image:` and `services:` of jobs, hidden ones too, of `default:` and at the top",
            "`variables:` of the same file that end a reference, and defaults of a component's `inputs`",
            "images behind `$CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX`, which are those of Docker Hub",
        ),
        path=".gitlab-ci.yml",
        example="""\
variables:
  NODE_IMAGE: node:20
test:
  image: $NODE_IMAGE
  services:
    - postgres:16
  script:
    - npm test
build:
  image:
    name: golang:1.23
    entrypoint: [""]
  script:
    - go build ./...
""",
        limits=(
            "a variable that is set or used several times, or comes from a matrix, is refused",
            "variables of the project, of GitLab itself or of other files are not known: `variable`",
            "what stands in included files of other repositories is not read",
        ),
    ),
    endings=YAML,
    needles=(_NEEDLES,),
    never=(OBJECT,),
)
