"""Semaphore pipelines: https://docs.semaphoreci.com/reference/pipeline-yaml#containers."""

from __future__ import annotations

from pinbot.formats._base import About
from pinbot.formats._claims import placed
from pinbot.formats._yaml import Route, yaml_format

FORMAT = yaml_format(
    "semaphore",
    about=About(
        title="Semaphore pipelines",
        url="https://docs.semaphoreci.com/reference/pipeline-yaml",
        files="YAML files in a folder `.semaphore`",
        places=("`agent.containers[].image` of a pipeline, and of the task of a block",),
        path=".semaphore/semaphore.yml",
        example="""\
version: v1.0
name: Test
agent:
  machine:
    type: e1-standard-2
  containers:
    - name: main
      image: registry.semaphoreci.com/golang:1.23
blocks:
  - name: Test
    task:
      jobs:
        - name: unit
          commands:
            - go test ./...
""",
        limits=("`os_image:` names the disk of a machine and is left alone",),
    ),
    claims=placed(r"(?:.*/)?\.semaphore/.*\.ya?ml"),
    needles=("containers", "image"),
    routes=(Route("**.agent.containers[].image"),),
    closed=("**.env_vars", "**.commands"),
)
