"""What a value in a reference's place of a Dockerfile is: https://docs.docker.com/reference/dockerfile/#from."""

from __future__ import annotations

import re

from pinbot.errors import InvalidDigest, InvalidReference
from pinbot.formats._pieces import Value
from pinbot.formats._pieces_standing import Sources, standing_over
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Standing

# What template engines and autoconf leave in a file that is not yet a Dockerfile.
_TEMPLATE = re.compile(r"\{\{|\{%|<%|%%|%[A-Z_]+%|@[A-Z][A-Z0-9_]*@")


def is_template(text: str) -> bool:
    """Whether the text holds a placeholder of a template."""
    return bool(_TEMPLATE.search(text))


def standing_of(value: Value, sources: Sources) -> Standing:
    """Return what a value that is no build stage is, and where it can be changed."""
    if value.problem:
        return Aside(value.problem.status, value.problem.reason, Reference.parse_or_none(value.text))
    text = value.text
    if is_template(text):
        return Aside("variable", "a placeholder of a template stands here")
    if not text and value.names:
        return Aside("variable", f"{value.names[0]} is empty by default")
    try:
        reference = Reference.parse(text)
    except InvalidDigest as error:
        return Aside("invalid", str(error))
    except InvalidReference as error:
        return Aside("variable" if value.names else "invalid", str(error))
    return standing_over(value, reference, sources)
