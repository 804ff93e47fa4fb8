"""AWS Copilot: images of services and jobs (https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/)."""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.formats._base import About
from pinbot.formats._claims import placed
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import is_scalar
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Yield


def _text(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    """Yield the image of a sidecar; a mapping there says how it is built."""
    if is_scalar(place.node):
        yield from literal(place, format_name, label)


FORMAT = yaml_format(
    "copilot",
    about=About(
        title="AWS Copilot",
        url="https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/#image-location",
        files="`copilot/*/manifest.yml`",
        places=("`image.location`", "`image` of a sidecar", "both within `environments`"),
        path="copilot/web/manifest.yml",
        example="""\
name: web
type: Load Balanced Web Service
image:
  location: public.ecr.aws/nginx/nginx:1.27
  port: 80
""",
        limits=("`image.build` names a Dockerfile, which is read as one",),
    ),
    claims=placed(r"(?:.*/)?copilot/(?:[^/]+/)+manifest\.ya?ml"),
    needles=("image",),
    routes=(
        Route("image.location"),
        Route("sidecars.*.image", _text),
        Route("environments.*.image.location"),
        Route("environments.*.sidecars.*.image", _text),
    ),
)
