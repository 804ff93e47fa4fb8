"""Images that charts list in their annotations, which are YAML within a string."""

from __future__ import annotations

import pytest

from pinbot.formats import helm_chart
from pinbot.formats._claims import Claims
from tests.formats._scanning import scanned, told

FORMATS = (helm_chart.FORMAT,)


@pytest.mark.parametrize("path", ["Chart.yaml", "charts/a/Chart.yaml", "chart.yml", "a/artifacthub-pkg.yml"])
def test_claims_charts_and_packages(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["Chart.lock", "mychart.yaml", "artifacthub-repo.yml"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


TAKEN = [
    pytest.param(
        "annotations:\n  artifacthub.io/images: |\n    - image: nginx:1\n", id="the annotation of Artifact Hub"
    ),
    pytest.param("annotations:\n  images: |-\n    - name: a\n      image: nginx:1\n", id="the annotation of Bitnami"),
    pytest.param('annotations:\n  "artifacthub.io/images": |\n\n    # web\n    - image: "nginx:1"\n', id="a remark"),
    pytest.param("annotations: {images: '[{image: nginx:1}]'}", id="a list on one line"),
    pytest.param("containersImages:\n- name: a\n  image: nginx:1\n", id="a package"),
]


@pytest.mark.parametrize("text", TAKEN)
def test_reads_the_list_where_it_stands(text: str) -> None:
    (finding,) = scanned("Chart.yaml", text, formats=FORMATS).findings
    assert text[finding.span.start : finding.span.stop] == finding.text == "nginx:1"


def test_a_place_is_named_by_annotation_and_item() -> None:
    text = "annotations:\n  images: |\n    - image: a:1\n    - image: b:1\n"
    found = scanned("Chart.yaml", text, formats=FORMATS).findings
    assert [f.where for f in found] == ["annotations.images[0].image", "annotations.images[1].image"]


NOTHING = [
    pytest.param("dependencies: [{name: redis, repository: 'oci://a.io/b', version: 1.0.0}]", id="a dependency"),
    pytest.param("annotations: {category: Images, images: none}", id="an annotation that is no list"),
    pytest.param("annotations: {images: '[nginx, {name: image}]'}", id="a list of something else"),
    pytest.param("annotations: {images: [{image: nginx}]}", id="an annotation that is no text"),
    pytest.param("annotations:\n  images: >\n    - image: nginx\n    - image: redis\n", id="lines that are folded"),
    pytest.param("icon: https://example.com/image.png\nannotations: {}", id="an icon"),
    pytest.param("image: nginx\nannotations: {}", id="an image at the top"),
]


@pytest.mark.parametrize("text", NOTHING)
def test_leaves_what_is_no_list_of_images(text: str) -> None:
    assert told("Chart.yaml", text, formats=FORMATS) == []
