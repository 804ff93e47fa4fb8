"""Cloud Native Buildpacks: https://buildpacks.io/docs/reference/config/project-descriptor/,
https://buildpacks.io/docs/reference/config/builder-config/ and
https://buildpacks.io/docs/reference/config/package-config/.
"""

from __future__ import annotations

import re

from pinbot.formats._base import About
from pinbot.formats._claims import named
from pinbot.formats._toml import Route, toml_format

# https://buildpacks.io/docs/for-app-developers/how-to/build-inputs/specify-buildpacks/: an image, a folder, an archive,
# a URL, or the name of a buildpack of the builder or of the registry of buildpacks
_DOCKER = re.compile(r"docker:/{1,3}")
_TAGGED = re.compile(r"[\w.-]+(?::\d+)?(?:/[\w.-]+)+(?::[\w.-]+|@sha\d+:\w+|:[\w.-]+@sha\d+:\w+)")
_REBASED = "`pack rebase` looks for newer run images under the name that stands here, and a digest would stop that"


def _image(uri: str) -> int | None:
    """Return where the image of a buildpack begins, None where it is none of a registry."""
    lead = _DOCKER.match(uri)
    if lead:
        return lead.end()
    return 0 if _TAGGED.fullmatch(uri) and not uri.startswith((".", "urn:")) else None


FORMAT = toml_format(
    "buildpacks",
    about=About(
        title="Cloud Native Buildpacks",
        url="https://buildpacks.io/docs/reference/config/",
        files="`project.toml`, `builder.toml` and `package.toml`",
        places=(
            "`builder` in a `project.toml`, under `[io.buildpacks]` or, as it once was, `[build]`",
            "every buildpack whose `uri` is `docker://…`, in groups, builders and packages",
            "the build image of a builder, and the image of its `lifecycle`",
        ),
        path="project.toml",
        example="""\
[_]
schema-version = "0.2"

[io.buildpacks]
builder = "paketobuildpacks/builder-jammy-base:0.4.300"

[[io.buildpacks.group]]
uri = "docker://paketobuildpacks/nodejs:7"
""",
        limits=(
            "run images of a builder are refused: `pack rebase` looks for newer ones under the name that stands there",
            "buildpacks by their id, in a folder, or behind a URL are no images",
        ),
    ),
    claims=named(r"(?:project|builder|package)(?:[._-].+)?\.toml|.+[._-](?:project|builder|package)\.toml"),
    needles=(("buildpack", "image", "builder", "docker:/"),),
    routes=(
        Route("io.buildpacks.builder"),
        Route("io.buildpacks.group.uri", _image),
        Route("io.buildpacks.pre.group.uri", _image),
        Route("io.buildpacks.post.group.uri", _image),
        Route("build.builder"),
        Route("build.buildpacks.uri", _image),
        Route("buildpacks.uri", _image),
        Route("extensions.uri", _image),
        Route("dependencies.uri", _image),
        Route("dependencies.image"),
        Route("lifecycle.uri", _image),
        Route("build.image"),
        Route("stack.build-image"),
        Route("stack.run-image", refused=_REBASED),
        Route("stack.run-image-mirrors", refused=_REBASED),
        Route("run.images.image", refused=_REBASED),
        Route("run.images.mirrors", refused=_REBASED),
    ),
)
