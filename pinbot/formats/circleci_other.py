"""CircleCI's configuration in files of other names: parts that are put together before the pipeline runs.

https://circleci.com/docs/guides/orchestrate/dynamic-config/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinbot.formats._base import OBJECT, About
from pinbot.formats._circleci import CLOSED, read
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import is_mapping, lookup, text_at

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node


def _label(root: Node) -> str | None:
    """Return a label for what says its version as CircleCI has it, or has commands and executors of its own."""
    holders = (lookup(root, "jobs"), lookup(root, "executors"))
    if not any(is_mapping(holder) for holder in holders) or lookup(root, "kind") is not None:
        return None
    return "" if text_at(root, "version").startswith("2") or is_mapping(holders[1]) else None


FORMAT = yaml_format(
    "circleci-other",
    about=About(
        title="CircleCI in files of other names",
        url="https://circleci.com/docs/guides/orchestrate/dynamic-config/",
        files="other YAML files with `version: 2` or `executors:`, and a `docker:` in `jobs` or `executors`",
        places=("as in CircleCI",),
        path="ci/continue.yml",
        example="""\
version: 2.1
jobs:
  test:
    docker:
      - image: cimg/node:20.17
    steps: [checkout]
""",
        limits=("files that another format knows by their name, or in which one finds anything, are left to it",),
    ),
    needles=("docker:", "image", ("jobs:", "executors:")),
    never=(OBJECT,),
    document=_label,
    routes=(Route("jobs.*.docker[].image", read), Route("executors.*.docker[].image", read)),
    closed=CLOSED,
    general=True,
    fallback=True,
)
