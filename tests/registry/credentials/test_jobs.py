"""Credentials of jobs: GITHUB_TOKEN for ghcr.io alone, GitLab's for that GitLab alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from pinbot.errors import UsageError
from pinbot.oci.resolution import Failed, Served
from pinbot.registry.credentials import github_actions, gitlab_ci
from pinbot.registry.credentials._base import Ambient, Chosen, Login
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from tests.fakes.canary import canary, leaks
from tests.fakes.registry import FakeRegistry
from tests.fakes.server import Server
from tests.net.world import patient
from tests.registry.ask import PATH, TAG, answer_of
from tests.registry.ask import head as hub_head
from tests.registry.credentials.asking import Asked, secret_of, wanted

ACTIONS = {"GITHUB_ACTIONS": "true", "GITHUB_TOKEN": "t", "GITHUB_ACTOR": "octo"}


GITHUB: dict[str, tuple[dict[str, str], bool, str, tuple[str, str] | None]] = {
    "a job": (ACTIONS, False, "ghcr.io", ("octo", "t")),
    "a job without an actor": (ACTIONS | {"GITHUB_ACTOR": ""}, False, "ghcr.io", ("x-access-token", "t")),
    "a robot as actor": (ACTIONS | {"GITHUB_ACTOR": "dependabot[bot]"}, False, "ghcr.io", ("dependabot[bot]", "t")),
    "a job without a token": (ACTIONS | {"GITHUB_TOKEN": ""}, False, "ghcr.io", None),
    "a token without a job": ({"GITHUB_TOKEN": "t"}, False, "ghcr.io", None),
    "a job that is none": (ACTIONS | {"GITHUB_ACTIONS": "false"}, False, "ghcr.io", None),
    "a token that the settings ask for": ({"GITHUB_TOKEN": "t"}, True, "ghcr.io", ("x-access-token", "t")),
    "another registry": (ACTIONS, False, "docker.io", None),
    "a look-alike": (ACTIONS, True, "ghcr.io.evil.example", None),
    "a host below it": (ACTIONS, True, "x.ghcr.io", None),
    "another port": (ACTIONS, True, "ghcr.io:8443", None),
    "a token with a line break": (ACTIONS | {"GITHUB_TOKEN": "t\n"}, False, "ghcr.io", None),
}


@pytest.mark.parametrize(("environ", "is_asked", "registry", "login"), GITHUB.values(), ids=GITHUB)
def test_github_gives(environ: dict[str, str], is_asked: bool, registry: str, login: tuple[str, str] | None) -> None:
    asked = Asked(github_actions.SOURCE, Ambient(environ), {"ghcr.io": Chosen("github")} if is_asked else {})
    found = asked.who(wanted(registry))
    assert ((found.username, found.password.reveal()) if isinstance(found, Login) else None) == login


def test_a_mirror_in_the_place_of_githubs_registry_is_not_shown_its_token() -> None:
    asked = Asked(github_actions.SOURCE, Ambient(ACTIONS), {"ghcr.io": Chosen("github")})
    assert asked.who(wanted("ghcr.io", endpoint="https://mirror.example")) is None


def test_the_settings_can_ask_for_it_at_no_other_registry() -> None:
    with pytest.raises(UsageError, match=r"quay\.io"):
        Asked(github_actions.SOURCE, Ambient(ACTIONS), {"quay.io": Chosen("github")})


def test_a_token_that_the_settings_ask_for_and_that_is_not_there_is_missed() -> None:
    asked = Asked(github_actions.SOURCE, Ambient({}), {"ghcr.io": Chosen("github")})
    assert asked.who(wanted("ghcr.io")) is None
    assert "GITHUB_TOKEN" in asked.warnings[0]


JOB = {
    "GITLAB_CI": "true",
    "CI_REGISTRY": "registry.corp.example:5050",
    "CI_REGISTRY_USER": "gitlab-ci-token",
    "CI_REGISTRY_PASSWORD": "p",
    "CI_JOB_TOKEN": "j",
    "CI_SERVER_HOST": "gitlab.corp.example",
    "CI_DEPENDENCY_PROXY_SERVER": "gitlab.corp.example:443",
    "CI_DEPENDENCY_PROXY_USER": "proxy",
    "CI_DEPENDENCY_PROXY_PASSWORD": "d",
}

GITLAB: dict[str, tuple[dict[str, str], str, tuple[str, str] | None]] = {
    "a job": ({}, "registry.corp.example:5050", ("gitlab-ci-token", "p")),
    "a job with its token alone": (
        {"CI_REGISTRY_USER": "", "CI_REGISTRY_PASSWORD": ""},
        "registry.corp.example:5050",
        ("gitlab-ci-token", "j"),
    ),
    "a deploy token with a plus": (
        {"CI_REGISTRY_USER": "gitlab+deploy-token-1"},
        "registry.corp.example:5050",
        ("gitlab+deploy-token-1", "p"),
    ),
    "a registry in upper case": ({"CI_REGISTRY": "Registry.Corp"}, "registry.corp", ("gitlab-ci-token", "p")),
    "its dependency proxy": ({}, "gitlab.corp.example", ("proxy", "d")),
    "its dependency proxy as GitLab writes it": ({}, "gitlab.corp.example:443", ("proxy", "d")),
    "another port": ({}, "registry.corp.example", None),
    "another host": ({}, "registry.gitlab.com", None),
    "a look-alike": ({}, "registry.corp.example.evil.example:5050", None),
    "no job": ({"GITLAB_CI": ""}, "registry.corp.example:5050", None),
    "no registry": ({"CI_REGISTRY": ""}, "registry.corp.example:5050", None),
    "a registry that is none": ({"CI_REGISTRY": "a b/c"}, "registry.corp.example:5050", None),
    "a registry with a path": ({"CI_REGISTRY": "registry.corp.example:5050/x"}, "registry.corp.example:5050", None),
}  # fmt: skip


@pytest.mark.parametrize(("more", "registry", "login"), GITLAB.values(), ids=GITLAB)
def test_gitlab_gives(more: dict[str, str], registry: str, login: tuple[str, str] | None) -> None:
    found = Asked(gitlab_ci.SOURCE, Ambient(JOB | more)).who(wanted(registry))
    assert ((found.username, found.password.reveal()) if isinstance(found, Login) else None) == login


def test_a_mirror_in_the_place_of_gitlabs_registry_is_not_shown_its_token() -> None:
    asked = Asked(gitlab_ci.SOURCE, Ambient(JOB | {"CI_REGISTRY": "docker.io"}))
    assert secret_of(asked.who(wanted("docker.io", endpoint="https://mirror.example"))) is None


def test_the_token_server_of_gitlab_is_known_to_its_job_and_no_other_host_is() -> None:
    secret = canary("gitlab")
    with FakeRegistry(auth="bearer", users={"bot": secret}) as registry:
        registry.push_image(PATH, [TAG])
        registry.realm = f"http://localhost:{registry.port}/token"
        options = {"r.example": RegistryOptions(endpoint=registry.url)}
        job = {"GITLAB_CI": "true", "CI_REGISTRY": registry.host, "CI_REGISTRY_USER": "bot",
               "CI_REGISTRY_PASSWORD": secret}  # fmt: skip
        question = type(hub_head())("r.example", PATH, TAG)
        for host, kind in (("localhost", Served), ("gitlab.example", Failed)):
            ambient = Ambient(job | {"CI_SERVER_HOST": host})
            with RegistryResolver(options, ambient=ambient, world=patient()) as asked:
                assert isinstance(answer_of(asked, question), kind)


def test_the_tokens_of_jobs_go_to_their_registries_alone(tmp_path: Path) -> None:
    with FakeRegistry(auth="basic", users={"u": "p"}) as other, Server() as evil:
        options = {
            "ghcr.io": RegistryOptions(endpoint=other.url),
            "registry.gitlab.com": RegistryOptions(endpoint=evil.url),
        }
        environ = ACTIONS | JOB | {"GITHUB_TOKEN": canary("github"), "CI_REGISTRY": "registry.gitlab.com",
                                   "CI_REGISTRY_PASSWORD": canary("gitlab"), "CI_JOB_TOKEN": canary("job")}  # fmt: skip
        with RegistryResolver(options, ambient=Ambient(environ), world=patient()) as asked:
            for registry in options:
                answer_of(asked, type(hub_head())(registry, PATH, TAG))
        assert all(leaks(canary(name), [other, evil]) == [] for name in ("github", "gitlab", "job"))
        assert (len(other.log) > 0, len(evil.log) > 0) == (True, True)
