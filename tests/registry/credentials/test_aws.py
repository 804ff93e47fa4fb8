"""Amazon ECR: real botocore against stand-ins for ECR and STS on this machine."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from pinbot.errors import UsageError
from pinbot.oci.resolution import Head, Served
from pinbot.registry.credentials import aws
from pinbot.registry.credentials._base import Chosen, Login
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from tests.fakes import faults
from tests.fakes.canary import canary, leaks, shows_canary
from tests.fakes.registry import FakeRegistry
from tests.fakes.server import Fault, Reply, Seen, Server
from tests.net.world import Time, patient
from tests.registry.ask import PATH, TAG, answer_of
from tests.registry.credentials.asking import Asked, secret_of, wanted

pytest.importorskip("botocore", reason="NOT TESTED: the extra `ecr` is not installed")

PRIVATE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
PUBLIC = "public.ecr.aws"
ROLE = "arn:aws:iam::123456789012:role/pull"


class FakeAws(Server):
    """ECR, ECR Public and STS in one: gives logins that name the account's keys that asked, and when they end."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.password = canary("ecr")
        self.expires_at: object = 1_900_000_000

    def asked(self) -> list[tuple[str, str, str]]:
        """Return who was asked what: the action, the region and the key that signed."""
        return [(_action(seen), *_signed(seen)) for seen in self.log]

    def _answer(self, seen: Seen) -> Reply:
        if _action(seen) == "AssumeRole":
            return Reply(200, (("Content-Type", "text/xml"),), _ASSUMED.encode())
        token = base64.b64encode(f"AWS:{self.password}".encode()).decode()
        data = {"authorizationToken": token, "expiresAt": self.expires_at, "proxyEndpoint": "https://x"}
        is_public = "Spencer" in seen.headers["x-amz-target"]
        body = {"authorizationData": data if is_public else [data]}
        return Reply(200, (("Content-Type", "application/x-amz-json-1.1"),), json.dumps(body).encode())


_ASSUMED = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-session</SessionToken>
<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""


def _action(seen: Seen) -> str:
    target = seen.headers.get("x-amz-target", "")
    return target or parse_qs(seen.body.decode())["Action"][0]


