"""Compose files by their name: https://docs.docker.com/compose/intro/compose-application-model/#the-compose-file."""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.formats._base import About, Companions, Format
from pinbot.formats._claims import YAML, named
from pinbot.formats._compose import read
from pinbot.formats._yaml import scan_documents
from pinbot.source.finding import Yield
from pinbot.source.text import SourceFile

# `compose.yaml`, `docker-compose.override.yml`, `prod.compose.yaml`, `compose.lock.yml`, `docker-stack-ci.yml`
_CLAIMED = named(
    r"(?:.*[._-])?compose(?:[._-].*)?\.ya?ml|(?:docker|podman)[._-]?compose.*\.ya?ml|(?:docker-)?stack(?:[._-].*)?\.ya?ml"
)


def _scan(file: SourceFile, companions: Companions) -> Iterator[Yield]:
    yield from scan_documents(file, lambda document: read(document, companions, FORMAT.name))


FORMAT = Format(
    "compose",
    _scan,
    About(
        title="Compose files",
        url="https://docs.docker.com/reference/compose-file/",
        files="`compose.yaml`, `docker-compose*.yml`, `*.compose.yaml`, `docker-stack.yml` and the like",
        places=(
            "`image:` of a service, with `${VARIABLE:-default}` and the `.env` file beside it",
            "volumes of the type `image`",
            "`additional_contexts` that are `docker-image://…`",
            "the whole of a `dockerfile_inline`",
            "`args` of a build that feed a `FROM` of its Dockerfile",
        ),
        path="compose.yaml",
        example="""\
services:
  web:
    image: nginx:${NGINX_VERSION:-1.27}
  db:
    image: postgres:16
""",
        limits=(
            "the image of a service that is built is the name of what the build makes: `local`",
            "a variable that feeds more than one reference, or stands in the middle of one, is refused",
            "a value that stands in `.env` carries the digest there, unless something else reads it too",
        ),
    ),
    claims=_CLAIMED,
    endings=YAML,
)
