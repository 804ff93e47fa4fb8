"""Credential helpers, honest and hostile: real programs in folders of a PATH of their own (T8)."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pinbot.oci.resolution import Failed, Served
from pinbot.registry.credentials import containers_auth, credential_helpers, credentials_store
from pinbot.registry.credentials._base import Ambient, Chosen, IdentityToken, Login
from pinbot.registry.credentials._source import Source
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from tests.fakes.canary import canary, leaks, shows_canary
from tests.fakes.registry import FakeRegistry
from tests.net.world import patient
from tests.registry.ask import HUB, PATH, TAG, answer_of, head, heads
from tests.registry.credentials.asking import Asked, config, entry, secret_of, wanted
from tests.registry.credentials.helper_program import asked as told
from tests.registry.credentials.helper_program import honest, shell

HUB_SERVER = "https://index.docker.io/v1/"


def _ambient(tmp_path: Path, file: Path | None = None, **more: object) -> Ambient:
    path = os.pathsep.join((str(tmp_path / "bin"), "/usr/bin", "/bin"))
    given = {"environ": {"PATH": path, "HOME": str(tmp_path)}, "docker_config": file, "helpers": None, **more}
    return Ambient(**given)  # type: ignore[arg-type] # tables of options


def _helper(tmp_path: Path, **more: object) -> Asked:
    return Asked(
        credential_helpers.SOURCE, _ambient(tmp_path, config(tmp_path, credHelpers={"r.example": "x"}), **more)
    )


def test_a_helper_gives_the_login_of_its_registry_alone(tmp_path: Path) -> None:
    honest(tmp_path / "bin", "x", {"r.example": ("bot", "right"), "other.example": ("bot", "wrong")})
    asked = _helper(tmp_path)
    found = asked.who(wanted("r.example"))
    assert isinstance(found, Login)
    assert (found.username, secret_of(found)) == ("bot", "right")
    assert found.source == "Docker's configuration (credHelpers x)"
    assert asked.secret("other.example") is None
    assert asked.secret("xr.example") is None
    assert [server for _, server, _, _ in told(tmp_path / "bin")] == ["r.example"]
    assert asked.warnings == []


SERVERS: dict[str, tuple[str, str, str]] = {
    "a host": ("r.example", "r.example", "r.example"),
    "a host and port": ("r.example:5000", "r.example:5000", "r.example:5000"),
    "Docker Hub as Docker writes it": (HUB_SERVER, "docker.io", HUB_SERVER),
    "Docker Hub by name": ("docker.io", "docker.io", HUB_SERVER),
    "a host as a URL": ("https://r.example", "r.example", "r.example"),
}


@pytest.mark.parametrize(("key", "registry", "server"), SERVERS.values(), ids=SERVERS)
def test_a_helper_is_asked_for(key: str, registry: str, server: str, tmp_path: Path) -> None:
    honest(tmp_path / "bin", "x", {server: ("bot", "right")})
    asked = Asked(credential_helpers.SOURCE, _ambient(tmp_path, config(tmp_path, credHelpers={key: "x"})))
    assert asked.secret(registry) == "right"


def test_the_store_is_asked_for_what_no_helper_of_its_own_keeps(tmp_path: Path) -> None:
    honest(tmp_path / "bin", "store", {HUB_SERVER: ("bot", "right"), "r.example": ("bot", "no")})
    file = config(tmp_path, {HUB_SERVER: {}}, credsStore="store", credHelpers={"r.example": "x"})
    asked = Asked(credentials_store.SOURCE, _ambient(tmp_path, file))
    found = asked.who(wanted("docker.io"))
    assert isinstance(found, Login)
    assert found.source == "Docker's configuration (credsStore store)"
    assert asked.secret("r.example") is None
    assert asked.secret("unknown.example") is None
    assert asked.warnings == []


def test_a_user_called_token_means_an_identity_token(tmp_path: Path) -> None:
    honest(tmp_path / "bin", "x", {"r.example": ("<token>", "refresh")})
    assert isinstance(_helper(tmp_path).who(wanted("r.example")), IdentityToken)


def test_a_robot_keeps_its_name_through_a_helper(tmp_path: Path) -> None:
    honest(tmp_path / "bin", "x", {"r.example": ("robot$team+pull", "$HOME `id`")})
    found = _helper(tmp_path).who(wanted("r.example"))
    assert isinstance(found, Login)
    assert (found.username, secret_of(found)) == ("robot$team+pull", "$HOME `id`")


def test_a_helper_is_asked_once_for_a_server_in_a_run_whatever_it_says(tmp_path: Path) -> None:
    honest(tmp_path / "bin", "x", {"r.example": ("bot", "right")})
    asked = _helper(tmp_path)
    asked.who(*(wanted("r.example", f"a/{n}") for n in range(20)))
    assert len(told(tmp_path / "bin")) == 1
    shell(tmp_path / "bin", "x", 'echo asked >> "${0%/*}/count"; exit 3')
    asked = _helper(tmp_path)
    assert asked.who(*(wanted("r.example", f"a/{n}") for n in range(20))) is None
    assert (tmp_path / "bin/count").read_text() == "asked\n"
    assert len(asked.warnings) == 1


def test_a_helper_sees_a_small_environment_and_stands_nowhere(tmp_path: Path) -> None:
    honest(tmp_path / "bin", "x", {"r.example": ("bot", "right")})
    environ = {
        "PATH": os.pathsep.join((str(tmp_path / "bin"), "relative", "", str(tmp_path / "repository"), "/usr/bin")),
        "HOME": str(tmp_path),
        "AWS_PROFILE": "work",
        "GOOGLE_APPLICATION_CREDENTIALS": "/k.json",
        "AZURE_CLIENT_ID": "c",
        "HTTPS_PROXY": "http://proxy.example",
        "GITHUB_TOKEN": "no",
        "REGISTRY_PASSWORD": "no",
        "LD_PRELOAD": "no",
        "PYTHONPATH": "no",
        "DOCKER_CONFIG": "no",
    }
    foreign = (tmp_path / "repository",)
    assert _helper(tmp_path, environ=environ, foreign=foreign).secret("r.example") == "right"
    ((arguments, server, seen, folder),) = told(tmp_path / "bin")
    assert (arguments, server, folder) == (["get"], "r.example", "/")
    assert seen.pop("PATH") == f"{tmp_path / 'bin'}:/usr/bin"
    seen.pop("LC_CTYPE", None)  # Python's own
    assert sorted(seen) == ["AWS_PROFILE", "AZURE_CLIENT_ID", "GOOGLE_APPLICATION_CREDENTIALS", "HOME", "HTTPS_PROXY"]


HOSTILE: dict[str, tuple[str, str]] = {
    "says nothing": ("true", "says what is no login"),
    "says garbage": ("head -c 1000 /dev/urandom", "says what is no login"),
    "says a list": ("echo '[]'", "says what is no login"),
    "says a number for a name": ("""echo '{"Username": 5, "Secret": "CANARY-s"}'""", "says what is no login"),
    "says two answers": ("""echo '{"Username":"a","Secret":"CANARY-s"}'; echo '{}'""", "says what is no login"),
    "says a name with a line break": (
        r"""printf '%s' '{"Username":"a\nb","Secret":"CANARY-s"}'""",
        "says what is no login",
    ),
    "says a secret with a line break": (
        r"""printf '%s' '{"Username":"a","Secret":"CANARY-s\r\nX-Evil: y"}'""",
        "says what is no login",
    ),
    "says a token with a line break": (
        r"""printf '%s' '{"Username":"<token>","Secret":"CANARY-s\nb"}'""",
        "says what is no login",
    ),
    "says a name with a colon": ("""echo '{"Username":"a:b","Secret":"CANARY-s"}'""", "says what is no login"),
    "says a name alone": ("""echo '{"Username":"a","Secret":""}'""", "says what is no login"),
    "nests deeply": ("head -c 60000 /dev/zero | tr '\\0' '['", "says what is no login"),
    "answers for another server": (
        """echo '{"ServerURL":"evil.example","Username":"a","Secret":"CANARY-s"}'""",
        "answers for another server",
    ),
    "answers for a server that looks the same": (
        """echo '{"ServerURL":"r.example.evil.example","Username":"a","Secret":"CANARY-s"}'""",
        "answers for another server",
    ),
    "says more than 64 KiB": ("head -c 70000 /dev/zero | tr '\\0' ' '", "says more than a login needs"),
    "speaks without end": ("exec yes CANARY-s", "says more than a login needs"),
    "fails and shows secrets": ("echo CANARY-s; echo CANARY-s >&2; exit 1", "ended with status 1"),
    "is killed": ("kill -9 $$", "ended with status -9"),
    "complains at length and succeeds": ("yes CANARY-s | head -c 1000000 >&2; echo '['", "says what is no login"),
}


@pytest.mark.parametrize(("script", "why"), HOSTILE.values(), ids=HOSTILE)
def test_a_helper_that(script: str, why: str, tmp_path: Path) -> None:
    shell(tmp_path / "bin", "x", script)
    asked = _helper(tmp_path)
    assert asked.who(wanted("r.example")) is None
    (warning,) = asked.warnings
    assert "r.example: docker-credential-x gave no login" in warning
    assert why in warning
    assert "settings" in warning
    assert shows_canary([warning]) == []


HONEST_ENOUGH: dict[str, str] = {
    "does not read what it is asked": """exec <&-; echo '{"Username":"bot","Secret":"right"}'""",
    "names no server": """cat >/dev/null; echo '{"ServerURL":"","Username":"bot","Secret":"right"}'""",
    "names the server as a URL": """echo '{"ServerURL":"https://r.example/","Username":"bot","Secret":"right"}'""",
    "says more than it must": """echo '{"Username":"bot","Secret":"right","More":[1]}'; echo; echo CANARY-s >&2""",
}


@pytest.mark.parametrize("script", HONEST_ENOUGH.values(), ids=HONEST_ENOUGH)
def test_a_helper_will_do_that(script: str, tmp_path: Path) -> None:
    shell(tmp_path / "bin", "x", script)
    asked = _helper(tmp_path)
    assert asked.secret("r.example") == "right"
    assert asked.warnings == []


SLOW: dict[str, str] = {
    "sleeps": "sleep 60",
    "leaves a child that holds on to its output": """sleep 60 & echo '{"Username":"a","Secret":"b"}'""",
    "drips": "while :; do printf ' '; sleep 0.2; done",
    "does not mind a polite end": "trap '' TERM INT HUP; exec 3>&1; while :; do sleep 1; done",
    "ends its output and stays": "exec >&-; sleep 60",
}


@pytest.mark.parametrize("script", SLOW.values(), ids=SLOW)
def test_a_slow_helper_ends_with_all_that_it_started(script: str, tmp_path: Path) -> None:
    shell(tmp_path / "bin", "x", f'echo $$ > "${{0%/*}}/pid"; {script}')
    asked = _helper(tmp_path, helper_seconds=0.5)
    began = time.monotonic()
    assert asked.who(wanted("r.example")) is None
    assert time.monotonic() - began < 5
    assert "did not end within 0.5 s" in asked.warnings[0]
    group = (tmp_path / "bin/pid").read_text().strip()
    while _is_there(group) and time.monotonic() - began < 5:
        time.sleep(0.02)  # a killed process takes its leave in its own time
    assert not _is_there(group)


def _is_there(group: str) -> bool:
    """Whether a process of that group is left; one that has ended and is not yet buried does not count."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if its_group == group and state not in "ZX":
            return True
    return False


