"""Which pull requests are of other bots, and which lines they take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pinbot.proposals.pull import PullRequest
from pinbot.proposals.rivals import claim, is_rival, rivals
from tests.proposals.scenes import pull


def other(author: str, branch: str = "feature", *, in_repository: bool = True, number: int = 3) -> PullRequest:
    return replace(
        pull(branch=branch, by_us=False, in_repository=in_repository, number=number), author=author, commits=()
    )


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(other("dependabot[bot]"), True, id="an app"),
        pytest.param(other("acme-bot"), True, id="an account that calls itself a bot"),
        pytest.param(other("jane", "renovate/nginx-1.x"), True, id="a bot under a person's account"),
        pytest.param(other("jane"), False, id="a person"),
        pytest.param(other("x[bot]", "pinbot/pin"), False, id="on a branch of ours"),
        pytest.param(other("x[bot]", "pinbot/pin", in_repository=False), True, id="named like ours, in a fork"),
        pytest.param(replace(other("pinbot[bot]"), by_us=True), False, id="we ourselves"),
        pytest.param(
            replace(other("github-actions[bot]", "digestabot/x"), by_us=True), True, id="a bot with the account of ours"
        ),
    ],
)
def test_who_is_a_rival(one: PullRequest, expected: bool) -> None:
    assert is_rival(one, "pinbot/") is expected


def test_of_thousands_those_of_the_repository_and_the_latest_count() -> None:
    forks = [other("x[bot]", in_repository=False, number=n) for n in range(1000, 9000)]
    found = rivals([other("renovate[bot]", number=1), *forks], "pinbot/")
    assert [found[0].number, len(found), found[-1].number] == [1, 50, 8999]


HUNK = "@@ -1,2 +1,2 @@\n-FROM nginx:1.27\n+FROM nginx:1.28\n RUN true\n"


@pytest.mark.parametrize(
    ("diff", "expected"),
    [
        pytest.param(f"--- a/Dockerfile\n+++ b/Dockerfile\n{HUNK}", {"Dockerfile": {"FROM nginx:1.27"}}, id="a file"),
        pytest.param(
            f"--- a/Dockerfile\r\n+++ b/Dockerfile\r\n{HUNK}".replace("\n", "\r\n").replace("\r\r", "\r"),
            {"Dockerfile": {"FROM nginx:1.27"}},
            id="CRLF",
        ),
        pytest.param(
            f'--- "a/caf\\303\\251 \\"x\\"/Dockerfile"\n+++ b/x\n{HUNK}',
            {'café "x"/Dockerfile': {"FROM nginx:1.27"}},
            id="a name that git quotes",
        ),
        pytest.param(
            "--- a/a\n+++ b/a\n@@ -1,2 +1 @@\n-# \x0c page\u2028\n-FROM x\n+y\n--- a/b\n+++ b/b\n@@ -1 +1 @@\n-z\n+y\n",
            {"a": {"# \x0c page", "FROM x"}, "b": {"z"}},
            id="lines with what only Python takes for line ends",
        ),
        pytest.param("--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+FROM nginx\n", {}, id="a new file"),
        pytest.param(f"@@ -1,{'9' * 5000} +1 @@\n" + "-x\n" * 9, {"": {"x"}}, id="a number without end, and no file"),
        pytest.param("a login page", {}, id="no diff"),
        pytest.param("", {}, id="nothing"),
    ],
)
def test_a_diff_claims(diff: str, expected: dict[str, set[str]]) -> None:
    assert claim(pull(), diff).lines == {path: frozenset(lines) for path, lines in expected.items()}
