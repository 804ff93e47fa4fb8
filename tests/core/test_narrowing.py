"""The settings of a repository narrow those of its organisation, key by key, and never widen them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.planning.matching import CodeRepository, Match
from pinbot.planning.narrowing import TABLE
from pinbot.planning.policy import Asked, Policy, Values, Verify, assembled
from pinbot.planning.rules import Rule, Rulebook, Setting
from pinbot.planning.values import FIELDS, MODES, key_of
from pinbot.source.directive import LEVELS
from tests.core.examples import OLD, found
from tests.core.policies import origin, policy

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.mark.parametrize(
    ("organisation", "repository", "field", "value"),
    [
        pytest.param("mode: bump", "mode: watch", "mode", "watch", id="a lower mode"),
        pytest.param("mode: pin", "mode: bump", "mode", "pin", id="no higher mode"),
        pytest.param("level: minor", "level: patch", "level", "patch", id="a lower level"),
        pytest.param("level: patch", "level: major", "level", "patch", id="no higher level"),
        pytest.param("", "level: minor", "level", "minor", id="a level of its own choice"),
        pytest.param("cooldown: 3d", "cooldown: 5d", "cooldown", timedelta(days=5), id="a longer cooldown"),
        pytest.param("cooldown: 3d", "cooldown: 0", "cooldown", timedelta(days=3), id="no shorter cooldown"),
        pytest.param("", "settle: 1h", "settle", timedelta(days=1), id="no settling below the default"),
        pytest.param("", "settle: 2d", "settle", timedelta(days=2), id="a longer settling"),
        pytest.param("tag: precise", "tag: keep", "tag", "keep", id="keep beats precise"),
        pytest.param("tag: keep", "tag: precise", "tag", "keep", id="precise does not beat keep"),
        pytest.param("", "tag: precise", "tag", "precise", id="precise where nobody forbids it"),
        pytest.param("suffix: follow", "suffix: keep", "suffix", "keep", id="keep beats follow"),
        pytest.param("suffix: keep", "suffix: follow", "suffix", "keep", id="follow does not beat keep"),
        pytest.param(
            "platforms: [linux/amd64, linux/arm64]",
            "platforms: [linux/arm64/v8]",
            "platforms",
            (Platform("linux", "arm64"),),
            id="platforms that both name",
        ),
        pytest.param(
            "platforms: [linux/amd64]",
            "platforms: [linux/s390x]",
            "platforms",
            (Platform("linux", "amd64"),),
            id="no platform in common",
        ),
        pytest.param(
            "",
            "platforms: [linux/amd64]",
            "platforms",
            (Platform("linux", "amd64"),),
            id="platforms where none were named",
        ),
        pytest.param("qualify: true", "qualify: false", "qualify", False, id="no qualifying"),
        pytest.param("qualify: false", "qualify: true", "qualify", False, id="qualifying stays forbidden"),
        pytest.param("", "qualify: true", "qualify", True, id="qualifying where nobody forbids it"),
        pytest.param("restore-tag: false", "restore-tag: true", "restore_tag", False, id="restoring stays forbidden"),
        pytest.param("auto-merge: true", "auto-merge: false", "auto_merge", False, id="no merging"),
        pytest.param("auto-merge: false", "auto-merge: true", "auto_merge", False, id="merging stays forbidden"),
        pytest.param("immutable: true", "immutable: false", "immutable", True, id="immutable stays so"),
        pytest.param("immutable: false", "immutable: true", "immutable", True, id="immutable from now on"),
        pytest.param("until: 2027-01-31", "until: 2027-03-01", "until", date(2027, 3, 1), id="a later day"),
        pytest.param("until: 2027-01-31", "until: 2026-03-01", "until", date(2027, 1, 31), id="no earlier day"),
        pytest.param(
            "allowed-tags: ^1", "allowed-tags: [7$, 8$]", "allowed_tags", ("^1", "(?:7$)|(?:8$)"), id="both must allow"
        ),
        pytest.param("denied-tags: rc", "denied-tags: beta", "denied_tags", ("rc", "beta"), id="either denies"),
        pytest.param("group: a", "group: b", "group", "b", id="a group of its own"),
        pytest.param("labels: a", "labels: b", "labels", ("b",), id="labels of its own"),
        pytest.param(
            "verify: {identity: a, issuer: b}",
            "verify: k",
            "verify",
            (Verify(None, "a", "b"), Verify("k", in_repository=True)),
            id="a signature more",
        ),
    ],
)
def test_the_table(organisation: str, repository: str, field: str, value: object) -> None:
    rules = policy(f"defaults: {{{organisation}}}", f"rules: [{{set: {{{repository}}}}}]")
    assert getattr(rules.of(found("nginx")), field) == value


def test_every_key_has_its_row_here_and_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert TABLE.keys() == set(FIELDS)
    for field, row in TABLE.items():
        assert f"| `{key_of(field)}` | {row.words} |" in text


def test_an_explanation_says_what_was_narrowed_from_what() -> None:
    told = origin("level", policy("defaults: {level: minor}", "defaults: {level: patch}"), found("nginx"))
    assert (told.value, told.source) == ("patch", ".pinbot.yaml:1 (defaults)")
    assert told.narrowed == Setting("level", "minor", "config.yaml:1 (defaults)")


def test_a_repository_cannot_raise_what_the_command_line_asks_for() -> None:
    rules = policy("", "defaults: {level: major}", Asked("patch"))
    told = origin("level", rules, found("nginx"))
    assert (told.value, told.source) == ("patch", "--level")
    assert [s.source for s in told.overruled] == [".pinbot.yaml:1 (defaults)"]


def test_a_repository_cannot_bring_its_images_under_a_rule_for_own_ones() -> None:
    settings = "own: ghcr.io/acme\nrules: [{match: {own: true}, set: {level: major}}]\ndefaults: {level: digest}"
    assert policy(settings, "own: docker.io").of(found("nginx")).level == "digest"
    assert policy(settings, "own: docker.io").of(found("nginx")).mode == "watch"


def test_registries_must_be_trusted_by_both_and_digests_denied_by_one() -> None:
    rules = policy(
        "trusted-registries: [docker.io, ghcr.io]",
        f"trusted-registries: [docker.io, evil.example]\ndeny-digests: ['{OLD}']",
    )
    assert rules.distrust(Reference.parse("nginx")) is None
    assert rules.distrust(Reference.parse("ghcr.io/a/b")) is not None
    assert rules.distrust(Reference.parse("evil.example/b")) is not None
    assert rules.denial(Reference.parse(f"nginx@{OLD}")) is not None


_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "mode": st.sampled_from(MODES),
    "level": st.sampled_from(LEVELS),
    "cooldown": st.integers(0, 9).map(lambda n: timedelta(days=n)),
    "settle": st.integers(0, 9).map(lambda n: timedelta(days=n)),
    "tag": st.sampled_from(["keep", "precise"]),
    "suffix": st.sampled_from(["keep", "follow"]),
    "platforms": st.lists(st.sampled_from("ab"), min_size=1, unique=True).map(
        lambda names: tuple(Platform("linux", name) for name in names)
    ),
    **dict.fromkeys(("qualify", "restore_tag", "immutable", "auto_merge"), st.booleans()),
    "until": st.dates(),
    **dict.fromkeys(("allowed_tags", "denied_tags"), st.sampled_from("abc").map(lambda text: (text,))),
    "verify": st.sampled_from("ab").map(lambda key: (Verify(key),)),
}
_SETTINGS = st.sampled_from(sorted(_VALUES)).flatmap(lambda f: _VALUES[f].map(lambda v: Setting(f, v, "x")))
_MATCHES = st.builds(
    Match,
    image=st.sampled_from([(), ("nginx",), ("redis",)]),
    own=st.sampled_from([None, None, True, False]),
    kind=st.sampled_from([(), (), ("minor",)]),
)
_BOOKS = st.builds(
    Rulebook,
    rules=st.lists(st.builds(Rule, _MATCHES, st.lists(_SETTINGS, min_size=1, max_size=4).map(tuple)), max_size=4).map(
        tuple
    ),
    defaults=st.lists(_SETTINGS, max_size=3, unique_by=lambda s: s.field).map(tuple),
    own=st.sampled_from([(), ("docker.io",), ("nginx",), ("redis",)]),
)


@given(_BOOKS, _BOOKS, st.sampled_from([None, *LEVELS]), st.sampled_from([None, "minor"]))
def test_a_repository_never_widens(ours: Rulebook, theirs: Rulebook, level: Any, kind: Any) -> None:
    code, finding = CodeRepository(), found("nginx:1")
    alone = assembled(ours, Rulebook(), Asked(level), code)
    both = assembled(ours, theirs, Asked(level), code)
    said = {o.key for o in alone.explain(finding) if o.kind in {None, kind} and o.source != "default"}
    before, after = alone.of(finding, kind), both.of(finding, kind)
    assert after.cooldown >= before.cooldown
    assert after.settle >= before.settle
    for key in said:
        assert _is_narrower(key, before, after), key


def _is_narrower(key: str, before: Values, after: Values) -> bool:
    field = key.replace("-", "_")
    was, now = getattr(before, field), getattr(after, field)
    match field:
        case "mode" | "level":
            order = MODES if field == "mode" else LEVELS
            return order.index(now) <= order.index(was)
        case "cooldown" | "settle" | "until":
            return bool(now >= was)
        case "tag" | "suffix":
            return bool(was != "keep" or now == "keep")
        case "qualify" | "restore_tag" | "auto_merge":
            return bool(was or not now)
        case "immutable":
            return bool(now or not was)
        case "platforms":
            return bool(now) and set(now) <= set(was)
        case _:
            return set(was) <= set(now)


def test_a_policy_without_settings_says_its_defaults() -> None:
    defaults = Values(cooldown=timedelta(days=3), level="minor")
    assert Policy(defaults).of(found("nginx")) == defaults
