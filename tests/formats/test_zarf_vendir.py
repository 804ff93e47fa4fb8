"""Zarf and vendir: images that are fetched to be kept, not to be run here."""

from __future__ import annotations

import pytest

from pinbot.formats import kubernetes, vendir, zarf
from tests.formats._scanning import told

FORMATS = (kubernetes.FORMAT, vendir.FORMAT, zarf.FORMAT)
ZARF = "kind: ZarfPackageConfig\n"
VENDIR = "apiVersion: vendir.k14s.io/v1alpha1\nkind: Config\n"


def _content(text: str) -> str:
    return f"{VENDIR}directories: [{{contents: [{{{text}}}]}}]"


FOUND = [
    pytest.param("zarf.yaml", ZARF + "components: [{images: [a, 'b:1']}]", ["writable", "writable"], id="a package"),
    pytest.param("zarf.yaml", ZARF + "components: [{images: ['a:###ZARF_VAR_A###']}]", ["variable"], id="filled in"),
    pytest.param("zarf.yaml", ZARF + "components: [{manifests: [{files: [images.yaml]}]}]", [], id="manifests"),
    pytest.param("zarf.yaml", "components: [{images: [a]}]\n# Zarf", [], id="no package"),
    pytest.param("vendir.yml", _content("image: {url: a}"), ["writable"], id="an image"),
    pytest.param("vendir.yml", _content("imgpkgBundle: {image: a}"), ["writable"], id="a bundle"),
    pytest.param("vendir.yml", _content("imgpkgBundle: {image: a, tagSelection: {}}"), ["variable"], id="a selection"),
    pytest.param("vendir.yml", _content("helmChart: {name: image, version: '1'}"), [], id="a chart"),
    pytest.param("vendir.lock.yml", _content("image: {url: a}"), [], id="what vendir wrote"),
]


@pytest.mark.parametrize(("path", "text", "outcomes"), FOUND)
def test_takes_images_that_are_fetched(path: str, text: str, outcomes: list[str]) -> None:
    assert [one for _, one in told(path, text, formats=FORMATS)] == outcomes
