"""CircleCI: the images of its Docker executor, https://circleci.com/docs/reference/configuration-reference/#docker."""

from __future__ import annotations

from pinbot.formats._base import About
from pinbot.formats._circleci import CLOSED, read
from pinbot.formats._claims import placed
from pinbot.formats._yaml import Route, yaml_format

FORMAT = yaml_format(
    "circleci",
    about=About(
        title="CircleCI",
        url="https://circleci.com/docs/reference/configuration-reference/#docker",
        files="YAML files in `.circleci`, and the sources of orbs: `src/jobs`, `src/executors`, `orb.yml`",
        places=(
            "`docker:` of jobs and executors, in inline orbs too",
            "defaults of `parameters` of the same file that end a reference",
        ),
        path=".circleci/config.yml",
        example="""\
version: 2.1
executors:
  node:
    parameters:
      tag:
        type: string
        default: "20.17"
    docker:
      - image: cimg/node:<< parameters.tag >>
      - image: postgres:16
jobs:
  test:
    executor: node
    steps: [checkout]
""",
        limits=(
            "`machine:` and `macos:` name no container images",
            "a parameter that is used twice, or that workflows give, is refused",
        ),
    ),
    claims=placed(
        r"(?:.*/)?\.circleci/(?:.*/)?[^/]+\.ya?ml|(?:.*/)?src/(?:executors|jobs)/[^/]+\.ya?ml|(?:.*/)?@?orb\.ya?ml"
    ),
    needles=("docker", "image"),
    routes=(Route("**.docker[].image", read),),
    closed=CLOSED,
)
