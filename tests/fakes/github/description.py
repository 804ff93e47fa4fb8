"""GitHub's published descriptions, as judges: what is sent and what is answered is checked against them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, build_schema
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.responses.exceptions import ResponseNotFound
from openapi_core.testing import MockRequest, MockResponse

from tests.fakes.github.filler import fill

HERE = Path(__file__).parent
_HOST = "http://127.0.0.1"


@cache
def schema() -> GraphQLSchema:
    """The schema of GraphQL, as far as it is used."""
    return build_schema((HERE / "schema.graphql").read_text("utf-8"))


@cache
def _description() -> dict[str, Any]:
    return dict(json.loads((HERE / "openapi.json").read_text("utf-8")))


@cache
def _judge() -> OpenAPI:
    return OpenAPI.from_dict(_description())


def answer_of(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object as the component `name` describes it, with what is given."""
    return dict(fill(_description()["components"]["schemas"][name], _description(), dict(given)))


def violations(verb: str, path: str, query: Mapping[str, str], body: bytes, status: int, answer: bytes) -> list[str]:
    """Return where a request over REST, or its answer in JSON, is not as described.

    A refusal with a status that the description does not have for that path is fine: GitHub lists few of them.
    """
    request = MockRequest(_HOST, verb.lower(), path, args=dict(query), data=body or None)
    found = []
    try:
        _judge().validate_request(request)
    except OpenAPIError as error:
        found.append(f"request {verb} {path}: {_words(error)}")
    try:
        _judge().validate_response(request, MockResponse(answer, status_code=status))
    except ResponseNotFound:
        if status < 300:
            found.append(f"answer {status} to {verb} {path} is not described")
    except OpenAPIError as error:
        found.append(f"answer {status} to {verb} {path}: {_words(error)}")
    return found


def _words(error: BaseException) -> str:
    inner = error.__cause__ or error
    errors = list(getattr(inner, "schema_errors", ()) or getattr(error, "schema_errors", ()))
    if errors:
        return "; ".join(f"{'/'.join(map(str, e.path))}: {e.message[:200]}" for e in errors[:3])
    return f"{type(error).__name__}: {error} {error.__cause__ or ''}"[:400]
