"""The same short story at a Forgejo, at a GitLab, at a git server without an API, and with folders of this machine."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.bare import Bare
from tests.fakes.gitea.forge import FakeGitea
from tests.fakes.gitea.state import Repo
from tests.fakes.gitlab.forge import FakeGitLab
from tests.fakes.gitlab.state import Project
from tests.live.site import GIT_PASSWORD, GIT_USER, GITLAB, TOKEN
from tests.live.world import World


@pytest.fixture
def forgejo(world: World, tmp_path: Path) -> Iterator[FakeGitea]:
    """A Forgejo with an account of ours; it checks what it is asked when it is closed."""
    with FakeGitea(tmp_path / "forgejo") as fake:
        fake.state.tokens[TOKEN] = fake.bot
        fake.state.user(world.owner, is_organisation=True)
        world.site.behind = fake.server.reply
        world.forge = (
            f"  - gitea:\n      url: {world.site.origin}\n      token: {{env: FORGE_TOKEN}}\n"
            f"      organisations: [{world.owner}]\n      paced: false\n"
        )
        yield fake
        world.site.behind = None


@pytest.fixture
def at_forgejo(world: World, forgejo: FakeGitea) -> Repo:
    """A repository there with an image that is not pinned."""
    world.image("nginx", "1.27", "a")
    git = world.bare("api", {"Dockerfile": world.dockerfile("nginx:1.27")})
    repo = forgejo.repo("api", world.owner, Bare(git.folder))
    repo.members += [forgejo.bot, forgejo.state.user("ada")]
    return repo


def test_at_a_forgejo_it_is_opened_left_updated_and_closed(world: World, forgejo: FakeGitea, at_forgejo: Repo) -> None:
    run = world.sweep()
    assert run.outcome.code == 0, run.errors
    assert run.does == {"api": ["open pinbot/pin"]}
    assert (run.writes, run.pushes) == (1, 1)
    assert world.quiet().does == {"api": ["leave pinbot/pin"]}
    digest = world.image("nginx", "1.27", "b")
    assert world.sweep().does == {"api": ["update pinbot/pin"]}
    text = at_forgejo.git.git("show", "pinbot/pin:Dockerfile")
    assert text == f"FROM {world.owner}/nginx:1.27@{digest}\n"
    (pull,) = forgejo.state.pulls_of(at_forgejo)
    assert digest.partition(":")[2][:12] in pull.body
    at_forgejo.git.commit("main", {"Dockerfile": "FROM scratch\n"}, "gone\n", [at_forgejo.git.branches()["main"]])
    assert world.sweep().does == {"api": ["close pinbot/pin"]}
    assert list(forgejo.state.pulls_of(at_forgejo)) == []
    assert list(at_forgejo.git.branches()) == ["main"]
    world.quiet()


def test_at_a_forgejo_labels_and_reviewers_take_four_writes_at_most(
    world: World, forgejo: FakeGitea, at_forgejo: Repo
) -> None:
    world.style += "  labels: [images]\n  reviewers: [ada]\n  assignees: [ada]\n"
    at_forgejo.labels["images"] = forgejo.state.next()
    run = world.sweep()
    assert run.outcome.code == 0, run.errors
    assert run.writes <= 4
    (pull,) = forgejo.state.pulls_of(at_forgejo)
    assert (pull.labels, [user.login for user in pull.reviewers]) == ([at_forgejo.labels["images"]], ["ada"])
    world.quiet()


@pytest.mark.parametrize("when", ["before", "after"])
def test_at_a_forgejo_a_killed_run_is_made_good_by_the_next(
    world: World, forgejo: FakeGitea, at_forgejo: Repo, when: str
) -> None:
    world.style += "  labels: [images]\n  reviewers: [ada]\n"
    at_forgejo.labels["images"] = forgejo.state.next()
    for number in (1, 2, 3):
        world.site.reaper.expects(number, "before" if when == "before" else "after")
        assert world.sweep().is_killed
        world.site.reaper.expects(0)
        world.sweep()
        (pull,) = forgejo.state.pulls_of(at_forgejo)
        assert (len(pull.labels), len(pull.reviewers), "being opened" in pull.body) == (1, 1, False)
        world.quiet()
        forgejo.end(pull, forgejo.bot, merged=True)
        at_forgejo.git.delete("pinbot/pin")
        tip = at_forgejo.git.branches()["main"]
        at_forgejo.git.commit("main", {"Dockerfile": world.dockerfile("nginx:1.27").decode()}, f"{number}\n", [tip])


@pytest.fixture
def gitlab(world: World, tmp_path: Path) -> Iterator[FakeGitLab]:
    """A GitLab below a path, with a group of ours; it checks what it is asked when it is closed."""
    with FakeGitLab(tmp_path / "gitlab", base=GITLAB, site=world.site.origin) as fake:
        fake.state.tokens[TOKEN] = fake.bot
        fake.state.groups.add(world.owner)
        world.site.behind = fake.reply
        world.forge = (
            f"  - gitlab:\n      url: {fake.site}\n      token: {{env: FORGE_TOKEN}}\n"
            f"      groups: [{world.owner}]\n      paced: false\n"
        )
        yield fake
        world.site.behind = None


@pytest.fixture
def at_gitlab(world: World, gitlab: FakeGitLab) -> Project:
    """A project there, in a group of a group, with an image that is not pinned."""
    world.image("nginx", "1.27", "a")
    git = world.bare("platform/images/api", {"Dockerfile": world.dockerfile("nginx:1.27")})
    project = gitlab.project("api", f"{world.owner}/platform/images", Bare(git.folder))
    project.members += [gitlab.bot, gitlab.state.user("ada")]
    return project


def test_at_a_gitlab_it_is_opened_left_updated_and_closed(world: World, gitlab: FakeGitLab, at_gitlab: Project) -> None:
    name = "platform/images/api"
    world.style += "  labels: [images]\n  reviewers: [ada]\n  assignees: [ada]\n"
    at_gitlab.labels.append("images")
    run = world.sweep()
    assert run.outcome.code == 0, run.errors
    assert run.does == {name: ["open pinbot/pin"]}
    assert (run.writes, run.pushes) == (1, 1)
    (pull,) = gitlab.state.pulls_of(at_gitlab)
    assert (pull.labels, [user.username for user in pull.reviewers], pull.removes_branch) == (["images"], ["ada"], True)
    quiet = world.quiet()
    assert (quiet.does, quiet.api) == ({name: ["leave pinbot/pin"]}, 3)
    digest = world.image("nginx", "1.27", "b")
    assert world.sweep("--repo", f"{world.site.origin.partition('//')[2]}/{at_gitlab.path}").does == {
        name: ["update pinbot/pin"]
    }
    text = at_gitlab.git.git("show", "pinbot/pin:Dockerfile")
    assert text == f"FROM {world.owner}/nginx:1.27@{digest}\n"
    assert digest.partition(":")[2][:12] in pull.body
    at_gitlab.git.commit("main", {"Dockerfile": "FROM scratch\n"}, "gone\n", [at_gitlab.git.branches()["main"]])
    assert world.sweep().does == {name: ["close pinbot/pin"]}
    assert list(gitlab.state.pulls_of(at_gitlab)) == []
    assert list(at_gitlab.git.branches()) == ["main"]
    world.quiet()


def test_at_a_gitlab_there_is_one_dashboard(world: World, gitlab: FakeGitLab, at_gitlab: Project) -> None:
    world.style += "  dashboard: true\n"
    for _ in range(2):
        run = world.sweep()
        assert run.outcome.code == 0, run.errors
    (issue,) = gitlab.state.issues
    assert (issue.project, issue.author) == (at_gitlab, gitlab.bot)
    (pull,) = gitlab.state.pulls_of(at_gitlab)
    assert f"/-/merge_requests/{pull.number}" in issue.body
    world.quiet()


@pytest.mark.parametrize("ci", ["running", None], ids=["a pipeline checks it", "nothing checks it"])
def test_at_a_gitlab_it_merges_itself_only_where_a_pipeline_checks_it(
    world: World, gitlab: FakeGitLab, at_gitlab: Project, ci: str | None
) -> None:
    at_gitlab.ci = ci
    world.more = "defaults: {cooldown: 0, auto-merge: true}\n"
    run = world.sweep()
    assert run.outcome.code == 0, run.errors
    (pull,) = gitlab.state.pulls_of(at_gitlab)
    assert (pull.merging, "being opened" in pull.body) == (gitlab.bot if ci else None, False)
    assert ("it does not merge itself" in run.outcome.stdout) == (ci is None)
    world.quiet()


@pytest.mark.parametrize("when", ["before", "after"])
def test_at_a_gitlab_a_killed_run_is_made_good_by_the_next(
    world: World, gitlab: FakeGitLab, at_gitlab: Project, when: str
) -> None:
    for number in (1, 2):
        world.site.reaper.expects(number, "before" if when == "before" else "after")
        assert world.sweep().is_killed
        world.site.reaper.expects(0)
        world.sweep()
        (pull,) = gitlab.state.pulls_of(at_gitlab)
        world.quiet()
        gitlab.end(pull, gitlab.bot, merged=True)
        at_gitlab.git.delete("pinbot/pin")
        tip = at_gitlab.git.branches()["main"]
        at_gitlab.git.commit("main", {"Dockerfile": world.dockerfile("nginx:1.27").decode()}, f"{number}\n", [tip])


def test_a_git_server_without_an_api_gets_the_branch(world: World) -> None:
    world.image("nginx", "1.27", "a")
    git = world.bare("api", {"Dockerfile": world.dockerfile("nginx:1.27")})
    world.environ["FORGE_PASSWORD"] = GIT_PASSWORD
    world.forge = (
        f"  - git:\n      repositories: ['{git.url}']\n      username: {GIT_USER}\n"
        "      password: {env: FORGE_PASSWORD}\n"
    )
    run = world.sweep()
    assert run.outcome.code == 0, run.errors
    assert run.does == {"api": ["open pinbot/pin"]}
    assert run.pushes == 1
    first = git.tip("pinbot/pin")
    again = world.sweep()
    assert (again.does, again.pushes) == ({"api": ["leave pinbot/pin"]}, 0)
    digest = world.image("nginx", "1.27", "b")
    assert world.sweep().does == {"api": ["update pinbot/pin"]}
    assert git.show("pinbot/pin", "Dockerfile").decode() == f"FROM {world.owner}/nginx:1.27@{digest}\n"
    assert git.tip("pinbot/pin") != first
    mine = git.commit({"README": b"mine"}, "pinbot/pin")
    world.image("nginx", "1.27", "c")
    assert world.sweep().does == {"api": ["leave pinbot/pin"]}
    assert git.tip("pinbot/pin") == mine


def test_a_branch_that_nobody_wants_any_more_is_deleted_from_a_git_server(world: World) -> None:
    world.image("nginx", "1.27", "a")
    git = world.bare("api", {"Dockerfile": world.dockerfile("nginx:1.27")})
    world.environ["FORGE_PASSWORD"] = GIT_PASSWORD
    world.forge = (
        f"  - git:\n      repositories: ['{git.url}']\n      username: {GIT_USER}\n"
        "      password: {env: FORGE_PASSWORD}\n"
    )
    world.sweep()
    git.commit({"Dockerfile": b"FROM scratch\n"})
    run = world.sweep()
    assert run.outcome.code == 0, run.errors
    assert git.tip("pinbot/pin") is None
    assert world.sweep().does == {"api": []}


def test_a_wrong_password_is_said_without_showing_it(world: World) -> None:
    git = world.bare("api", {"Dockerfile": b"FROM scratch\n"})
    world.environ["FORGE_PASSWORD"] = "wr0ng-one"
    world.forge = (
        f"  - git:\n      repositories: ['{git.url}']\n      username: {GIT_USER}\n"
        "      password: {env: FORGE_PASSWORD}\n"
    )
    run = world.sweep()
    assert run.outcome.code == 3
    (error,) = run.errors
    assert "credentials" in error
    assert "wr0ng-one" not in run.outcome.stdout + run.outcome.stderr


def test_patches_of_folders_apply(world: World, tmp_path: Path) -> None:
    digest = world.image("nginx", "1.27", "a")
    git = world.bare("api", {"Dockerfile": world.dockerfile("nginx:1.27") + b"RUN a\r\n", "b": ("100755", b"x")})
    world.forge = f"  - local:\n      repositories: ['{git.folder}']\n      folder: patches\n"
    run = world.sweep()
    assert run.outcome.code == 0, run.errors
    assert (run.pushes, run.fetches) == (0, 0)
    (patch,) = (tmp_path / "patches").rglob("*.patch")
    subprocess.run(["git", "clone", "--quiet", str(git.folder), str(tmp_path / "clone")], check=True)
    subprocess.run(["git", "apply", "--index", str(patch)], cwd=tmp_path / "clone", check=True)
    wanted = f"FROM {world.owner}/nginx:1.27@{digest}\nRUN a\r\n".encode()
    assert (tmp_path / "clone" / "Dockerfile").read_bytes() == wanted
    assert git.tip("pinbot/pin") is None
    assert world.sweep().outcome.code == 0


def test_patches_are_printed_where_no_folder_is_named(world: World, tmp_path: Path) -> None:
    world.image("nginx", "1.27", "a")
    git = world.bare("api", {"Dockerfile": world.dockerfile("nginx:1.27")})
    world.forge = f"  - local:\n      repositories: ['{git.folder}']\n"
    text = world.sweep(form="").outcome.stdout
    subprocess.run(["git", "clone", "--quiet", str(git.folder), str(tmp_path / "clone")], check=True)
    subprocess.run(["git", "apply", "-"], input=text.encode(), cwd=tmp_path / "clone", check=True)
    assert "@sha256:" in (tmp_path / "clone" / "Dockerfile").read_text()
