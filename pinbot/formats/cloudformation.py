"""CloudFormation and SAM templates
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-taskdefinition-containerdefinition.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pinbot.formats._base import OBJECT, About
from pinbot.formats._claims import YAML_AND_JSON
from pinbot.formats._joined import Piece
from pinbot.formats._yaml import Reader, Route, yaml_format
from pinbot.formats._yaml_ends import ended_by
from pinbot.formats._yaml_nodes import is_mapping, is_null, is_scalar, lookup, text_at
from pinbot.formats._yaml_scalar import Text, literal_standing, scalar_finding, text_of
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Aside, Finding, Fixed, Standing, Writable
from pinbot.source.text import Span

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node, ScalarNode

NAME = "cloudformation"
# Which properties of which type of resource are images.
_PROPERTIES = (
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions[].Image"),
    ("AWS::Batch::JobDefinition", "ContainerProperties.Image"),
    ("AWS::Batch::JobDefinition", "NodeProperties.NodeRangeProperties[].Container.Image"),
    ("AWS::Lambda::Function", "Code.ImageUri"),
    ("AWS::Serverless::Function", "ImageUri"),
)
_LAMBDA = "AWS Lambda documents a tag or a digest for an image, not both; write name@sha256:… # tag to have it pinned"
# What a default has to keep to as well, or no stack can be made of the template.
_LIMITS = ("AllowedValues", "AllowedPattern", "MaxLength")
_ENDS_IN_PARAMETER = re.compile(r"([^${}]*)\$\{([A-Za-z]\w*)\}")


def _of(kind: str) -> Reader:
    """Return the reader of a property that is an image in resources of that type."""

    def read(place: Place, format_name: str, _label: str) -> Iterator[Finding]:
        if text_at(place.above[2], "Type") == kind:
            yield from _image(place, format_name)

    return read


def _image(place: Place, format_name: str) -> Iterator[Finding]:
    file = place.document.file
    function, node = _function(place.node)
    if node is None:
        whole = place.document.span(place.node)
        span = Span(whole.start, whole.start + len(file.slice(whole).split("\n")[0].rstrip()))
        aside = Aside("variable", f"{function} is worked out by CloudFormation only")
        yield scalar_finding(file, format_name, place.where, span, aside)
    elif not is_null(node):
        text = text_of(place.document, node)
        standing, variables = _standing(place, function, node, text)
        standing = _one_of_both(standing) if place.path[-1] == "ImageUri" else standing
        yield replace(scalar_finding(file, format_name, place.where, text.span, standing), variables=variables)


def _function(node: Node) -> tuple[str, ScalarNode | None]:
    """Return the function that makes a value (`!Ref x`, `{"Ref": "x"}`) and its argument where that is a text.

    A text that stands for itself has no function.
    """
    tag = str(node.tag or "")
    name = tag.removeprefix("!") if tag.startswith("!") else ""
    if is_scalar(node):
        return (name, node) if name in {"", "Ref", "Sub"} else (name, None)
    if is_mapping(node) and len(node.value) == 1:
        key, value = node.value[0]
        name = str(key.value).removeprefix("Fn::")
        return (name, value) if is_scalar(value) and name in {"Ref", "Sub"} else (name, None)
    return name or "this value", None


def _standing(place: Place, function: str, node: ScalarNode, text: Text) -> tuple[Standing, tuple[str, ...]]:
    """Return the standing of a text, and the parameters that it was followed through."""
    if function == "Ref":
        return _parameter(place, Piece("", "", text.span.start), text.value), (text.value,)
    ends = _ENDS_IN_PARAMETER.fullmatch(text.value) if function == "Sub" and text.problem is None else None
    if ends:
        return _parameter(place, Piece("", ends[1], text.span.start), ends[2]), (ends[2],)
    return literal_standing(place.document.file, node, text), ()


def _parameter(place: Place, before: Piece, name: str) -> Standing:
    """Return the standing of a reference that a parameter ends: what stands there is the default."""
    declared = lookup(lookup(place.document.root, "Parameters"), name)
    default = lookup(declared, "Default")
    if not is_scalar(default) or is_null(default):
        return Aside("variable", f"{name} has no default in this template")
    if text_at(declared, "Type") not in {"", "String"}:
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
        return Aside(
            "variable", f"{name} is no string: its default is a number, or the name under which a value is kept"
        )
    standing = ended_by(place.document, before, name, default)
    limit = next((one for one in _LIMITS if lookup(declared, one) is not None), None)
    if limit is None or not isinstance(standing, Writable) or standing.reference.digest:
        return standing
    return Fixed(standing.reference, f"{name} has {limit}, which a digest may not keep to; write the digest by hand")


def _one_of_both(standing: Standing) -> Standing:
    if isinstance(standing, Writable) and not (standing.reference.digest and standing.tag is None):
        reference = standing.reference
        return (
            Writable(reference, standing.digest)
            if reference.digest and not reference.tag
            else Fixed(reference, _LAMBDA)
        )
    return standing


def _template(root: Node) -> str | None:
    return "" if is_mapping(lookup(root, "Resources")) else None


FORMAT = yaml_format(
    NAME,
    about=About(
        title="CloudFormation and SAM",
        url="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-taskdefinition.html",
        files="every YAML or JSON file whose `Resources` hold a type with an image",
        places=(
            "`Image` of the containers of an `AWS::ECS::TaskDefinition` and an `AWS::Batch::JobDefinition`",
            "`ImageUri` of an `AWS::Lambda::Function` and an `AWS::Serverless::Function`",
            "the default of a parameter that ends such an image, through `!Ref` and `!Sub`",
        ),
        path="infra/web.yaml",
        example="""\
Resources:
  Web:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: web
          Image: public.ecr.aws/nginx/nginx:1.27
""",
        limits=(
            "pseudo parameters, imports and other functions are known to CloudFormation only: `variable`",
            "AWS Lambda documents a tag or a digest, not both: an image with a tag is refused",
            "a parameter with several readers is refused",
        ),
    ),
    endings=YAML_AND_JSON,
    needles=("Resources", tuple(sorted({kind for kind, _ in _PROPERTIES})), "Image"),
    never=(OBJECT,),
    document=_template,
    routes=tuple(Route(f"Resources.*.Properties.{path}", _of(kind)) for kind, path in _PROPERTIES),
)
