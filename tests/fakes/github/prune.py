"""Cuts GitHub's published descriptions down to what pinbot uses: `python -m tests.fakes.github.prune NODE_MODULES`.

What stays is as published; descriptions and examples are left out. A path or a field that is used and not listed here
is refused by the stand-in, so nothing goes unchecked.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from graphql import (
    DefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)

HERE = Path(__file__).parent

PATHS = {
    "/installation/repositories": ("get",),
    "/app": ("get",),
    "/rate_limit": ("get",),
    "/app/installations/{installation_id}": ("get",),
    "/app/installations/{installation_id}/access_tokens": ("post",),
    "/orgs/{org}/installation": ("get",),
    "/users/{username}/installation": ("get",),
    "/repos/{owner}/{repo}/installation": ("get",),
    "/repos/{owner}/{repo}/pulls": ("get", "post"),
    "/repos/{owner}/{repo}/pulls/{pull_number}": ("get", "patch"),
    "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers": ("post",),
    "/repos/{owner}/{repo}/issues": ("get", "post"),
    "/repos/{owner}/{repo}/issues/{issue_number}": ("get", "patch"),
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": ("get", "post"),
    "/repos/{owner}/{repo}/milestones": ("get",),
}
_TOLD = frozenset({"description", "summary", "example", "examples", "externalDocs", "x-github", "operationId", "tags"})

FIELDS = {
    "Query": "viewer node nodes repository repositoryOwner",
    "Mutation": "createCommitOnBranch updateRefs enablePullRequestAutoMerge disablePullRequestAutoMerge",
    "Node": "id",
    "Actor": "login",
    "RepositoryOwner": "id login repositories",
    "User": "id login repositories",
    "Organization": "id login repositories",
    "Bot": "id login",
    "Repository": "id databaseId nameWithOwner isArchived isFork isEmpty isDisabled isLocked defaultBranchRef ref"
    " repositoryTopics pullRequests hasIssuesEnabled issues pullRequest autoMergeAllowed mergeCommitAllowed"
    " squashMergeAllowed rebaseMergeAllowed viewerDefaultMergeMethod",
    "RepositoryConnection": "nodes pageInfo",
    "RepositoryTopicConnection": "nodes",
    "RepositoryTopic": "id topic",
    "Topic": "id name",
    "PageInfo": "hasNextPage endCursor",
    "PullRequestConnection": "nodes pageInfo totalCount",
    "PullRequest": "id number state headRefName headRefOid baseRefName title body isDraft isCrossRepository createdAt"
    " closedAt author mergeable commits autoMergeRequest",
    "AutoMergeRequest": "enabledBy",
    "IssueConnection": "nodes pageInfo",
    "Issue": "id number title body state viewerDidAuthor",
    "PullRequestCommitConnection": "nodes totalCount",
    "PullRequestCommit": "id commit",
    "GitObject": "id oid",
    "Ref": "id name target",
    "Commit": "id oid message author tree parents",
    "CommitConnection": "nodes",
    "GitActor": "name",
    "Tree": "id oid",
    "CreateCommitOnBranchPayload": "commit clientMutationId",
    "UpdateRefsPayload": "clientMutationId",
    "EnablePullRequestAutoMergePayload": "clientMutationId",
    "DisablePullRequestAutoMergePayload": "clientMutationId",
}


def pruned_openapi(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the description of the paths that are used, with what they refer to."""
    paths: dict[str, Any] = {}
    for path, verbs in PATHS.items():
        paths[path] = {key: value for key, value in whole["paths"][path].items() if key in {*verbs, "parameters"}}
    out: dict[str, Any] = {"openapi": whole["openapi"], "info": whole["info"], "paths": _plain(paths), "components": {}}
    todo, seen = [out["paths"]], set()
    while todo:
        for ref in _references(todo.pop()):
            if ref not in seen:
                seen.add(ref)
                _, kind, name = ref.removeprefix("#/").split("/", 2)
                found = _plain(whole["components"][kind][name])
                found = {"description": "", **found} if kind == "responses" else found
                out["components"].setdefault(kind, {})[name] = found
                todo.append(found)
    out["info"] = {key: out["info"][key] for key in ("title", "version", "license") if key in out["info"]}
    out["servers"] = [{"url": "http://127.0.0.1"}]
    return out


