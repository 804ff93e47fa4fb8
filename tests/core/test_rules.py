"""Rules: whom they speak of, what they set, and who wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.planning.matching import repository_name
from pinbot.planning.policy import Asked, ChangeKind, CodeRepository, IgnorePolicy, Policy, Values, Verify
from pinbot.source.directive import LevelRemark
from tests.core.examples import OLD, aside, found
from tests.core.policies import origin, policy

SHOP = CodeRepository("Acme/shop", ("backend", "critical"))
HUB = "docker.io/library/nginx:1.27"


@pytest.mark.parametrize(
    ("match", "text", "holds"),
    [
        pytest.param("{}", "nginx:1.27", True, id="without conditions it speaks of all"),
        pytest.param("{image: nginx}", "nginx:1.27", True, id="a short name"),
        pytest.param("{image: nginx}", HUB, True, id="a short name means the full one"),
        pytest.param("{image: library/nginx}", "nginx", True, id="the name with its namespace"),
        pytest.param("{image: docker.io/library/nginx}", "nginx", True, id="the full name"),
        pytest.param("{image: nginx}", "ghcr.io/acme/nginx", False, id="a short name is not the end of another"),
        pytest.param("{image: nginx}", "nginx-unprivileged", False, id="nor the begin of another"),
        pytest.param("{image: 'ghcr.io/acme/*'}", "ghcr.io/acme/api:1", True, id="a star"),
        pytest.param("{image: 'ghcr.io/*'}", "ghcr.io/acme/api:1", False, id="a star does not cross a slash"),
        pytest.param("{image: 'ghcr.io/**'}", "ghcr.io/acme/api:1", True, id="two stars do"),
        pytest.param("{image: '**/api'}", "ghcr.io/acme/api:1", True, id="two stars in front"),
        pytest.param("{image: '**/nginx'}", "nginx", True, id="two stars may stand for nothing"),
        pytest.param("{image: 'ngin?'}", "nginx", True, id="a question mark"),
        pytest.param("{image: 'n.inx'}", "nginx", False, id="a dot is a dot"),
        pytest.param("{image: [redis, nginx]}", "nginx", True, id="of a list, any"),
        pytest.param(
            "{image: ghcr.io/x}", "docker.io/ghcr.io/x", False, id="a path that looks like a registry is none"
        ),
        pytest.param("{registry: docker.io}", "nginx", True, id="the registry of a short name"),
        pytest.param("{registry: '*.corp'}", "registry.corp/a", True, id="a glob of registries"),
        pytest.param("{registry: 'R.corp'}", "r.corp/a", True, id="hosts have no case"),
        pytest.param("{registry: docker.io, image: redis}", "nginx", False, id="all conditions must hold"),
        pytest.param("{own: true}", "ghcr.io/acme/team/api", True, id="an own image"),
        pytest.param("{own: true}", "ghcr.io/acme-other/api", False, id="a prefix ends at a slash"),
        pytest.param("{own: false}", "nginx", True, id="a foreign image"),
        pytest.param("{own: false}", "ghcr.io/acme/api", False, id="an own image is not foreign"),
        pytest.param("{tag: '1.*'}", "nginx:1.27", True, id="a glob of tags"),
        pytest.param("{tag: latest}", "nginx", True, id="no tag is latest"),
        pytest.param("{tag: '*'}", f"nginx@{OLD}", False, id="a digest alone has no tag"),
        pytest.param("{format: table}", "nginx", True, id="the format"),
        pytest.param("{format: [dockerfile, compose]}", "nginx", False, id="other formats"),
        pytest.param("{path: deploy/}", "nginx", True, id="a folder"),
        pytest.param("{path: '*.yml'}", "nginx", True, id="an ending"),
        pytest.param("{path: ['*.yml', '!deploy/*.yml']}", "nginx", False, id="an exception, as in .gitignore"),
        pytest.param("{path: test/}", "nginx", False, id="another folder"),
        pytest.param("{stage: final}", "nginx", True, id="the final stage"),
        pytest.param("{stage: builder}", "nginx", False, id="another stage"),
        pytest.param("{repository: acme/*}", "nginx", True, id="the repository, whatever its case"),
        pytest.param("{repository: shop}", "nginx", False, id="a repository has an owner"),
        pytest.param("{topic: [critical, other]}", "nginx", True, id="a topic"),
        pytest.param("{topic: other}", "nginx", False, id="another topic"),
    ],
)
def test_a_rule_speaks_of(match: str, text: str, holds: bool) -> None:
    finding = replace(found(text, path="deploy/a.yml"), stage="final")
    rules = policy(f"own: ghcr.io/acme/\nrules: [{{match: {match}, set: {{level: major}}}}]", code=SHOP)
    assert (rules.of(finding).level == "major") is holds


@pytest.mark.parametrize("match", ["{image: '**'}", "{own: false}", "{registry: '*'}", "{tag: '*'}"])
def test_what_is_unknown_matches_nothing(match: str) -> None:
    rules = policy(f"rules: [{{match: {match}, set: {{level: major}}}}]")
    assert rules.of(aside("variable")).level == "digest"


def test_without_a_known_repository_no_rule_for_repositories_holds() -> None:
    rules = policy(
        "rules: [{match: {repository: '**'}, set: {level: major}}, {match: {stage: final}, set: {qualify: true}}]"
    )
    assert rules.of(found("nginx")) == Values()


@pytest.mark.parametrize(
    ("kind", "level"),
    [(None, "digest"), ("minor", "patch"), ("major", "patch"), ("pin", "digest")],
    ids=["unasked", "minor", "major", "another kind"],
)
def test_a_rule_for_kinds_counts_only_when_asked_for_them(kind: ChangeKind | None, level: str) -> None:
    rules = policy("rules: [{match: {kind: [minor, major]}, set: {level: patch}}]")
    assert rules.of(found("nginx"), kind).level == level


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        pytest.param("mode: ignore", "mode", "ignore", id="mode"),
        pytest.param("level: patch", "level", "patch", id="level"),
        pytest.param("cooldown: 3d", "cooldown", timedelta(days=3), id="days"),
        pytest.param("cooldown: 12h", "cooldown", timedelta(hours=12), id="hours"),
        pytest.param("cooldown: 0", "cooldown", timedelta(0), id="none at all"),
        pytest.param("settle: 2w", "settle", timedelta(weeks=2), id="weeks"),
        pytest.param("settle: 30m", "settle", timedelta(minutes=30), id="minutes"),
        pytest.param("tag: precise", "tag", "precise", id="tag"),
        pytest.param("suffix: follow", "suffix", "follow", id="suffix"),
        pytest.param(
            "platforms: [linux/amd64, linux/arm/v7]",
            "platforms",
            (Platform("linux", "amd64"), Platform("linux", "arm", "v7")),
            id="platforms",
        ),
        pytest.param("qualify: true", "qualify", True, id="qualify"),
        pytest.param("restore-tag: true", "restore_tag", True, id="restore-tag"),
        pytest.param("immutable: true", "immutable", True, id="immutable"),
        pytest.param("until: 2027-01-31", "until", date(2027, 1, 31), id="a day"),
        pytest.param("until: '2027-01-31'", "until", date(2027, 1, 31), id="a day in quotes"),
        pytest.param(r"allowed-tags: '^1\.'", "allowed_tags", (r"^1\.",), id="allowed tags"),
        pytest.param("allowed-tags: [^1, ^2]", "allowed_tags", ("(?:^1)|(?:^2)",), id="one of several allowed tags"),
        pytest.param("denied-tags: [a, b]", "denied_tags", ("a", "b"), id="denied tags"),
        pytest.param("group: databases", "group", "databases", id="group"),
        pytest.param("labels: [a, b]", "labels", ("a", "b"), id="labels"),
        pytest.param("verify: cosign.pub", "verify", (Verify("cosign.pub"),), id="a key"),
        pytest.param("verify: {key: cosign.pub}", "verify", (Verify("cosign.pub"),), id="a key by name"),
        pytest.param("verify: {identity: a, issuer: b}", "verify", (Verify(None, "a", "b"),), id="an identity"),
        pytest.param("auto-merge: true", "auto_merge", True, id="auto-merge"),
    ],
)
def test_a_rule_sets(text: str, field: str, value: object) -> None:
    expected = {**{f: getattr(Values(), f) for f in Values.__slots__}, field: value}
    for settings in (f"rules: [{{set: {{{text}}}}}]", f"defaults: {{{text}}}"):
        values = policy(settings).of(found("nginx"))
        assert {f: getattr(values, f) for f in Values.__slots__} == expected


TWO = """
rules:
  - name: databases
    match: {image: postgres}
    set: {level: patch}
  - match: {image: '**'}
    set: {level: minor, cooldown: 5d}
  - set: {cooldown: 9d, labels: [a]}
