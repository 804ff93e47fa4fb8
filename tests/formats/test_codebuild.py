"""CodeBuild: the images of batch builds, and those that CodeBuild provides itself."""

from __future__ import annotations

import pytest

from pinbot.formats import codebuild
from pinbot.formats._claims import Claims
from tests.formats._scanning import reasons, scanned, told

FORMATS = (codebuild.FORMAT,)
DIGEST = f"sha256:{'0' * 64}"


@pytest.mark.parametrize("path", ["buildspec.yml", "buildspec.yaml", "ci/buildspec-arm.yml", "buildspec/release.yml"])
def test_claims_by_name_and_folder(path: str) -> None:
    assert Claims(FORMATS).of(path)


CASES = [
    pytest.param(f"batch: {{build-list: [{{env: {{image: 'a@{DIGEST}'}}}}]}}", ["writable"], id="a list"),
    pytest.param(f"batch: {{build-graph: [{{env: {{image: 'a@{DIGEST}'}}}}]}}", ["writable"], id="a graph"),
    pytest.param(f"batch: {{build-matrix: {{static: {{env: {{image: 'a@{DIGEST}'}}}}}}}}", ["writable"], id="static"),
    pytest.param(
        f"batch: {{build-matrix: {{dynamic: {{env: {{image: ['a@{DIGEST}', b]}}}}}}}}", ["writable", "fixed"], id="many"
    ),
    pytest.param("batch: {build-list: [{env: {image: 'a:1'}}]}", ["fixed"], id="a tag"),
    pytest.param("batch: {build-list: [{env: {image: 'aws/codebuild/standard:7.0'}}]}", ["local"], id="AWS's own"),
    pytest.param("batch: {build-list: [{env: {image: '$IMAGE'}}]}", ["variable"], id="a variable"),
    pytest.param("batch: {build-list: [{env: {variables: {image: a}}}]}", [], id="an environment variable"),
    pytest.param("batch: {}\nenv: {image: a}", [], id="what is no batch"),
    pytest.param("batch: {}\nphases: {build: {commands: ['image: a']}}", [], id="a command"),
]


@pytest.mark.parametrize(("text", "outcomes"), CASES)
def test_takes_images_of_batches_and_nothing_else(text: str, outcomes: list[str]) -> None:
    assert [outcome for _, outcome in told("buildspec.yml", text, formats=FORMATS)] == outcomes


def test_a_comment_behind_a_digest_is_its_tag() -> None:
    text = f"batch:\n  build-list:\n    - env:\n        image: a@{DIGEST} # 1.2\n"
    (finding,) = scanned("buildspec.yml", text, formats=FORMATS).findings
    assert finding.reference is not None
    assert finding.reference.tag == "1.2"


def test_a_tag_is_refused_with_what_to_do() -> None:
    (reason,) = reasons("buildspec.yml", "batch: {build-list: [{env: {image: 'a:1'}}]}", formats=FORMATS)
    assert "write `name@sha256:… # tag`" in reason
