"""pre-commit: hooks that run in a container (https://pre-commit.com/#docker_image)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pinbot.formats._base import About, standing_at
from pinbot.formats._claims import named
from pinbot.formats._suspects import image_behind
from pinbot.formats._suspects_shell import Word
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import is_scalar, lookup, text_at
from pinbot.formats._yaml_scalar import filled_in, scalar_finding, text_of
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Fixed, Standing
from pinbot.source.text import Span

NAME = "pre-commit"
# A word as shlex splits it, which pre-commit does.
_WORD = re.compile(r"""(?:[^\s'"\\]+|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+""", re.DOTALL)


def _read(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    """Yield the image of a hook: what `docker run` would take for one in its `entry`."""
    entry = lookup(place.node, "entry")
    if text_at(place.node, "language") != "docker_image" or not is_scalar(entry):
        return
    document, text = place.document, text_of(place.document, entry)
    found = list(_WORD.finditer(text.value))
    at = image_behind([Word(word[0].strip("'\""), word[0]) for word in found], 0, "run")
    if at is None:
        return
    image, where = found[at][0], f"{place.where}.entry"
    quoted = len(image) > 1 and image[0] == image[-1] and image[0] in "'\""
    start, stop = text.span.start + found[at].start() + quoted, text.span.start + found[at].end() - quoted
    span = text.span if text.problem else Span(start, stop)
    standing: Standing | None = filled_in(image)
    if standing is None:
        standing = _known(image, text.problem) if text.problem else standing_at(document.file, span)
    yield scalar_finding(document.file, format_name, f"{label} {where}".strip(), span, standing)


def _known(image: str, problem: str) -> Standing:
    reference = Reference.parse_or_none(image)
    return Fixed(reference, problem) if reference else Aside("invalid", problem)


FORMAT = yaml_format(
    NAME,
    about=About(
        title="pre-commit",
        url="https://pre-commit.com/#docker_image",
        files="`.pre-commit-config.yaml` and `.pre-commit-hooks.yaml`",
        places=("the image in `entry` of a hook whose `language` is `docker_image`",),
        path=".pre-commit-config.yaml",
        example="""\
repos:
  - repo: local
    hooks:
      - id: hadolint
        name: Lint Dockerfiles
        language: docker_image
        entry: --entrypoint /bin/hadolint hadolint/hadolint:v2.12.0 -
        types: [dockerfile]
""",
        limits=("a hook of another repository is described there, so its image is pinned there",),
    ),
    claims=named(r"\.pre-commit-(?:config|hooks)\.ya?ml"),
    needles=("docker_image", "entry"),
    routes=(Route("repos[].hooks[]", _read), Route("[]", _read)),
)
