"""The GraphQL requests: https://docs.github.com/en/graphql/reference, checked in tests against the published schema.

GraphQL is paid for by connections, whether they hold anything or not
(https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api): 20 commits with their
parents, in 50 pull requests of 100 repositories, would cost a fifth of an hour's budget. So only a few repositories
are asked for everything at once; of more, the pull requests that may be ours are asked for by their ids.
"""

from __future__ import annotations

from collections.abc import Sequence

_COMMIT = "oid message author { name } tree { oid } parents(first: 3) { nodes { oid } }"
REPOSITORY = (
    "id databaseId nameWithOwner isArchived isFork isEmpty isDisabled isLocked"
    " defaultBranchRef { name target { oid } } repositoryTopics(first: 20) { nodes { topic { name } } }"
)
_PULL = (
    "id number state headRefName headRefOid baseRefName title isDraft isCrossRepository createdAt closedAt"
    " author { __typename login }"
)
_VIEWER = "viewer { login }"
_ARMED = "autoMergeRequest { enabledBy { __typename login } }"
_ISSUES = "pageInfo { hasNextPage endCursor } nodes { number title body state viewerDidAuthor }"


def detail(commits: int = 20) -> str:
    """Return what is asked of a pull request that may be ours, beside what is asked of every one."""
    return f"body mergeable {_ARMED} commits(last: {commits}) {{ totalCount nodes {{ commit {{ {_COMMIT} }} }} }}"


def standings(whole: bool, dashboards: bool = False) -> str:
    """Return the request for repositories by `$ids`, with their open pull requests, in full or in brief.

    With dashboards the first issues are told that `$login` has opened there.
    """
    more = detail() if whole else ""
    issues = f"hasIssuesEnabled {_issues(5)}" if dashboards else ""
    login = ", $login: String!" if dashboards else ""
    return (
        f"query Standings($ids: [ID!]!{login}) {{ {_VIEWER}"
        f" nodes(ids: $ids) {{ ... on Repository {{ {REPOSITORY} {issues}"
        " pullRequests(states: [OPEN], first: 50, orderBy: {field: CREATED_AT, direction: DESC})"
        f" {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {_PULL} {more} }} }} }} }} }}"
    )


def _issues(first: int, after: str = "") -> str:
    order = "orderBy: {field: CREATED_AT, direction: ASC}"
    return f"issues(first: {first}{after}, {order}, filterBy: {{createdBy: $login}}) {{ {_ISSUES} }}"


MORE_ISSUES = (
    "query MoreIssues($id: ID!, $login: String!, $after: String!) { node(id: $id) { ... on Repository {"
    f" {_issues(50, ', after: $after')} }} }} }}"
)
MORE_PULLS = (
    f"query MorePulls($id: ID!, $after: String!) {{ node(id: $id) {{ ... on Repository {{"
    " pullRequests(states: [OPEN], first: 100, after: $after, orderBy: {field: CREATED_AT, direction: DESC})"
    f" {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {_PULL} }} }} }} }} }}"
)


def details(commits: int = 20) -> str:
    """Return the request for pull requests by `$ids`, in full."""
    return f"query Details($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on PullRequest {{ id {detail(commits)} }} }} }}"


def closed(branches: int) -> str:
    """Return the request for what was closed or merged, from so many branches `$b0`… of the repository `$id`."""
    asked = " ".join(
        f"b{i}: pullRequests(headRefName: $b{i}, states: [CLOSED, MERGED], first: 10,"
        " orderBy: {field: CREATED_AT, direction: DESC}) { ...closed }"
        for i in range(branches)
    )
    given = ", ".join(f"$b{i}: String!" for i in range(branches))
    return (
        f"query Closed($id: ID!, {given}) {{ {_VIEWER} node(id: $id) {{ ... on Repository {{ {asked} }} }} }} {_CLOSED}"
    )


_CLOSED = (
    "fragment closed on PullRequestConnection { pageInfo { hasNextPage endCursor }"
    f" nodes {{ {_PULL} body commits(last: 1) {{ nodes {{ commit {{ {_COMMIT} }} }} }} }} }}"
)
MORE_CLOSED = (
    "query MoreClosed($id: ID!, $branch: String!, $after: String!) { node(id: $id) { ... on Repository {"
    " b0: pullRequests(headRefName: $branch, states: [CLOSED, MERGED], first: 100, after: $after,"
    f" orderBy: {{field: CREATED_AT, direction: DESC}}) {{ ...closed }} }} }} }} {_CLOSED}"
)

OWNED = (
    f"query Owned($login: String!, $after: String) {{ {_VIEWER} repositoryOwner(login: $login) {{"
    " repositories(first: 100, after: $after, ownerAffiliations: [OWNER], orderBy: {field: CREATED_AT, direction: ASC})"
    f" {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {REPOSITORY} }} }} }} }}"
)


def named(names: Sequence[str]) -> tuple[str, dict[str, object]]:
    """Return the request for repositories by `owner/name` (`r0`, `r1`…), and its variables."""
    given = ", ".join(f"$o{i}: String!, $n{i}: String!" for i in range(len(names)))
    asked = " ".join(f"r{i}: repository(owner: $o{i}, name: $n{i}) {{ {REPOSITORY} }}" for i in range(len(names)))
    variables: dict[str, object] = {}
    for i, name in enumerate(names):
        variables[f"o{i}"], _, variables[f"n{i}"] = name.partition("/")
    return f"query Named({given}) {{ {_VIEWER} {asked} }}", variables


VIEWER = f"query Viewer {{ {_VIEWER} }}"
NUMBERS = "query Numbers($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository { id databaseId } } }"
TIP = (
    "query Tip($id: ID!, $ref: String!) { node(id: $id) { ... on Repository { ref(qualifiedName: $ref) {"
    f" target {{ ... on Commit {{ {_COMMIT} }} }} }} }} }} }}"
)
COMMIT = (
    "mutation Commit($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }"
)
# The parts of a mutation are done one after the other, within the one request.
COMMIT_ANEW = (
    "mutation CommitAnew($refs: UpdateRefsInput!, $input: CreateCommitOnBranchInput!) {"
    " updateRefs(input: $refs) { clientMutationId } createCommitOnBranch(input: $input) { commit { oid } } }"
)
MOVE_REFS = "mutation MoveRefs($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"
MERGING = (
    "query Merging($id: ID!, $number: Int!) { node(id: $id) { ... on Repository { autoMergeAllowed mergeCommitAllowed"
    " squashMergeAllowed rebaseMergeAllowed viewerDefaultMergeMethod"
    f" pullRequest(number: $number) {{ id state headRefOid {_ARMED} }} }} }} }}"
)
MERGE = (
    "mutation Merge($input: EnablePullRequestAutoMergeInput!) {"
    " enablePullRequestAutoMerge(input: $input) { clientMutationId } }"
)
STOP_MERGING = (
    "mutation StopMerging($input: DisablePullRequestAutoMergeInput!) {"
    " disablePullRequestAutoMerge(input: $input) { clientMutationId } }"
)
