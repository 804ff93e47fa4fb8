"""Settings: what they mean, and that every mistake is named with its line and column."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from pinbot.config._reaching import ClientCertificateSettings, ProxySettings
from pinbot.config.credentials import CredentialSettings
from pinbot.config.load import load, parse
from pinbot.config.secrets import SecretSource
from pinbot.config.settings import LedgerSettings, PatternSettings, RegistrySettings, Settings
from pinbot.errors import SettingsError
from pinbot.oci.mirrors import Mirror
from pinbot.planning.globs import chooser
from pinbot.planning.matching import Match
from pinbot.planning.values import FIELDS, key_of
from pinbot.proposals.style import Style

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"


def test_reads_every_key() -> None:
    text = b"""
registries:
  docker.io:
    endpoint: http://127.0.0.1:5000
  registry.example:5000:
    allow-http: true
    ca-file: /etc/ca.pem
    username: bot
    password: {env: TOKEN}
    token-hosts: [auth.example]
    push-dates: https://dates.example
    concurrency: 2
    requests-per-minute: 120
    reserve: 25
    client-certificate: {cert: /etc/me.pem, key: /etc/me.key}
    proxy: false
    mirror: {at: mirror.example/copies, mode: resolve, rewrite: true, stale-after: 12h}
  token.example: {token: {env: TOKEN}}
  identity.example: {identity-token: {file: /run/token}}
  aws.example: {credentials: {aws: {role: "arn:aws:iam::123456789012:role/pull", external-id: x}}}
  google.example: {credentials: google}
  file.example: {credentials: {google: {file: /run/key.json}}}
  helper.example: {credentials: {helper: ecr-login}}
  closed.example: {credentials: false}
