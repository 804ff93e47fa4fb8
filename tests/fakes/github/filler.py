"""Answers with everything that a schema requires: what a test does not care about is filled in, and leads nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_STRANGE = "https://elsewhere.invalid/never-asked"
_FORMATS = {"uri": _STRANGE, "date-time": "2026-01-02T03:04:05Z", "date": "2026-01-02", "email": "a@example.org"}


def fill(schema: Mapping[str, Any], whole: Mapping[str, Any], given: Any = None) -> Any:
    """Return the smallest value of a schema, with `given` (an object) in place of what it names, at any depth."""
    schema = _resolved(schema, whole)
    if not isinstance(given, dict):
        return _least(schema, whole) if given is None else given
    properties, required = _object(schema, whole)
    filled = {key: fill(properties.get(key, {}), whole) for key in required if key not in given}
    return filled | {
        key: fill(properties[key], whole, value) if isinstance(value, dict) and key in properties else value
        for key, value in given.items()
    }


def _least(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Any:
    if schema.get("nullable"):
        return None
    if "enum" in schema:
        return schema["enum"][0]
    if "allOf" in schema or schema.get("type") == "object" or "properties" in schema:
        properties, required = _object(schema, whole)
        return {key: fill(properties.get(key, {}), whole) for key in required}
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return fill(schema[choice][0], whole)
    if schema.get("type") == "string":
        return _FORMATS.get(schema.get("format", ""), "x" * schema.get("minLength", 1))
    return {"array": [], "integer": schema.get("minimum", 1), "number": 1, "boolean": False}.get(schema.get("type", ""))


def _object(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    properties, required = dict(schema.get("properties", {})), list(schema.get("required", []))
    for part in schema.get("allOf", []):
        more, needed = _object(_resolved(part, whole), whole)
        properties |= more
        required += needed
    for choice in ("anyOf", "oneOf"):
        if choice in schema and not properties:
            return _object(_resolved(schema[choice][0], whole), whole)
    return properties, required


def _resolved(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        found: Any = whole
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema
