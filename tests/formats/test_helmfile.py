"""Helmfile states: values that are written out, what `set` sets, and what it takes from other files."""

from __future__ import annotations

import pytest

from pinbot.formats import helm_values, helmfile
from pinbot.formats._claims import Claims
from pinbot.source.finding import Override
from tests.formats._scanning import outcome, scanned

FORMATS = (helmfile.FORMAT,)


def found(text: str) -> list[tuple[str | None, str, str]]:
    """Return each reference with its place and outcome."""
    findings = scanned("helmfile.yaml", text, formats=FORMATS).findings
    return [(str(f.reference) if f.reference else None, f.where, outcome(f)) for f in findings]


@pytest.mark.parametrize(
    "path", ["helmfile.yaml", "a/helmfile.yml", "helmfile.yaml.gotmpl", "helmfile-prod.yaml", "helmfile.d/10-db.yaml"]
)
def test_claims_states(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["helmfile.lock", "myhelmfile.yaml", "helmfile.d/a/values.yaml", "releases.yaml"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


VALUES = "[a.yaml, {image: {repository: a, tag: v1, digest: ''}}]"
TAKEN = [
    pytest.param(f"releases: [{{name: x, values: {VALUES}}}]", "releases[0].values[1].image", id="a release"),
    pytest.param(f"environments: {{p: {{values: {VALUES}}}}}", "environments.p.values[1].image", id="an environment"),
    pytest.param(f"templates: {{p: {{values: {VALUES}}}}}", "templates.p.values[1].image", id="a template"),
    pytest.param(f"helmfiles: [{{path: x, values: {VALUES}}}]", "helmfiles[0].values[1].image", id="a nested state"),
    pytest.param(
        "releases: [{set: [{name: i.repository, value: a}, {name: i.tag, value: v1}, {name: i.digest, value: ''}]}]",
        "releases[0].set.i",
        id="single values",
    ),
]


@pytest.mark.parametrize(("text", "where"), TAKEN)
def test_takes_images_from_values_that_are_written_out(text: str, where: str) -> None:
    assert found(text) == [("a:v1", where, "writable")]


def test_a_chart_that_may_not_take_a_digest_is_refused() -> None:
    assert found("releases: [{values: [{image: {repository: a, tag: v1}}]}]")[0][2] == "fixed"
    pair = "[{name: i.repository, value: a}, {name: i.tag, value: v1}]"
    assert found(f"releases: [{{setString: {pair}}}]") == [("a:v1", "releases[0].setString.i", "fixed")]


def test_what_is_filled_in_is_variable() -> None:
    text = 'releases:\n- values:\n  - image:\n      repository: a\n      tag: {{ requiredEnv "TAG" }}\n{{ end }}\n'
    assert found(text) == [(None, "releases[0].values[0].image", "variable")]


NOTHING = [
    pytest.param("releases: [{name: image, chart: 'oci://ghcr.io/a/b', version: 1.0.0}]", id="a chart"),
    pytest.param("repositories: [{name: images, url: 'https://example.com'}]", id="a repository of charts"),
    pytest.param("releases: [{values: [image.yaml]}]", id="a file of values"),
    pytest.param("releases: [{set: [{name: image.pullPolicy, value: Always}]}]", id="another value"),
    pytest.param("releases: {image: {repository: a, tag: v1}}", id="releases that are no list"),
]


@pytest.mark.parametrize("text", NOTHING)
def test_leaves_what_is_no_image(text: str) -> None:
    assert found(text) == []


def test_says_which_values_of_other_files_a_release_sets() -> None:
    text = """\
releases:
- chart: ../charts/web
  values: [web.yaml]
  set:
  - name: image.tag
    value: {{ requiredEnv "TAG" }}
- chart: example/other
  set: [{name: image.tag, value: v1}]
"""
    state = scanned("deploy/helmfile.yaml", text, formats=FORMATS)
    place = "deploy/helmfile.yaml:5"
    assert state.relations == (
        Override("helm deploy/web.yaml image.tag", place),
        Override("helm charts/web image.tag", place),
    )
    values = "image: {repository: a, tag: v1, digest: ''}"
    (finding,) = scanned(
        "charts/web/values.yaml", values, {"charts/web/Chart.yaml": ""}, (helm_values.FORMAT,)
    ).findings
    assert "helm charts/web image.tag" in finding.settable