def _plain(node: Any, is_named: bool = False) -> Any:
    """Leave out what is for people; under `properties` and the like, keys are names and stay."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _plain(value, key in {"properties", "paths"} and not is_named)
        for key, value in node.items()
        if is_named or key not in _TOLD
    }
    if "responses" in kept and not is_named:
        # An answer must have one, says OpenAPI.
        kept["responses"] = {s: a if "$ref" in a else {"description": "", **a} for s, a in kept["responses"].items()}
    return kept


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def pruned_schema(whole: str) -> str:
    """Return the definitions of the fields that are used, and of the types of their arguments and values."""
    known = {d.name.value: d for d in parse(whole, no_location=True).definitions if hasattr(d, "name")}
    kept: dict[str, DefinitionNode] = {}
    todo = ["Query", "Mutation", *FIELDS]
    while todo:
        name = todo.pop()
        if name in kept or name not in known:
            continue
        kept[name] = _cut(known[name], name)
        todo += _uses(kept[name])
    return "\n\n".join(print_ast(_without_unknown(kept[name], kept)) for name in sorted(kept)) + "\n"


def _cut(node: Any, name: str) -> Any:
    """Return a definition without what is for people, and with the fields that are wanted of an object."""
    changes: dict[str, Any] = {"description": None, "directives": ()}
    for part in ("fields", "values", "arguments"):
        inner = getattr(node, part, None)
        if inner:
            changes[part] = tuple(_cut(one, "") for one in inner if part != "fields" or _is_wanted(node, name, one))
    known = {field.name for field in fields(node)}
    return replace(node, **{key: value for key, value in changes.items() if key in known})


def _is_wanted(node: Any, name: str, field: Any) -> bool:
    is_object = isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode)
    return not is_object or field.name.value in FIELDS.get(name, "").split()


def _uses(definition: DefinitionNode) -> Iterator[str]:
    if isinstance(definition, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        for field in definition.fields or ():
            yield from _field_uses(field)
    elif isinstance(definition, InputObjectTypeDefinitionNode):
        yield from (_type_name(value.type) for value in definition.fields or ())


def _field_uses(field: FieldDefinitionNode) -> Iterator[str]:
    yield _type_name(field.type)
    yield from (_type_name(argument.type) for argument in field.arguments or ())


def _type_name(node: TypeNode) -> str:
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        node = node.type
    assert isinstance(node, NamedTypeNode)
    return node.name.value


def _without_unknown(definition: Any, kept: dict[str, DefinitionNode]) -> Any:
    """Leave out interfaces and members of unions that are not kept, or of which this type lost a field."""
    if isinstance(definition, UnionTypeDefinitionNode):
        return replace(definition, types=tuple(t for t in definition.types or () if t.name.value in kept))
    if not isinstance(definition, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        return definition
    own = {f.name.value for f in definition.fields or ()}
    implemented = tuple(
        i for i in definition.interfaces or () if i.name.value in FIELDS and set(FIELDS[i.name.value].split()) <= own
    )
    return replace(definition, interfaces=implemented)


def main(modules: Path) -> None:
    """Write both files beside this one."""
    openapi = json.loads((modules / "@octokit/openapi/generated/api.github.com.json").read_text("utf-8"))
    (HERE / "openapi.json").write_text(json.dumps(pruned_openapi(openapi), separators=(",", ":")) + "\n", "utf-8")
    schema = (modules / "@octokit/graphql-schema/schema.graphql").read_text("utf-8")
    (HERE / "schema.graphql").write_text(pruned_schema(schema), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
