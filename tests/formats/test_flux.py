"""Flux: sources whose name and tag stand apart, kustomize images, and the values of releases."""

from __future__ import annotations

import pytest

from pinbot.formats import flux
from tests.fakes.memory import PIN, digest_of, run_once
from tests.formats._scanning import told

FORMATS = (flux.FORMAT,)
OLD = f"sha256:{'0' * 64}"
NEW = digest_of("ghcr.io", "a/b", "v1")


def _source(spec: str) -> str:
    return f"apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n  url: oci://ghcr.io/a/b\n{spec}"


SOURCES = [
    pytest.param("  ref:\n    tag: v1\n", [("v1", "writable")], id="a tag"),
    pytest.param(f"  ref:\n    digest: {OLD}\n", [(OLD, "writable")], id="a digest"),
    pytest.param(f"  ref:\n    tag: v1\n    digest: {OLD}\n", [("v1", "writable")], id="both"),
    pytest.param(f"  ref:\n    tag: v1@{OLD}\n", [(f"v1@{OLD}", "writable")], id="a digest behind the tag"),
    pytest.param("  ref: {semver: 1.x}\n", [("ghcr.io/a/b", "variable")], id="a range"),
    pytest.param("  ref: {semver: 1.x, tag: v1}\n", [("v1", "variable")], id="a range, which wins over a tag"),
    pytest.param("", [("ghcr.io/a/b", "fixed")], id="nothing"),
    pytest.param("  ref: {tag: '${TAG}'}\n", [("${TAG}", "variable")], id="a variable"),
    pytest.param("  ref: {tag: 1.30}\n", [("1.30", "invalid")], id="a number"),
    pytest.param("  ref: {tag: v1, digest: ''}\n", [("v1", "fixed")], id="an empty digest"),
]


@pytest.mark.parametrize(("spec", "found"), SOURCES)
def test_an_artifact_has_its_tag_and_digest_in_ref(spec: str, found: list[tuple[str, str]]) -> None:
    assert told("source.yaml", _source(spec), formats=FORMATS) == found


WRITTEN = [
    pytest.param("  ref:\n    tag: v1\n", f"  ref:\n    tag: v1\n    digest: {NEW}\n", id="a new line"),
    pytest.param("  ref: {tag: 'v1'}\n", f"  ref: {{tag: 'v1', digest: '{NEW}'}}\n", id="flow style"),
    pytest.param("  ref: {semver: 1.x}\n", "  ref: {semver: 1.x}\n", id="a range stays"),
]


@pytest.mark.parametrize(("before", "after"), WRITTEN)
def test_a_digest_gets_its_own_key(before: str, after: str) -> None:
    _, files = run_once({"a.yaml": _source(before).encode()}, FORMATS, PIN)
    assert files["a.yaml"].decode() == _source(after)


def _object(kind: str, group: str, spec: str) -> str:
    return f"apiVersion: {group}.toolkit.fluxcd.io/v1\nkind: {kind}\nspec: {spec}\n# image"


OTHERS = [
    pytest.param(
        _object("Kustomization", "kustomize", "{images: [{name: a, newTag: v1}]}"), [("v1", "writable")], id="a new tag"
    ),
    pytest.param(
        _object("Kustomization", "kustomize", "{images: [{name: a, newName: b}]}"), [("b", "variable")], id="a new name"
    ),
    pytest.param(
        _object("HelmRelease", "helm", "{postRenderers: [{kustomize: {images: [{name: a, newTag: v1}]}}]}"),
        [("v1", "writable")],
        id="a post renderer",
    ),
    pytest.param(
        _object("HelmRelease", "helm", "{values: {image: {repository: a, tag: v1, digest: ''}}}"),
        [("v1", "writable")],
        id="values",
    ),
    pytest.param(_object("HelmRelease", "helm", "{chart: {spec: {chart: a, version: 1.0}}}"), [], id="a chart"),
    pytest.param(_object("HelmRepository", "source", "{type: oci, url: oci://a/b}"), [], id="a repository of charts"),
    pytest.param(_object("Kustomization", "source", "{images: [{name: a, newTag: v1}]}"), [], id="another group"),
    pytest.param(_object("GitRepository", "source", "{url: oci://a, ref: {tag: v1}}"), [], id="a git repository"),
]


@pytest.mark.parametrize(("text", "found"), OTHERS)
def test_reads_images_and_values(text: str, found: list[tuple[str, str]]) -> None:
    assert told("app.yaml", text, formats=FORMATS) == found
