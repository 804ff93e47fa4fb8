"""ko's base images: https://ko.build/configuration/#overriding-base-images, and those that GoReleaser hands to it:
https://goreleaser.com/customization/ko/.
"""

from __future__ import annotations

from pinbot.formats._base import About
from pinbot.formats._claims import named
from pinbot.formats._yaml import Route, yaml_format

FORMAT = yaml_format(
    "ko",
    about=About(
        title="ko",
        url="https://ko.build/configuration/",
        files="`.ko.yaml`, `ko.yaml` and `.goreleaser.yaml`",
        places=("`defaultBaseImage`", "the values of `baseImageOverrides`", "`kos[].base_image` of GoReleaser"),
        path=".ko.yaml",
        example="""\
defaultBaseImage: cgr.dev/chainguard/static:latest
baseImageOverrides:
  github.com/acme/app/cmd/web: alpine:3.20
""",
        limits=("`KO_DEFAULTBASEIMAGE` in the environment wins over the file",),
    ),
    claims=named(r"(?:.*[._-])?ko\.ya?ml|(?:.*[._-])?goreleaser(?:[._-].*)?\.ya?ml"),
    needles=(("aseImage", "aseimage", "base_image"),),
    routes=(
        Route("defaultBaseImage"),
        Route("baseImageOverrides.*"),
        # ko reads its settings in any case of letters; these are the spellings that occur.
        Route("defaultbaseimage"),
        Route("baseimageoverrides.*"),
        Route("kos[].base_image"),
    ),
)
