"""Forges without an API: what is pushed to git remotes, and patches in folders."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.errors import ForgeError, GitError, UsageError
from pinbot.forge._listed import Tip
from pinbot.forge.git import Flow, Git
from pinbot.forge.local import Local
from pinbot.planning.patch import Patch
from pinbot.ports import Forge
from pinbot.proposals.proposal import Proposal
from pinbot.proposals.repository import Repository, Selection, Standing, Unreachable
from pinbot.proposals.route import Route
from pinbot.source.text import encode
from tests.fakes.bare import Bare
from tests.forges.stage import wanted

URLS = ("https://git.example/acme/web.git", "https://git.example/acme/api", "/srv/git/tools.git")
NAMES = ["acme/web", "acme/api", "git/tools"]
PLAIN: dict[str, Callable[[Path, Selection | None], Forge]] = {
    "git": lambda _, selection: Git(URLS, selection=selection),
    "local": lambda folder, selection: Local(URLS, folder, selection=selection),
}


@pytest.fixture(params=list(PLAIN), ids=list(PLAIN))
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Selection | None], Forge]:
    return lambda selection: PLAIN[request.param](tmp_path, selection)


def test_lists_the_remotes_as_they_were_named(make: Callable[[Selection | None], Forge]) -> None:
    listed = list(make(None).repositories())
    assert [r.name for r in listed] == NAMES
    assert [(r.id, r.url) for r in listed] == [(url, url) for url in URLS]
    assert [r.name for r in make(Selection(exclude=("*/api",))).repositories()] == ["acme/web", "git/tools"]


def test_knows_no_pull_requests(make: Callable[[Selection | None], Forge]) -> None:
    forge = make(None)
    listed = list(forge.repositories())
    assert forge.standings(listed) == {r.id: Standing(r) for r in listed}
    assert list(forge.closed(listed[0], ["pinbot/all"])) == []


def test_what_is_opened_stands_for_the_branch(make: Callable[[Selection | None], Forge]) -> None:
    forge = make(None)
    api = next(iter(forge.repositories()))
    first, again = (forge.open(api, wanted()) for _ in range(2))
    assert first == again
    assert (first.number, first.branch, first.base, first.by_us, first.state) == (0, "pinbot/all", "main", True, "open")
    forge.edit(api, first, wanted(title="another"))
    forge.comment(api, first, "hello")
    forge.withdraw(api, first, "why")
    forge.close(api, first)
    assert forge.diff(api, first) == ""
    assert forge.standings([api])[api.id] == Standing(api)


@pytest.mark.parametrize(
    ("urls", "why"),
    [
        pytest.param(["https://bot:secret@git.example/acme/api"], "does not belong into a URL", id="a password"),
        pytest.param(["https://git.example/a/api", "https://other.example/a/api"], "two of the", id="one name twice"),
        pytest.param([""], "not the address", id="nothing"),
    ],
)
def test_refuses_remotes(urls: list[str], why: str) -> None:
    with pytest.raises(UsageError, match=why) as raised:
        Git(urls)
    assert "secret" not in str(raised.value)


def test_asks_where_a_remote_stands() -> None:
    def tip_of(repository: Repository) -> Tip:
        if "web" in repository.url:
            raise GitError("no answer")
        return Tip("trunk", None if "tools" in repository.url else "a" * 40)

    forge = Git(URLS, tip_of=tip_of)
    web, api, tools = forge.repositories()
    found = forge.standings([web, api, tools])
    assert found[web.id] == Unreachable(web, "no answer")
    assert found[api.id] == Standing(replace(api, default_branch="trunk"), "a" * 40)
    assert found[tools.id] == Standing(replace(tools, default_branch="trunk", is_empty=True))


# What goes with a push

DRESSED = wanted(
    title="Pin 2 images", body="First\nlines.\n\nMore.", labels=("a", "b"), assignees=("ada",), milestone="1.0",
    is_draft=True,
)  # fmt: skip
ROUTES: dict[Flow, Route] = {
    "branch": Route(),
    "merge-request": Route(
        options=(
            "merge_request.create",
            "merge_request.target=main",
            "merge_request.title=Pin 2 images",
            "merge_request.description=First lines.",
            "merge_request.draft",
            "merge_request.milestone=1.0",
            "merge_request.label=a",
            "merge_request.label=b",
            "merge_request.assign=ada",
        )
    ),
    "agit": Route(
        "refs/for/main",
        ("topic=pinbot/all", "title=WIP: Pin 2 images", "description=First lines.", "force-push=true"),
        "new commit is the same as the old commit",
    ),
}


@pytest.mark.parametrize(("flow", "route"), ROUTES.items(), ids=ROUTES.keys())
def test_routes_a_proposal(flow: Flow, route: Route) -> None:
    assert Git(URLS, flow=flow).route(DRESSED) == route


def test_the_same_commit_again_is_no_failure_where_the_server_says_so() -> None:
    said = "remote: error ... ! [remote rejected] (The new commit is the same as the old commit)"
    assert Git(URLS, flow="agit").route(DRESSED).is_no_failure(said)
    assert not Git(URLS, flow="agit").route(DRESSED).is_no_failure("protected branch")
    assert not Git(URLS).route(DRESSED).is_no_failure(said)


def test_says_what_a_push_cannot_carry() -> None:
    for flow, count in (("branch", 1), ("agit", 1), ("merge-request", 0)):
        forge = Git(URLS, flow=flow)  # type: ignore[arg-type]  # rows of a table
        for _ in range(2):
            forge.open(next(iter(forge.repositories())), DRESSED)
        assert len(forge.warnings) == count


def test_refuses_a_flow_that_it_does_not_know() -> None:
    with pytest.raises(UsageError, match="say one of branch, merge-request, agit"):
        Git(URLS, flow="mail")  # type: ignore[arg-type]  # that is the point


@given(st.text(), st.text(), st.text())
def test_no_option_is_more_than_one_line(title: str, body: str, label: str) -> None:
    for flow in ("merge-request", "agit"):
        route = Git(URLS, flow=flow).route(wanted(title=title, body=body, labels=(label,)))
        for option in route.options:
            assert option.isprintable()
            assert len(option) <= 1000


@pytest.mark.parametrize("flow", ["merge-request", "agit"])
def test_git_takes_the_options(tmp_path: Path, flow: Flow) -> None:
    server, ours = Bare.create(tmp_path / "server.git"), Bare.create(tmp_path / "ours.git")
    server.git("config", "receive.advertisePushOptions", "true")
    hook = server.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        "#!/bin/sh\nread old new ref\n{ echo $ref; i=0; while [ $i -lt $GIT_PUSH_OPTION_COUNT ]; do"
        ' eval echo \\"\\$GIT_PUSH_OPTION_$i\\"; i=$((i+1)); done; } > said\n'
    )
    hook.chmod(0o755)
    commit = ours.commit("main", {"x": "1\n"}, "m\n", [])
    route = Git(URLS, flow=flow).route(DRESSED)
    words = [word for option in route.options for word in ("-o", option)]
    ours.git("push", "-q", *words, str(server.path), f"{commit}:{route.ref or 'refs/heads/pinbot/all'}")
    said = (server.path / "said").read_text().splitlines()
    assert said == [route.ref or "refs/heads/pinbot/all", *route.options]


# Patches

HOSTILE = (
    Patch("a b/Dockerfile", "FROM a\n", "FROM b\n", ()),
    Patch("größe.yaml", "x: \udcff\r\ny", "x: \udcff\r\nz", ()),
)
BODY = "text\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n\ndiff --git a/x b/x\n\x1b[31m\u2028end"


def _proposal(**fields: object) -> Proposal:
    return replace(wanted(), patches=HOSTILE, body=BODY, **fields)  # type: ignore[arg-type]  # rows of tables


def test_a_patch_applies(tmp_path: Path) -> None:
    forge = Local(URLS, tmp_path / "patches")
    pull = forge.open(next(iter(forge.repositories())), _proposal())
    patch = tmp_path / "patches" / "acme" / "web" / "pinbot" / "all.patch"
    assert pull.url == str(patch)
    tree = tmp_path / "tree"
    for one in HOSTILE:
        file = tree / one.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode(one.before))
    subprocess.run(["git", "apply", str(patch)], cwd=tree, check=True)
    assert {one.path: (tree / one.path).read_bytes() for one in HOSTILE} == {p.path: encode(p.after) for p in HOSTILE}
    assert sorted(p.name for p in tree.rglob("*") if p.is_file()) == ["Dockerfile", "größe.yaml"]


def test_a_later_patch_takes_the_place_of_an_earlier(tmp_path: Path) -> None:
    forge = Local(URLS, tmp_path)
    api = next(iter(forge.repositories()))
    forge.open(api, _proposal())
    forge.edit(api, forge.open(api, _proposal(title="later")), _proposal(title="later"))
    [patch] = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert patch.read_text(errors="replace").startswith("# later\n")


@pytest.mark.parametrize(
    "branch", ["../../../etc/x", "a//b", "/etc/passwd", "x" * 500, "é", ".", ".git/config", "a\0b"]
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, branch: str) -> None:
    forge = Local(["/srv/../../x"], tmp_path / "in" / "here")
    forge.open(next(iter(forge.repositories())), _proposal(branch=branch))
    [patch] = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert (tmp_path / "in" / "here") in patch.parents


def test_two_branches_never_share_a_patch(tmp_path: Path) -> None:
    forge = Local(URLS, tmp_path)
    api = next(iter(forge.repositories()))
    branches = ["a b", "a-b", "a:b", "a%b", "ä", "ö"]
    assert len({forge.open(api, _proposal(branch=branch)).url for branch in branches}) == len(branches)


def test_says_why_a_patch_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    forge = Local(URLS, tmp_path / "file")
    with pytest.raises(ForgeError, match="the patch cannot be written: Not a directory"):
        forge.open(next(iter(forge.repositories())), wanted())


def test_hands_a_diff_on() -> None:
    shown: list[tuple[str, str, str]] = []
    forge = Local(URLS, lambda repository, proposal, text: shown.append((repository.name, proposal.title, text)))
    forge.open(next(iter(forge.repositories())), wanted())
    [(name, title, text)] = shown
    assert (name, title) == ("acme/web", "Pin 1 image")
    assert text.startswith("--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1 +1 @@\n")


def test_a_comment_is_told_to_the_user_once(make: Callable[[Selection | None], Forge]) -> None:
    forge = make(None)
    assert isinstance(forge, Git | Local)
    api = next(iter(forge.repositories()))
    for _ in range(2):
        forge.comment(api, forge.open(api, wanted()), "somebody's commits are there")
    assert forge.warnings == ["acme/web: pinbot/all: somebody's commits are there"]