def _signed(seen: Seen) -> tuple[str, str]:
    """Return the region and the key of a signature (AWS4-HMAC-SHA256 Credential=KEY/DAY/REGION/…)."""
    key, _, region, *_ = seen.headers["authorization"].partition("Credential=")[2].split("/")
    return region, key


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAws]:
    """Let botocore find keys in the environment, and AWS on this machine."""
    (tmp_path / "config").write_text("[profile work]\naws_access_key_id=AKIAWORK\naws_secret_access_key=x\n")
    with FakeAws() as server:
        for name, value in {
            "AWS_ENDPOINT_URL": server.url,
            "AWS_ACCESS_KEY_ID": "AKIAENV",
            "AWS_SECRET_ACCESS_KEY": canary("aws"),
            "AWS_CONFIG_FILE": str(tmp_path / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            monkeypatch.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
            monkeypatch.delenv(name, raising=False)
        yield server


def _asked(registry: str = PRIVATE, time: Time | None = None, **options: str) -> Asked:
    keys = {name.replace("_", "-"): value for name, value in options.items()}
    clock = (time or Time()).clock
    return Asked(aws.SOURCE, chosen={registry: Chosen("aws", keys)}, clock=clock)


def test_the_login_of_a_private_registry_is_had_in_its_region_once(cloud: FakeAws) -> None:
    asked = _asked()
    found = asked.who(*(wanted(PRIVATE, f"a/{n}") for n in range(20)))
    assert isinstance(found, Login)
    assert (found.username, secret_of(found), found.source) == ("AWS", canary("ecr"), "AWS")
    assert cloud.asked() == [("AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken", "eu-west-1", "AKIAENV")]
    assert asked.warnings == []
    assert leaks(canary("aws"), [cloud]) == []


def test_the_login_of_the_public_registry_is_had_in_the_one_region_that_gives_it(cloud: FakeAws) -> None:
    assert _asked(PUBLIC).secret(PUBLIC) == canary("ecr")
    assert cloud.asked() == [("SpencerFrontendService.GetAuthorizationToken", "us-east-1", "AKIAENV")]


def test_a_role_is_assumed_where_the_settings_name_one(cloud: FakeAws) -> None:
    asked = _asked(role=ROLE, external_id="shared")
    found = asked.who(wanted(PRIVATE))
    assert isinstance(found, Login)
    assert found.source == f"AWS ({ROLE})"
    assert [(action.rpartition(".")[2], key) for action, _, key in cloud.asked()] == [
        ("AssumeRole", "AKIAENV"),
        ("GetAuthorizationToken", "ASIAROLE"),
    ]
    form = parse_qs(cloud.log[0].body.decode())
    assert (form["RoleArn"], form["ExternalId"], form["RoleSessionName"]) == ([ROLE], ["shared"], ["pinbot"])


def test_a_profile_and_a_region_of_the_settings_count(cloud: FakeAws) -> None:
    assert _asked(profile="work", region="us-west-2").secret(PRIVATE) == canary("ecr")
    assert [(region, key) for _, region, key in cloud.asked()] == [("us-west-2", "AKIAWORK")]


def test_a_login_is_had_anew_before_it_ends(cloud: FakeAws) -> None:
    time = Time()
    asked = _asked(time=time)

    async def twice() -> list[str | None]:
        first = await asked._lookup(wanted(PRIVATE))
        cloud.password = "second"
        time.seconds += 12 * 3600 - 120
        kept = await asked._lookup(wanted(PRIVATE))
        time.seconds += 120
        return [secret_of(first), secret_of(kept), secret_of(await asked._lookup(wanted(PRIVATE)))]

    assert asyncio.run(twice()) == [canary("ecr"), canary("ecr"), "second"]
    assert len(cloud.log) == 2


def test_a_clock_that_is_wrong_does_not_make_a_request_of_every_lookup(cloud: FakeAws) -> None:
    cloud.expires_at = 1_000_000_000
    assert secret_of(_asked().who(*(wanted(PRIVATE, f"a/{n}") for n in range(20)))) == canary("ecr")
    assert len(cloud.log) == 1


HOSTS = (
    PRIVATE, "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
    "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
    "123456789012.dkr-ecr.eu-west-1.on.aws", "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", PUBLIC,
)  # fmt: skip
STRANGERS = (
    "docker.io", "12345678901.dkr.ecr.eu-west-1.amazonaws.com", f"{PRIVATE}.evil.example", f"x{PRIVATE}",
    f"evil.example/{PRIVATE}", "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil",
    "123456789012.dkr.ecr..amazonaws.com",
    "123456789012.dkr.ecr.evil.example.amazonaws.com", "123456789012.dkr.ecr.eu-west-1.amazonawsxcom", "ecr.aws",
    "xpublic.ecr.aws", f"{PRIVATE}:443",
)  # fmt: skip


@pytest.mark.parametrize("registry", HOSTS)
def test_a_registry_of_amazon(registry: str, cloud: FakeAws) -> None:
    assert _asked(registry).secret(registry) == canary("ecr")


@pytest.mark.parametrize("registry", STRANGERS)
def test_no_registry_of_amazon(registry: str) -> None:
    with pytest.raises(UsageError, match="alone"):
        _asked(registry)


def test_amazon_is_not_asked_for_what_the_settings_do_not_name(cloud: FakeAws) -> None:
    asked = _asked()
    for registry in ("999999999999.dkr.ecr.eu-west-1.amazonaws.com", PUBLIC, "docker.io", f"{PRIVATE}.evil.example"):
        assert asked.who(wanted(registry)) is None
    assert cloud.log == []


FAILURES = {
    "refuses": faults.status(400, b'{"__type":"AccessDeniedException","message":"no\\nno"}'),
    "is in trouble": faults.status(500),
    "gives no login": faults.status(200, b"{}"),
    "gives an empty list": faults.status(200, b'{"authorizationData": []}'),
    "gives what is no base64": faults.status(200, b'{"authorizationData": [{"authorizationToken": "!"}]}'),
    "gives a login with a line break": faults.status(
        200, b'{"authorizationData": [{"authorizationToken": "%s"}]}' % base64.b64encode(b"AWS:a\nb")
    ),
    "gives a page": faults.html(),
}


@pytest.mark.parametrize("fault", FAILURES.values(), ids=FAILURES)
def test_amazon_that(fault: Fault, cloud: FakeAws) -> None:
    cloud.faults.append(fault)
    asked = _asked()
    assert asked.who(wanted(PRIVATE, "a"), wanted(PRIVATE, "b")) is None
    (warning,) = asked.warnings
    assert warning.startswith(f"{PRIVATE}: AWS ")
    assert "\n" not in warning
    assert shows_canary([warning]) == []


def test_an_environment_without_keys_is_named(cloud: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    asked = _asked()
    assert asked.who(wanted(PRIVATE)) is None
    assert "Unable to locate credentials" in asked.warnings[0]


def test_the_login_lets_us_in_and_goes_to_its_registry_alone(cloud: FakeAws) -> None:
    with FakeRegistry(auth="basic", users={"AWS": canary("ecr")}) as registry, FakeRegistry(auth="basic") as other:
        registry.push_image(PATH, [TAG])
        options = {
            PRIVATE: RegistryOptions(endpoint=registry.url, chosen=Chosen("aws")),
            "999999999999.dkr.ecr.eu-west-1.amazonaws.com": RegistryOptions(endpoint=other.url),
        }
        with RegistryResolver(options, world=patient()) as asked:
            assert isinstance(answer_of(asked, Head(PRIVATE, PATH, TAG)), Served)
            for name in list(options)[1:]:
                answer_of(asked, Head(name, PATH, TAG))
        assert leaks(canary("ecr"), [other]) == []
        assert leaks(canary("aws"), [registry, other]) == []


def test_an_ended_login_on_an_open_registry_costs_one_try_as_a_stranger(cloud: FakeAws) -> None:
    with FakeRegistry(auth="bearer", anonymous=True) as registry:
        registry.push_image(PATH, [TAG])
        registry.may_see.add(canary("ecr"))
        options = {PUBLIC: RegistryOptions(endpoint=registry.url, chosen=Chosen("aws"))}
        with RegistryResolver(options, world=patient()) as asked:
            assert isinstance(answer_of(asked, Head(PUBLIC, PATH, TAG)), Served)
            assert "the login of 'AWS' from AWS" in asked.warnings[0]
