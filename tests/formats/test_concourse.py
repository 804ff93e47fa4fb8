"""Concourse: what is a pipeline or a task, and where each kind of resource takes a digest."""

from __future__ import annotations

import pytest

from pinbot.formats import concourse
from pinbot.source.finding import Published, Writable
from tests.formats._scanning import reasons, scanned, told

FORMATS = (concourse.FORMAT,)
DIGEST = f"sha256:{'0' * 64}"
TASK = "platform: linux\nrun: {path: a}\n"
IMAGE = "image_resource: {type: registry-image, source: {repository: nginx, tag: '1'}}"
JOBS = "jobs: []\n"


def source(kind: str, more: str = "", beside: str = "") -> str:
    return f"{{name: n, type: {kind}, source: {{repository: nginx{more}}}{beside}}}"


STANDINGS = [
    pytest.param(f"{TASK}{IMAGE}", ["writable"], id="a task"),
    pytest.param(f"jobs: [{{plan: [{{config: {{{IMAGE}}}}}]}}]", ["writable"], id="a task within a job"),
    pytest.param(f"{TASK}image_resource: {source('docker-image', ', tag: v1')}", ["writable"], id="a docker-image"),
    pytest.param(f"{TASK}image_resource: {source('registry-image')}", ["variable"], id="no tag: the newest version"),
    pytest.param(
        f"{TASK}image_resource: {source('registry-image', ', tag: a', f', version: {{digest: {DIGEST!r}}}')}",
        ["writable"],
        id="a version that is there",
    ),
    pytest.param(
        f"{TASK}image_resource: {source('registry-image', ', tag: a', ', version: {digest: }')}",
        ["fixed"],
        id="a version that is empty",
    ),
    pytest.param(
        f"{TASK}image_resource: {source('registry-image', ', tag: a, aws_region: eu')}",
        ["variable"],
        id="a short ECR name",
    ),
    pytest.param(f"{TASK}image_resource: {source('registry-image', ', tag: ((tag))')}", ["variable"], id="a variable"),
    pytest.param(f"{JOBS}resources: [{source('registry-image', ', tag: a')}]", ["fixed"], id="a resource"),
    pytest.param(f"{JOBS}resources: [{source('docker-image', ', tag: a')}]", ["fixed"], id="an old resource"),
    pytest.param(f"resource_types: [{source('registry-image', ', tag: a')}]", ["fixed"], id="a resource type"),
    pytest.param(f"resource_types: [{source('docker-image', ', tag: a')}]", ["writable"], id="an old resource type"),
    pytest.param(f"resource_types: [{source('docker-image')}]", ["variable"], id="an old resource type without a tag"),
    pytest.param(
        f"resource_types: [{source('docker-image', f', digest: {DIGEST!r}')}]", ["writable"], id="only a digest"
    ),
]


@pytest.mark.parametrize(("text", "outcomes"), STANDINGS)
def test_each_kind_takes_its_digest_where_it_can(text: str, outcomes: list[str]) -> None:
    assert [outcome for _, outcome in told("ci/a.yml", text, formats=FORMATS)] == outcomes


UNTOUCHED = [
    pytest.param(f"{JOBS}resources: [{source('git', ', tag: registry-image')}]", id="another type of resource"),
    pytest.param(f"{IMAGE}", id="neither a task nor a pipeline"),
    pytest.param(f"apiVersion: v1\nkind: X\njobs: [{{{IMAGE}}}]", id="an object of Kubernetes"),
    pytest.param(f"{TASK}image_resource: {{type: registry-image}}", id="no source"),
    pytest.param(f"{TASK}image_resource: registry-image # repository", id="an image that is no mapping"),
    pytest.param(f"{TASK}params: {{x: 'registry-image repository'}}", id="a text"),
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_leaves_the_rest_alone(text: str) -> None:
    assert told("ci/a.yml", text, formats=FORMATS) == []


def test_what_a_job_pushes_is_local_and_published() -> None:
    text = f"jobs: [{{plan: [{{in_parallel: [{{put: n}}]}}]}}]\nresources: [{source('registry-image', ', tag: a')}]"
    assert told("ci/a.yml", text, formats=FORMATS) == [("a", "local")]
    assert reasons("ci/a.yml", text, formats=FORMATS) == ["a job of this pipeline pushes it"]
    (published,) = scanned("ci/a.yml", text, formats=FORMATS).relations
    assert isinstance(published, Published)
    assert (published.registry, published.repository) == ("docker.io", "library/nginx")


def test_a_put_may_name_its_resource_elsewhere() -> None:
    text = f"jobs: [{{plan: [{{put: x, resource: n}}]}}]\nresources: [{source('registry-image', ', tag: a')}]"
    assert told("ci/a.yml", text, formats=FORMATS) == [("a", "local")]


def test_a_version_is_written_behind_the_type() -> None:
    text = f"{TASK}image_resource:\n  type: registry-image # x\n  source: {{repository: nginx, tag: '1'}}\n"
    (finding,) = scanned("ci/a.yml", text, formats=FORMATS).findings
    assert isinstance(finding.standing, Writable)
    slot = finding.standing.digest
    assert (text[: slot.span.start].rpartition("\n")[2], slot.lead, slot.tail) == (
        "  type: registry-image # x",
        "\n  version: {digest: ",
        "}",
    )
