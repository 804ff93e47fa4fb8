"""Nomad jobs: tasks whose driver runs an image, and files that hold a job whatever they are called."""

from __future__ import annotations

import pytest

from pinbot.formats import nomad
from pinbot.formats._claims import Claims
from tests.formats._scanning import reasons, scanned, told

FORMATS = (nomad.FORMAT,)
PATH = "web.nomad.hcl"
DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize("path", [PATH, "a.nomad", "jobs/a.hcl", "a.nomad.json"])
def test_claims_jobs(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["docker-bake.hcl", "a.pkr.hcl", ".terraform.lock.hcl", "main.tf", "a.json", "nomad"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


def _task(driver: str, config: str, more: str = "") -> str:
    task = f'task "t" {{\n driver = {driver}\n config {{\n{config}\n}}\n}}'
    return f'{more}job "j" {{\n group "g" {{\n{task}\n}}\n}}\n'


V = 'variable "v" {\n default = "1"\n}\n'
TAKEN = [
    pytest.param(_task('"docker"', 'image = "redis:7"'), [("redis:7", "writable")], id="docker"),
    pytest.param(
        _task('"podman"', 'image = "redis:7"'), [("redis:7", "fixed")], id="podman, which takes no tag and digest"
    ),
    pytest.param(_task('"podman"', 'image = "docker://redis:7"'), [("redis:7", "fixed")], id="podman with a transport"),
    pytest.param(
        _task('"podman"', f'image = "redis@{DIGEST}"'), [(f"redis@{DIGEST}", "writable")], id="podman with a digest"
    ),
    pytest.param(_task('"containerd-driver"', 'image = "redis:7"'), [("redis:7", "writable")], id="containerd"),
    pytest.param(_task('"docker"', 'image = "a:${var.v}"', V), [("a:${var.v}", "writable")], id="a variable"),
    pytest.param(_task('"docker"', 'image = "a:${var.w}"', V), [("a:${var.w}", "variable")], id="an unknown variable"),
    pytest.param(
        _task('"docker"', 'image = "${NOMAD_META_IMAGE}"'),
        [("${NOMAD_META_IMAGE}", "variable")],
        id="known at run time",
    ),
    pytest.param(_task('"docker"', 'image = "[[ .image ]]"'), [("[[ .image ]]", "invalid")], id="a template of levant"),
    pytest.param(
        'job "j" {\n group "g" {\n service {\n connect {\n sidecar_task {\n config {\n image = "envoy:1"\n}\n}\n}\n}\n'
        ' task "t" {\n driver = "exec"\n}\n}\n}\n',
        [("envoy:1", "writable")],
        id="a sidecar",
    ),
    pytest.param(
        'job "j" {\n task "t" {}\n meta = { "connect.sidecar_image" = "a:1" }\n}\n',
        [("a:1", "writable")],
        id="the image of all sidecars",
    ),
    pytest.param(_task('"raw_exec"', 'image = "redis:7"'), [], id="a driver that runs programs"),
    pytest.param(_task('"qemu"', 'image_path = "a.img"\nimage = "x"'), [], id="a driver that runs machines"),
    pytest.param(_task('"docker"', 'labels = { image = "x" }'), [], id="a label"),
    pytest.param(_task('"docker"', 'image = ""'), [], id="an empty image"),
    pytest.param('task "t" {\n driver = "docker"\n config { image = "x" }\n}\n# job\n', [], id="no job"),
    pytest.param('# job "x" { task { config { image = "y" } } }\n', [], id="a comment"),
]


@pytest.mark.parametrize(("text", "expected"), TAKEN)
def test_takes_the_images_of_tasks(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(PATH, text, formats=FORMATS) == expected


def test_says_why_podman_is_refused() -> None:
    assert "a tag or a digest" in reasons(PATH, _task('"podman"', 'image = "redis:7"'), formats=FORMATS)[0]


def test_reads_json() -> None:
    text = """{"Job": {"TaskGroups": [{"Tasks": [
        {"Driver": "docker", "Config": {"image": "redis:7"}},
        {"Driver": "exec", "Config": {"image": "no"}},
        {"Driver": "docker", "Config": {"image": "${NOMAD_META_X}"}}
    ]}]}}"""
    assert told("a.nomad.json", text, formats=FORMATS) == [("redis:7", "writable"), ("${NOMAD_META_X}", "variable")]


def test_a_broken_file_that_holds_no_job_is_none_of_nomads() -> None:
    assert not scanned("x.hcl", 'jobs "task" image {{{', formats=FORMATS).skips
    assert scanned("x.nomad", 'job "task" image {{{', formats=FORMATS).skips
