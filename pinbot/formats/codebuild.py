"""Batch builds of AWS CodeBuild: https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html.

The image of an ordinary build is a setting of the project, and stands in no buildspec.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pinbot.formats._base import About
from pinbot.formats._claims import placed
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Aside, Finding, Fixed, Standing, Writable

# https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html
_CURATED = "aws/codebuild/"
_PROVIDED = "an image that CodeBuild itself provides; no registry has it"
# https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html: `repository:tag` or
# `repository@digest`.
_EITHER = "CodeBuild takes a tag or a digest, not both; write `name@sha256:… # tag`, and it will be kept up to date"


def _read(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    for finding in literal(place, format_name, label):
        yield replace(finding, standing=_standing(finding))


def _standing(finding: Finding) -> Standing:
    reference, standing = finding.reference, finding.standing
    if finding.text.startswith(_CURATED):
        return Aside("local", _PROVIDED, reference)
    if not isinstance(standing, Writable):
        return standing
    return standing if standing.reference.digest else Fixed(standing.reference, _EITHER)


FORMAT = yaml_format(
    "codebuild",
    about=About(
        title="AWS CodeBuild batch builds",
        url="https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html",
        files="`buildspec.yml`, `buildspec-release.yml` and the like, and YAML files in a folder `buildspec`",
        places=("`env.image` of a task in `build-list:`, `build-graph:`, `build-matrix:` and `build-fanout:`",),
        path="buildspec.yml",
        example="""\
version: 0.2
batch:
  build-list:
    - identifier: linux
      env:
        image: aws/codebuild/standard:7.0
    - identifier: go
      env:
        image: golang@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef # 1.23
""",
        limits=(
            "`aws/codebuild/…` is provided by CodeBuild itself: `local`",
            "a tag is refused, since CodeBuild takes a tag or a digest and not both; a digest is kept up to date",
            "the image of the project stands in its settings, not in a buildspec",
        ),
    ),
    claims=placed(r"(?:.*/)?(?:[^/]*buildspec[^/]*|buildspecs?/[^/]*)\.ya?ml"),
    needles=("batch", "image"),
    routes=(Route("batch.**.env.image", _read), Route("batch.**.env.image[]", _read)),
    closed=("**.variables",),
)
