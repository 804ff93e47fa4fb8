"""Packer templates: sources that start from a container image."""

from __future__ import annotations

import pytest

from pinbot.formats import packer
from pinbot.formats._claims import Claims
from tests.formats._scanning import told

FORMATS = (packer.FORMAT,)
V = 'variable "v" {\n default = "24.04"\n}\n'


def test_claims_templates() -> None:
    assert Claims(FORMATS).of("a/b.pkr.hcl")
    assert not Claims(FORMATS).of("b.hcl")


TAKEN = [
    pytest.param('source "docker" "a" {\n image = "ubuntu:24.04"\n}\n', [("ubuntu:24.04", "writable")], id="a source"),
    pytest.param(
        V + 'source "docker" "a" {\n image = "u:${var.v}"\n}\n', [("u:${var.v}", "writable")], id="a variable"
    ),
    pytest.param(
        'build {\n source "source.docker.a" {\n image = "x"\n}\n}\n', [("x", "writable")], id="a source of a build"
    ),
    pytest.param('source "googlecompute" "a" {\n image = "docker"\n}\n', [], id="the disk of a machine"),
    pytest.param('source "docker" "a" {\n export_path = "image.tar"\n}\n', [], id="no image"),
    pytest.param('build {\n post-processor "docker-tag" {\n repository = "image"\n}\n}\n', [], id="what is built"),
]


@pytest.mark.parametrize(("text", "expected"), TAKEN)
def test_takes_the_image_of_docker_sources(text: str, expected: list[tuple[str, str]]) -> None:
    assert told("a.pkr.hcl", text, formats=FORMATS) == expected
