"""Task definitions of Amazon ECS
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#container_definition_image).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinbot.formats._base import OBJECT, About
from pinbot.formats._claims import YAML_AND_JSON
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import is_sequence, lookup, text_at

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

_DEFINITIONS = "containerDefinitions"


def _family(root: Node) -> str | None:
    """Return the family of a task definition; `aws ecs describe-task-definition` wraps it."""
    for task in (root, lookup(root, "taskDefinition")):
        if is_sequence(lookup(task, _DEFINITIONS)):
            return text_at(task, "family")
    return None


FORMAT = yaml_format(
    "ecs-task",
    about=About(
        title="Amazon ECS task definitions",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html",
        files="every JSON or YAML file with `containerDefinitions` at its top, or below `taskDefinition`",
        places=("`image` of each container",),
        path="deploy/task-definition.json",
        example="""\
{
  "family": "web",
  "containerDefinitions": [
    {"name": "web", "image": "public.ecr.aws/nginx/nginx:1.27"}
  ]
}
""",
        limits=("placeholders such as `<IMAGE1_NAME>`, which a pipeline fills in, are `variable`",),
    ),
    endings=YAML_AND_JSON,
    needles=("image", _DEFINITIONS),
    never=(OBJECT,),
    document=_family,
    routes=(Route(f"{_DEFINITIONS}[].image"), Route(f"taskDefinition.{_DEFINITIONS}[].image")),
)
