"""Passes over an owner of a GitHub, with real git and a real registry: what is open in the end, and what it took."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.live.world import Held, World

WORKFLOW = "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    container: {}\n    steps: []\n"
REFUSES_PINBOT = """
while read -r old new ref; do
  case "$ref" in refs/heads/pinbot/*)
    echo "error: GH006: Protected branch update failed for $ref." >&2; exit 1;;
  esac
done
"""
# What GitHub says where a token may not change workflows.
REFUSES_WORKFLOWS = """
while read -r old new ref; do
  if git diff-tree -r --name-only "$new^" "$new" | grep -q '^.github/workflows/'; then
    echo "refusing to allow a Personal Access Token to create or update workflow \\`.github/workflows/ci.yml\\`" \\
      "without \\`workflow\\` scope" >&2
    exit 1
  fi
done
"""


@pytest.fixture
def api(world: World) -> Held:
    """A repository with an image that is not pinned."""
    world.image("nginx", "1.27", "a")
    return world.add("api", {"Dockerfile": world.dockerfile("nginx:1.27"), "README": b"Hello\n"})


def pinned(world: World, content: str = "a") -> str:
    """Return how the image stands in files with its digest."""
    return f"{world.owner}/nginx:1.27@{world.image('nginx', '1.27', content)}"


def test_a_first_pin_is_opened_and_then_nothing_is_asked_but_where_things_stand(world: World, api: Held) -> None:
    run = world.sweep()
    assert run.outcome.code == 0, run.outcome.stderr
    assert run.does == {"api": ["open pinbot/pin"]}
    assert (run.writes, run.pushes) == (1, 1)
    (pull,) = api.open
    assert pull.title == f"Pin {world.owner}/nginx:1.27"
    assert api.text("pinbot/pin") == f"FROM {pinned(world)}\n"
    assert api.text("main") == world.dockerfile("nginx:1.27").decode()
    again = world.quiet()
    assert again.does == {"api": ["leave pinbot/pin"]}
    assert again.api == 2  # the list, and where everything stands


def test_a_changed_repository_without_a_new_finding_is_fetched_once(world: World, api: Held) -> None:
    world.sweep()
    world.person_commits("api", {"README": b"Goodbye\n"})
    run = world.sweep()
    assert run.does == {"api": ["leave pinbot/pin"]}
    assert (run.fetches, run.writes, run.pushes) == (1, 0, 0)


def test_a_rebuilt_image_updates_the_open_pull_request_in_place(world: World, api: Held) -> None:
    world.sweep()
    newer = pinned(world, "b")
    run = world.sweep()
    assert run.does == {"api": ["update pinbot/pin"]}
    assert (run.writes, run.pushes) == (1, 1)
    assert [pull.number for pull in api.repo.pulls] == [1]
    assert api.text("pinbot/pin") == f"FROM {newer}\n"
    assert newer.partition("@sha256:")[2][:12] in api.open[0].body
    world.quiet()


def test_a_persons_commit_is_left_alone_and_said_once(world: World, api: Held) -> None:
    world.sweep()
    mine = world.person_commits("api", {"README": b"Mine\n"}, "pinbot/pin")
    pinned(world, "b")
    assert world.sweep().does == {"api": ["leave pinbot/pin"]}
    world.sweep()
    (pull,) = api.open
    assert len(pull.comments) == 1
    assert api.git.tip("pinbot/pin") == mine


def test_a_merge_of_the_base_is_no_persons_edit(world: World, api: Held) -> None:
    world.sweep()
    world.person_commits("api", {"README": b"Newer\n"})
    merge = world.person_merges_base("api", "pinbot/pin")
    run = world.sweep()
    assert run.does == {"api": ["leave pinbot/pin"]}
    assert run.writes == 0
    assert api.git.tip("pinbot/pin") == merge
    newer = pinned(world, "b")
    assert world.sweep().does == {"api": ["update pinbot/pin"]}
    assert api.text("pinbot/pin") == f"FROM {newer}\n"
    assert api.text("pinbot/pin", "README") == "Newer\n"


def test_a_closed_pull_request_declines_what_it_offered(world: World, api: Held) -> None:
    world.sweep()
    world.person_closes("api", 1)
    run = world.quiet()
    assert run.does == {"api": []}
    (kept,) = run.visits["api"]["outcomes"]
    assert "#1" in kept["reason"]


def test_a_merged_pull_request_is_done_and_the_next_digest_is_a_new_one(world: World, api: Held) -> None:
    world.sweep()
    world.person_merges("api", 1)
    assert world.sweep().does == {"api": []}
    newer = pinned(world, "b")
    assert world.sweep().does == {"api": ["open pinbot/refresh"]}
    assert api.text("pinbot/refresh") == f"FROM {newer}\n"
    assert [pull.state for pull in api.repo.pulls] == ["MERGED", "OPEN"]


def test_what_nobody_wants_any_more_is_closed_and_its_branch_deleted(world: World, api: Held) -> None:
    world.sweep()
    world.person_commits("api", {"Dockerfile": b"FROM scratch\n"})
    assert world.sweep().does == {"api": ["close pinbot/pin"]}
    assert api.open == []
    assert sorted(api.branches) == ["main"]
    assert len(api.repo.pulls[0].comments) == 1
    world.quiet()
    # Nobody refused it.
    world.person_commits("api", {"Dockerfile": world.dockerfile("nginx:1.27")})
    assert world.sweep().does == {"api": ["open pinbot/pin"]}


def test_a_conflict_with_the_base_is_rebuilt_on_the_new_base(world: World, api: Held) -> None:
    world.sweep()
    world.person_commits("api", {"Dockerfile": b"# new\n" + world.dockerfile("nginx:1.27") + b"RUN true\n"})
    assert world.sweep().does == {"api": ["update pinbot/pin"]}
    assert api.text("pinbot/pin") == f"# new\nFROM {pinned(world)}\nRUN true\n"
    world.quiet()


def test_a_protected_branch_is_said_and_stops_no_other_repository(world: World, api: Held) -> None:
    other = world.add("web", {"Dockerfile": world.dockerfile("nginx:1.27")})
    api.git.hook("pre-receive", REFUSES_PINBOT)
    run = world.sweep()
    assert run.outcome.code == 3
    (error,) = run.errors
    assert "Protected branch" in error
    assert api.open == []
    assert len(other.open) == 1


def test_a_renamed_repository_is_the_same(world: World, api: Held) -> None:
    world.sweep()
    world.rename("api", "service")
    assert world.sweep().does == {"service": ["leave pinbot/pin"]}
    pinned(world, "b")
    assert world.sweep().does == {"service": ["update pinbot/pin"]}
    assert [pull.number for pull in world.held["service"].repo.pulls] == [1]


def test_a_repository_is_renamed_while_it_is_named_in_the_settings(world: World, api: Held) -> None:
    world.named("api")
    world.sweep()
    world.rename("api", "service")
    pinned(world, "b")
    assert world.sweep().does == {"service": ["update pinbot/pin"]}


def test_archived_and_empty_repositories_are_passed_over(world: World, api: Held) -> None:
    world.add("empty", None)
    world.named("api", "empty", "old")
    world.add("old", {"Dockerfile": world.dockerfile("nginx:1.27")}, is_archived=True)
    run = world.sweep()
    assert run.outcome.code == 0, run.outcome.stderr
    assert run.visits["empty"]["passed_over"] == "empty"
    assert run.visits["old"]["passed_over"] == "archived"
    assert run.does["api"] == ["open pinbot/pin"]


def test_one_of_two_repositories_fails_and_the_other_is_done(world: World, api: Held) -> None:
    other = world.add("web", {"Dockerfile": world.dockerfile("nginx:1.27")})
    api.git.git("config", "http.uploadpack", "false")
    run = world.sweep()
    assert run.outcome.code == 3
    (error,) = run.errors
    assert "403" in error
    assert len(other.open) == 1
    api.git.git("config", "http.uploadpack", "true")
    again = world.sweep()
    assert again.outcome.code == 0
    assert len(api.open) == 1


def test_a_name_that_is_not_there_is_said(world: World, api: Held) -> None:
    world.named("api", "nothing")
    run = world.sweep()
    assert run.outcome.code == 3
    assert run.does["api"] == ["open pinbot/pin"]
    assert "not there" in run.visits["nothing"]["error"]


def test_dry_run_and_diff_show_everything_and_write_nothing(world: World, api: Held, tmp_path: Path) -> None:
    dry = world.sweep("--dry-run", form="")
    assert dry.outcome.code == 0
    assert f"Pin {world.owner}/nginx:1.27" in dry.outcome.stdout
    assert "would open" in dry.outcome.stdout
    patch = world.sweep("--diff", form="").outcome.stdout
    (tmp_path / "Dockerfile").write_bytes(world.dockerfile("nginx:1.27"))
    subprocess.run(["git", "apply", "-"], input=patch.encode(), cwd=tmp_path, check=True)
    assert (tmp_path / "Dockerfile").read_text() == f"FROM {pinned(world)}\n"
    assert world.sweep("--dry-run", "--exit-code").outcome.code == 1
    assert world.site.hub.named(f"{world.owner}/api") is api.repo
    assert api.repo.pulls == []
    assert sorted(api.branches) == ["main"]


def test_the_default_mode_observes(world: World, api: Held) -> None:
    world.style = "  refresh-every: 0\n"
    run = world.sweep()
    assert (run.writes, run.pushes) == (0, 0)
    assert run.visits["api"]["mode"] == "observe"
    assert run.does == {"api": ["open pinbot/pin"]}


def test_only_the_repository_that_is_named_is_visited(world: World, api: Held) -> None:
    other = world.add("web", {"Dockerfile": world.dockerfile("nginx:1.27")})
    host = world.site.origin.removeprefix("http://")
    run = world.sweep("--repo", f"{host}/{world.owner}/web")
    assert run.does == {"web": ["open pinbot/pin"]}
    assert api.open == []
    assert len(other.open) == 1
    assert world.sweep("--repo", "elsewhere.example/a/b").outcome.code == 2


def test_an_emergency_changes_one_image_at_once_in_a_pull_request_of_its_own(world: World, api: Held) -> None:
    world.image("redis", "7", "a")
    world.person_commits("api", {"Dockerfile": world.dockerfile("nginx:1.27", "redis:7")})
    world.sweep()
    world.person_merges("api", 1)
    world.more = "defaults: {cooldown: 7d}\n"
    world.sweep()
    newer, _ = pinned(world, "b"), world.image("redis", "7", "b")
    assert world.sweep().does == {"api": []}
    run = world.sweep("--image", f"{world.owner}/nginx", "--now")
    (did,) = run.does["api"]
    assert did.startswith("open pinbot/now-")
    text = api.text(did.partition(" ")[2])
    assert text.startswith(f"FROM {newer}\nFROM {world.owner}/redis:7@")
    assert world.quiet().does == {"api": [did.replace("open", "leave")]}
    assert world.sweep("--now").outcome.code == 2


def test_without_the_permission_for_workflows_everything_else_is_opened(world: World) -> None:
    world.image("nginx", "1.27", "a")
    workflow = WORKFLOW.format(f"{world.owner}/nginx:1.27").encode()
    dockerfile = world.dockerfile("nginx:1.27")
    api = world.add("api", {".github/workflows/ci.yml": workflow, "Dockerfile": dockerfile})
    api.git.hook("pre-receive", REFUSES_WORKFLOWS)
    web = world.add("web", {"Dockerfile": world.dockerfile("nginx:1.27")})
    run = world.sweep()
    assert run.outcome.code == 3
    (error,) = run.errors
    assert "workflow" in error
    assert [pull.branch for pull in api.open] == ["pinbot/pin"]
    assert len(web.open) == 1
    again = world.sweep()
    assert again.does["api"] == ["leave pinbot/pin", "open pinbot/workflows-pin"]
    (api.git.folder / "hooks" / "pre-receive").unlink()
    world.sweep()
    assert [pull.branch for pull in api.open] == ["pinbot/pin", "pinbot/workflows-pin"]
    world.quiet()


def test_line_ends_modes_links_and_other_files_stay_as_they_are(world: World) -> None:
    world.image("nginx", "1.27", "a")
    windows = f"FROM {world.owner}/nginx:1.27\r\nRUN true\r\n".encode()
    api = world.add(
        "api",
        {
            ".gitattributes": b"* text eol=crlf\n",
            "Dockerfile": windows,
            "tools/Dockerfile": ("100755", world.dockerfile("nginx:1.27")),
            "link": ("120000", b"Dockerfile"),
            "sub": ("160000", b"1" * 40),
            b"caf\xe9": b"x",
        },
    )
    world.sweep()
    before, after = (api.git.files(api.git.tip(branch) or "") for branch in ("main", "pinbot/pin"))
    assert {path: mode for path, (mode, _) in before.items()} == {path: mode for path, (mode, _) in after.items()}
    assert {path for path in before if before[path] != after[path]} == {"Dockerfile", "tools/Dockerfile"}
    assert api.text("pinbot/pin") == f"FROM {pinned(world)}\r\nRUN true\r\n"
    changed = api.git.git("diff", "--numstat", "main", "pinbot/pin").decode()
    assert changed == "1\t1\tDockerfile\n1\t1\ttools/Dockerfile\n"


def test_labels_reviewers_and_the_rest_take_four_writes_at_most(world: World, api: Held) -> None:
    world.style += "  labels: [images]\n  reviewers: [ann, acme/images]\n  assignees: [bob]\n  milestone: Next\n"
    world.style += "  draft: true\n"
    api.repo.milestones.append("Next")
    run = world.sweep()
    assert run.outcome.code == 0, run.outcome.stderr
    assert run.writes <= 4
    (pull,) = api.open
    assert (pull.labels, pull.assignees, pull.milestone, pull.is_draft) == (["images"], ["bob"], "Next", True)
    assert sorted(pull.reviewers) == ["ann", "images"]
    world.quiet()


def test_commits_by_the_api_need_no_push(world: World, api: Held) -> None:
    world.commits_by_api()
    run = world.sweep()
    assert run.outcome.code == 0, run.errors
    assert run.pushes == 0
    assert run.writes <= 4
    assert api.text("pinbot/pin") == f"FROM {pinned(world)}\n"
    world.quiet()
    newer = pinned(world, "b")
    assert world.sweep().does == {"api": ["update pinbot/pin"]}
    assert api.text("pinbot/pin") == f"FROM {newer}\n"
    assert sorted(api.branches) == ["main", "pinbot/pin"]
    assert [pull.state for pull in api.repo.pulls] == ["OPEN"]


def test_the_renamed_default_branch_gets_the_pull_request(world: World, api: Held) -> None:
    world.sweep()
    world.rename_branch("api", "trunk")
    run = world.sweep()
    assert run.does == {"api": ["leave pinbot/pin"]}
    assert [pull.base for pull in api.open] == ["trunk"]


def test_another_cache_changes_nothing_at_the_forge(world: World, api: Held) -> None:
    world.sweep()
    before = world.state()
    world.forget()
    run = world.sweep()
    assert run.does == {"api": ["leave pinbot/pin"]}
    assert (run.writes, run.pushes) == (0, 0)
    assert world.state() == before


def test_a_branch_that_is_left_of_a_killed_run_is_opened_from(world: World, api: Held) -> None:
    assert world.sweep(env={"PINBOT_FAILPOINT": "after-push"}).is_killed
    assert (sorted(api.branches), api.open) == (["main", "pinbot/pin"], [])
    run = world.sweep()
    assert run.does == {"api": ["open pinbot/pin"]}
    assert run.pushes == 0
    assert len(api.open) == 1


def test_two_runs_at_once_open_one_pull_request(world: World, api: Held) -> None:
    running = [world.start("--quiet"), world.start("--quiet")]
    codes = [process.wait() for process in running]
    assert len(api.repo.pulls) == 1
    assert 0 in codes
    world.quiet()
