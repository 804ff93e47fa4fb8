"""Google Cloud Build: https://cloud.google.com/build/docs/build-config-file-schema.

Substitutions: https://cloud.google.com/build/docs/configuring-builds/substitute-variable-values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from pinbot.formats._base import About, Companions, Format
from pinbot.formats._claims import YAML_AND_JSON, placed
from pinbot.formats._substitution import Values
from pinbot.formats._yaml import scan_documents
from pinbot.formats._yaml_nodes import is_mapping, is_scalar, is_sequence, lookup, pairs, text_at
from pinbot.formats._yaml_stream import Document
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Published, Yield
from pinbot.source.text import SourceFile

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

NAME = "cloudbuild"
_MADE = "a step of this build makes it"
_BRACES = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# How docker, buildx, kaniko and pack are told what to call what they make.
_NAMING = ("-t", "--tag", "-d", "--destination")


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    yield from scan_documents(file, _builds, ("name", "steps"))


def _builds(document: Document) -> Iterator[Yield]:
    """Yield what a build holds, or the one that is written into the export of a trigger."""
    root = document.root
    if lookup(root, "apiVersion") is not None:
        return
    yield from _build(document, root, "")
    yield from _build(document, lookup(root, "build"), "build.")


def _build(document: Document, build: Node | None, lead: str) -> Iterator[Yield]:
    steps = lookup(build, "steps")
    if build is None or not is_sequence(steps):
        return
    values, made = _values(document, build), _made(build)
    for number, step in enumerate(steps.value):
        name = lookup(step, "name")
        if name is not None:
            for finding in values.findings(name, NAME, f"{lead}steps[{number}].name"):
                yield _own(finding, made)
    for text in _texts(lookup(build, "images")):
        if reference := Reference.parse_or_none(text):
            yield Published(reference.registry, reference.path, f"{document.file.path}, {lead}images")


def _own(finding: Finding, made: frozenset[str]) -> Finding:
    if _plain(finding.text) not in made:
        return finding
    return replace(finding, standing=Aside("local", _MADE, finding.reference))


# Shared by the steps, and by the formats that look again.
@lru_cache(maxsize=2)
def _values(document: Document, build: Node) -> Values:
    entries = pairs(lookup(build, "substitutions"))
    settings = {str(key.value): value for key, value in entries if is_scalar(value)}
    return Values(document, settings, elsewhere="gets its value when the build runs")


def _made(build: Node) -> frozenset[str]:
    """Return what the build calls its images: in `images`, and in the arguments of its steps."""
    made = set(_texts(lookup(build, "images")))
    steps = lookup(build, "steps")
    for step in steps.value if is_sequence(steps) else ():
        words = list(_texts(lookup(step, "args")))
        if "bash" in text_at(step, "entrypoint") or not is_mapping(step):
            continue
        made.update(after for word, after in pairwise(words) if word in _NAMING)
        made.update(word.partition("=")[2] for word in words if word.startswith(("--tag=", "--destination=", "-t=")))
    return frozenset(name for text in made for name in (_plain(text), _plain(text).removesuffix(":latest")))


def _texts(node: Node | None) -> Iterator[str]:
    if is_sequence(node):
        yield from (str(item.value) for item in node.value if is_scalar(item))


def _plain(text: str) -> str:
    return _BRACES.sub(r"$\1", text)


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Google Cloud Build",
        url="https://cloud.google.com/build/docs/build-config-file-schema",
        files="`cloudbuild.yaml`, `cloudbuild-release.json`, `web.cloudbuild.yaml`, and files in a folder `cloudbuild`",
        places=(
            "`name:` of a step",
            "`$_NAME` and `${_NAME}` with the values of `substitutions:`, which carry the digest",
        ),
        path="cloudbuild.yaml",
        example="""\
steps:
  - name: gcr.io/cloud-builders/docker
    args: [build, -t, gcr.io/$PROJECT_ID/web, .]
  - name: golang:${_GO}
    args: [go, test, ./...]
substitutions:
  _GO: "1.23"
images: [gcr.io/$PROJECT_ID/web]
""",
        limits=(
            "what a step builds, or `images:` pushes, is `local`",
            "a substitution that is used more than once, or does not end the reference, is refused",
            "`$PROJECT_ID` and the other substitutions of Cloud Build itself are `variable`",
        ),
    ),
    claims=placed(r"(?:.*/)?(?:(?:[^/]*[._-])?cloudbuild(?:[._-][^/]*)?|\.?cloudbuild/.*)\.(?:ya?ml|json)"),
    endings=YAML_AND_JSON,
    needles=(b"steps", b"name"),
)
