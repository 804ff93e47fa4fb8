"""ko: base images, in files that are ko's by their name."""

from __future__ import annotations

import pytest

from pinbot.formats import ko
from pinbot.formats._claims import Claims
from tests.formats._scanning import told


@pytest.mark.parametrize("path", [".ko.yaml", "cmd/.ko.yml", "ko.yaml", "release.ko.yaml", ".goreleaser.yml"])
def test_claims_its_settings(path: str) -> None:
    assert Claims((ko.FORMAT,)).of(path)


@pytest.mark.parametrize("path", ["gecko.yaml", "ko.yaml.bak", "ko/values.yaml", "ko.json"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims((ko.FORMAT,)).of(path)


@pytest.mark.parametrize(
    ("text", "images"),
    [
        pytest.param("defaultBaseImage: a", ["a"], id="the default"),
        pytest.param("baseImageOverrides: {x.io/y: a, x.io/z: b}", ["a", "b"], id="overrides"),
        pytest.param("defaultbaseimage: a", ["a"], id="in small letters"),
        pytest.param("kos: [{base_image: a}]", ["a"], id="what GoReleaser hands to ko"),
        pytest.param("builds: [{main: ./a, baseImage: b}]", [], id="builds have none"),
    ],
)
def test_takes_base_images(text: str, images: list[str]) -> None:
    assert told(".ko.yaml", text, formats=(ko.FORMAT,)) == [(image, "writable") for image in images]