NAMES = ("../../x", "x/y", "", "a b", "A", "x;id", "$(id)", "a" * 65, "x\n", "-", "é", "..", "/bin/sh", "x\0y")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("source", [credential_helpers.SOURCE, credentials_store.SOURCE, containers_auth.SOURCE],
                         ids=["credHelpers", "credsStore", "auth.json"])  # fmt: skip
def test_a_name_that_no_helper_has_runs_nothing(name: str, source: Source, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "bin"):
        shell(folder, "x", f"touch {tmp_path}/canary")
    file = config(tmp_path, {"r.example": {}}, credHelpers={"r.example": name})
    if source is credentials_store.SOURCE:
        file = config(tmp_path, {"r.example": {}}, credsStore=name)
    asked = Asked(source, _ambient(tmp_path, file, containers_auth=(file,)))
    assert asked.who(wanted("r.example")) is None
    assert not (tmp_path / "canary").exists()
    assert len(asked.warnings) == (1 if name else 0)


def test_a_helper_runs_only_from_folders_that_are_nobody_elses(tmp_path: Path) -> None:
    repository, shared, bin_ = tmp_path / "repository", tmp_path / "shared", tmp_path / "bin"
    for folder in (repository, shared, repository / "inner"):
        shell(folder, "x", f"touch {tmp_path}/canary")
    shared.chmod(0o777)
    bin_.mkdir()
    path = os.pathsep.join(map(str, (repository, repository / "inner", shared, "bin", "", bin_, "/usr/bin", "/bin")))
    more = {"environ": {"PATH": path}, "foreign": (repository,)}
    asked = _helper(tmp_path, **more)
    assert asked.who(wanted("r.example")) is None
    assert "everybody may write" in asked.warnings[0]
    (bin_ / "docker-credential-x").symlink_to(repository / "docker-credential-x")
    asked = _helper(tmp_path, **more)
    assert asked.who(wanted("r.example")) is None
    assert "belongs to the repository" in asked.warnings[0]
    (bin_ / "docker-credential-x").unlink()
    honest(bin_, "x", {"r.example": ("bot", "right")})
    assert _helper(tmp_path, **more).secret("r.example") == "right"
    (bin_ / "docker-credential-x").chmod(0o777)
    assert _helper(tmp_path, **more).secret("r.example") is None
    assert not (tmp_path / "canary").exists()


