"""Fly.io applications: https://fly.io/docs/reference/configuration/#the-build-section."""

from __future__ import annotations

from pinbot.formats._base import About
from pinbot.formats._claims import named
from pinbot.formats._toml import Route, toml_format

FORMAT = toml_format(
    "fly",
    about=About(
        title="Fly.io applications",
        url="https://fly.io/docs/reference/configuration/#the-build-section",
        files="`fly.toml`, `fly.staging.toml` and the like",
        places=("`image` and `builder` in `[build]`",),
        path="fly.toml",
        example="""\
app = "web"

[build]
  image = "nginx:1.27"
""",
        limits=("buildpacks by their name are no images",),
    ),
    claims=named(r"fly(?:[._-].+)?\.toml|.+[._-]fly\.toml"),
    needles=("build", ("image", "builder")),
    routes=(Route("build.image"), Route("build.builder")),
)
