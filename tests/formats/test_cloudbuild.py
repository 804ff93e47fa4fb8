"""Cloud Build: names of steps, substitutions that carry a digest, and what a build makes itself."""

from __future__ import annotations

import pytest

from pinbot.formats import cloudbuild
from pinbot.formats._claims import Claims
from pinbot.source.finding import Published, Writable
from tests.formats._scanning import reasons, scanned, told

FORMATS = (cloudbuild.FORMAT,)
PATH = "cloudbuild.yaml"


@pytest.mark.parametrize(
    "path",
    [
        PATH,
        "a/cloudbuild.yml",
        "cloudbuild.json",
        "cloudbuild-test.yaml",
        "cloudbuild_prod.yaml",
        "web.cloudbuild.yaml",
    ],
)
def test_claims_by_name(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["cloudbuild/web.yaml", ".cloudbuild/a/b.yaml"])
def test_claims_by_folder(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["build.yaml", "cloudbuild.py", "cloudbuilder/a.yaml", "mycloudbuild.yaml"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


CASES = [
    pytest.param("steps: [{name: golang}]", ["writable"], id="a step"),
    pytest.param("build: {steps: [{name: golang}]}", ["writable"], id="a step of a trigger"),
    pytest.param("steps: [{name: 'gcr.io/$PROJECT_ID/a'}]", ["variable"], id="the project"),
    pytest.param("steps: [{name: 'a:${_A}'}]\nsubstitutions: {_A: '1'}", ["writable"], id="a substitution at the end"),
    pytest.param("steps: [{name: $_A}]\nsubstitutions: {_A: 'a:1'}", ["writable"], id="a substitution that is all"),
    pytest.param("steps: [{name: 'a:$_A-x'}]\nsubstitutions: {_A: '1'}", ["fixed"], id="one in the middle"),
    pytest.param("steps: [{name: 'a:$_A'}]\nsubstitutions: {_A: 1.10}", ["fixed"], id="one that is a number"),
    pytest.param(
        "steps: [{name: 'a:$_A', args: [$_A]}]\nsubstitutions: {_A: '1'}", ["fixed"], id="one that is used twice"
    ),
    pytest.param(
        "steps: [{name: 'a:$_A', script: 'echo $$_A'}]\nsubstitutions: {_A: '1'}", ["fixed"], id="a script's too"
    ),
    pytest.param("steps: [{name: 'a:$_A'}]\nsubstitutions: {_A: $_B, _B: '1'}", ["variable"], id="one within another"),
    pytest.param("steps: [{name: 'a:$_A.$_B'}]\nsubstitutions: {_A: '1', _B: '2'}", ["fixed"], id="a tag of two"),
    pytest.param("steps: [{name: '$_R/a:$_B'}]\nsubstitutions: {_R: ghcr.io, _B: '2'}", ["writable"], id="a registry"),
    pytest.param("steps: [{name: a}, {name: a}]\nimages: [a]", ["local", "local"], id="what the build pushes"),
    pytest.param("steps: [{name: d, args: [build, -t, 'a:1', .]}, {name: 'a:1'}]", ["writable", "local"], id="made"),
    pytest.param("steps: [{name: d, args: [--tag=a]}, {name: a}]", ["writable", "local"], id="made, in one word"),
    pytest.param("steps: [{name: k, args: [--destination=a]}, {name: a}]", ["writable", "local"], id="made by kaniko"),
    pytest.param("steps: [{name: d, args: [-t, 'a:latest']}, {name: a}]", ["writable", "local"], id="made as latest"),
    pytest.param("steps: [{name: d, args: [-t, 'b/$A']}, {name: 'b/${A}'}]", ["writable", "local"], id="with braces"),
    pytest.param("steps: [{id: name, args: [name]}]", [], id="a step without an image"),
    pytest.param("name: a\nsteps: name", [], id="no steps"),
    pytest.param("steps: [{args: [a], env: ['name=a'], volumes: [{name: a, path: b}]}]", [], id="a volume"),
    pytest.param("apiVersion: tekton.dev/v1\nsteps: [{name: a}]", [], id="an object of Kubernetes"),
]


@pytest.mark.parametrize(("text", "outcomes"), CASES)
def test_takes_steps_and_follows_substitutions(text: str, outcomes: list[str]) -> None:
    assert [outcome for _, outcome in told(PATH, text, formats=FORMATS)] == outcomes


def test_the_digest_goes_into_the_substitution() -> None:
    text = "steps: [{name: 'a:$_A'}]\nsubstitutions: {_A: '1.2'}"
    (finding,) = scanned(PATH, text, formats=FORMATS).findings
    assert isinstance(finding.standing, Writable)
    assert text[: finding.standing.digest.span.start].endswith("_A: '1.2")
    assert finding.variables == ("_A",)


def test_a_number_is_refused_with_what_to_do() -> None:
    text = "steps: [{name: 'a:$_A'}]\nsubstitutions: {_A: 1.10}"
    assert reasons(PATH, text, formats=FORMATS) == ["the value of _A loads as a number, not as text; quote it"]


def test_what_is_pushed_is_published() -> None:
    found = scanned(PATH, "steps: [{name: a}]\nimages: ['ghcr.io/acme/web:1', 'gcr.io/$PROJECT_ID/x']", formats=FORMATS)
    assert found.relations == (Published("ghcr.io", "acme/web", "cloudbuild.yaml, images"),)
