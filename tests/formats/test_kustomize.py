"""Kustomizations: entries of `images`, patches in strings, charts, and what is no image."""

from __future__ import annotations

import pytest

from pinbot.formats import kustomize
from pinbot.formats._claims import Claims
from tests.formats._scanning import outcome, reasons, scanned

FORMATS = (kustomize.FORMAT,)
OLD = f"sha256:{'0' * 64}"


def found(text: str) -> list[tuple[str | None, str]]:
    """Return each reference with its outcome."""
    findings = scanned("kustomization.yaml", text, formats=FORMATS).findings
    return [(str(f.reference) if f.reference else None, outcome(f)) for f in findings]


@pytest.mark.parametrize(
    "path", ["kustomization.yaml", "a/kustomization.yml", "a/b/Kustomization", "kustomization.yaml.tmpl"]
)
def test_claims_kustomizations(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["kustomization.json", "my-kustomization.yaml", "kustomizations/a.yaml", "Makefile"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


ENTRIES = [
    pytest.param("{name: nginx, newTag: v1}", "nginx:v1", id="a tag"),
    pytest.param("{newTag: v1, name: a/b}", "a/b:v1", id="a tag before the name"),
    pytest.param("{name: 'localhost:5000/a/b', newTag: v1}", "localhost:5000/a/b:v1", id="a registry with a port"),
    pytest.param("{name: app, newName: a.io/app, newTag: v1}", "a.io/app:v1", id="a new name"),
    pytest.param("{name: nginx, newName: '', newTag: v1}", "nginx:v1", id="a new name that says nothing"),
    pytest.param("{name: '.*/app', newName: a.io/app, newTag: v1}", "a.io/app:v1", id="a pattern that is replaced"),
    pytest.param(f"{{name: nginx, newTag: v1, digest: '{OLD}'}}", f"nginx:v1@{OLD}", id="a tag and a digest"),
    pytest.param(f"{{name: nginx, digest: '{OLD}'}}", f"nginx@{OLD}", id="a digest"),
    pytest.param(f"{{name: nginx, newTag: 'v1@{OLD}'}}", f"nginx:v1@{OLD}", id="a digest in the tag"),
    pytest.param("{name: nginx, newTag: v1, digest: ''}", "nginx:v1", id="an empty digest"),
]


@pytest.mark.parametrize(("entry", "reference"), ENTRIES)
def test_takes_every_entry_of_images(entry: str, reference: str) -> None:
    assert found(f"images:\n- {entry}") == [(reference, "writable")]


@pytest.mark.parametrize(
    ("entry", "reference", "status"),
    [
        pytest.param("{name: nginx}", "nginx", "variable", id="a name alone"),
        pytest.param("{name: app, newName: a.io/app}", "a.io/app", "variable", id="a new name alone"),
        pytest.param("{name: app, tagSuffix: -arm}", "app", "variable", id="a suffix of a tag"),
        pytest.param("{name: 'a/(.*)', newTag: v1}", None, "variable", id="a pattern"),
        pytest.param("{name: nginx, newTag: 1.30}", "nginx:1.30", "invalid", id="a number that YAML shortens"),
        pytest.param("{name: nginx, newTag: 'a b'}", None, "invalid", id="a tag that is none"),
        pytest.param("{name: nginx, newTag: '${TAG}'}", None, "variable", id="a tag that is filled in"),
    ],
)
def test_says_why_an_entry_is_not_pinned(entry: str, reference: str | None, status: str) -> None:
    assert found(f"images:\n- {entry}") == [(reference, status)]


JSON_PATCH = "[{op: replace, path: /spec/template/spec/containers/0/image, value: 'nginx:1'}]"
PATCHES = [
    pytest.param(f'patches:\n- patch: "{JSON_PATCH}"', id="a JSON patch on one line"),
    pytest.param(f"patches:\n- patch: |-\n    {JSON_PATCH}", id="a JSON patch in a block"),
    pytest.param(f"patchesJson6902:\n- patch: |-\n    {JSON_PATCH}", id="a JSON patch under its old key"),
    pytest.param(
        "patches:\n- patch: |\n    - op: add\n      path: /spec/containers/-\n      value:\n        image: nginx:1\n",
        id="a container that a JSON patch adds",
    ),
    pytest.param(
        "patches:\n- target: {kind: Pod}\n  patch: |\n    # one\n\n    kind: Pod\n    spec:\n      containers:\n"
        "      - image: nginx:1\n",
        id="a strategic patch",
    ),
    pytest.param(
        "patchesStrategicMerge:\n- a.yaml\n- |-\n  kind: Pod\n  spec: {containers: [{image: nginx:1}]}",
        id="a strategic patch under its old key",
    ),
    pytest.param(
        "patches:\n- patch: |\n    kind: A\n    ---\n    kind: Pod\n    spec: {image: nginx:1}\n",
        id="the second document of a patch",
    ),
]


@pytest.mark.parametrize("text", PATCHES)
def test_reads_patches_that_stand_in_strings(text: str) -> None:
    (finding,) = scanned("kustomization.yaml", text, formats=FORMATS).findings
    assert text[finding.span.start : finding.span.stop] == finding.text == "nginx:1"
    assert outcome(finding) == "writable"


NOTHING = [
    pytest.param("images:\n- {name: '', newTag: ''}", id="an entry that says nothing"),
    pytest.param("images:\n- {newTag: v1}", id="a tag without a name"),
    pytest.param("spec: {images: [{name: nginx, newTag: v1}]}", id="images elsewhere"),
    pytest.param("patches:\n- path: image.yaml", id="a patch in a file of its own"),
    pytest.param("patches:\n- patch: 'image: nginx: 1'", id="a patch that is no YAML"),
    pytest.param("patches:\n- patch: '[{op: test, path: /spec/image, value: nginx}]'", id="a test in a JSON patch"),
    pytest.param("patches:\n- patch: '[{op: remove, path: /spec/image}]'", id="a removal in a JSON patch"),
    pytest.param("patches:\n- patch: '{kind: ConfigMap, data: {image: nginx}}'", id="a config map"),
    pytest.param("patches:\n- patch: '{kind: Pod, metadata: {annotations: {image: nginx}}}'", id="an annotation"),
    pytest.param("patches:\n- patch: [{image: nginx}]", id="a patch that is no text"),
    pytest.param("configMapGenerator:\n- literals: ['image=nginx:1']", id="text of a config map"),
    pytest.param("helmCharts:\n- {name: a, repo: 'https://example.com', version: 1.0.0}", id="a chart of a web site"),
]


@pytest.mark.parametrize("text", NOTHING)
def test_leaves_what_is_no_image(text: str) -> None:
    assert found(text) == []


def test_lists_a_chart_and_reads_its_values() -> None:
    text = """\
helmCharts:
- name: redis
  repo: oci://registry-1.docker.io/bitnamicharts
  version: 18.12.1
  valuesInline: {image: {repository: a/b, tag: v1, digest: ''}}
"""
    assert found(text) == [
        ("registry-1.docker.io/bitnamicharts/redis:18.12.1", "ignored"),
        ("a/b:v1", "writable"),
    ]
    assert reasons("kustomization.yaml", text, formats=FORMATS) == ["a Helm chart, not an image"]
