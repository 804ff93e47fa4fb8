"""The order in which sources are asked, and that each knows who it is."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pinbot.discovery import collect
from pinbot.oci.resolution import Served
from pinbot.registry import credentials
from pinbot.registry.credentials import settings
from pinbot.registry.credentials._base import Ambient, Anonymous, Login, Wanted, Who
from pinbot.registry.credentials._source import Source, first_answer
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from pinbot.secret import Secret
from tests.fakes import faults
from tests.fakes.canary import canary, carries
from tests.fakes.registry import Auth, FakeRegistry
from tests.fakes.server import Reply, Seen
from tests.net.world import patient
from tests.registry.ask import HUB, PATH, heads
from tests.registry.credentials.asking import Asked, config, entry, wanted
from tests.registry.credentials.helper_program import honest

# As docs/credentials.md has it.
ORDER = ("settings", "AWS", "Google", "Azure", "credential helpers", "docker config", "credentials store",
         "containers auth", "GitHub Actions", "GitLab CI")  # fmt: skip


def test_the_sources_are_asked_in_this_order() -> None:
    found = sorted(collect(credentials, "SOURCE", Source), key=lambda source: source.rank)
    assert tuple(source.name for source in found) == ORDER
    assert len({source.rank for source in found}) == len(found)


def test_nothing_is_found_where_nothing_may_be_looked_at() -> None:
    for source in collect(credentials, "SOURCE", Source):
        asked = Asked(source)
        for registry in ("docker.io", "ghcr.io", "gcr.io", "a.azurecr.io", "public.ecr.aws"):
            assert asked.who(wanted(registry)) is None
        assert asked.warnings == []


def test_the_first_answer_wins_and_anonymous_is_an_answer() -> None:
    asked: list[str] = []

    def source(name: str, answer: Who | None) -> object:
        async def lookup(_wanted: Wanted) -> Who | None:
            asked.append(name)
            return answer

        return lookup

    login = Login("u", Secret("p"))
    lookups = [source("a", None), source("b", login), source("c", Anonymous())]
    assert asyncio.run(first_answer(lookups, wanted("ghcr.io"))) == login  # type: ignore[arg-type] # `object` above
    assert asked == ["a", "b"]
    assert asyncio.run(first_answer(lookups[2:], wanted("ghcr.io"))) == Anonymous()  # type: ignore[arg-type] # likewise
    assert asyncio.run(first_answer([], wanted("ghcr.io"))) == Anonymous()


def test_the_settings_are_for_the_registry_by_its_exact_name_also_at_an_endpoint() -> None:
    asked = Asked(settings.SOURCE, settings={"ghcr.io": Login("robot$a+b", Secret("p"))})
    assert asked.secret("ghcr.io") == "p"
    assert asked.secret("ghcr.io.evil.example") is None
    assert isinstance(asked.who(wanted("ghcr.io", endpoint="https://mirror.example")), Login)
    assert asked.who(wanted("mirror.example")) is None


OLD = canary("old")


def _helper(folder: Path, host: str) -> Ambient:
    honest(folder / "bin", "x", {host: ("user", OLD)})
    path = os.pathsep.join((str(folder / "bin"), os.environ["PATH"]))
    return Ambient({"PATH": path}, config(folder, credHelpers={host: "x"}), helpers=None)


def _job(_folder: Path, host: str) -> Ambient:
    return Ambient({"GITLAB_CI": "true", "CI_REGISTRY": host, "CI_JOB_TOKEN": OLD})


STALE: dict[str, tuple[Callable[[Path, str], Ambient], str]] = {
    "Docker's auths": (
        lambda folder, host: Ambient(docker_config=config(folder, {host: entry(OLD)})),
        "the login of 'user' from Docker's configuration",
    ),
    "Docker's identity token": (
        lambda folder, host: Ambient(docker_config=config(folder, {host: {"identitytoken": OLD}})),
        "the identity token from Docker's configuration",
    ),
    "Docker's token for the registry": (
        lambda folder, host: Ambient(docker_config=config(folder, {host: {"registrytoken": OLD}})),
        "the token from Docker's configuration",
    ),
    "Podman's auth.json": (
        lambda folder, host: Ambient(containers_auth=(config(folder, {host: entry(OLD)}),)),
        "config.json",
    ),
    "a helper": (_helper, "the login of 'user' from Docker's configuration (credHelpers x)"),
    "a job of GitLab": (_job, "the login of 'gitlab-ci-token' from GitLab's job (CI_JOB_TOKEN)"),
}


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("auth", ["bearer", "basic"])
@pytest.mark.parametrize(("made", "named"), STALE.values(), ids=STALE)
def test_what_is_out_of_date_does_not_close_a_public_image(
    made: Callable[[Path, str], Ambient], named: str, auth: Auth, status: int, tmp_path: Path
) -> None:
    with FakeRegistry(auth=auth if auth == "bearer" else "none", anonymous=True) as registry:
        registry.may_see.add(OLD)
        for n in range(10):
            registry.push_image(PATH, [f"1.{n}"])

        def refusing(seen: Seen, reply: Reply) -> Reply:
            if auth == "basic" and seen.path == "/v2/":
                return faults.challenge('Basic realm="x"')(seen, reply)
            return Reply(status) if carries(seen, OLD) else reply

        registry.faults.append(refusing)
        options = {HUB: RegistryOptions(endpoint=registry.url)}
        with RegistryResolver(options, ambient=made(tmp_path, registry.host), world=patient()) as asked:
            assert all(isinstance(answer, Served) for answer in asked.answer(heads(10)).values())
            (warning,) = asked.warnings
        shown = sum(carries(seen, OLD) for seen in registry.log)
    is_login = "login" in named or "config.json" in named
    assert (named if is_login or auth == "bearer" else "asks for a user name and a password") in warning
    # A 403 is no word on the login, so that those on their way by then show it too: eight at most.
    assert shown <= (2 if status == 401 else 8)
