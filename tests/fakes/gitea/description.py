"""Forgejo's own description of its API, and the check that requests and answers are as it says.

`forgejo.json` is cut from Forgejo's `templates/swagger/v1_json.tmpl` by tools/prune_forgejo.py; that file says of
itself that it is distributed under the MIT license for the purpose of interoperability.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from tests.fakes.server import Reply, Seen

BASE = "/api/v1"
# What any request may be answered with, and no operation names: middlewares, and whatever stands before the server.
_ANYWHERE = {307, 401, 403, 404, 408, 423, 429, 500, 502, 503, 504}
# What the source answers (`routers/api/v1/repo/pull.go`, MergePullRequest) and the description does not know.
_FORGOTTEN = re.compile(r"POST .*/pulls/[0-9]+/merge 201")
_TYPES: Mapping[str, re.Pattern[str]] = {
    "integer": re.compile(r"-?[0-9]+"),
    "boolean": re.compile(r"true|false"),
    "string": re.compile(r".*", re.DOTALL),
}


def faults_of(seen: Seen, reply: Reply) -> list[str]:
    """Return what is wrong with a request or its honest answer; nothing where both are as described."""
    what = f"{seen.method} {seen.path}"
    operation = _operation(seen)
    if operation is None:
        return [f"{what}: not in the description"]
    is_forgotten = _FORGOTTEN.fullmatch(f"{what} {reply.status}") is not None
    found = [*_request_faults(seen, operation), *([] if is_forgotten else _reply_faults(reply, operation))]
    return [f"{what}: {fault}" for fault in found]


def _request_faults(seen: Seen, operation: Mapping[str, Any]) -> Iterator[str]:
    query = {p["name"]: p for p in operation.get("parameters", []) if p["in"] == "query"}
    for name, values in seen.query.items():
        if name not in query:
            yield f"there is no parameter {name!r}"
        elif not all(_fits(value, query[name]) for value in values):
            yield f"{name}={values} is no {query[name].get('enum') or query[name]['type']}"
    schema = next((p["schema"] for p in operation.get("parameters", []) if p["in"] == "body"), None)
    if seen.body and schema is None:
        yield "a body where none is described"
    elif schema is not None and (seen.body or seen.method != "GET"):
        yield from _schema_faults(json.loads(seen.body), schema, of_answer=False)


def _fits(value: str, parameter: Mapping[str, Any]) -> bool:
    if "enum" in parameter:
        return value in parameter["enum"]
    return _TYPES[parameter["type"]].fullmatch(value) is not None


def _reply_faults(reply: Reply, operation: Mapping[str, Any]) -> Iterator[str]:
    answer = operation["responses"].get(str(reply.status))
    if answer is None:
        if reply.status not in _ANYWHERE:
            yield f"{reply.status} is not among {sorted(operation['responses'])}"
        return
    answer = _resolve(answer)
    if answer.get("schema", {}).get("type") == "string" or "schema" not in answer:
        return
    assert isinstance(reply.body, bytes)
    yield from _schema_faults(json.loads(reply.body), answer["schema"], of_answer=True)


def _schema_faults(value: object, schema: Mapping[str, Any], *, of_answer: bool) -> Iterator[str]:
    for error in Draft7Validator(_strict(schema, of_answer)).iter_errors(value):
        yield f"{error.json_path}: {error.message[:200]}"


def _strict(schema: Mapping[str, Any], of_answer: bool) -> dict[str, Any]:
    """Return a schema with its references put in and no room for unknown fields.

    Go writes null for pointers, slices and maps that are not set, which Swagger 2 cannot say: in answers, every field
    may be null.
    """
    schema = _resolve(schema)
    if schema.get("type") == "array":
        return {"type": "array", "items": _strict(schema["items"], of_answer)}
    if schema.get("type") == "object" and "properties" in schema:
        fields = {name: _lazily(field, of_answer) for name, field in schema["properties"].items()}
        return {
            "type": "object",
            "properties": fields,
            "required": schema.get("required", []),
            "additionalProperties": False,
        }
    return {key: value for key, value in schema.items() if key in {"type", "enum"}}


def _lazily(field: Mapping[str, Any], of_answer: bool) -> dict[str, Any]:
    # A repository has a parent, which is a repository: that far nobody looks.
    strict = {"type": "object"} if field.get("$ref") in _CIRCULAR else _strict(field, of_answer)
    return {"anyOf": [strict, {"type": "null"}]} if of_answer else strict


_CIRCULAR = {"#/definitions/RepoTransfer"}


def _resolve(node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        _, room, name = node["$ref"].split("/")
        node = _description()[room][name]
    return node


def _operation(seen: Seen) -> Mapping[str, Any] | None:
    path = seen.path.removeprefix(BASE)
    for pattern, methods in _paths():
        if pattern.fullmatch(path) and seen.method.lower() in methods:
            found: Mapping[str, Any] = methods[seen.method.lower()]
            return found
    return None


@cache
def _paths() -> list[tuple[re.Pattern[str], Mapping[str, Any]]]:
    """Return the operations by patterns of their paths, plain words before parameters; branches may hold slashes."""
    found = []
    for path, methods in sorted(_description()["paths"].items(), key=lambda item: item[0].replace("{", "~")):
        pattern = re.escape(path).replace(r"\{branch\}", ".+").replace(r"\{index\}", "[0-9]+")
        found.append((re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", pattern)), methods))
    return found


@cache
def _description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(__file__).with_name("forgejo.json").read_text("utf-8"))
    # A repository's parent is a repository: cut the circle, since schemas are put in where they are named.
    found["definitions"]["Repository"]["properties"]["parent"] = {"type": "object"}
    return found
