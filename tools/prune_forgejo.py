"""Cuts Forgejo's description of its API (`templates/swagger/v1_json.tmpl`) to the paths that the tests speak.

    python tools/prune_forgejo.py v1_json.tmpl tests/fakes/gitea/forgejo.json

The file says of itself that it is distributed under the MIT license for the purpose of interoperability. Its prose is
left out.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

KEPT = {
    "/user": {"get"},
    "/orgs/{org}/labels": {"get"},
    "/orgs/{org}/repos": {"get"},
    "/users/{username}/repos": {"get"},
    "/repositories/{id}": {"get"},
    "/repos/{owner}/{repo}": {"get"},
    "/repos/{owner}/{repo}/assignees": {"get"},
    "/repos/{owner}/{repo}/branches": {"get"},
    "/repos/{owner}/{repo}/branches/{branch}": {"get"},
    "/repos/{owner}/{repo}/git/commits/{sha}": {"get"},
    "/repos/{owner}/{repo}/issues": {"get", "post"},
    "/repos/{owner}/{repo}/issues/{index}": {"get", "patch"},
    "/repos/{owner}/{repo}/issues/{index}/comments": {"get", "post"},
    "/repos/{owner}/{repo}/issues/{index}/timeline": {"get"},
    "/repos/{owner}/{repo}/labels": {"get"},
    "/repos/{owner}/{repo}/milestones": {"get"},
    "/repos/{owner}/{repo}/pulls": {"get", "post"},
    "/repos/{owner}/{repo}/pulls/{index}": {"get", "patch"},
    "/repos/{owner}/{repo}/pulls/{index}.{diffType}": {"get"},
    "/repos/{owner}/{repo}/pulls/{index}/commits": {"get"},
    "/repos/{owner}/{repo}/pulls/{index}/merge": {"delete", "post"},
    "/repos/{owner}/{repo}/pulls/{index}/requested_reviewers": {"post"},
    "/repos/{owner}/{repo}/reviewers": {"get"},
    "/repos/{owner}/{repo}/teams": {"get"},
}
_PROSE = {"description", "summary", "tags", "operationId", "x-go-name", "x-go-package", "title"}


def pruned(text: str) -> dict[str, Any]:
    """Return the part of the description that is kept; `text` is the template."""
    whole = json.loads(re.sub(r"\{\{.*?\}\}", "", text))
    paths = {p: {m: whole["paths"][p][m] for m in sorted(methods)} for p, methods in KEPT.items()}
    part: dict[str, Any] = {"swagger": "2.0", "paths": _plain(paths), "responses": {}, "definitions": {}}
    waiting = list(_references(part["paths"]))
    while waiting:
        _, room, name = waiting.pop().split("/")
        if name not in part[room]:
            part[room][name] = _plain(whole[room][name])
            waiting += _references(part[room][name])
    notice = f"From Forgejo, templates/swagger/v1_json.tmpl, cut. {whole['info']['license']['name']}"
    return {"info": {"title": whole["info"]["title"], "version": "12", "description": notice}, **part}


def _plain(node: Any, inside: str = "") -> Any:
    """Return a node without prose; below `properties` and `definitions` the keys are names."""
    if isinstance(node, dict):
        named = inside in {"properties", "responses", "headers"}
        return {k: _plain(v, k) for k, v in sorted(node.items()) if named or k not in _PROSE}
    return [_plain(item) for item in node] if isinstance(node, list) else node


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


if __name__ == "__main__":
    template, target = map(Path, sys.argv[1:])
    target.write_text(json.dumps(pruned(template.read_text("utf-8")), indent=1, sort_keys=True) + "\n", "utf-8")