def test_a_helper_that_is_not_there_is_named(tmp_path: Path) -> None:
    asked = _helper(tmp_path)
    assert asked.who(wanted("r.example")) is None
    assert "is not on the PATH" in asked.warnings[0]


def test_a_file_that_others_may_write_runs_nothing(tmp_path: Path) -> None:
    honest(tmp_path / "bin", "x", {"r.example": ("bot", "right")})
    file = config(tmp_path, credHelpers={"r.example": "x"})
    file.chmod(0o666)
    asked = Asked(credential_helpers.SOURCE, _ambient(tmp_path, file))
    assert asked.who(wanted("r.example")) is None
    assert "chmod go-w" in asked.warnings[0]
    assert told(tmp_path / "bin") == []


def test_a_repository_with_a_docker_configuration_and_a_helper_runs_nothing(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    shell(repository, "evil", f"touch {tmp_path}/canary")
    file = config(repository, credsStore="evil")
    ambient = Ambient({"PATH": f"{repository}:/usr/bin:/bin"}, file, (file,), None, (repository,))
    for source in (credential_helpers.SOURCE, credentials_store.SOURCE, containers_auth.SOURCE):
        assert Asked(source, ambient).who(wanted("docker.io")) is None
    assert not (tmp_path / "canary").exists()


def test_where_nobody_watches_only_listed_helpers_run_and_others_are_named(tmp_path: Path) -> None:
    honest(tmp_path / "bin", "x", {"r.example": ("bot", "right")})
    asked = _helper(tmp_path, helpers=("gcr",))
    assert asked.who(wanted("r.example")) is None
    assert "`credential-helpers: [x]`" in asked.warnings[0]
    assert "r.example" in asked.warnings[0]
    assert told(tmp_path / "bin") == []
    assert _helper(tmp_path, helpers=("gcr", "x")).secret("r.example") == "right"


def test_a_store_that_may_not_run_is_missed_only_where_it_keeps_something(tmp_path: Path) -> None:
    file = config(tmp_path, {HUB_SERVER: {}}, credsStore="desktop")
    asked = Asked(credentials_store.SOURCE, _ambient(tmp_path, file, helpers=()))
    assert asked.who(wanted("ghcr.io")) is None
    assert asked.warnings == []
    assert asked.who(wanted("docker.io")) is None
    assert "docker-credential-desktop" in asked.warnings[0]


def test_a_helper_of_the_settings_runs_everywhere_for_its_registry_alone(tmp_path: Path) -> None:
    honest(tmp_path / "bin", "own", {"r.example": ("bot", "right"), "s.example": ("bot", "no")})
    chosen = {"r.example": Chosen("helper", {"name": "own"})}
    asked = Asked(credential_helpers.SOURCE, _ambient(tmp_path, helpers=(), unattended=True), chosen)
    found = asked.who(wanted("r.example"))
    assert isinstance(found, Login)
    assert found.source == "the settings (helper own)"
    assert asked.secret("s.example") is None


def test_a_login_of_a_helper_goes_to_its_registry_and_shows_nowhere(tmp_path: Path) -> None:
    with (
        FakeRegistry(auth="bearer", users={"bot": canary("hub")}) as registry,
        FakeRegistry(auth="basic", users={"bot": "other"}) as other,
    ):
        registry.push_image(PATH, [TAG])
        honest(tmp_path / "bin", "x", {registry.host: ("bot", canary("hub")), HUB_SERVER: ("bot", canary("real-hub"))})
        file = config(tmp_path, {other.host: entry("wrong", "bot")}, credsStore="x")
        options = {HUB: RegistryOptions(endpoint=registry.url), "other.example": RegistryOptions(endpoint=other.url)}
        with RegistryResolver(options, ambient=_ambient(tmp_path, file), world=patient()) as asked:
            assert isinstance(answer_of(asked, head()), Served)
            who = asked.who(HUB, PATH)
            assert shows_canary([repr(who), *asked.warnings]) == []
        assert leaks(canary("hub"), [other]) == []
        assert leaks(canary("real-hub"), [registry, other]) == []


def test_a_helper_that_fails_leaves_the_word_to_the_next_source(tmp_path: Path) -> None:
    with FakeRegistry(auth="bearer", users={"user": canary("hub")}) as registry:
        registry.push_image(PATH, [TAG])
        shell(tmp_path / "bin", "x", "exit 1")
        file = config(tmp_path, {registry.host: entry(canary("hub"))}, credHelpers={registry.host: "x"})
        options = {HUB: RegistryOptions(endpoint=registry.url)}
        with RegistryResolver(options, ambient=_ambient(tmp_path, file), world=patient()) as asked:
            assert isinstance(answer_of(asked, head()), Served)
            assert len(asked.warnings) == 1
            assert "docker-credential-x" in asked.warnings[0]


def test_a_stale_login_of_a_helper_on_a_public_image_costs_one_try_and_a_warning(tmp_path: Path) -> None:
    with FakeRegistry(auth="bearer", anonymous=True, users={"bot": "new"}) as registry:
        for n in range(20):
            registry.push_image(PATH, [f"1.{n}"])
        registry.may_see.add(canary("old"))
        honest(tmp_path / "bin", "x", {registry.host: ("bot", canary("old"))})
        options = {HUB: RegistryOptions(endpoint=registry.url)}
        file = config(tmp_path, credsStore="x")
        with RegistryResolver(options, ambient=_ambient(tmp_path, file), world=patient()) as asked:
            assert all(isinstance(answer, Served) for answer in asked.answer(heads(20)).values())
            (warning,) = asked.warnings
            assert "the login of 'bot' from Docker's configuration (credsStore x)" in warning
        assert len(leaks(canary("old"), [registry])) == 1


def test_a_slow_helper_does_not_hold_up_other_registries(tmp_path: Path) -> None:
    with FakeRegistry() as slow, FakeRegistry() as quick:
        for registry in (slow, quick):
            registry.push_image(PATH, [TAG])
        shell(tmp_path / "bin", "x", "sleep 60")
        file = config(tmp_path, credHelpers={slow.host: "x"})
        options = {"s.example": RegistryOptions(endpoint=slow.url), HUB: RegistryOptions(endpoint=quick.url)}
        ambient = _ambient(tmp_path, file, helper_seconds=1.0)
        with RegistryResolver(options, ambient=ambient, world=patient()) as asked:
            seen: list[float] = []
            began = time.monotonic()
            asked._progress = lambda *_: seen.append(time.monotonic() - began)
            answers = asked.answer([head(), type(head())("s.example", PATH, TAG)])
        assert not any(isinstance(answer, Failed) for answer in answers.values())
        assert seen[0] < 0.8 < seen[1]
