"""GraphQL of the stand-in: every request is checked against the published schema, then answered from the state."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError, execute, parse, validate

from tests.fakes.github.description import schema
from tests.fakes.github.state import Actor, Hub, Pull, Repo, Ticket

_NOWHERE = "0" * 40
_FORBIDDEN = "Resource not accessible by integration"


def answer(hub: Hub, actor: Actor, query: str, variables: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the answer to a request, and where the request is not as the schema has it."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return {"errors": [{"message": error.message}]}, [error.message]
    if wrong := validate(schema(), document):
        return {"errors": [{"message": e.message} for e in wrong]}, [f"query: {e.message}" for e in wrong]
    done = execute(schema(), document, root_value=_Root(hub, actor).fields(), variable_values=dict(variables))
    assert not hasattr(done, "__await__")
    found: dict[str, Any] = {"data": done.data}
    if done.errors:
        found["errors"] = [_told(error) for error in done.errors]
    violations = [str(e) for e in done.errors or () if not (e.extensions or {}).get("type")]
    return found, violations


def _told(error: GraphQLError) -> dict[str, Any]:
    """GitHub has the type of an error beside its message."""
    kind = (error.extensions or {}).get("type")
    return {"message": error.message, "path": error.path, **({"type": kind} if kind else {})}


def _refusal(kind: str, message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"type": kind})


class _Root:
    def __init__(self, hub: Hub, actor: Actor) -> None:
        self.hub, self.actor = hub, actor

    def fields(self) -> dict[str, Any]:
        return {
            "viewer": {"__typename": "User", "id": "U_1", "login": self.actor.login},
            "node": lambda _info, id: self._node(id),  # noqa: A006 (the argument's name in the schema)
            "nodes": lambda _info, ids: [self._node_or_error(i) for i in ids],
            "repository": lambda _info, owner, name, **_: self._repository(f"{owner}/{name}"),
            "repositoryOwner": lambda _info, login: self._owner(login),
            "createCommitOnBranch": lambda _info, input: self._commit(input),  # noqa: A006 (as above)
            "updateRefs": lambda _info, input: self._update_refs(input),  # noqa: A006 (as above)
            "enablePullRequestAutoMerge": lambda _info, input: self._merge(input),  # noqa: A006 (as above)
            "disablePullRequestAutoMerge": lambda _info, input: self._stop_merging(input),  # noqa: A006 (as above)
        }

    def _node_or_error(self, node: str) -> Any:
        try:
            return self._node(node)
        except GraphQLError as error:
            return error

    def _node(self, node: str) -> dict[str, Any]:
        kind, _, rest = node.partition("_")
        number, _, pull = rest.partition("_")
        for repo in self.hub.repos:
            if str(repo.number) == number and self._sees(repo):
                if kind == "R":
                    return self._of(repo)
                if kind == "PR":
                    return self._pull(repo, repo.pull(int(pull)))
        raise _refusal("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")

    def _sees(self, repo: Repo) -> bool:
        return not repo.is_gone and (self.actor.repositories is None or repo.number in self.actor.repositories)

    def _repository(self, name: str) -> dict[str, Any]:
        repo = self.hub.named(name)
        if repo is None or not self._sees(repo):
            raise _refusal("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")
        return self._of(repo)

    def _owner(self, login: str) -> dict[str, Any] | None:
        repos = [r for r in self.hub.repos if r.name.lower().startswith(f"{login.lower()}/") and self._sees(r)]
        if not repos:
            return None

        def listed(_info: Any, first: int, after: str | None = None, **_: Any) -> dict[str, Any]:
            return _page([self._of(r) for r in repos], first, after)

        return {"__typename": self.hub.kinds.get(login, "Organization"), "login": login, "repositories": listed}

    def _of(self, repo: Repo) -> dict[str, Any]:
        self.hub.refresh(repo)
        tip = repo.heads.tip(repo.default_branch)
        head = {"name": repo.default_branch, "target": self._made(repo, tip)} if tip else None

        def pulls(_info: Any, **asked: Any) -> dict[str, Any]:
            if "pull_requests" not in self.actor.permissions:
                raise _refusal("FORBIDDEN", _FORBIDDEN)
            found = [p for p in repo.pulls if p.state in (asked.get("states") or [p.state])]
            found = [p for p in found if p.branch == asked.get("headRefName", p.branch)]
            if (asked.get("orderBy") or {}).get("direction") == "DESC":
                found.reverse()
            return _page([self._pull(repo, p) for p in found], asked["first"], asked.get("after"))

        def issues(_info: Any, **asked: Any) -> dict[str, Any]:
            if "issues" not in self.actor.permissions:
                raise _refusal("FORBIDDEN", _FORBIDDEN)
            login = (asked.get("filterBy") or {}).get("createdBy")
            if login and login.endswith("[bot]") and not self.hub.knows_bots:
                login = "nobody"
            found = [t for t in repo.tickets if login in {None, t.author.login} and repo.has_issues]
            return _page([self._ticket(t) for t in found], asked["first"], asked.get("after"))

        def ref(_info: Any, qualifiedName: str) -> dict[str, Any] | None:  # noqa: N803 (as the schema has it)
            there = repo.heads.tip(qualifiedName.removeprefix("refs/heads/"))
            return {"name": qualifiedName, "target": self._made(repo, there)} if there else None

        return {
            "__typename": "Repository",
            "id": repo.id,
            "databaseId": repo.number,
            "nameWithOwner": repo.name,
            "isArchived": repo.is_archived,
            "isFork": repo.is_fork,
            "isEmpty": tip is None,
            "isDisabled": repo.is_disabled,
            "isLocked": repo.is_locked,
            "defaultBranchRef": head,
            "repositoryTopics": lambda _info, **_: {"nodes": [{"topic": {"name": t}} for t in repo.topics]},
            "pullRequests": pulls,
            "pullRequest": lambda _info, number: self._pull(repo, repo.pull(number)),
            "hasIssuesEnabled": repo.has_issues,
            "issues": issues,
            "autoMergeAllowed": repo.may_merge,
            "mergeCommitAllowed": "MERGE" in repo.methods,
            "squashMergeAllowed": "SQUASH" in repo.methods,
            "rebaseMergeAllowed": "REBASE" in repo.methods,
            "viewerDefaultMergeMethod": "MERGE",
            "ref": ref,
        }

    def _pull(self, repo: Repo, pull: Pull) -> dict[str, Any]:
        def commits(_info: Any, last: int, **_: Any) -> dict[str, Any]:
            nodes = [{"commit": self._made(repo, sha)} for sha in pull.commits]
            return {"totalCount": len(nodes), "nodes": nodes[-last:]}

        return {
            "__typename": "PullRequest",
            "id": f"PR_{repo.number}_{pull.number}",
            "number": pull.number,
            "state": pull.state,
            "headRefName": pull.branch,
            "headRefOid": pull.head,
            "baseRefName": pull.base,
            "title": pull.title,
            "body": pull.body,
            "isDraft": pull.is_draft,
            "isCrossRepository": pull.from_fork is not None,
            "createdAt": _moment(pull.opened),
            "closedAt": _moment(pull.closed) if pull.closed else None,
            "mergeable": self._mergeable(repo, pull),
            "author": _actor(pull.author),
            "commits": commits,
            "autoMergeRequest": {"enabledBy": _actor(pull.merged_by)} if pull.merged_by else None,
        }

    def _ticket(self, ticket: Ticket) -> dict[str, Any]:
        return {
            "__typename": "Issue",
            "number": ticket.number,
            "title": ticket.title,
            "body": ticket.body,
            "state": ticket.state,
            "viewerDidAuthor": ticket.author.login == self.actor.login,
        }

    def _mergeable(self, repo: Repo, pull: Pull) -> str:
        base = repo.heads.tip(pull.base)
        if pull.state != "OPEN" or base is None or pull.from_fork is not None:
            return "UNKNOWN"
        return "MERGEABLE" if repo.heads.merges(base, pull.head) else "CONFLICTING"

    def _made(self, repo: Repo, sha: str) -> dict[str, Any]:
        made = repo.heads.commit(sha)
        return {
            "__typename": "Commit",
            "oid": made.sha,
            "tree": {"oid": made.tree},
            "message": made.message,
            "author": {"name": made.author},
            "parents": lambda _info, first: {"nodes": [{"oid": p} for p in made.parents[:first]]},
        }

    def _commit(self, given: Mapping[str, Any]) -> dict[str, Any]:
        repo = self._writable(self.hub.named(given["branch"]["repositoryNameWithOwner"]))
        branch = given["branch"]["branchName"]
        files = {f["path"]: base64.b64decode(f["contents"]) for f in given["fileChanges"]["additions"]}
        if any(p.startswith(".github/workflows/") for p in files) and not self.actor.may("workflows"):
            raise _refusal(
                "FORBIDDEN",
                "refusing to allow a GitHub App to create or update workflow without `workflows` permission",
            )
        tip = repo.heads.tip(branch)
        if tip is None:
            raise _refusal("NOT_FOUND", f"No branch named {branch}")
        if tip != given["expectedHeadOid"]:
            raise _refusal("STALE_DATA", f'Expected branch to point to "{tip}" but it did not. Pull and try again.')
        message = "\n\n".join(filter(None, (given["message"]["headline"], given["message"].get("body"))))
        made = repo.heads.make(tip, files, message, self.actor.login)
        repo.heads.move(branch, made)
        self.hub.tell("branch moved", repo, branch=branch, by=self.actor.login)
        self.hub.refresh(repo)
        return {"commit": self._made(repo, made)}

    def _update_refs(self, given: Mapping[str, Any]) -> dict[str, Any]:
        repo = self._writable(next((r for r in self.hub.repos if r.id == given["repositoryId"]), None))
        updates: Sequence[Mapping[str, Any]] = given["refUpdates"]
        for update in updates:
            tip = repo.heads.tip(_branch(update)) or _NOWHERE
            if update.get("beforeOid") not in {None, tip}:
                raise _refusal("UNPROCESSABLE", f"{update['name']} was at {tip}, expected {update['beforeOid']}")
        for update in updates:
            after = update["afterOid"]
            repo.heads.move(_branch(update), None if after == _NOWHERE else after)
            self.hub.tell("branch moved", repo, branch=_branch(update), by=self.actor.login)
        self.hub.refresh(repo)
        return {"clientMutationId": None}

    def _merge(self, given: Mapping[str, Any]) -> dict[str, Any]:
        repo, pull = self._mergeable_pull(given)
        if not repo.may_merge:
            raise _refusal("UNPROCESSABLE", "Auto merge is not allowed for this repository")
        if given["mergeMethod"] not in repo.methods:
            raise _refusal("UNPROCESSABLE", f"Merge method {given['mergeMethod'].lower()} is not allowed")
        if given["expectedHeadOid"] != pull.head:
            raise _refusal("UNPROCESSABLE", "Head branch was modified. Review and try the merge again.")
        if not repo.is_guarded:
            raise _refusal("UNPROCESSABLE", "Pull request Pull request is in clean status")
        pull.merged_by = self.actor
        self.hub.tell("auto-merge enabled", repo, branch=pull.branch, by=self.actor.login)
        return {"clientMutationId": None}

    def _stop_merging(self, given: Mapping[str, Any]) -> dict[str, Any]:
        repo, pull = self._mergeable_pull(given)
        if pull.merged_by is None:
            raise _refusal("UNPROCESSABLE", "Can't disable auto-merge for this pull request")
        pull.merged_by = None
        self.hub.tell("auto-merge disabled", repo, branch=pull.branch, by=self.actor.login)
        return {"clientMutationId": None}

    def _mergeable_pull(self, given: Mapping[str, Any]) -> tuple[Repo, Pull]:
        _, number, at = given["pullRequestId"].split("_")
        repo = self._writable(next((r for r in self.hub.repos if str(r.number) == number), None))
        self.hub.refresh(repo)
        return repo, repo.pull(int(at))

    def _writable(self, repo: Repo | None) -> Repo:
        if repo is None or not self._sees(repo):
            raise _refusal("NOT_FOUND", "Could not resolve to a Repository")
        if not self.actor.may("contents"):
            raise _refusal("FORBIDDEN", _FORBIDDEN)
        return repo


def _actor(actor: Actor) -> dict[str, str]:
    return {"__typename": actor.kind, "login": actor.login.removesuffix("[bot]")}


def _branch(update: Mapping[str, Any]) -> str:
    return str(update["name"]).removeprefix("refs/heads/")


def _page(nodes: list[Any], first: int, after: str | None) -> dict[str, Any]:
    start = int(after or 0)
    stop = start + first
    return {
        "nodes": nodes[start:stop],
        "totalCount": len(nodes),
        "pageInfo": {"hasNextPage": stop < len(nodes), "endCursor": str(stop)},
    }


def _moment(moment: Any) -> str:
    return str(moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
