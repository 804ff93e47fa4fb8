"""What GitLab says of its API, as the judge of requests and answers: see the README beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from graphql import GraphQLSchema, build_schema

from tests.fakes.server import Reply, Seen

API = "/api/v4"
_HERE = Path(__file__).parent
_PROJECT = "/projects/[^/]+"
_PULL = f"{_PROJECT}/merge_requests/[0-9]+"
# Method and path, what may be asked, and what is answered: the names of structs.
_OPERATIONS: tuple[tuple[str, str, str], ...] = (
    ("GET /user", "", "User"),
    ("GET /users", "ListUsersOptions", "[]User"),
    ("GET /personal_access_tokens/self", "", "PersonalAccessToken"),
    ("GET /groups/[^/]+/projects", "ListGroupProjectsOptions", "[]Project"),
    ("GET /users/[^/]+/projects", "ListProjectsOptions", "[]Project"),
    (f"GET {_PROJECT}", "GetProjectOptions", "Project"),
    (f"GET {_PROJECT}/labels", "ListLabelsOptions", "[]Label"),
    (f"GET {_PROJECT}/milestones", "ListMilestonesOptions", "[]Milestone"),
    (f"GET {_PROJECT}/repository/commits", "ListCommitsOptions", "[]Commit"),
    (f"GET {_PROJECT}/repository/commits/[0-9a-f]+", "", "Commit"),
    (f"GET {_PROJECT}/repository/tree", "ListTreeOptions", "[]TreeNode"),
    (f"GET {_PROJECT}/issues", "ListProjectIssuesOptions", "[]Issue"),
    (f"POST {_PROJECT}/issues", "CreateIssueOptions", "Issue"),
    (f"GET {_PROJECT}/issues/[0-9]+", "", "Issue"),
    (f"PUT {_PROJECT}/issues/[0-9]+", "UpdateIssueOptions", "Issue"),
    (f"GET {_PROJECT}/merge_requests", "ListProjectMergeRequestsOptions", "[]BasicMergeRequest"),
    (f"POST {_PROJECT}/merge_requests", "CreateMergeRequestOptions", "MergeRequest"),
    (f"GET {_PULL}", "GetMergeRequestsOptions", "MergeRequest"),
    (f"PUT {_PULL}", "UpdateMergeRequestOptions", "MergeRequest"),
    (f"PUT {_PULL}/merge", "AcceptMergeRequestOptions", "MergeRequest"),
    (f"POST {_PULL}/cancel_merge_when_pipeline_succeeds", "", "MergeRequest"),
    (f"GET {_PULL}/diffs", "ListMergeRequestDiffsOptions", "[]MergeRequestDiff"),
    (f"GET {_PULL}/notes", "ListMergeRequestNotesOptions", "[]Note"),
    (f"POST {_PULL}/notes", "CreateMergeRequestNoteOptions", "Note"),
)
_PLAIN: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "int64": (int,),
    "bool": (bool,),
    "time.Time": (str,),
    "ISOTime": (str,),
    "VisibilityValue": (str,),
    "AccessControlValue": (str,),
}
_IN_QUERY = {"int64": re.compile(r"-?[0-9]+"), "bool": re.compile(r"true|false")}


@cache
def schema() -> GraphQLSchema:
    """The schema of GraphQL, as far as it is used."""
    return build_schema((_HERE / "schema.graphql").read_text("utf-8"))


def faults_of(seen: Seen, path: str, reply: Reply) -> list[str]:
    """Return what is wrong with a request (at `path` below the API) or its honest answer."""
    what = f"{seen.method} {path}"
    operation = next((o for o in _OPERATIONS if re.fullmatch(o[0], what)), None)
    if operation is None:
        return [f"{what}: not described"]
    _, asked, answered = operation
    found = list(_request_faults(seen, _structs().get(asked, {})))
    if reply.status < 300:
        assert isinstance(reply.body, bytes)
        found += _faults(json.loads(reply.body), answered, answered)
    return [f"{what}: {fault}" for fault in found]


def _request_faults(seen: Seen, fields: Mapping[str, str]) -> Iterator[str]:
    for name, values in seen.query.items():
        if name not in fields:
            yield f"there is no parameter {name!r}"
        elif not all(_IN_QUERY[fields[name]].fullmatch(v) for v in values if fields[name] in _IN_QUERY):
            yield f"{name}={values} is no {fields[name]}"
    for name, value in (json.loads(seen.body) if seen.body else {}).items():
        if name not in fields:
            yield f"there is no field {name!r}"
        elif not (fields[name] == "[]string" and isinstance(value, str)):  # comma-separated
            yield from _faults(value, fields[name], name)


def _faults(value: object, kind: str, where: str) -> Iterator[str]:
    """Yield where a value is not of a type; Go reads null as the empty value of any."""
    if value is None:
        return
    if kind.startswith("[]"):
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for one in value:
            yield from _faults(one, kind[2:].lstrip("*"), f"{where}[]")
    elif kind in _structs():
        if not isinstance(value, dict):
            yield f"{where} is no {kind}"
            return
        for name, inner in value.items():
            if name not in _structs()[kind]:
                yield f"{where} has no {name!r}"
            else:
                yield from _faults(inner, _structs()[kind][name], f"{where}.{name}")
    elif kind in _PLAIN and (not isinstance(value, _PLAIN[kind]) or (kind != "bool" and isinstance(value, bool))):
        yield f"{where} is no {kind}: {value!r}"


@cache
def _structs() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((_HERE / "client-go.json").read_text("utf-8"))
    return found
