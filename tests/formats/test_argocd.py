"""Argo CD: what an application overrides, in the notation of kustomize and in the values of charts."""

from __future__ import annotations

import pytest

from pinbot.formats import argocd, kubernetes
from pinbot.source.finding import Override
from tests.formats._scanning import scanned, told

FORMATS = (argocd.FORMAT, kubernetes.FORMAT)
OLD = f"sha256:{'0' * 64}"


def _application(source: str, annotation: str = "") -> str:
    noted = f"argocd-image-updater.argoproj.io/image-list: '{annotation}'" if annotation else "a: b"
    return (
        f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{annotations: {{{noted}}}}}\n"
        f"spec:\n  source:\n    {source}\n"
    )


OVERRIDES = [
    pytest.param("nginx:1", ("nginx:1", "writable"), id="a new tag"),
    pytest.param("web=nginx:1", ("nginx:1", "writable"), id="a new name and tag"),
    pytest.param(f"web=nginx@{OLD}", (f"nginx@{OLD}", "writable"), id="a digest"),
    pytest.param(f"web=r:5000/n:1@{OLD}", (f"r:5000/n:1@{OLD}", "writable"), id="tag and digest"),
    pytest.param("web=nginx", ("nginx", "variable"), id="a new name alone"),
    pytest.param("web=nginx:{{.tag}}", ("nginx:{{.tag}}", "variable"), id="a template"),
    pytest.param("web=A B", ("A B", "invalid"), id="no image"),
]


@pytest.mark.parametrize(("written", "found"), OVERRIDES)
def test_reads_overrides_of_kustomize(written: str, found: tuple[str, str]) -> None:
    assert told("app.yaml", _application(f"kustomize: {{images: ['{written}']}}"), formats=FORMATS) == [found]


HELM = [
    pytest.param("helm: {valuesObject: {image: 'nginx:1'}}", [("nginx:1", "writable")], id="values"),
    pytest.param("helm:\n      values: |\n        image: nginx:1", [("nginx:1", "writable")], id="values as a block"),
    pytest.param("helm: {values: 'image: nginx:1'}", [("nginx:1", "writable")], id="values on one line"),
    pytest.param("helm: {parameters: [{name: image.tag, value: v1}]}", [("v1", "variable")], id="a tag alone"),
    pytest.param(
        "helm: {parameters: [{name: image.repository, value: a}, {name: image.tag, value: v1}]}",
        [("v1", "fixed")],
        id="a tag beside its repository",
    ),
    pytest.param("helm: {parameters: [{name: a.image, value: 'b:1'}]}", [("b:1", "writable")], id="a whole image"),
    pytest.param("helm: {parameters: [{name: a.image, value: b}]}", [("b", "variable")], id="an image without a tag"),
    pytest.param("helm: {parameters: [{name: replicas, value: '2'}]}", [], id="another parameter"),
    pytest.param("helm: {valueFiles: [image.yaml]}", [], id="files"),
]


@pytest.mark.parametrize(("source", "found"), HELM)
def test_reads_values_and_parameters_of_helm(source: str, found: list[tuple[str, str]]) -> None:
    assert told("app.yaml", _application(source), formats=FORMATS) == found


SOURCES = [
    pytest.param("{repoURL: 'oci://a.io/b', targetRevision: v1}", [("v1", "fixed")], id="an artifact by its tag"),
    pytest.param(f"{{repoURL: 'oci://a.io/b', targetRevision: '{OLD}'}}", [(OLD, "writable")], id="by its digest"),
    pytest.param("{repoURL: 'oci://a.io/b', targetRevision: '>1'}", [(">1", "variable")], id="by a range"),
    pytest.param("{repoURL: 'oci://a.io/b', chart: c, targetRevision: v1}", [], id="a chart"),
    pytest.param("{repoURL: 'https://a.io/b', targetRevision: v1}", [], id="a git repository"),
]


@pytest.mark.parametrize(("source", "found"), SOURCES)
def test_an_artifact_as_source_is_reported(source: str, found: list[tuple[str, str]]) -> None:
    text = f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source: {source}\n"
    assert told("app.yaml", text + "# oci://", formats=FORMATS) == found


def test_leaves_to_the_image_updater_what_is_listed_for_it() -> None:
    text = _application("kustomize: {images: ['a.io/b:1', 'c=a.io/c:1', 'd:1']}", "x=a.io/b:~1, a.io:443/d, a.io/c")
    assert told("app.yaml", text, formats=FORMATS) == [
        ("a.io/b:1", "ignored"),
        ("a.io/c:1", "ignored"),
        ("d:1", "writable"),
    ]


def test_says_which_values_a_source_of_the_repository_overrides() -> None:
    parameters = "helm: {parameters: [{name: image.tag, value: v1}]}"
    found = scanned("app.yaml", _application(f"path: chart\n    {parameters}"), formats=FORMATS)
    assert found.relations == (Override("helm image.tag", "app.yaml:7"),)
    assert scanned("app.yaml", _application(f"chart: web\n    {parameters}"), formats=FORMATS).relations == ()
