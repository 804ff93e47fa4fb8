"""Helm values in files of other names: which documents count, and how fast they are told."""

from __future__ import annotations

import time

import pytest

from pinbot import wiring
from pinbot.formats import helm_values_other
from tests.formats._scanning import scanned, told

FORMATS = (helm_values_other.FORMAT,)
LIMIT_SECONDS = 5.0
IMAGE = "{repository: x/y, tag: v1, digest: ''}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"image: {IMAGE}", id="an image at the top"),
        pytest.param(f"a: {{image: {IMAGE}}}", id="an image of a part"),
        pytest.param(f"a: [{{initImage: {IMAGE}}}]", id="a key that ends so, in a list"),
    ],
)
def test_takes_images_in_parts(text: str) -> None:
    assert told("envs/dev.yaml", text, formats=FORMATS) == [("v1", "writable")]


def test_reads_the_whole_document_as_values() -> None:
    text = "a: {image: {repository: x/y, tag: v1}}\nb: {image: 'nginx:1.27'}"
    assert told("dev.yaml", text, formats=FORMATS) == [("v1", "fixed"), ("nginx:1.27", "writable")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("a.yaml", "source: {repository: x/y, tag: v1}\nimage: a:1", id="no image has these keys"),
        pytest.param("a.yaml", "image: {repository: x/y}\ntag: v1", id="no tag beside it"),
        pytest.param("a.yaml", f"kind: Chart\nimage: {IMAGE}", id="an object"),
        pytest.param("a.yaml", f"suite: a\ntests: [{{set: {{image: {IMAGE}}}}}]", id="tests of a chart"),
        pytest.param("a.yaml", f"apiVersion: v1\nimage: {IMAGE}", id="a version of an API"),
        pytest.param(".tool/a.yaml", f"image: {IMAGE}", id="a hidden folder"),
    ],
)
def test_leaves_other_documents_alone(path: str, text: str) -> None:
    assert told(path, text, formats=FORMATS) == []


def test_leaves_files_to_the_format_that_knows_them() -> None:
    for path, name in (("values.yaml", "helm-values"), ("dev.yaml", "helm-values-other")):
        findings = scanned(path, f"image: {IMAGE}", formats=wiring.formats()).findings
        assert [finding.format for finding in findings] == [name]


def test_is_told_in_linear_time() -> None:
    text = "repository: a\ntag: b\nimage: {}\n" + "".join(f"k{n}: {{image: {{tag: a}}}}\n" for n in range(20_000))
    began = time.process_time()
    assert told("dev.yaml", text, formats=FORMATS) == []
    assert time.process_time() - began < LIMIT_SECONDS
