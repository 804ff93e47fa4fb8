"""Our Forgejo against a client that is not ours (pyforgejo, made from Forgejo's description), and what it refuses."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pyforgejo import PyforgejoApi
from pyforgejo.core.api_error import ApiError

from tests.fakes.gitea.description import faults_of
from tests.fakes.gitea.forge import FakeGitea
from tests.fakes.gitea.state import Repo
from tests.fakes.server import Reply, Seen


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeGitea]:
    with FakeGitea(tmp_path) as opened:
        yield opened


@pytest.fixture
def repo(fake: FakeGitea) -> Repo:
    repo = fake.repo("api")
    repo.git.commit("pinbot/all", {"x": "1\n"}, "message\n", [repo.git.branches()["main"]])
    return repo


@pytest.fixture
def client(fake: FakeGitea) -> Iterator[PyforgejoApi]:
    with httpx.Client() as http:
        yield PyforgejoApi(base_url=f"{fake.server.url}/api/v1", api_key=f"token {fake.token}", httpx_client=http)


def test_another_client_reads_and_writes_it(fake: FakeGitea, repo: Repo, client: PyforgejoApi) -> None:
    [found] = client.organization.org_list_repos("acme")
    assert (found.full_name, found.default_branch, found.open_pr_counter) == ("acme/api", "main", 0)
    names = [branch.name for branch in client.repository.repo_list_branches("acme", "api")]
    assert names == ["main", "pinbot/all"]
    opened = client.repository.repo_create_pull_request("acme", "api", head="pinbot/all", base="main", title="t")
    assert opened.number is not None
    [commit] = client.repository.repo_get_pull_request_commits("acme", "api", opened.number)
    assert commit.sha == repo.git.branches()["pinbot/all"]
    [listed] = client.repository.repo_list_pull_requests("acme", "api", state="open", sort="oldest")
    assert listed.mergeable
    assert [event.what for event in fake.state.history][-1] == "POST /api/v1/repos/acme/api/pulls"


@pytest.mark.parametrize(
    ("head", "base", "status"),
    [
        pytest.param("pinbot/all", "main", 409, id="a second one"),
        pytest.param("pinbot/none", "main", 404, id="no such branch"),
        pytest.param("pinbot/all", "none", 404, id="no such base"),
        pytest.param("main", "main", 422, id="a branch into itself"),
    ],
)
def test_refuses(repo: Repo, client: PyforgejoApi, head: str, base: str, status: int) -> None:
    client.repository.repo_create_pull_request("acme", "api", head="pinbot/all", base="main", title="t")
    with pytest.raises(ApiError) as raised:
        client.repository.repo_create_pull_request("acme", "api", head=head, base=base, title="t")
    assert raised.value.status_code == status


SEEN = Seen("POST", "/api/v1/repos/acme/api/pulls", {}, b'{"head":"a","base":"b","title":"t"}')
REPLY = Reply(201, body=b'{"number": 1}')
BROKEN = [
    (dataclasses.replace(SEEN, target="/api/v1/repos/acme/api/pulls?x=1"), REPLY, "there is no parameter 'x'"),
    (dataclasses.replace(SEEN, target="/api/v1/repos/acme/api/nothing"), REPLY, "not in the description"),
    (dataclasses.replace(SEEN, body=b'{"draft":true}'), REPLY, "'draft' was unexpected"),
    (dataclasses.replace(SEEN, body=b'{"labels":["bug"]}'), REPLY, "'bug' is not of type 'integer'"),
    (dataclasses.replace(SEEN, body=b'{"labels":null}'), REPLY, "None is not of type 'array'"),
    (SEEN, dataclasses.replace(REPLY, status=200), "200 is not among"),
    (SEEN, dataclasses.replace(REPLY, body=b'{"index": 1}'), "'index' was unexpected"),
    (SEEN, dataclasses.replace(REPLY, body=b'{"number": "1"}'), "is not valid under any"),
    (
        Seen("GET", "/api/v1/repos/acme/api/pulls?state=merged", {}),
        Reply(200, body=b"[]"),
        "state=['merged'] is no ['open', 'closed', 'all']",
    ),
    (Seen("GET", "/api/v1/user", {}, b"{}"), Reply(200, body=b"{}"), "a body where none is described"),
]


@pytest.mark.parametrize(("seen", "reply", "fault"), BROKEN, ids=[row[2] for row in BROKEN])
def test_the_description_is_kept_to(seen: Seen, reply: Reply, fault: str) -> None:
    assert any(fault in found for found in faults_of(seen, reply))


def test_what_is_as_described_passes() -> None:
    assert faults_of(SEEN, REPLY) == []
