"""The questions of GraphQL that GitLab is asked: many projects in one, each with its open merge requests.

https://docs.gitlab.com/api/graphql/reference/. A question may cost 250 points: a field is one, a field that asks Gitaly
two, and a list adds 1 % of what is in it for each item asked for
(https://docs.gitlab.com/api/graphql/#maximum-query-complexity, `Types::BaseField` in its source); `standings` costs
some 140 with everything. It may take 30 s, which is why no more projects are asked for at once.
"""

from __future__ import annotations

from collections.abc import Callable

# Says what is asked, which depends on what the server was found to know.
Text = Callable[[], str]
PROJECTS = 50
PULLS = 50
OURS = 20
CLOSED = 50
ISSUES = 5

_PAGE = "pageInfo { hasNextPage endCursor }"
_BRIEF = (
    "iid title description state draft sourceBranch targetBranch sourceProjectId targetProjectId webUrl createdAt"
    " updatedAt autoMergeEnabled mergeStatusEnum diffHeadSha author { id username } mergeUser { id }"
)
# Fields that came with later versions: without them, commits are asked for one merge request at a time.
_AUTHORED = "authorName authorEmail authoredDate committerName committerEmail committedDate"
_COMMIT = f"diffRefs {{ baseSha }} commitCount commits(first: 1) {{ nodes {{ sha message {_AUTHORED} }} }}"
_ISSUES = (
    f"issues(authorUsername: $me, sort: CREATED_ASC, first: {ISSUES})"
    f" {{ nodes {{ iid title description state webUrl }} {_PAGE} }}"
)


def standings(*, whole: bool, issues: bool) -> str:
    """Return the question where projects stand, by `$ids`; `whole` is with commits, `issues` with ours of them."""
    return (
        f"query($ids: [ID!], $me: String!) {{ projects(ids: $ids, first: {PROJECTS}) {{ nodes {{"
        " id fullPath archived webUrl mergeRequestsEnabled issuesEnabled"
        " repository { rootRef empty tree { lastCommit { sha } } }"
        f" all: mergeRequests(state: opened, first: {PULLS}) {{ nodes {{ {_BRIEF} }} {_PAGE} }}"
        f" ours: mergeRequests(state: opened, authorUsername: $me, first: {OURS})"
        f" {{ nodes {{ iid {_COMMIT if whole else 'diffRefs { baseSha } commitCount'} }} }}"
        f"{f' {_ISSUES}' if issues else ''} }} }} }}"
    )


def more_pulls() -> str:
    """Return the question for further open merge requests of one project."""
    return (
        "query($ids: [ID!], $after: String) { projects(ids: $ids, first: 1) { nodes { id"
        f" all: mergeRequests(state: opened, first: {PULLS}, after: $after) {{ nodes {{ {_BRIEF} }} {_PAGE} }} }} }} }}"
    )


def closed(*, whole: bool) -> str:
    """Return the question for what we opened from `$branches` of one project, and what became of it."""
    fields = f"{_BRIEF} mergedAt {f'closedAt {_COMMIT}' if whole else 'diffRefs { baseSha } commitCount'}"
    return (
        "query($ids: [ID!], $me: String!, $branches: [String!], $after: String) { projects(ids: $ids, first: 1) {"
        f" nodes {{ id all: mergeRequests(authorUsername: $me, sourceBranches: $branches, first: {CLOSED},"
        f" after: $after) {{ nodes {{ {fields} }} {_PAGE} }} }} }} }}"
    )
