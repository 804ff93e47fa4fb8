"""Who we are to GitHub: an App's tokens are narrow, live for an hour, and never show."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from pinbot.errors import BranchMoved, ForgeError, ForgeForbids, UsageError
from pinbot.forge._base import Owner
from pinbot.forge.github import App
from pinbot.proposals.issue import DASHBOARD
from pinbot.proposals.repository import Repository, Selection, Standing, Unreachable
from pinbot.secret import Secret
from tests.fakes.github.heads import DiskHeads
from tests.fakes.github.server import Fault
from tests.fakes.github.state import EVERYTHING, Actor
from tests.forge.hubs import BRANCH, TOKEN, Bench, bench, proposal

_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = _KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
PUBLIC = (
    _KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
)
APP = App("1", Secret(PEM))
NARROW = {"metadata": "read", "contents": "write", "pull_requests": "write"}


@pytest.fixture(name="at")
def _at() -> Iterator[Bench]:
    with bench() as made:
        made.hub.app_key = PUBLIC
        made.push()
        yield made


def test_an_app_lists_with_a_token_that_sees_names_alone_and_reads_with_one_for_these_repositories(at: Bench) -> None:
    other = at.hub.add("acme/web")
    forge = at.forge(account=APP, owner=Owner("installation", "acme"))
    listed = list(forge.repositories())
    assert [r.name for r in listed] == ["acme/api", "acme/web"]
    assert all(isinstance(s, Standing) for s in forge.standings(listed).values())
    forge.open(listed[0], proposal())
    assert at.hub.minted == [
        {"repositories": None, "permissions": {"metadata": "read"}},
        {"repositories": frozenset({at.repo.number, other.number}), "permissions": {**NARROW, "workflows": "write"}},
    ]


def test_all_repositories_of_an_installation_are_listed_however_many(at: Bench) -> None:
    for i in range(230):
        at.hub.add(f"acme/r{i}", topics=("go",))
    listed = list(at.forge(account=APP, owner=Owner("installation", "acme")).repositories())
    assert len({r.id for r in listed}) == 231
    assert listed[-1].topics == ("go",)
    assert at.server.count("GET", "/installation/repositories") == 3


@pytest.mark.parametrize(
    ("more", "path"),
    [
        pytest.param({"owner": Owner("user", "ann")}, "/users/ann/installation", id="of a user"),
        pytest.param({"owner": Owner("organisation", "acme")}, "/orgs/acme/installation", id="of an organisation"),
        pytest.param(
            {"owner": Owner(), "selection": Selection(names=("acme/api",))},
            "/repos/acme/api/installation",
            id="of a name",
        ),
    ],
)
def test_an_app_finds_where_it_is_installed(at: Bench, more: dict[str, object], path: str) -> None:
    at.standing(at.forge(account=APP, **more))
    assert at.server.asked[0].path == path
    at.standing(at.forge(account=App("1", Secret(PEM), 7), **more))
    assert at.server.count("GET", "/installation") == 1


def test_its_pull_requests_are_ours(at: Bench) -> None:
    forge = at.forge(account=APP)
    assert forge.open(at.repository(), proposal()).author == "pinbot[bot]"
    assert [p.by_us for p in at.standing(forge).pulls] == [True]


def test_a_token_is_made_anew_before_it_ends(at: Bench) -> None:
    forge = at.forge(account=APP)
    at.standing(forge)
    made = len(at.hub.minted)
    at.time.sleep(50 * 60)
    at.standing(forge)
    assert len(at.hub.minted) == made
    at.time.sleep(6 * 60)
    at.standing(forge)
    assert len(at.hub.minted) == made + 1


def test_a_token_that_was_revoked_is_made_anew_once(at: Bench) -> None:
    forge = at.forge(account=APP)
    at.standing(forge)
    at.hub.tokens.clear()
    forge.open(at.repository(), proposal())
    at.server.faults.append(Fault("POST", "/graphql", 401, times=2))
    with pytest.raises(ForgeForbids, match="the token is wrong"):
        at.standing(forge)


def test_without_the_permission_for_workflows_the_rest_goes_on(at: Bench) -> None:
    at.hub.installation = NARROW
    forge = at.forge(account=APP)
    assert forge.open(at.repository(), proposal()).number == 1
    assert at.hub.minted[-1]["permissions"] == NARROW


def test_without_the_permission_to_write_the_way_out_is_told(at: Bench) -> None:
    at.hub.installation = {"metadata": "write"}
    with pytest.raises(ForgeForbids, match=r"the App needs Contents \(write\) and Pull requests \(write\)"):
        at.forge(account=APP).open(at.repository(), proposal())


def test_a_repository_that_was_taken_from_the_installation_stops_no_other(at: Bench) -> None:
    other = at.hub.add("acme/web")
    forge = at.forge(account=APP, owner=Owner("installation", "acme"))
    listed = list(forge.repositories())
    at.hub.installed_at = frozenset({at.repo.number})
    found = forge.standings(listed)
    assert isinstance(found[at.repo.id], Standing)
    assert isinstance(found[other.id], Unreachable)


def test_git_gets_a_token_for_its_one_repository(at: Bench) -> None:
    at.hub.add("acme/web")
    forge = at.forge(account=APP)
    forge.standings(list(forge.repositories()))
    forge.remote(at.repository())
    assert at.hub.minted[-1]["repositories"] == frozenset({at.repo.number})


def test_a_key_that_is_none_is_told_and_not_shown(at: Bench) -> None:
    with pytest.raises(UsageError, match="private key") as raised:
        at.forge(account=App("1", Secret("-----BEGIN NONSENSE")))
    assert "NONSENSE" not in str(raised.value)


def test_an_app_of_another_number_is_refused(at: Bench) -> None:
    with pytest.raises(ForgeForbids, match="Integration not found"):
        list(at.forge(account=App("2", Secret(PEM))).repositories())


def test_a_commit_by_github_makes_the_branch(at: Bench) -> None:
    parent = at.repo.heads.tip("main")
    assert parent
    forge = at.forge()
    made = forge.commit_on_branch(at.repository(), "pinbot/new", parent, "Pin\n\nBody.\n", {"Dockerfile": b"FROM x\n"})
    commit = at.hub.made(at.repo, made)
    assert (at.repo.heads.tip("pinbot/new"), commit.parents, commit.message) == (made, (parent,), "Pin\n\nBody.")
    assert forge.writes == 1


def test_a_commit_by_github_replaces_what_a_branch_has_if_it_still_has_it(at: Bench) -> None:
    parent, tip = at.repo.heads.tip("main"), at.repo.heads.tip(BRANCH)
    assert parent
    forge, files = at.forge(), {"Dockerfile": b"FROM y\n"}
    opened = forge.open(at.repository(), proposal())
    made = forge.commit_on_branch(at.repository(), BRANCH, parent, "Pin", files, tip)
    assert (at.repo.heads.tip(BRANCH), at.repo.heads.tip(f"{BRANCH}.next")) == (made, None)
    assert at.repo.pull(opened.number).state == "OPEN"
    assert forge.writes == 3
    with pytest.raises(BranchMoved):
        forge.commit_on_branch(at.repository(), BRANCH, parent, "Pin", {"Dockerfile": b"FROM z\n"}, tip)
    assert at.repo.heads.tip(BRANCH) == made
    with pytest.raises(BranchMoved):
        forge.commit_on_branch(at.repository(), BRANCH, parent, "Pin", files, parent)
    with pytest.raises(BranchMoved):
        forge.commit_on_branch(at.repository(), BRANCH, parent, "Pin", files, None)


@pytest.mark.parametrize("skip", [0, 1])
def test_a_commit_in_doubt_is_looked_for(at: Bench, skip: int) -> None:
    parent, tip = at.repo.heads.tip("main"), at.repo.heads.tip(BRANCH)
    assert parent
    at.server.faults.append(Fault("POST", "/graphql", 502, after=True, skip=skip))
    made = at.forge().commit_on_branch(at.repository(), BRANCH, parent, "Pin\n\nBody.\n", {"a": b"y"}, tip)
    assert at.repo.heads.tip(BRANCH) == made


def test_a_commit_in_doubt_that_did_not_happen_is_told(at: Bench) -> None:
    parent = at.repo.heads.tip("main")
    assert parent
    at.server.faults.append(Fault("POST", "/graphql", None))
    with pytest.raises(ForgeError, match="may or may not"):
        at.forge().commit_on_branch(at.repository(), "pinbot/new", parent, "Pin", {"a": b"y"})


def test_a_workflow_file_without_the_permission_is_told_with_the_way_out(at: Bench) -> None:
    at.hub.installation = NARROW
    parent = at.repo.heads.tip("main")
    assert parent
    with pytest.raises(ForgeForbids, match=r"the permission Workflows \(write\)"):
        at.forge(account=APP).commit_on_branch(
            at.repository(), "pinbot/ci", parent, "Pin", {".github/workflows/ci.yml": b"x"}
        )
    assert at.repo.heads.tip("pinbot/ci") is None


def test_a_branch_that_was_left_without_its_commit_gets_it(at: Bench) -> None:
    parent = at.repo.heads.tip("main")
    assert parent
    at.repo.heads.move("pinbot/left", parent)
    made = at.forge().commit_on_branch(at.repository(), "pinbot/left", parent, "Pin", {"a": b"y"})
    assert at.repo.heads.tip("pinbot/left") == made


def test_the_stand_in_serves_git_with_the_header_of_the_forge(at: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "bare.git"
    _git(tmp_path, "init", "-q", "--bare", "-b", "main", str(folder))
    heads = DiskHeads(folder)
    tree = _git(folder, "hash-object", "-t", "tree", "-w", "--stdin")
    first = _git(folder, "-c", "user.name=a", "-c", "user.email=a@b", "commit-tree", tree, "-m", "Begin")
    heads.move("main", first)
    repo = at.hub.add("acme/disk", heads)
    remote = at.forge().remote(Repository(repo.id, repo.name, "main"))
    assert remote.authorization
    header = f"http.extraHeader=Authorization: {remote.authorization.reveal()}"
    assert first in _git(tmp_path, "-c", header, "ls-remote", remote.url)
    forge = at.forge()
    made = forge.commit_on_branch(Repository(repo.id, repo.name, "main"), BRANCH, first, "Add", {"a/b": b"c"})
    assert heads.commit(made).parents == (first,)
    pull = forge.open(Repository(repo.id, repo.name, "main"), proposal())
    assert "+c" in forge.diff(Repository(repo.id, repo.name, "main"), pull)
    at.hub.tokens["reader"] = Actor("reader", permissions={"metadata": "read"})
    assert set(EVERYTHING) > {"metadata"}
    assert TOKEN not in repr(remote)


def _git(folder: Path, *arguments: str) -> str:
    environ = {"PATH": "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], input=b"", capture_output=True, check=True, env=environ
    )
    return done.stdout.decode().strip()


@pytest.mark.parametrize("knows_bots", [True, False])
def test_the_dashboard_of_an_app_is_found_by_whatever_name_graphql_knows_it(at: Bench, knows_bots: bool) -> None:
    at.hub.knows_bots = knows_bots
    forge = at.forge(account=APP, dashboards=True)
    assert at.standing(forge).issue is None
    opened = forge.write_issue(at.repository(), None, "Container images", f"Text. {DASHBOARD}")
    asked = at.server.count("GET", "/repos/acme/api/issues")
    standing = at.standing(forge)
    assert (standing.issue and standing.issue.number) == opened.number
    assert at.server.count("GET", "/repos/acme/api/issues") == asked + (not knows_bots)
