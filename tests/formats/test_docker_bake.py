"""Bake files: contexts, inline Dockerfiles, and arguments that are what a Dockerfile builds on."""

from __future__ import annotations

import pytest

from pinbot.formats import docker_bake, dockerfile
from pinbot.formats._claims import Claims
from pinbot.source.finding import BuildContext, Published
from tests.fakes.memory import run_once
from tests.formats._scanning import reasons, scanned, told

FORMATS = (docker_bake.FORMAT,)
PATH = "docker-bake.hcl"


@pytest.mark.parametrize(
    "path", [PATH, "docker-bake.json", "a/docker-bake.override.hcl", "bake.hcl", "web.bake.hcl", "docker-bake-ci.json"]
)
def test_claims_bake_files(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["main.hcl", "bakery.hcl", "docker-bake.yaml", "bake", "handbake.hcl"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


def _contexts(value: str, more: str = "") -> str:
    return f'{more}target "a" {{\n  contexts = {{\n    x = {value}\n  }}\n}}\n'


V = 'variable "V" {\n  default = "3.20"\n}\n'
CONTEXTS = [
    pytest.param(_contexts('"docker-image://alpine:3"'), [("alpine:3", "writable")], id="an image"),
    pytest.param(
        _contexts('"docker-image://alpine:${V}"', V), [("alpine:${V}", "writable")], id="a variable at its end"
    ),
    pytest.param(_contexts('"docker-image://a:${V}-x"', V), [("a:${V}-x", "fixed")], id="a variable in the middle"),
    pytest.param(_contexts('"docker-image://alpine:${W}"', V), [("alpine:${W}", "variable")], id="an unknown variable"),
    pytest.param(
        _contexts('"docker-image://alpine:${upper(V)}"', V), [("alpine:${upper(V)}", "variable")], id="a function"
    ),
    pytest.param(
        'V = "1"\n' + _contexts('"docker-image://a:${V}"'), [("a:${V}", "writable")], id="an attribute of the file"
    ),
    pytest.param(_contexts('"target:base"'), [], id="another target"),
    pytest.param(_contexts('"../src"'), [], id="a folder"),
    pytest.param(_contexts('"https://github.com/a/b.git"'), [], id="a repository"),
    pytest.param(
        'target "a" {\n  cache-from = ["type=registry,ref=a/b"]\n  tags = ["a/b:1"]\n}\n', [], id="caches, tags"
    ),
    pytest.param('target "a" {\n  labels = { image = "docker-image://x" }\n}\n', [], id="labels"),
    pytest.param('# target "a" { contexts = { x = "docker-image://x" } }\n', [], id="a comment"),
]


@pytest.mark.parametrize(("text", "expected"), CONTEXTS)
def test_takes_contexts_that_are_images(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(PATH, text, formats=FORMATS) == expected


def test_reads_an_inline_dockerfile() -> None:
    text = """target "a" {
  contexts = { ctx = "../x" }
  args = { B = "2" }
  dockerfile-inline = <<-EOT
    ARG A=1
    ARG B=1
    FROM alpine AS base
    FROM base
    FROM ctx
    FROM x:${A}
    FROM redis:7
  EOT
}
target "b" { dockerfile-inline = "FROM busybox" }
target "c" { dockerfile-inline = "FROM busybox\\nRUN true" }
"""
    assert told(PATH, text, formats=FORMATS) == [
        ("alpine", "writable"),
        ("base", "local"),
        ("ctx", "local"),
        ("x:${A}", "variable"),
        ("redis:7", "writable"),
        ("busybox", "writable"),
    ]
    assert "here-document" in scanned(PATH, text, formats=FORMATS).skips[0].reason


def _app(args: str, more: str = "") -> str:
    return f'{more}target "app" {{\n  args = {{\n    {args}\n  }}\n}}\n'


FED = [
    pytest.param(_app('GO = "1.22"'), "ARG GO=1\nFROM golang:${GO}\n", [("1.22", "writable")], id="a tag"),
    pytest.param(
        _app('GO = "1.22"'), "ARG GO\nFROM golang:${GO}\n", [("1.22", "writable")], id="without a default there"
    ),
    pytest.param(_app('B = "alpine:3"'), "ARG B=x\nFROM ${B}\n", [("alpine:3", "writable")], id="a whole reference"),
    pytest.param(_app("GO = V", V), "ARG GO=1\nFROM golang:${GO}\n", [("V", "writable")], id="through a variable"),
    pytest.param(
        _app('GO = "${V}-x"', V), "ARG GO=1\nFROM go:${GO}\n", [("${V}-x", "fixed")], id="a variable before its end"
    ),
    pytest.param(_app("GO = W"), "ARG GO=1\nFROM golang:${GO}\n", [("W", "variable")], id="an unknown variable"),
    pytest.param(
        _app("GO = V\n    X = V", V), "ARG GO=1\nFROM golang:${GO}\n", [("V", "fixed")], id="a variable used twice"
    ),
    pytest.param(
        _app('GO = "1"'), "ARG GO=1\nFROM a:${GO}\nFROM b:${GO}\n", [("1", "fixed"), ("1", "fixed")], id="two images"
    ),
    pytest.param(_app('GO = "1"'), "ARG GO=1\nFROM go:${GO}-x\n", [("1", "fixed")], id="an argument before the end"),
    pytest.param(_app('R = "r.io"'), "ARG R=x.io\nFROM ${R}/a:1\n", [("r.io", "fixed")], id="a registry"),
    pytest.param(_app('GO = "1"'), "ARG GO=1\nFROM go:${GO}\nARG GO\n", [("1", "fixed")], id="a stage sees it"),
    pytest.param(
        _app('GO = "1"'), "ARG GO=1\nFROM go:${GO}\nARG GO=2\n", [("1", "fixed")], id="a stage with a default sees it"
    ),
    pytest.param(_app('B = "stage"'), "ARG B=x\nFROM a AS stage\nFROM ${B}\n", [], id="the name of a stage"),
    pytest.param(_app('X = "1"'), "ARG GO=1\nFROM golang:${GO}\n", [], id="an argument that feeds no image"),
    pytest.param(_app('GO = "1"'), "FROM golang\nARG GO\n", [], id="an argument of a stage"),
    pytest.param(_app("GO = null"), "ARG GO=1\nFROM golang:${GO}\n", [], id="null, which leaves it to the Dockerfile"),
    pytest.param(
        _app("GO = N", 'variable "N" {\n default = null\n}\n'), "ARG GO=1\nFROM a:${GO}\n", [], id="null by default"
    ),
]


@pytest.mark.parametrize(("text", "built", "expected"), FED)
def test_takes_arguments_that_feed_an_image(text: str, built: str, expected: list[tuple[str, str]]) -> None:
    assert told(PATH, text, {"Dockerfile": built}, formats=FORMATS) == expected


def test_the_finding_says_the_whole_reference_and_the_digest_goes_into_the_argument() -> None:
    files = {PATH: _app('GO = "1.22"').encode(), "Dockerfile": b"ARG GO=1.21\nFROM golang:${GO}\n"}
    done, written = run_once(files, (docker_bake.FORMAT, dockerfile.FORMAT))
    assert [str(change.finding.reference) for change in done.changes] == ["golang:1.22"]
    assert b'GO = "1.22@sha256:' in written[PATH]
    assert written["Dockerfile"] == files["Dockerfile"]
    again, same = run_once(written, (docker_bake.FORMAT, dockerfile.FORMAT))
    assert (again.changes, same) == ((), written)


def test_an_argument_that_is_null_leaves_the_dockerfile_to_be_pinned() -> None:
    files = {PATH: _app("GO = null").encode(), "Dockerfile": b"ARG GO=1.21\nFROM golang:${GO}\n"}
    _, written = run_once(files, (docker_bake.FORMAT, dockerfile.FORMAT))
    assert b"ARG GO=1.21@sha256:" in written["Dockerfile"]


INHERITED = """target "_base" {
  args = { GO = "1.22" }
  contexts = { ctx = "../x" }
}
target "one" {
  inherits = ["_base"]
  dockerfile = "one.Dockerfile"
}
target "two" {
  inherits = ["_base"]
  context = "sub"
  args = { GO = "1.23" }
}
"""


def test_what_is_inherited_counts_for_each_dockerfile() -> None:
    beside = {
        "Dockerfile": "ARG GO=1\nFROM never:${GO}\n",
        "one.Dockerfile": "ARG GO=1\nFROM golang:${GO}\nFROM ctx\n",
        "sub/Dockerfile": "ARG GO=1\nFROM golang:${GO}\n",
    }
    done = scanned(PATH, INHERITED, beside, formats=FORMATS)
    assert [str(finding.reference) for finding in done.findings] == ["golang:1.22", "golang:1.23"]
    builds = [one for one in done.relations if isinstance(one, BuildContext)]
    assert [(one.dockerfile, set(one.arguments), set(one.contexts)) for one in builds] == [
        ("one.Dockerfile", {"GO"}, {"ctx"}),
        ("sub/Dockerfile", {"GO"}, {"ctx"}),
    ]


def test_one_argument_for_two_dockerfiles_is_refused() -> None:
    text = INHERITED.replace('  args = { GO = "1.23" }\n', "")
    beside = {"one.Dockerfile": "ARG GO=1\nFROM golang:${GO}\n", "sub/Dockerfile": "ARG GO=1\nFROM other:${GO}\n"}
    assert "feeds golang:1.22 and other:1.22" in reasons(PATH, text, beside, formats=FORMATS)[0]
    beside["sub/Dockerfile"] = "FROM a\nARG GO\nRUN install-$GO\n"
    assert "lets a stage see the value" in reasons(PATH, text, beside, formats=FORMATS)[0]


def test_targets_that_inherit_in_a_circle_are_read() -> None:
    text = (
        'target "a" {\n inherits = ["b"]\n}\ntarget "b" {\n inherits = ["a"]\n args = { V = "1" }\n tags = ["x"]\n}\n'
    )
    assert told(PATH, text, {"Dockerfile": "ARG V=2\nFROM a:${V}\n"}, formats=FORMATS) == [("1", "writable")]


def test_tags_are_what_is_built() -> None:
    text = 'variable "T" { default = "1" }\ntarget "a" {\n  tags = ["ghcr.io/acme/app:${T}", "${W}"]\n}\n'
    published = [one for one in scanned(PATH, text, formats=FORMATS).relations if isinstance(one, Published)]
    assert [(one.registry, one.repository) for one in published] == [("ghcr.io", "acme/app")]


def test_reads_json() -> None:
    text = """{
  "variable": {"V": {"default": "3.20"}, "N": {"default": null}},
  "group": {"default": {"targets": ["app"]}},
  "target": {
    "_base": {"args": {"GO": "1.22", "PY": "${N}"}},
    "app": {
      "inherits": ["_base"],
      "contexts": {"a": "docker-image://alpine:${V}", "b": "docker-image://redis:${upper(N)}", "c": "target:x"}
    }
  }
}
"""
    beside = {"Dockerfile": "ARG GO=1\nARG PY=3\nFROM golang:${GO}\nFROM python:${PY}\n"}
    assert told("docker-bake.json", text, beside, formats=FORMATS) == [
        ("alpine:${V}", "writable"),
        ("redis:${upper(N)}", "variable"),
        ("1.22", "writable"),
    ]


HOSTILE = [
    pytest.param("target " * 50_000, id="words"),
    pytest.param('target "a" { contexts = ' + "{ a = " * 50_000, id="nesting"),
    pytest.param('target "a" { dockerfile-inline = <<EOT\nFROM a', id="a here-document that does not end"),
    pytest.param("".join(f'target "t{n}" {{ inherits = ["t{n + 1}"] }}\n' for n in range(2_000)), id="a long chain"),
    pytest.param(
        "".join(f'V{n} = "${{V{n + 1}}}${{V{n + 1}}}"\n' for n in range(30)) + _contexts('"docker-image://${V0}"'),
        id="a bomb",
    ),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_survives_what_is_hostile(text: str) -> None:
    scanned(PATH, text, {"Dockerfile": "FROM a"}, formats=FORMATS)
