"""GraphQL of the stand-in: each question is checked against the schema and the limit of its cost, then answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from graphql import FieldNode, GraphQLError, OperationDefinitionNode, SelectionSetNode, execute, parse, validate
from graphql.language import IntValueNode

from tests.fakes.bare import Bare, Read
from tests.fakes.gitlab.answers import Writer, is_draft, stored, written
from tests.fakes.gitlab.description import schema
from tests.fakes.gitlab.state import Project, Pull, User

MOST_COST = 250
# Fields that ask Gitaly cost two, and this one ten: `Types::Tree::TreeType`.
_GITALY = {"rootRef", "empty", "exists", "tree", "diffHeadSha", "commits"}
_DEAR = {"lastCommit": 10, "mergedAt": 5, "closedAt": 5}
_PAGE = 100


def answer(writer: Writer, me: User, query: str, variables: Mapping[str, Any], lacks: Sequence[str]) -> dict[str, Any]:
    """Return the answer to a question; fields in `lacks` are not known, as to an older version."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return {"errors": [{"message": error.message}]}
    if unknown := [name for name in lacks if name in query]:
        return {"errors": [{"message": f"Field '{unknown[0]}' doesn't exist on type 'Commit'"}]}
    if wrong := validate(schema(), document):
        return {"errors": [{"message": error.message} for error in wrong]}
    (operation,) = (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    cost = round(_cost(operation.selection_set))
    if cost > MOST_COST:
        message = f"Query has complexity of {cost}, which exceeds max complexity of {MOST_COST}"
        return {"errors": [{"message": message}]}
    done = execute(schema(), document, root_value=_Root(writer, me).fields(), variable_values=dict(variables))
    assert not hasattr(done, "__await__")
    found: dict[str, Any] = {"data": done.data}
    if done.errors:
        found["errors"] = [{"message": error.message, "path": error.path} for error in done.errors]
    return found


def _cost(selection: SelectionSetNode | None) -> float:
    """Return what a selection costs, as `Types::BaseField` counts: 1 % more for each item of a list."""
    total = 0.0
    for node in selection.selections if selection else ():
        assert isinstance(node, FieldNode)
        name = node.name.value
        cost = _DEAR.get(name, 2 if name in _GITALY else 1) + _cost(node.selection_set)
        for argument in node.arguments or ():
            if argument.name.value == "first":
                assert isinstance(argument.value, IntValueNode)
                cost *= 1 + 0.01 * int(argument.value.value)
        total += cost
    return total


class _Root:
    def __init__(self, writer: Writer, me: User) -> None:
        self._writer, self._state, self._me = writer, writer.state, me

    def fields(self) -> dict[str, Any]:
        return {
            "currentUser": {"id": f"gid://gitlab/User/{self._me.id}", "username": self._me.username},
            "projects": lambda _info, **asked: self._projects(**asked),
        }

    def _projects(self, ids: Sequence[str] | None = None, first: int = _PAGE, **_: Any) -> dict[str, Any]:
        wanted = [int(gid.removeprefix("gid://gitlab/Project/")) for gid in ids or ()]
        found = [project for number, project in self._state.projects.items() if number in wanted]
        # The order is the server's own.
        return _connection(list(reversed(found)), self._project, first)

    def _project(self, project: Project) -> dict[str, Any]:
        self._state.follow(project)
        return {
            "id": f"gid://gitlab/Project/{project.id}",
            "fullPath": project.path,
            "name": project.name,
            "archived": project.is_archived,
            "webUrl": self._writer.web(project),
            "mergeRequestsEnabled": project.has_merge_requests,
            "issuesEnabled": project.has_issues,
            "repository": self._repository(project),
            "mergeRequests": lambda _info, **asked: self._pulls(project, **asked),
            "issues": lambda _info, **asked: self._issues(project, **asked),
        }

    def _repository(self, project: Project) -> dict[str, Any]:
        tip = project.git.branches().get(project.default_branch)
        last = {"sha": _last(project.git.path, tip), "id": "gid://gitlab/Commit/1"} if tip else None
        return {
            "rootRef": project.default_branch if tip else None,
            "empty": project.is_empty,
            "exists": True,
            "tree": lambda _info, **_: {"lastCommit": last} if last else None,
        }

    def _pulls(
        self,
        project: Project,
        state: str = "all",
        authorUsername: str | None = None,  # noqa: N803 (the argument's name in the schema)
        sourceBranches: Sequence[str] | None = None,  # noqa: N803 (as above)
        first: int = _PAGE,
        after: str | None = None,
        **_: Any,
    ) -> dict[str, Any] | None:
        if not project.has_merge_requests:
            return None
        found = [
            pull
            for pull in self._state.pulls_of(project, state)
            if authorUsername in {None, pull.author.username} and (not sourceBranches or pull.branch in sourceBranches)
        ]
        return _connection(found, self._pull, first, after)

    def _pull(self, pull: Pull) -> dict[str, Any]:
        base = pull.project.git.branches().get(pull.base, "")
        is_checked = pull.checked == (base, pull.head)
        status = ("CAN_BE_MERGED" if self._writer.merges(pull) else "CANNOT_BE_MERGED") if is_checked else "UNCHECKED"
        between = pull.project.git.between(pull.since, pull.head)
        return {
            "id": f"gid://gitlab/MergeRequest/{pull.number + 1000}",
            "iid": str(pull.number),
            "title": pull.title,
            "description": pull.body,
            "state": pull.state,
            "draft": is_draft(pull),
            "sourceBranch": pull.branch,
            "targetBranch": pull.base,
            "sourceProjectId": pull.source.id if pull.source else None,
            "targetProjectId": pull.project.id,
            "webUrl": f"{self._writer.web(pull.project)}/-/merge_requests/{pull.number}",
            "createdAt": written(pull.opened),
            "updatedAt": written(pull.closed or pull.opened),
            "mergedAt": written(pull.closed) if pull.closed and pull.state == "merged" else None,
            "closedAt": written(pull.closed) if pull.closed and pull.state == "closed" else None,
            "autoMergeEnabled": pull.merging is not None,
            "mergeUser": {"id": f"gid://gitlab/User/{pull.merging.id}"} if pull.merging else None,
            "mergeStatusEnum": status,
            "conflicts": status == "CANNOT_BE_MERGED",
            "diffHeadSha": pull.head,
            "diffRefs": {"baseSha": pull.since, "headSha": pull.head, "startSha": pull.since},
            "author": {"id": f"gid://gitlab/User/{pull.author.id}", "username": pull.author.username},
            "commitCount": len(between),
            "commits": lambda _info, first=_PAGE, **_: _connection(
                [pull.project.git.read(sha) for sha in between], _commit, first
            ),
        }

    def _issues(
        self,
        project: Project,
        authorUsername: str | None = None,  # noqa: N803 (as above)
        sort: str = "CREATED_DESC",
        first: int = _PAGE,
        **_: Any,
    ) -> dict[str, Any] | None:
        if not project.has_issues:
            return None
        found = [i for i in self._state.issues if i.project is project and authorUsername in {None, i.author.username}]
        return _connection(
            found if sort == "CREATED_ASC" else found[::-1],
            lambda issue: {
                "id": f"gid://gitlab/Issue/{issue.number}",
                "iid": str(issue.number),
                "title": issue.title,
                "description": issue.body,
                "state": issue.state,
                "webUrl": f"{self._writer.web(project)}/-/issues/{issue.number}",
            },
            first,
        )


def _commit(commit: Read) -> dict[str, Any]:
    """Return a commit as the database has it: without parents, its times in UTC."""
    return {
        "id": f"gid://gitlab/Commit/{commit.sha}",
        "sha": commit.sha,
        "message": commit.message,
        "authorName": commit.author.name,
        "authorEmail": commit.author.email,
        "authoredDate": stored(commit.author),
        "committerName": commit.committer.name,
        "committerEmail": commit.committer.email,
        "committedDate": stored(commit.committer),
    }


def _connection(
    found: Sequence[Any], write: Callable[[Any], dict[str, Any]], first: int, after: str | None = None
) -> dict[str, Any]:
    start = int(after) if after else 0
    end = start + min(first, _PAGE)
    return {
        "count": len(found),
        "nodes": [write(one) for one in found[start:end]],
        "pageInfo": {"hasNextPage": end < len(found), "endCursor": str(end), "hasPreviousPage": start > 0},
    }


@cache
def _last(path: Path, tip: str) -> str:
    """Return the last commit that changed a file, as `LastCommitForPath` of Gitaly finds it."""
    return Bare(path).git("log", "-1", "--format=%H", tip, "--", ".").strip() or tip
