"""Settings in the repository: hostile text that may narrow, and never crashes or names hosts."""

from __future__ import annotations

import time

import pytest

from pinbot.config.load import parse as parse_settings
from pinbot.config.repository import MAX_BYTES, parse, read
from pinbot.errors import SettingsError, UnreadableFile

LIMIT_SECONDS = 5.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(b"registries: {}", ":1:1: registries belongs in the settings of whoever runs pinbot", id="hosts"),
        pytest.param(b"ledger: x", ":1:1: ledger belongs in the settings", id="a ledger"),
        pytest.param(b"jobs: 1", ":1:1: jobs belongs in the settings", id="limits"),
        pytest.param(b"include: x", "a repository can leave files out with `exclude`", id="include"),
        pytest.param(b"level: minor", ":1:1: level stands below `defaults:`", id="a key of defaults at the top"),
        pytest.param(b"ruels: []", ":1:1: unknown key 'ruels' in the settings of a repository; known are", id="a slip"),
        pytest.param(b"[]", ":1:1: the settings of a repository must be a mapping", id="a list"),
        pytest.param(b"a: &a [x]\nb: *a", ":1:4: anchors and aliases are not read here", id="an anchor"),
        pytest.param(b"[" * 60_000, "nested deeper than 20 levels", id="deep nesting"),
        pytest.param(b"? " * 30_000, "nested deeper than 20 levels", id="deep nesting in another way"),
        pytest.param(b"own: [\n\xff]", ":2:1: the settings are not UTF-8", id="not UTF-8"),
        pytest.param(b"own: \x01", "not valid YAML", id="a control character"),
        pytest.param(b"own: a: b", ":1:7: not valid YAML", id="no YAML"),
        pytest.param(b"own: a\nown: b", "not valid YAML", id="a key twice"),
        pytest.param(b"a: 1\n---\na: 2", "not valid YAML", id="two documents"),
        pytest.param(b"own: " + b"9" * 60_000, "not valid YAML", id="a long number"),
        pytest.param(b"x" * (MAX_BYTES + 1), "the settings of a repository have at most 65,536", id="too large"),
        pytest.param(
            b"defaults: {verify: /etc/passwd}", "a key file must be one of the repository", id="a key elsewhere"
        ),
        pytest.param(b"defaults: {verify: {key: ../k}}", "a key file must be one of the repository", id="a key above"),
        pytest.param(b"exclude: ['!']", ":1:11: '!': not a pattern as in .gitignore", id="no pattern"),
        pytest.param(
            b"exclude: ['[z-a]']", "not a pattern as in .gitignore: bad character range", id="a range of none"
        ),
        pytest.param(
            b"defaults: {denied-tags: '(((a{100}){100}){100}){100}'}", "RE2", id="a pattern that needs much memory"
        ),
        pytest.param(
            rb"defaults: {denied-tags: '\pL{100}'}",
            r":1:12: '\\pL{100}': not a pattern that RE2 understands: pattern too large",
            id="a pattern that needs more memory than a repository gets",
        ),
        pytest.param(
            b"defaults:\n  denied-tags:\n" + b"".join(b"  - '[^a]{900,%d}'\n" % n for n in range(901, 999)) * 20,
            ":2:3: a repository has at most 50 allowed-tags and denied-tags",
            id="thousands of patterns",
        ),
        pytest.param(
            b"rules:\n" + b"- {set: {allowed-tags: a}}\n" * 100,
            ":52:10: a repository has at most 50 allowed-tags",
            id="patterns in many rules",
        ),
        pytest.param(b"defaults: {denied-tags: 5}", "denied-tags must be a string or a list", id="no pattern at all"),
        pytest.param(b"rules: [{set: {denied-tags: {a: b}}}]", "denied-tags must be", id="a mapping for patterns"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error_with_its_place(text: bytes, message: str) -> None:
    started = time.process_time()
    with pytest.raises(SettingsError) as caught:
        parse(".pinbot.yaml", text)
    assert str(caught.value).startswith(".pinbot.yaml:")
    assert message in str(caught.value)
    assert time.process_time() - started < LIMIT_SECONDS


def test_both_files_are_one_too_many() -> None:
    with pytest.raises(SettingsError, match=r"\.pinbot\.yaml and \.github/pinbot\.yaml: the repository has both"):
        read(lambda _path: b"")


def test_a_file_that_cannot_be_read_is_wrong_settings() -> None:
    def content(path: str) -> bytes | None:
        raise UnreadableFile(f"{path}: a link that leaves the folder; it is not followed")

    with pytest.raises(SettingsError, match="a link that leaves the folder"):
        read(content)


def test_no_file_says_nothing() -> None:
    assert read(lambda _path: None).exclude == ()
    assert read(lambda path: b"exclude: [docs/]" if path == ".github/pinbot.yaml" else None).exclude == ("docs/",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: [{set: {levle: minor}}]", "x:1:16: unknown key 'levle'"),
        (
            "rules: [{math: {}, set: {level: minor}}]",
            "unknown key 'math' in an item of rules; known are match, name, set",
        ),
        ("rules: [{match: {imagee: a}, set: {level: minor}}]", "known are format, image, kind, own, path"),
        ("rules: [{match: {image: a}}]", "a rule needs `set`"),
        ("rules: [{match: {kind: [pin, pine]}, set: {mode: pin}}]", "kind must be one of pin, refresh, patch"),
        ("rules: [{match: {stage: last}, set: {mode: pin}}]", "stage must be one of final, builder, not 'last'"),
        ("rules: [{match: {image: ''}, set: {mode: pin}}]", "image must name something"),
        ("defaults: {level: huge}", "x:1:12: level must be one of digest, patch, minor, major, not 'huge'"),
        ("defaults: {cooldown: 3}", "cooldown must be a time with its unit, such as 3d"),
        ("defaults: {cooldown: 3 days}", "cooldown must be a time with its unit"),
        ("defaults: {cooldown: true}", "cooldown must be a time with its unit"),
        ("defaults: {until: tomorrow}", "until must be a day, such as 2027-01-31"),
        ("defaults: {qualify: 'yes'}", "qualify must be true or false"),
        ("defaults: {platforms: [amd64]}", "x:1:24: 'amd64' is not a platform"),
        ("defaults: {allowed-tags: [a, '(']}", "x:1:30: '(': not a pattern that RE2 understands: missing )"),
        ("defaults: {denied-tags: 'a(?=b)'}", "not a pattern that RE2 understands"),
        ("defaults: {verify: {key: a, identity: b, issuer: c}}", "one of the two"),
        ("defaults: {verify: {identity: b}}", "one of the two"),
        ("deny-digests: [sha256:abc]", "x:1:16: 'sha256:abc': sha256 has 64 hex digits"),
        ("ignores: {reason: yes please}", "reason must be `required` or `optional`"),
        ("own: [1]", "x:1:1: own must be a string or a list of strings"),
    ],
)
def test_a_mistake_in_rules_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings("x", text.encode())
    assert str(caught.value).startswith("x:1:")
    assert message in str(caught.value)
