"""Workflows and actions of GitHub, and of Gitea and Forgejo, which read the same:
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idcontainer and
https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#runs-for-docker-container-actions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from pinbot.formats._base import OBJECT, About, Companions, Format
from pinbot.formats._claims import YAML, placed, untemplated
from pinbot.formats._github_builds import built
from pinbot.formats._github_expressions import Workflow, cut, without_expressions
from pinbot.formats._github_inputs import WORDS, builder_images, image_of
from pinbot.formats._yaml import scan_documents
from pinbot.formats._yaml_nodes import is_mapping, is_scalar, is_sequence, lookup, pairs, text_at
from pinbot.formats._yaml_stream import Document
from pinbot.formats._yaml_variables import DOCKER, references
from pinbot.formats._yaml_walk import Map, Place, places
from pinbot.source.finding import Skip, Yield
from pinbot.source.text import SourceFile

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

NAME = "github-actions"
_FOLDER = r"(?:.*/)?(?:\.(?:github|gitea|forgejo)/workflows|(?:\.github/)?workflow-templates)/[^/]+"
_placed = placed(rf"{_FOLDER}\.ya?ml|(?:.*/)?action\.ya?ml")
_NEEDLES = (("jobs", "using"), ("ocker://", "container", "services", "docker/", "depot/", "useblacksmith/", *WORDS))
_OWN_WORDS = ("runs-on", "uses")


def _container(place: Place) -> Iterator[Yield]:
    yield from references(place, NAME, cut, _workflow(place.document).lookups(place))


@lru_cache(maxsize=1)
def _workflow(document: Document) -> Workflow:
    return Workflow(document)


def _uses(place: Place) -> Iterator[Yield]:
    """Yield the image of a step, or of an action; other actions and Dockerfiles are no images."""
    if is_scalar(place.node) and place.node.value.strip().lower().startswith(DOCKER):
        yield from references(place, NAME, cut, (without_expressions,))


def _step(place: Place) -> Iterator[Yield]:
    yield from built(place, _root(place.document.file.path), NAME)
    yield from builder_images(place, NAME)
    if image := image_of(place):
        yield from _container(image)


_ROUTES: tuple[tuple[str, Callable[[Place], Iterator[Yield]]], ...] = (
    ("jobs.*.container", _container),
    ("jobs.*.container.image", _container),
    ("jobs.*.services.*", _container),
    ("jobs.*.services.*.image", _container),
    ("jobs.*.steps[].uses", _uses),
    ("jobs.*.steps[]", _step),
    ("runs.image", _uses),
    ("runs.steps[].uses", _uses),
    ("runs.steps[]", _step),
)


@cache
def _chart() -> Map:
    return Map.of([path for path, _ in _ROUTES])


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    at_its_place = _placed(untemplated(file.path))
    if not at_its_place and not _may_be_one(file.text):
        return

    def read(document: Document) -> Iterator[Yield]:
        if _is_workflow(document.root, at_its_place):
            for number, place in places(document, _chart()):
                yield from _ROUTES[number][1](place)

    for item in scan_documents(file, read):
        # What is no YAML, somewhere else, is nobody's workflow.
        if at_its_place or not isinstance(item, Skip):
            yield item


def _may_be_one(text: str) -> bool:
    """Whether a text has the words of a workflow; most other YAML is told apart by that, without reading it."""
    return (text.startswith("jobs") or "\njobs" in text) and any(word in text for word in _OWN_WORDS)


def _is_workflow(root: Node, at_its_place: bool) -> bool:
    """Whether a document is a workflow or an action; elsewhere its jobs have to look like those of no other CI."""
    if at_its_place:
        return lookup(root, "jobs") is not None or bool(text_at(root, "runs", "using"))
    return any(_is_job(job) for _, job in pairs(lookup(root, "jobs")))


def _is_job(job: Node) -> bool:
    if lookup(job, "runs-on") is not None or is_scalar(lookup(job, "uses")):
        return True
    steps = lookup(job, "steps")
    return is_sequence(steps) and any(is_mapping(step) and lookup(step, "uses") is not None for step in steps.value)


def _root(path: str) -> str:
    """Return the folder in which the steps of a workflow run: that of its repository."""
    for folder in (".github/", ".gitea/", ".forgejo/"):
        before, found, _ = f"/{path}".rpartition(f"/{folder}")
        if found:
            return before.lstrip("/")
    return ""


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="GitHub Actions",
        url="https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax",
        files="workflows in `.github/workflows` (also `.gitea`, `.forgejo`), workflow templates, `action.yml` in any "
        "folder, and other YAML files whose `jobs:` have `runs-on` or `uses`",
        places=(
            "`container:` and `services:` of a job, with `${{ inputs.… }}` that have a default",
            "`uses: docker://…` of a step",
            "`runs.image: docker://…` of an action",
            "`build-contexts` of docker/build-push-action that are `docker-image://…`",
            "`image` of docker/setup-qemu-action and addnab/docker-run-action, `node_image` of helm/kind-action",
            "`driver-opts: image=…` of docker/setup-buildx-action",
        ),
        path=".github/workflows/test.yml",
        example="""\
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    container: node:20
    services:
      db:
        image: postgres:16
    steps:
      - uses: docker://alpine:3.20
""",
        limits=(
            "what a matrix gives is listed, each value on its own, and refused: names of jobs hold these values",
            "`vars`, `secrets`, `needs` and the like are known only while the workflow runs: `variable`",
            "inputs of other actions (`with: image: …`) mean what the action makes of them, and are not read",
        ),
    ),
    endings=YAML,
    needles=tuple(tuple(word.encode() for word in words) for words in _NEEDLES),
    never=(OBJECT,),
)
