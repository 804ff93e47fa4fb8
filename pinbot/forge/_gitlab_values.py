"""What GitLab answers, as values: https://docs.gitlab.com/api/merge_requests/, https://docs.gitlab.com/api/graphql/reference/.

GitLab tells of no commit which tree it has, so the tree that a commit of ours claims is proved by the commit's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pinbot.forge._commit_name import Person, is_name, names_tree, proved_tree
from pinbot.forge._json import Object
from pinbot.proposals.issue import Issue
from pinbot.proposals.pull import Commit, PullRequest, State
from pinbot.proposals.repository import Repository

# A path of a project below up to 20 groups: https://docs.gitlab.com/user/reserved_names/#limitations-on-usernames-project-and-group-names-and-slugs
_PART = r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}"
_NAME = re.compile(rf"(?:(?!\.{{1,2}}/){_PART}/){{1,21}}(?!\.{{1,2}}\Z){_PART}")
_GID = re.compile(r"gid://gitlab/[A-Za-z:]{1,60}/([0-9]{1,18})")
DRAFT = "Draft: "
_DRAFT = re.compile(r"\s*(?:\[draft\]|\(draft\)|draft:)\s*", re.IGNORECASE)
_STATES: Mapping[str, State] = {"opened": "open", "locked": "open", "closed": "closed", "merged": "merged"}
# https://docs.gitlab.com/api/merge_requests/#merge-status
_UNKNOWN = frozenset({"unchecked", "checking", "preparing", "approvals_syncing"})
# A line that begins so is done by GitLab instead of shown: https://docs.gitlab.com/user/project/quick_actions/
_QUICK_ACTION = re.compile(r"^([^\S\n]*)/(?=[A-Za-z_])", re.MULTILINE)


def is_project_name(name: str) -> bool:
    """Return whether a text is `group/name`, with groups below groups or not, and nothing else."""
    return _NAME.fullmatch(name) is not None


def plain(text: str) -> str:
    """Return a text of Markdown that reads the same and is nowhere taken for a quick action.

    Texts of a proposal quote files and registries, and `/merge` at the beginning of a line would be done by us.
    """
    return _QUICK_ACTION.sub(r"\1\\/", text.replace("\r\n", "\n").replace("\r", "\n"))


def project_of(found: Object) -> Repository:
    """Return a project of the REST API. Raises ForgeError for one that cannot be."""
    name = found.text("path_with_namespace")
    if not is_project_name(name) or found.number("id") <= 0:
        raise found.odd("path_with_namespace")
    return Repository(
        id=str(found.number("id")),
        name=name,
        default_branch=found.text("default_branch"),
        topics=found.texts("topics") or found.texts("tag_list"),
        is_archived=found.flag("archived"),
        is_fork=bool(found.child("forked_from_project").fields),
        is_empty=found.flag("empty_repo"),
        url=found.text("web_url"),
    )


def number_of(found: Object, name: str = "id") -> int:
    """Return the number in a global id of GraphQL. Raises ForgeError."""
    match = _GID.fullmatch(found.text(name))
    if match is None:
        raise found.odd(name)
    return int(match[1])


def iid_of(found: Object) -> int:
    """Return the number of something in its project, which GraphQL writes as a text. Raises ForgeError."""
    text = found.text("iid")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise found.odd("iid")
    return int(text)


def pull_of_graph(found: Object, account: int, commits: tuple[Commit, ...] = ()) -> PullRequest:
    """Return a merge request of GraphQL; `account` is the number of the account that pinbot uses. Raises ForgeError."""
    opened, state = found.moment("createdAt"), _state(found)
    author, merger = found.child("author"), found.child("mergeUser")
    merges_itself = found.flag("autoMergeEnabled") and state == "open"
    if opened is None or not found.text("targetBranch"):
        raise found.odd("createdAt")
    closed = found.moment("mergedAt") or found.moment("closedAt") or found.moment("updatedAt")
    return PullRequest(
        number=iid_of(found),
        url=found.text("webUrl"),
        state=state,
        branch=found.text("sourceBranch"),
        base=found.text("targetBranch"),
        title=_title(found.text("title"), found.flag("draft")),
        body=found.text("description"),
        author=author.text("username"),
        by_us=bool(author.fields) and number_of(author) == account,
        in_repository=found.number("sourceProjectId") == found.number("targetProjectId") > 0,
        commits=commits,
        opened=opened,
        closed=None if state == "open" else closed,
        conflicts=_conflicts(found.text("mergeStatusEnum").lower()),
        is_draft=found.flag("draft"),
        merges_itself=merges_itself,
        merging_by_us=merges_itself and bool(merger.fields) and number_of(merger) == account,
    )


def pull_of(found: Object, account: int) -> PullRequest:
    """Return a merge request of the REST API, without its commits. Raises ForgeError."""
    opened, state, author = found.moment("created_at"), _state(found), found.child("author")
    if found.number("iid") <= 0 or opened is None or not found.text("target_branch"):
        raise found.odd("iid")
    is_draft = found.flag("draft") or found.flag("work_in_progress")
    merges_itself = found.flag("merge_when_pipeline_succeeds") and state == "open"
    return PullRequest(
        number=found.number("iid"),
        url=found.text("web_url"),
        state=state,
        branch=found.text("source_branch"),
        base=found.text("target_branch"),
        title=_title(found.text("title"), is_draft),
        body=found.text("description"),
        author=author.text("username"),
        by_us=author.number("id") == account,
        in_repository=found.number("source_project_id") == found.number("target_project_id") > 0,
        commits=(),
        opened=opened,
        closed=None if state == "open" else found.moment("merged_at") or found.moment("closed_at"),
        conflicts=found.flag("has_conflicts") if found.text("detailed_merge_status") not in _UNKNOWN else None,
        is_draft=is_draft,
        merges_itself=merges_itself,
        merging_by_us=merges_itself and found.child("merge_user").number("id") == account,
    )


def issue_of(found: Object, number: int) -> Issue:
    """Return an issue of either API; its state is `opened` or `closed` in both."""
    url = found.text("webUrl") or found.text("web_url")
    return Issue(number, url, found.text("title"), found.text("description"), found.text("state") == "opened")


def proved(found: Object) -> Commit | None:
    """Return the one commit of a merge request of GraphQL where its name proves what is told of it, else None.

    The database has neither parents nor time zones: ours stand on the base and are of UTC, which the name proves.
    """
    base, nodes = found.child("diffRefs").text("baseSha"), found.child("commits").children("nodes")
    if found.number("commitCount") != 1 or len(nodes) != 1 or not is_name(base):
        return None
    (node,) = nodes
    sha, text = node.text("sha"), node.text("message")
    if not is_name(sha) or sha != found.text("diffHeadSha"):
        return None
    author = Person(node.text("authorName"), node.text("authorEmail"), node.text("authoredDate"))
    committer = Person(node.text("committerName"), node.text("committerEmail"), node.text("committedDate"))
    for message in (text, f"{text}\n"):
        if tree := proved_tree(sha, (base,), author, committer, message):
            return Commit(sha, tree, (base,), message, author.name)
    return None


def commit_of(found: Object) -> Commit:
    """Return a commit of the REST API; `tree` is empty where it cannot be proved. Raises ForgeError."""
    sha, parents, message = found.text("id"), found.texts("parent_ids"), found.text("message")
    if not is_name(sha) or not all(map(is_name, parents)):
        raise found.odd("id")
    author = Person(found.text("author_name"), found.text("author_email"), found.text("authored_date"))
    committer = Person(found.text("committer_name"), found.text("committer_email"), found.text("committed_date"))
    return Commit(sha, proved_tree(sha, parents, author, committer, message), parents, message, author.name)


def claims_tree(commit: Commit) -> bool:
    """Return whether a commit says which tree it has, and that is not proved."""
    return not commit.tree and names_tree(commit.message)


def entries_of(found: Iterable[Object]) -> list[tuple[str, str, str]]:
    """Return the entries of a tree: mode, name and object."""
    return [(one.text("mode"), one.text("name"), one.text("id")) for one in found]


def _state(found: Object) -> State:
    state = _STATES.get(found.text("state"))
    if state is None:
        raise found.odd("state")
    return state


def _title(title: str, is_draft: bool) -> str:
    return _DRAFT.sub("", title, count=1) if is_draft else title


def _conflicts(status: str) -> bool | None:
    """Return whether there are conflicts, None while GitLab has not looked since something was pushed."""
    return {"cannot_be_merged": True, "can_be_merged": False}.get(status)
