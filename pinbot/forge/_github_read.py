"""Reads what GitHub answers, over REST and GraphQL, into our values; nothing in an answer is taken on trust."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from pinbot.errors import ForgeError
from pinbot.net.origin import Origin
from pinbot.proposals.issue import Issue
from pinbot.proposals.pull import Commit, PullRequest, State
from pinbot.proposals.repository import Repository

_NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,99}/[A-Za-z0-9_.][A-Za-z0-9_.-]{0,99}")
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_STATES: dict[str, State] = {"OPEN": "open", "CLOSED": "closed", "MERGED": "merged"}
_MERGEABLE = {"CONFLICTING": True, "MERGEABLE": False}
_MOST_TOPICS = 100


def dig(data: object, *path: str) -> object:
    """Return what an answer has at the end of a path of keys; None where it has nothing there."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def text(data: object, *path: str) -> str:
    """Return the text there. Raises ForgeError where there is none."""
    found = dig(data, *path)
    if not isinstance(found, str):
        raise _strange(path)
    return found


def number(data: object, *path: str) -> int:
    """Return the whole number there. Raises ForgeError where there is none."""
    found = dig(data, *path)
    if not isinstance(found, int) or isinstance(found, bool):
        raise _strange(path)
    return found


def moment(data: object, *path: str) -> datetime:
    """Return the moment there, in UTC. Raises ForgeError where there is none."""
    try:
        return datetime.fromisoformat(text(data, *path)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _strange(path) from None


def entries(data: object, *path: str) -> list[dict[str, object]]:
    """Return the objects of a list there; an empty list where there is none. Nulls among them are left out."""
    found = dig(data, *path)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def name_of(data: object, *path: str) -> str:
    """Return the `owner/name` there, which is safe in paths. Raises ForgeError where it is none."""
    found = text(data, *path)
    if not is_name(found):
        raise _strange(path)
    return found


def is_name(name: str) -> bool:
    """Whether a text is an `owner/name` as GitHub has them."""
    owner, _, rest = name.partition("/")
    return _NAME.fullmatch(name) is not None and not {owner, rest} & {".", ".."}


def sha_of(data: object, *path: str) -> str:
    """Return the object name there. Raises ForgeError where it is none."""
    found = text(data, *path)
    if not _SHA.fullmatch(found):
        raise _strange(path)
    return found


def web_of(base_url: str) -> str:
    """Return where people look at what this API tells of: for api.github.com and its like, and for a server's own."""
    origin = Origin.parse(base_url)
    host = origin.authority.removeprefix("api.") if origin.authority.startswith("api.") else origin.authority
    return f"{origin.scheme}://{host}"


def repository_of(node: Mapping[str, object], web: str) -> Repository:
    """Read a repository as GraphQL tells of it (`_github_queries.REPOSITORY`)."""
    name = name_of(node, "nameWithOwner")
    branch = dig(node, "defaultBranchRef", "name")
    return Repository(
        id=text(node, "id"),
        name=name,
        default_branch=branch if isinstance(branch, str) else "",
        topics=tuple(text(t, "topic", "name") for t in entries(node, "repositoryTopics", "nodes")),
        is_archived=dig(node, "isArchived") is True,
        is_fork=dig(node, "isFork") is True,
        is_empty=dig(node, "isEmpty") is True or branch is None,
        url=f"{web}/{name}",
    )


def listed_repository(data: Mapping[str, object], web: str) -> Repository:
    """Read a repository as REST lists it; that it is empty is not told there."""
    name = name_of(data, "full_name")
    topics = dig(data, "topics")
    return Repository(
        id=text(data, "node_id"),
        name=name,
        default_branch=text(data, "default_branch"),
        topics=tuple(t for t in topics[:_MOST_TOPICS] if isinstance(t, str)) if isinstance(topics, list) else (),
        is_archived=dig(data, "archived") is True,
        is_fork=dig(data, "fork") is True,
        url=f"{web}/{name}",
    )


def pull_of(node: Mapping[str, object], viewer: str, page: str) -> PullRequest:
    """Read a pull request as GraphQL tells of it; `page` is the address of its repository for people.

    Where the query left out `commits` and `body`, it has its head by name alone, and no text.
    """
    author = login_of(dig(node, "author"))
    commits = tuple(commit_of(c["commit"]) for c in entries(node, "commits", "nodes") if "commit" in c)
    body = dig(node, "body")
    closed = dig(node, "closedAt")
    armed = dig(node, "autoMergeRequest")
    return PullRequest(
        number=number(node, "number"),
        url=f"{page}/pull/{number(node, 'number')}",
        state=_STATES.get(text(node, "state"), "open"),
        branch=text(node, "headRefName"),
        base=text(node, "baseRefName"),
        title=text(node, "title"),
        body=body.replace("\r\n", "\n") if isinstance(body, str) else "",
        author=author,
        by_us=author != "" and author == viewer,
        in_repository=dig(node, "isCrossRepository") is False,
        commits=commits or (bare_commit(sha_of(node, "headRefOid")),),
        opened=moment(node, "createdAt"),
        closed=moment(node, "closedAt") if closed is not None else None,
        conflicts=_MERGEABLE.get(str(dig(node, "mergeable"))),
        is_draft=dig(node, "isDraft") is True,
        merges_itself=armed is not None,
        merging_by_us=viewer != "" and login_of(dig(armed, "enabledBy")) == viewer,
    )


def pull_of_rest(data: object, viewer: str, page: str) -> PullRequest:
    """Read a pull request as REST tells of it: of its commits, the head by name alone."""
    author = dig(data, "user", "login")
    state: State = "open" if text(data, "state") == "open" else "closed"
    body = dig(data, "body")
    return PullRequest(
        number=number(data, "number"),
        url=f"{page}/pull/{number(data, 'number')}",
        state="merged" if dig(data, "merged_at") is not None else state,
        branch=text(data, "head", "ref"),
        base=text(data, "base", "ref"),
        title=text(data, "title"),
        body=body.replace("\r\n", "\n") if isinstance(body, str) else "",
        author=author if isinstance(author, str) else "",
        by_us=viewer != "" and author == viewer,
        in_repository=dig(data, "head", "repo", "id") == number(data, "base", "repo", "id"),
        commits=(bare_commit(sha_of(data, "head", "sha")),),
        opened=moment(data, "created_at"),
        closed=moment(data, "closed_at") if dig(data, "closed_at") is not None else None,
        is_draft=dig(data, "draft") is True,
    )


def issue_of(node: Mapping[str, object], page: str) -> Issue:
    """Read an issue as GraphQL tells of it; `page` is the address of its repository for people."""
    return _issue(node, page, is_open=dig(node, "state") == "OPEN")


def issue_of_rest(data: object, page: str) -> Issue:
    """Read an issue as REST tells of it."""
    return _issue(data, page, is_open=text(data, "state") == "open")


def _issue(data: object, page: str, *, is_open: bool) -> Issue:
    body, at = dig(data, "body"), number(data, "number")
    shown = body.replace("\r\n", "\n") if isinstance(body, str) else ""
    return Issue(at, f"{page}/issues/{at}", text(data, "title"), shown, is_open)


def commit_of(node: object) -> Commit:
    """Read a commit as GraphQL tells of it."""
    author = dig(node, "author", "name")
    return Commit(
        sha=sha_of(node, "oid"),
        tree=sha_of(node, "tree", "oid"),
        parents=tuple(sha_of(parent, "oid") for parent in entries(node, "parents", "nodes")),
        message=text(node, "message"),
        author=author if isinstance(author, str) else "",
    )


def bare_commit(sha: str) -> Commit:
    """Return a commit of which the name alone is known."""
    return Commit(sha, "", (), "")


def login_of(actor: object) -> str:
    """Return the login of an account as REST has it: that of an App's bot ends with `[bot]`; empty for a ghost."""
    login = dig(actor, "login")
    if not isinstance(login, str):
        return ""
    is_bot = dig(actor, "__typename") == "Bot"
    return f"{login}[bot]" if is_bot and not login.endswith("[bot]") else login


def _strange(path: tuple[str, ...]) -> ForgeError:
    return ForgeError(f"GitHub's answer has nothing that can be read as `{'.'.join(path)}`")