defaults: {level: major, labels: [b], group: all}
"""


def test_the_first_rule_wins_for_each_key() -> None:
    values = policy(TWO).of(found("postgres:16"))
    assert (values.level, values.cooldown, values.labels, values.group) == ("patch", timedelta(days=5), ("a",), "all")


def test_an_explanation_says_where_a_value_comes_from_and_who_lost() -> None:
    told = origin("level", policy(TWO), found("postgres:16"))
    assert (told.value, told.source) == ("patch", 'config.yaml:5 (rule "databases")')
    assert [(s.value, s.source) for s in told.overruled] == [
        ("minor", "config.yaml:7 (a rule)"),
        ("major", "config.yaml:9 (defaults)"),
    ]
    assert origin("mode", policy(TWO), found("postgres:16")).source == "default"


def test_an_explanation_tells_what_differs_for_a_kind_of_change() -> None:
    told = policy("rules: [{match: {kind: major}, set: {labels: [big]}}]").explain(found("nginx"))
    assert [(o.key, o.kind, o.value) for o in told if o.kind] == [("labels", "major", ("big",))]


REMARK = (LevelRemark("major"),)


@pytest.mark.parametrize(
    ("settings", "asked", "remarks", "level", "source"),
    [
        pytest.param("", Asked(), (), "digest", "default", id="nobody"),
        pytest.param("defaults: {level: patch}", Asked(), (), "patch", "config.yaml:1 (defaults)", id="defaults"),
        pytest.param("defaults: {level: patch}", Asked("minor"), (), "minor", "--level", id="--level beats defaults"),
        pytest.param(
            "rules: [{set: {level: patch}}]",
            Asked("minor"),
            (),
            "patch",
            "config.yaml:1 (a rule)",
            id="a rule beats --level",
        ),
        pytest.param(
            "rules: [{set: {level: patch}}]",
            Asked("minor"),
            REMARK,
            "major",
            "a remark on the line",
            id="a remark beats all",
        ),
    ],
)
def test_who_wins_for_the_level(
    settings: str, asked: Asked, remarks: tuple[LevelRemark, ...], level: str, source: str
) -> None:
    told = origin("level", policy(settings, asked=asked), replace(found("nginx"), directives=remarks))
    assert (told.value, told.source) == (level, source)


def test_the_command_lines_cooldown_beats_rules_and_the_repository() -> None:
    rules = policy("rules: [{set: {cooldown: 3d}}]", "defaults: {cooldown: 9d}", Asked(cooldown=timedelta(days=1)))
    assert rules.of(found("nginx")).cooldown == timedelta(days=1)


@pytest.mark.parametrize(
    ("glob", "urgent"),
    [("nginx", True), ("nginx:1.27", True), ("docker.io/library/*", True), ("redis", False), ("nginx:1.26", False)],
)
def test_now_takes_an_image_at_once(glob: str, urgent: bool) -> None:
    rules = policy("defaults: {cooldown: 3d}", asked=Asked(now=(glob,)))
    values = rules.of(found("nginx:1.27"))
    assert rules.is_urgent(Reference.parse("nginx:1.27")) is urgent
    assert (values.cooldown == values.settle == timedelta(0)) is urgent


@pytest.mark.parametrize(
    ("rules", "mode"),
    [
        pytest.param("", "watch", id="an own image is watched"),
        pytest.param("defaults: {mode: bump}", "watch", id="defaults do not change that"),
        pytest.param("rules: [{match: {own: true}, set: {mode: bump}}]", "bump", id="any rule does"),
    ],
)
def test_own_images(rules: str, mode: str) -> None:
    assert policy(f"own: [ghcr.io/acme]\n{rules}").of(found("ghcr.io/acme/api:1")).mode == mode
    assert policy(f"own: [ghcr.io/acme]\n{rules}").of(found("nginx")).mode == "bump"


@pytest.mark.parametrize(
    ("trusted", "text", "is_trusted"),
    [
        pytest.param("[]", "evil.example/a", True, id="without a list all are trusted"),
        pytest.param("docker.io", "nginx", True, id="a registry"),
        pytest.param("docker.io", "ghcr.io/acme/api", False, id="another registry"),
        pytest.param("ghcr.io/acme", "ghcr.io/acme/api", True, id="a prefix"),
        pytest.param("ghcr.io/acme", "ghcr.io/acme-evil/api", False, id="a prefix ends at a slash"),
        pytest.param("'*.azurecr.io'", "a.azurecr.io/x/y", True, id="a glob"),
        pytest.param("'*.azurecr.io'", "a.azurecr.io.evil.example/x", False, id="a glob ends with the name"),
        pytest.param("ghcr.io", "docker.io/ghcr.io/evil", False, id="a namespace that looks like a registry"),
        pytest.param("'ghcr.io/*'", "GHCR.io/acme/api", True, id="hosts have no case"),
    ],
)
def test_trusted_registries(trusted: str, text: str, is_trusted: bool) -> None:
    told = policy(f"trusted-registries: {trusted}").distrust(Reference.parse(text))
    assert (told is None) is is_trusted
    assert told is None or "is not among the trusted registries of config.yaml:1" in told


def test_a_denied_digest_is_said_to_be_so() -> None:
    rules = policy(f"deny-digests: [{{digest: '{OLD}', reason: it leaks}}]")
    assert rules.denial(Reference.parse(f"nginx:1@{OLD}")) == "config.yaml:1 denies this digest: it leaks"
    assert rules.denial(Reference.parse("nginx:1")) is None


@pytest.mark.parametrize(
    ("values", "tag", "says"),
    [
        pytest.param(Values(), "1.27", None, id="no patterns"),
        pytest.param(Values(allowed_tags=("^1",)), "1.27", None, id="allowed"),
        pytest.param(Values(allowed_tags=("^1",)), "2.0", "does not allow 2.0", id="not allowed"),
        pytest.param(Values(allowed_tags=("^1", "7$")), "1.28", "does not allow", id="all must allow"),
        pytest.param(Values(denied_tags=("rc", "beta")), "1.0-beta", "denies 1.0-beta: beta", id="denied"),
    ],
)
def test_tags_that_may_not_be_taken(values: Values, tag: str, says: str | None) -> None:
    told = Policy().tag_refusal(values, tag)
    assert told is None if says is None else says in (told or "")


def test_the_stricter_policy_for_ignores_holds() -> None:
    rules = policy("ignores: {reason: required}", "ignores: {until: required, reason: optional}")
    assert rules.ignores == IgnorePolicy(reason_required=True, until_required=True)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/acme/shop.git", "acme/shop"),
        ("https://user:secret@github.com/acme/shop/", "acme/shop"),
        ("git@github.com:acme/shop.git", "acme/shop"),
        ("ssh://git@host:2222/group/sub/name", "group/sub/name"),
        ("/srv/git/shop.git", None),
        ("../shop", None),
        ("", None),
        ("https://host/only", None),
    ],
)
def test_the_name_of_a_repository(url: str, name: str | None) -> None:
    assert repository_name(url) == name


def test_a_name_that_is_not_utf_8_matches_as_well_as_it_can() -> None:
    rules = policy("rules: [{match: {path: 'deploy/'}, set: {level: major}}]")
    assert rules.of(found("nginx", path="deploy/\udcff.yml")).level == "major"
    values: Any = rules.of(found("nginx", path="\udcff.yml"))
    assert values.level == "digest"
