"""What Gitea and Forgejo answer, as values: https://codeberg.org/api/swagger, https://docs.gitea.com/api.

Read with their source beside it: what the description leaves open stands in `services/convert/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pinbot.forge._commit_name import Person, is_name, proved_tree, tree_of_payload
from pinbot.forge._json import Object
from pinbot.proposals.issue import Issue
from pinbot.proposals.pull import Commit, PullRequest, State
from pinbot.proposals.repository import Repository

_NAME = re.compile(r"(?!\.{1,2}/)[A-Za-z0-9._-]{1,100}/(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}")
WIP = "WIP: "
# Types of events in the timeline (`models/issues/comment.go`).
_ARMS, _DISARMS = {"pull_scheduled_merge"}, {"pull_cancel_scheduled_merge"}
_WIP = re.compile(r"\s*(?:WIP:|\[WIP\])\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Listed:
    """A repository as a list has it: `open_pulls` says how many pull requests are open, as the forge counts them.

    `has_issues` is whether it keeps issues itself.
    """

    repository: Repository
    open_pulls: int
    has_issues: bool = True


def listed_of(found: Object) -> Listed:
    """Return a repository. Raises ForgeError for one that cannot be."""
    name = found.text("full_name")
    if not is_repository_name(name) or found.number("id") <= 0:
        raise found.odd("full_name")
    repository = Repository(
        id=str(found.number("id")),
        name=name,
        default_branch=found.text("default_branch"),
        topics=found.texts("topics"),
        is_archived=found.flag("archived"),
        is_fork=found.flag("fork"),
        is_empty=found.flag("empty"),
        url=found.text("html_url"),
    )
    # A server of before 1.11 does not count; then there may be some.
    pulls = found.number("open_pr_counter") if "open_pr_counter" in found.fields else 1
    return Listed(repository, pulls, found.flag("has_issues") and not found.child("external_tracker").fields)


def is_repository_name(name: str) -> bool:
    """Return whether a text is `owner/name` and nothing else."""
    return _NAME.fullmatch(name) is not None


def pull_of(found: Object, account: int, commits: tuple[Commit, ...] = ()) -> PullRequest:
    """Return a pull request; `account` is the number of the account that pinbot uses. Raises ForgeError."""
    number, opened = found.number("number"), found.moment("created_at")
    base, author = found.child("base"), found.child("user")
    if number <= 0 or opened is None or not base.text("ref"):
        raise found.odd("number")
    is_draft = is_draft_of(found)
    return PullRequest(
        number=number,
        url=found.text("html_url"),
        state=state_of(found),
        branch=branch_of(found),
        base=base.text("ref"),
        title=_WIP.sub("", found.text("title"), count=1) if is_draft else found.text("title"),
        body=found.text("body"),
        author=author.text("login"),
        by_us=author.number("id") == account,
        in_repository=_is_within(found),
        commits=commits,
        opened=opened,
        closed=found.moment("merged_at") or found.moment("closed_at"),
        conflicts=_conflicts(found, base.text("sha")),
        is_draft=is_draft,
    )


def issue_of(found: Object) -> Issue:
    """Return an issue. Raises ForgeError."""
    number = found.number("number")
    if number <= 0:
        raise found.odd("number")
    body = found.text("body").replace("\r\n", "\n")
    return Issue(number, found.text("html_url"), found.text("title"), body, found.text("state") == "open")


def armed_by(events: Iterable[Object]) -> int | None:
    """Return the account that told the forge to merge a pull request when it is green; None where nobody did.

    `events` are those of its timeline, the oldest first.
    """
    armed: int | None = None
    for event in events:
        if event.text("type") in _ARMS:
            armed = event.child("user").number("id")
        elif event.text("type") in _DISARMS:
            armed = None
    return armed


def state_of(found: Object) -> State:
    """Return the state of a pull request: a merged one is closed as well."""
    if found.flag("merged"):
        return "merged"
    return "open" if found.text("state") == "open" else "closed"


def is_draft_of(found: Object) -> bool:
    """Return whether it is a draft; servers of before Forgejo 8 and Gitea 1.22 say so in the title alone."""
    return found.flag("draft") if "draft" in found.fields else _WIP.match(found.text("title")) is not None


def branch_of(found: Object) -> str:
    """Return the branch that a pull request is from; `ref` is another name for it once that branch is gone."""
    return found.child("head").text("label") or found.child("head").text("ref")


def _is_within(found: Object) -> bool:
    """Return whether the branch is one of the repository; what came with the AGit flow has no branch (and no label)."""
    base, head = found.child("base"), found.child("head")
    return bool(head.text("label")) and base.number("repo_id") == head.number("repo_id") > 0


def _conflicts(found: Object, base: str) -> bool | None:
    """Return whether it conflicts with its base, None where that is not told: `mergeable` is also false for drafts."""
    if found.flag("mergeable"):
        return False
    if base and found.text("merge_base") == base:
        return False
    return None if is_draft_of(found) or state_of(found) != "open" else True


def commit_of(found: Object) -> Commit:
    """Return a commit; `tree` is empty where it is not told and cannot be proved. Raises ForgeError."""
    inner, sha = found.child("commit"), found.text("sha")
    parents = tuple(parent.text("sha") for parent in found.children("parents"))
    if not is_name(sha) or not all(map(is_name, parents)):
        raise found.odd("sha")
    author = _person(inner.child("author"))
    return Commit(sha, _tree(inner, sha, parents, author), parents, inner.text("message"), author.name)


def _tree(inner: Object, sha: str, parents: tuple[str, ...], author: Person) -> str:
    told = inner.child("tree").text("sha")
    if is_name(told) and told != sha:
        return told
    if signed := tree_of_payload(inner.child("verification").text("payload")):
        return signed
    committer, message = _person(inner.child("committer")), inner.text("message")
    return proved_tree(sha, parents, author, committer, message)


def _person(found: Object) -> Person:
    return Person(found.text("name"), found.text("email"), found.text("date"))
