"""Bitbucket Pipelines: https://support.atlassian.com/bitbucket-cloud/docs/docker-image-options/ and, for pipes,
https://support.atlassian.com/bitbucket-cloud/docs/write-a-pipe-for-bitbucket-pipelines/.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pinbot.formats._base import About
from pinbot.formats._claims import named
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import is_scalar
from pinbot.formats._yaml_scalar import Text
from pinbot.formats._yaml_variables import DOCKER, Literal, Piece, references
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Finding


def _as_written(text: Text) -> Sequence[Piece]:
    return (Literal(text.value, None if text.problem else text.span.start),)


def _pipe(place: Place, format_name: str, _label: str) -> Iterator[Finding]:
    """Yield the image of a pipe; `account/repository:1.0` names a repository and its tag, no image."""
    if is_scalar(place.node) and place.node.value.strip().lower().startswith(DOCKER):
        yield from references(place, format_name, _as_written, ())


FORMAT = yaml_format(
    "bitbucket-pipelines",
    about=About(
        title="Bitbucket Pipelines",
        url="https://support.atlassian.com/bitbucket-cloud/docs/docker-image-options/",
        files="`bitbucket-pipelines.yml`, and files whose name contains that",
        places=("`image:` for all steps, of steps and of services", "`pipe: docker://…`"),
        path="bitbucket-pipelines.yml",
        example="""\
image: node:20
definitions:
  services:
    db:
      image: postgres:16
pipelines:
  default:
    - step:
        services: [db]
        script:
          - npm test
          - pipe: docker://acme/notify:1.2
""",
        limits=(
            "`pipe: account/repository:1.0` names a Git repository, whose own `pipe.yml` says which image runs",
            "a variable in `image:` is set by the workspace or repository: `variable`",
        ),
    ),
    claims=named(r"(?:.*[._-])?bitbucket-pipelines(?:[._-].*)?\.ya?ml"),
    needles=(("image", "pipe"),),
    routes=(Route("**.image"), Route("**.image.name"), Route("**.pipe", _pipe)),
    closed=("**.variables", "**.caches"),
)
