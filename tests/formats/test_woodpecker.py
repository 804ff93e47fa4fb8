"""Woodpecker and Crow: which places hold images, and what variables and matrices make of them."""

from __future__ import annotations

import pytest

from pinbot.formats import crow, woodpecker
from pinbot.formats._base import Format
from pinbot.formats._claims import Claims
from tests.formats._scanning import reasons, scanned, told

FORMATS = (woodpecker.FORMAT, crow.FORMAT)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (".woodpecker.yml", woodpecker.FORMAT),
        (".woodpecker.yaml", woodpecker.FORMAT),
        (".woodpecker/build.yaml", woodpecker.FORMAT),
        (".woodpecker/web/test.yml", woodpecker.FORMAT),
        ("sub/project/.woodpecker/test.yml", woodpecker.FORMAT),
        (".woodpecker.yml.j2", woodpecker.FORMAT),
        (".crow.yml", crow.FORMAT),
        (".crow/test.yaml", crow.FORMAT),
    ],
)
def test_claims_by_name_and_folder(path: str, kind: Format) -> None:
    assert Claims(FORMATS).of(path) == (kind,)


@pytest.mark.parametrize("path", ["woodpecker.yml", ".woodpecker", ".woodpecker/a.json", ".crowd.yml", "crow/a.yml"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


TAKEN = [
    pytest.param("steps: {a: {image: nginx}}", id="a step by name"),
    pytest.param("steps: [{name: a, image: nginx}]", id="a step in a list"),
    pytest.param("pipeline: {a: {image: nginx}}", id="a step of an old pipeline"),
    pytest.param("services: {a: {image: nginx}}", id="a service by name"),
    pytest.param("services: [{name: a, image: nginx}]", id="a service in a list"),
    pytest.param("clone: {git: {image: nginx}}", id="a clone step by name"),
    pytest.param("clone: [{name: git, image: nginx}]", id="a clone step in a list"),
    pytest.param("x: &x {image: nginx}\nsteps: {a: {<<: *x}, b: {<<: *x}}", id="a step that merges another"),
]


@pytest.mark.parametrize("path", [".woodpecker.yml", ".crow/a.yaml"])
@pytest.mark.parametrize("text", TAKEN)
def test_takes_every_image_once(path: str, text: str) -> None:
    assert told(path, text, formats=FORMATS) == [("nginx", "writable")]


UNTOUCHED = [
    pytest.param("variables: [&x nginx:1.27]\nsteps: {a: {commands: [image]}}", id="an anchor that no step uses"),
    pytest.param("steps: {a: {settings: {image: nginx}}}", id="a setting of a plugin"),
    pytest.param("steps: {a: {environment: {image: nginx}}}", id="the environment of a step"),
    pytest.param("steps: {a: {backend_options: {kubernetes: {image: nginx}}}}", id="an option of a backend"),
    pytest.param("steps: {a: {commands: ['image: nginx']}}", id="a command"),
    pytest.param("labels: {image: nginx}", id="a label"),
    pytest.param("steps: {a: {image: null}}", id="an image that is null"),
    pytest.param("clone: null\nsteps: image", id="no steps at all"),
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_leaves_what_is_no_image(text: str) -> None:
    assert told(".woodpecker.yml", text, formats=FORMATS) == []


MATRIX = [
    pytest.param("{GO: ['1.22', '1.23']}", "golang:${GO}", ["golang:1.22", "golang:1.23"], id="each value"),
    pytest.param("{GO: [1.20]}", "golang:${GO}", ["golang:1.20"], id="a number as it is written"),
    pytest.param("{A: [a, b], B: [1, 2]}", "$A:${B}", ["a:1", "a:2", "b:1", "b:2"], id="every pair"),
    pytest.param("{A: [a, b], OS: [x, y]}", "${A}", ["a", "b"], id="an axis that is not used"),
    pytest.param("{include: [{A: a, B: 1}, {A: b, B: 2}]}", "${A}:${B}", ["a:1", "b:2"], id="rows that are written"),
    pytest.param("{GO: ['1.22']}", "golang:${GO}-${OS:-alpine}", ["golang:1.22-alpine"], id="a default beside it"),
]


@pytest.mark.parametrize(("matrix", "image", "references"), MATRIX)
def test_a_matrix_makes_several_references_that_are_refused(matrix: str, image: str, references: list[str]) -> None:
    text = f"matrix: {matrix}\nsteps: {{a: {{image: '{image}'}}}}"
    found = scanned(".woodpecker.yml", text, formats=FORMATS).findings
    assert [(f.text, f.reference and f"{f.reference.name}:{f.reference.tag}".removesuffix(":None")) for f in found] == [
        (image, reference) for reference in references
    ]
    assert all("fed by a matrix" in reason for reason in reasons(".woodpecker.yml", text, formats=FORMATS))


STANDINGS = [
    pytest.param("nginx:${CI_COMMIT_TAG}", "variable", id="a variable of the run"),
    pytest.param("nginx:$TAG", "variable", id="a variable without braces"),
    pytest.param("nginx:${CI_COMMIT_SHA:0:8}", "variable", id="a part of a variable"),
    pytest.param("nginx:${TAG:-1.27}", "writable", id="a default at the end"),
    pytest.param("${IMAGE:-nginx:1.27}", "writable", id="a default that is the whole"),
    pytest.param("${REGISTRY:-docker.io}/nginx:1.27", "fixed", id="a default in the middle"),
    pytest.param("nginx:${A:-1}.${B:-2}", "fixed", id="a tag of two defaults"),
    pytest.param("nginx:${A:+1.27}", "invalid", id="a word that only a set variable gives"),
    pytest.param("nginx:1.27 ", "writable", id="white space behind it"),
    pytest.param("no such Name", "invalid", id="what is no reference"),
]


@pytest.mark.parametrize(("image", "outcome"), STANDINGS)
def test_a_variable_is_followed_to_its_default(image: str, outcome: str) -> None:
    text = f"steps: {{a: {{image: '{image}'}}}}"
    assert told(".woodpecker.yml", text, formats=FORMATS) == [(image.strip(), outcome)]


def test_a_variable_that_scripts_use_too_carries_no_digest() -> None:
    text = "steps: {a: {image: 'nginx:${TAG:-1.27}', commands: ['echo ${TAG}']}}"
    assert told(".woodpecker.yml", text, formats=FORMATS) == [("nginx:${TAG:-1.27}", "fixed")]
    assert reasons(".woodpecker.yml", text, formats=FORMATS) == [
        "TAG is used 2 times in this file, so its value cannot carry one digest"
    ]


def test_a_matrix_of_many_axes_ends() -> None:
    axes = ", ".join(f"A{number}: [{', '.join(map(str, range(50)))}]" for number in range(20))
    text = f"matrix: {{{axes}}}\nsteps: {{a: {{image: 'nginx:${{A0}}-${{A19}}'}}}}"
    assert 0 < len(scanned(".woodpecker.yml", text, formats=FORMATS).findings) <= 100
