"""Semaphore: the containers of agents."""

from __future__ import annotations

import pytest

from pinbot.formats import semaphore
from pinbot.formats._claims import Claims
from tests.formats._scanning import told

FORMATS = (semaphore.FORMAT,)
PATH = ".semaphore/semaphore.yml"


@pytest.mark.parametrize("path", [PATH, ".semaphore/deploy.yaml", "a/.semaphore/b/c.yml"])
def test_claims_by_folder(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["semaphore.yml", ".semaphore/a.sh", ".semaphore.yml"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


CASES = [
    pytest.param("agent: {containers: [{name: a, image: nginx}]}", ["writable"], id="the agent of the pipeline"),
    pytest.param("blocks: [{task: {agent: {containers: [{image: nginx}]}}}]", ["writable"], id="of a block"),
    pytest.param("after_pipeline: {task: {agent: {containers: [{image: a}]}}}", ["writable"], id="behind the pipeline"),
    pytest.param("agent: {containers: [{image: 'a:${{parameters.TAG}}'}]}", ["variable"], id="a parameter"),
    pytest.param("agent: {containers: [{env_vars: [{image: a}]}]}", [], id="a variable of a container"),
    pytest.param("containers: []\nagent: {machine: {image: ubuntu2204}}", [], id="the disk of a machine"),
    pytest.param("blocks: [{task: {containers: [{image: nginx}]}}]", [], id="containers without an agent"),
]


@pytest.mark.parametrize(("text", "outcomes"), CASES)
def test_takes_containers_and_nothing_else(text: str, outcomes: list[str]) -> None:
    assert [outcome for _, outcome in told(PATH, text, formats=FORMATS)] == outcomes
