"""Nextflow: which containers belong to processes, and what the configuration makes of them."""

from __future__ import annotations

import time

import pytest

from pinbot.formats import nextflow
from tests.formats._scanning import scanned, told

FORMATS = (nextflow.FORMAT,)

TABLE = [
    pytest.param("process A {\n  container 'q.io/b:1'\n}", [("q.io/b:1", "writable")], id="a process"),
    pytest.param('process A {\n  container "q.io/b:1" // why\n}', [("q.io/b:1", "writable")], id="double quotes"),
    pytest.param("process A { container('q.io/b:1') }", [("q.io/b:1", "writable")], id="parentheses"),
    pytest.param("process.container = 'q.io/b:1'", [("q.io/b:1", "writable")], id="a setting"),
    pytest.param(
        "process {\n  withName: 'A' {\n    container = 'q.io/b:1'\n  }\n  container = 'q.io/c:1'\n}",
        [("q.io/b:1", "writable"), ("q.io/c:1", "writable")],
        id="settings of a scope",
    ),
    pytest.param('process A {\n container "b:${params.v}"\n}', [("b:${params.v}", "variable")], id="filled in"),
    pytest.param('process A {\n container "b:$v"\n}', [("b:$v", "variable")], id="filled in without braces"),
    pytest.param("process A {\n container params.image\n}", [("params", "variable")], id="a parameter"),
    pytest.param("process A {\n container 'b:' + v\n}", [("b:", "variable")], id="a sum"),
    pytest.param("process A {\n container { 'b:1' }\n}", [("{", "variable")], id="a closure"),
    pytest.param(
        "process A {\n container 'https://x.org/a.sif'\n}", [("https://x.org/a.sif", "local")], id="an address"
    ),
    pytest.param("params { container = 'b:1' }\nprocess { cpus = 1 }", [], id="a parameter of that name"),
    pytest.param("process A {\n // container 'b:1'\n}", [], id="a comment"),
    pytest.param('process A {\n script:\n """\n container \'b:1\'\n """\n}', [], id="the text of a script"),
    pytest.param("process A {\n  x = task.container\n}", [], id="a property of something"),
]


@pytest.mark.parametrize(("text", "found"), TABLE)
def test_finds_the_containers_of_processes(text: str, found: list[tuple[str, str]]) -> None:
    assert told("main.nf", text, formats=FORMATS) == found


CONFIGS = [
    pytest.param("singularity.enabled = true", "q.io/b:1", "fixed", id="Singularity takes no tag beside a digest"),
    pytest.param("apptainer { enabled = true }", "q.io/b:1", "fixed", id="neither does Apptainer"),
    pytest.param("singularity.enabled = false", "q.io/b:1", "writable", id="not enabled"),
    pytest.param("docker { registry = 'quay.io' }", "b/c:1", "fixed", id="a registry that is put before it"),
    pytest.param("docker { registry = 'quay.io' }", "q.io/b:1", "writable", id="an image with its own registry"),
]


@pytest.mark.parametrize(("config", "image", "outcome"), CONFIGS)
def test_knows_the_configuration_of_the_pipeline(config: str, image: str, outcome: str) -> None:
    beside = {"nextflow.config": config}
    assert told("modules/a/main.nf", f"process A {{\n container '{image}'\n}}", beside, FORMATS) == [(image, outcome)]


@pytest.mark.parametrize("unit", ["process {", "container ", '"${', "singularity ", "'''", "docker{", "/*"])
def test_survives_hostile_text_in_linear_time(unit: str) -> None:
    start = time.process_time()
    scanned("nextflow.config", "process A { container 'b:1'\n" + unit * 20_000, formats=FORMATS)
    assert time.process_time() - start < 5