credential-helpers: [gcr, ecr-login]
containers-auth: false
proxy: {url: 'http://proxy.example:3128', username: bot, password: {env: TOKEN}}
ledger: {url: postgresql://bot@db.example/pinbot, password: {env: TOKEN}}
include: [deploy/]
exclude: "*.md"
jobs: 4
docker-config: false
timeout-seconds: 10
patterns: [{name: own, paths: a, pattern: "(?P<image>x)"}]
"""
    settings = parse("x", text)
    assert settings.registries == {
        "docker.io": RegistrySettings(endpoint="http://127.0.0.1:5000"),
        "registry.example:5000": RegistrySettings(
            allow_http=True,
            ca_file="/etc/ca.pem",
            username="bot",
            password=SecretSource(env="TOKEN"),
            token_hosts=("auth.example",),
            push_dates="https://dates.example",
            client_certificate=ClientCertificateSettings("/etc/me.pem", "/etc/me.key"),
            proxy=ProxySettings(),
            mirror=Mirror("", "mirror.example", "copies", "resolve", rewrite=True, stale_after=timedelta(hours=12)),
            concurrency=2,
            requests_per_minute=120,
            reserve=25.0,
        ),
        "token.example": RegistrySettings(token=SecretSource(env="TOKEN")),
        "identity.example": RegistrySettings(identity_token=SecretSource(file="/run/token")),
        "aws.example": _asking("aws", role="arn:aws:iam::123456789012:role/pull", **{"external-id": "x"}),
        "google.example": _asking("google"),
        "file.example": _asking("google", file="/run/key.json"),
        "helper.example": _asking("helper", name="ecr-login"),
        "closed.example": _asking("none"),
    }
    assert (settings.credential_helpers, settings.containers_auth) == (("gcr", "ecr-login"), False)
    assert [(m.upstream, str(m)) for m in settings.rulebook.mirrors.all] == [
        ("registry.example:5000", "mirror.example/copies")
    ]
    assert settings.proxy == ProxySettings("http://proxy.example:3128", "bot", SecretSource(env="TOKEN"))
    assert (settings.include, settings.exclude, settings.jobs) == (("deploy/",), ("*.md",), 4)
    assert (settings.docker_config, settings.timeout_seconds) == (False, 10.0)
    assert settings.ledger == LedgerSettings("postgresql://bot@db.example/pinbot", SecretSource(env="TOKEN"))
    assert settings.patterns == (PatternSettings("own", ("a",), "(?P<image>x)"),)


def _asking(kind: str, **options: str) -> RegistrySettings:
    return RegistrySettings(credentials=CredentialSettings(kind, options))


HELPERS: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "nothing is said": ("jobs: 1", None),
    "none, by a flag": ("credential-helpers: false", ()),
    "none, by an empty list": ("credential-helpers: []", ()),
    "one": ("credential-helpers: gcr", ("gcr",)),
}


@pytest.mark.parametrize(("text", "helpers"), HELPERS.values(), ids=HELPERS)
def test_which_helpers_may_run(text: str, helpers: tuple[str, ...] | None) -> None:
    assert parse("x", text.encode()).credential_helpers == helpers


@pytest.mark.parametrize("text", [b"", b"# nothing\n", b"---\n"], ids=["empty", "a comment", "a marker"])
def test_empty_settings_are_the_defaults(text: bytes) -> None:
    settings = parse("x", text)
    assert (settings.registries, settings.jobs) == (Settings().registries, Settings().jobs)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("regstries: {}", "x:1:1: unknown key 'regstries' in the settings; known are", id="misspelt key"),
        pytest.param("jobs: many", "x:1:1: jobs must be a whole number", id="a word for a number"),
        pytest.param("jobs: true", "x:1:1: jobs must be a whole number", id="a flag for a number"),
        pytest.param("jobs: 0", "x:1:1: jobs must be a whole number from 1 to 64", id="out of bounds"),
        pytest.param("a:\n  - b\n c", "x:3:2: not valid YAML", id="broken YAML"),
        pytest.param("- a", "x: the settings must be a mapping", id="a list"),
        pytest.param("registries:\n  a.example: x", "x:2:3: a.example of registries must be a mapping", id="a scalar"),
        pytest.param("registries: {5000: {}}", "x:1:14: the key 5000 must be in quotes", id="a number for a name"),
        pytest.param(
            "registries:\n  a.example:\n    endpoint: a.example",
            "x:3:5: endpoint must be a URL",
            id="an endpoint without a scheme",
        ),
        pytest.param(
            "registries:\n  a.example:\n    username: bot",
            "x:3:5: username and password go together",
            id="a name without a password",
        ),
        pytest.param(
            "registries:\n  a.example:\n    username: bot\n    password: hunter2",
            "x:4:5: password of a.example of registries must be a mapping",
            id="a password in the clear",
        ),
        pytest.param(
            "registries:\n  a.example:\n    username: bot\n    password: {env: A, file: B}",
            "x:4:16: a secret is given as {env: NAME} or {file: PATH}",
            id="two sources of a password",
        ),
        pytest.param(
            "registries:\n  a.example:\n    push-dates: offline",
            "x:3:5: push-dates must be a URL",
            id="push dates without a scheme",
        ),
        pytest.param(
            "registries:\n  a.example:\n    client-certificate: {cert: a.pem}",
            "x:3:5: a client certificate needs `cert`, a file in PEM, and `key`",
            id="a client certificate without its key",
        ),
        pytest.param("proxy: proxy.example", "x:1:1: proxy must be the URL of a proxy", id="a proxy without a scheme"),
        pytest.param("proxy: 'socks5://p.example'", "x:1:1: proxy must be the URL of a proxy", id="a SOCKS proxy"),
        pytest.param(
            "proxy: 'http://me:hunter2@p'", "x:1:1: the login of the proxy", id="a proxy's password in its URL"
        ),
        pytest.param(
            "proxy: {url: 'http://p', username: me}",
            "x:1:26: username and password go together",
            id="a proxy's name without a password",
        ),
        pytest.param(
            "registries: {docker.io: {mirror: {at: hub}}}",
            "x:1:35: at must be a registry with the path",
            id="a mirror that is no registry",
        ),
        pytest.param(
            "registries: {docker.io: {mirror: {mode: verify}}}",
            "x:1:26: at must be a registry with the path",
            id="a mirror that is nowhere",
        ),
        pytest.param(
            "registries: {docker.io: {mirror: {at: r.corp, mode: trust}}}",
            "x:1:47: mode must be one of verify, resolve, not 'trust'",
            id="a mirror in a mode that there is not",
        ),
        pytest.param(
            "registries: {r.corp: {mirror: {at: r.corp}}}",
            "the mirror of r.corp is r.corp itself",
            id="a mirror of itself",
        ),
        pytest.param(
            "registries: {docker.io: {mirror: {at: r.corp/a}}, ghcr.io: {mirror: {at: R.corp/a}}}",
            "x:1:51: r.corp/a is the mirror of docker.io and of ghcr.io",
            id="one place for the copies of two registries",
        ),
        pytest.param(
            "registries:\n  a.example:\n    concurrency: 9",
            "x:3:5: concurrency must be a whole number from 1 to 8",
            id="more at a time than any registry is sent",
        ),
        pytest.param(
            "registries:\n  a.example:\n    requests-per-minute: 0",
            "x:3:5: requests-per-minute must be a whole number from 1 to 60000",
            id="a pace that never comes to anything",
        ),
        pytest.param(
            "registries:\n  a.example:\n    reserve: all",
            "x:3:5: reserve must be a number from 0 to 100",
            id="a word for a reserve",
        ),
        pytest.param("ledger: 1", "x:1:1: ledger must be a string", id="a number for a ledger"),
        pytest.param("ledger: {url: here.db}", "x:1:10: url must be that of a database", id="a path for a URL"),
        pytest.param(
            "ledger: {url: 'postgresql://h/d', password: hunter2}",
            "password of ledger must be a mapping",
            id="a ledger's password in the clear",
        ),
        pytest.param(
            "registries:\n  a.example:\n    token: {env: A}\n    credentials: aws",
            "x:4:5: token and credentials are two ways in",
            id="two ways in",
        ),
        pytest.param(
            "registries:\n  a.example:\n    token: hunter2",
            "x:3:5: token of a.example of registries must be a mapping",
            id="a token in the clear",
        ),
        pytest.param(
            "registries:\n  a.example:\n    credentials: gcloud",
            "x:3:5: credentials must be one of aws, azure, github, google, none",
            id="credentials of a kind that is none",
        ),
        pytest.param(
            "registries:\n  a.example:\n    credentials: {aws: {}, google: {}}",
            "credentials are of one kind",
            id="credentials of two kinds",
        ),
        pytest.param(
            "registries:\n  a.example:\n    credentials: {aws: {rôle: x}}",
            "unknown key 'rôle' in aws of credentials",
            id="a key that AWS does not take",
        ),
        pytest.param(
            "registries:\n  a.example:\n    credentials: {helper: ../../x}",
            "x:3:19: '../../x' is no helper",
            id="a helper with a path",
        ),
        pytest.param("credential-helpers: [a, 'B c']", "x:1:1: 'B c' is no helper", id="a helper with a space"),
        pytest.param("exclude: [1]", "x:1:1: exclude must be a list of strings", id="a number for a glob"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse("x", text.encode())
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_settings_that_are_not_utf_8_are_refused() -> None:
    with pytest.raises(SettingsError, match="not UTF-8"):
        parse("x", b"\xff")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.yaml: the settings cannot be read"):
        load(str(tmp_path / "nowhere.yaml"))


def test_the_example_is_valid_and_shows_every_key() -> None:
    text = EXAMPLE.read_text()
    parse("config.example.yaml", text.encode())
    uncommented = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and ":" in line else line for line in text.splitlines()
    )
    for key in ("registries", "endpoint", "allow-http", "ca-file", "username", "password", "token-hosts", "include",
                "exclude", "patterns", "jobs", "docker-config", "timeout-seconds", "push-dates", "ledger", "rules",
                "defaults", "own", "trusted-registries", "deny-digests", "ignores", "token", "identity-token",
                "mirror", "client-certificate", "proxy",
                "credentials", "credential-helpers", "containers-auth", *map(key_of, FIELDS),
                *Match.__slots__):  # fmt: skip
        assert f"{key}:" in uncommented, key


def test_what_the_example_shows_of_rules_can_be_used_as_it_stands() -> None:
    text = EXAMPLE.read_text()
    shown = text[text.index("# rules:") :]
    lines = [line.removeprefix("#").removeprefix(" ") for line in shown.splitlines() if not _is_prose(line)]
    book = parse("config.example.yaml", "\n".join(lines).encode()).rulebook
    assert (len(book.rules), len(book.denied), book.own) == (3, 1, ("ghcr.io/acme",))


def test_what_the_example_shows_of_sweeps_can_be_used_as_it_stands_and_is_all_there_is() -> None:
    text = EXAMPLE.read_text()
    shown = text[text.index("# forges:") :]
    lines = [line.removeprefix("#").removeprefix(" ") for line in shown.splitlines() if not _is_prose(line)]
    sweep = parse("config.example.yaml", "\n".join(lines).encode()).sweep
    assert sweep is not None
    assert [forge.kind for forge in sweep.forges] == ["github", "gitlab", "gitea", "git", "local"]
    # What is shown as a default is the default.
    assert (sweep.style.limits, sweep.style.refresh_every) == (Style().limits, Style().refresh_every)
    assert (sweep.style.title, sweep.style.message) == (Style().title, Style().message)
    for key in (*_keys_asked_for("forges"), *_keys_asked_for("pull_requests"), "cache"):
        assert f"{key}: " in shown, key


def _keys_asked_for(module: str) -> set[str]:
    """Return the keys that a module of the settings reads, by its text: `section.text("zone")`."""
    code = (EXAMPLE.parent / f"pinbot/config/{module}.py").read_text()
    return set(re.findall(r'section(?:\.[a-z_]+\(|, )"([a-z-]+)"', code))


def _is_prose(line: str) -> bool:
    return line.endswith(".")


def test_the_fingerprint_follows_the_text() -> None:
    assert parse("x", b"jobs: 1").fingerprint != parse("x", b"jobs: 2").fingerprint
    assert parse("x", b"jobs: 1").fingerprint.startswith("sha256:")


@pytest.mark.parametrize(
    ("include", "exclude", "path", "counts"),
    [
        pytest.param((), (), "a/Dockerfile", True, id="without patterns everything counts"),
        pytest.param(("Dockerfile",), (), "a/Dockerfile", True, id="a bare name matches at any depth"),
        pytest.param(("/Dockerfile",), (), "a/Dockerfile", False, id="a leading slash means the top"),
        pytest.param(("deploy/",), (), "deploy/a/b.yaml", True, id="a folder takes all below it"),
        pytest.param(("deploy/**/*.yaml",), (), "deploy/b.yaml", True, id="two stars match no folder too"),
        pytest.param((), ("*.yaml",), "a/b.yaml", False, id="excluded by ending"),
        pytest.param(("*.yaml",), ("b.yaml",), "a/b.yaml", False, id="exclude wins over include"),
    ],
)
def test_globs(include: tuple[str, ...], exclude: tuple[str, ...], path: str, counts: bool) -> None:
    assert chooser(include, exclude)(path) is counts


LEDGERS = {
    "a path beside the settings": ("state/ledger.db", "conf/state/ledger.db"),
    "a path of its own": ("/var/ledger.db", "/var/ledger.db"),
    "a URL": ("sqlite:////var/ledger.db", "sqlite:////var/ledger.db"),
    "none, as a flag": ("false", "off"),
    "none, as a word": ("'off'", "off"),
}


@pytest.mark.parametrize(("written", "location"), LEDGERS.values(), ids=LEDGERS)
def test_the_ledger_is_a_path_a_url_or_off(written: str, location: str) -> None:
    assert parse("conf/x", f"ledger: {written}".encode()).ledger == LedgerSettings(location)


@pytest.mark.filterwarnings("error")
def test_a_bracket_within_brackets_is_a_bracket_and_nothing_to_warn_of() -> None:
    counts = chooser(("[[a]x",), ())
    assert [path for path in ("[x", "ax", "bx") if counts(path)] == ["[x", "ax"]
