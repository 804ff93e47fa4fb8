"""Repositories that are unlike the others of their owner, and stop none of them."""

from __future__ import annotations

from tests.live.site import GIT_PASSWORD, GIT_USER
from tests.live.world import World


def test_a_base_branch_that_only_some_repositories_have(world: World) -> None:
    digest = world.image("nginx", "1.27", "a")
    world.style += "  branches: [main, release-1]\n"
    both = world.add("both", {"Dockerfile": world.dockerfile("nginx:1.27")})
    world.person_commits("both", {"Dockerfile": world.dockerfile("nginx:1.27") + b"RUN old\n"}, "release-1")
    one = world.add("one", {"Dockerfile": world.dockerfile("nginx:1.27")})
    run = world.sweep()
    assert sorted(pull.base for pull in both.open) == ["main", "release-1"]
    assert [pull.base for pull in one.open] == ["main"]
    (old,) = (pull.branch for pull in both.open if pull.base == "release-1")
    assert both.text(old) == f"FROM {world.owner}/nginx:1.27@{digest}\nRUN old\n"
    assert run.outcome.code == 0, run.errors
    again = world.sweep()
    assert (again.writes, again.pushes) == (0, 0)
    assert again.fetches == 2  # the forge tells of default branches alone


def test_settings_of_a_repository_that_cannot_be_read(world: World) -> None:
    world.image("nginx", "1.27", "a")
    world.add("bad", {"Dockerfile": world.dockerfile("nginx:1.27"), ".pinbot.yaml": b"rules: [nonsense]\n"})
    leaves_it_out = b"exclude: [Dockerfile]\n"
    world.add("quiet", {"Dockerfile": world.dockerfile("nginx:1.27"), ".pinbot.yaml": leaves_it_out})
    good = world.add("good", {"Dockerfile": world.dockerfile("nginx:1.27")})
    run = world.sweep()
    assert run.outcome.code == 3
    (error,) = run.errors
    assert ".pinbot.yaml" in error
    assert run.does["quiet"] == []
    assert len(good.open) == 1


def test_bytes_that_are_no_text_stay_as_they_are(world: World) -> None:
    digest = world.image("nginx", "1.27", "a")
    api = world.add("api", {"Dockerfile": b"# caf\xe9\n" + world.dockerfile("nginx:1.27") + b"LABEL a=\xff"})
    world.sweep()
    after = api.git.show("pinbot/pin", "Dockerfile")
    assert after == b"# caf\xe9\n" + f"FROM {world.owner}/nginx:1.27@{digest}\n".encode() + b"LABEL a=\xff"
    world.quiet()


def test_commits_by_the_forge_keep_bytes_and_modes(world: World) -> None:
    digest = world.image("nginx", "1.27", "a")
    api = world.add("api", {"tools/Dockerfile": ("100755", b"# caf\xe9\r\n" + world.dockerfile("nginx:1.27"))})
    world.commits_by_api()
    world.sweep()
    after = api.git.show("pinbot/pin", "tools/Dockerfile")
    assert after == b"# caf\xe9\r\n" + f"FROM {world.owner}/nginx:1.27@{digest}\n".encode()
    assert api.git.files(api.git.tip("pinbot/pin") or "")["tools/Dockerfile"][0] == "100755"


def test_a_default_branch_with_a_strange_name(world: World) -> None:
    world.image("nginx", "1.27", "a")
    api = world.add("api", {"Dockerfile": world.dockerfile("nginx:1.27")}, branch="release/été+1")
    run = world.sweep()
    assert run.outcome.code == 0, run.errors
    assert [pull.base for pull in api.open] == ["release/été+1"]
    world.quiet()


def test_objects_that_are_named_by_sha256(world: World) -> None:
    digest = world.image("nginx", "1.27", "a")
    git = world.site.git.repository(
        {"Dockerfile": world.dockerfile("nginx:1.27")}, sha256=True, name=f"{world.owner}/api.git"
    )
    world.environ["FORGE_PASSWORD"] = GIT_PASSWORD
    world.forge = (
        f"  - git:\n      repositories: ['{world.site.origin}/{world.owner}/api.git']\n      username: {GIT_USER}\n"
        "      password: {env: FORGE_PASSWORD}\n"
    )
    run = world.sweep()
    assert run.outcome.code == 0, run.errors
    assert git.show("pinbot/pin", "Dockerfile").decode() == f"FROM {world.owner}/nginx:1.27@{digest}\n"
    assert world.sweep().does == {"api": ["leave pinbot/pin"]}


def test_a_repository_is_deleted_while_it_is_named(world: World) -> None:
    world.image("nginx", "1.27", "a")
    gone = world.add("gone", {"Dockerfile": world.dockerfile("nginx:1.27")})
    web = world.add("web", {"Dockerfile": world.dockerfile("nginx:1.27")})
    world.named("gone", "web")
    world.sweep()
    gone.repo.is_gone = True
    run = world.sweep()
    assert run.outcome.code == 3
    assert run.does["web"] == ["leave pinbot/pin"]
    assert len(web.open) == 1


def test_a_branch_in_the_way_of_ours_is_said(world: World) -> None:
    world.image("nginx", "1.27", "a")
    world.add("api", {"Dockerfile": world.dockerfile("nginx:1.27")})
    world.person_commits("api", {"x": b"1"}, "pinbot")
    web = world.add("web", {"Dockerfile": world.dockerfile("nginx:1.27")})
    run = world.sweep()
    assert run.outcome.code == 3
    (error,) = run.errors
    assert "in the way" in error
    assert len(web.open) == 1
