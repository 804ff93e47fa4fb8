"""Patterns of the user's own: named groups in RE2's language, in files of their choice."""

from __future__ import annotations

import pytest

from pinbot.config.load import parse
from pinbot.errors import InvalidPattern, SettingsError, UsageError
from pinbot.formats._base import Format
from pinbot.formats._pattern import pattern_format
from pinbot.wiring import formats
from tests.fakes.memory import BUMP, PIN, digest_of, run_once

DIGEST = digest_of("docker.io", "library/nginx", "1.27")
WHOLE = r"image = (?P<image>\S+)"
PARTS = r'name: "(?P<image>[^"]+)"\s+version: "(?P<tag>[^"@]+)(?:@(?P<digest>[^"]+))?"'
HASH = r"(?m)^(?P<image>[a-z/]+) (?P<tag>\S+) (?P<digest>sha256:[0-9a-f]+)$"


def own(pattern: str) -> tuple[Format, ...]:
    """Return a format that looks into `*.conf`."""
    return (pattern_format("own", lambda path: path.endswith(".conf"), pattern),)


WRITTEN = [
    pytest.param(WHOLE, "image = nginx:1.27\n", "1.27", id="a whole reference"),
    pytest.param(WHOLE, "x\r\nimage = nginx:1.27\r\ny", "1.27", id="Windows line ends"),
    pytest.param(WHOLE, "\ufeffé image = nginx:1.27 # ü\n", "1.27", id="characters beyond ASCII"),
    pytest.param(PARTS, 'name: "nginx"\nversion: "1.27"\n', "1.27", id="the tag stands apart"),
    pytest.param(PARTS, 'name: "docker.io/library/nginx" version: "1.27"', "1.27", id="the name is written out"),
]


@pytest.mark.parametrize(("pattern", "text", "before"), WRITTEN)
def test_what_a_pattern_finds_is_pinned(pattern: str, text: str, before: str) -> None:
    done, after = run_once({"a.conf": text.encode()}, own(pattern), PIN)
    assert after["a.conf"].decode() == text.replace(before, f"{before}@{DIGEST}")
    assert [c.finding.format for c in done.changes] == ["own"]

    again, unchanged = run_once(after, own(pattern), PIN)
    assert (again.changes, unchanged) == ((), after)


def test_a_digest_in_its_own_group_is_renewed() -> None:
    text = f"nginx 1.27 sha256:{'0' * 64}\n"
    _, after = run_once({"a.conf": text.encode()}, own(HASH), BUMP)
    assert after["a.conf"].decode() == f"nginx 1.27 {DIGEST}\n"


def test_a_change_that_the_pattern_would_not_find_again_is_refused() -> None:
    text = b"tag 1.27 of nginx\n"
    done, after = run_once({"a.conf": text}, own(r"tag (?P<tag>[\d.]+) of (?P<image>\w+)"), PIN)
    assert after == {"a.conf": text}
    assert [k.outcome for k in done.kept] == ["refused"]


LEFT_ALONE = [
    pytest.param("a.txt", "image = nginx:1.27", [], id="another file"),
    pytest.param("a.conf", "image: nginx:1.27", [], id="no match"),
    pytest.param("a.conf", "image = {{ x }}", ["variable"], id="a template"),
    pytest.param("a.conf", "image = NGINX:1.27", ["invalid"], id="no reference"),
]


@pytest.mark.parametrize(("path", "text", "outcomes"), LEFT_ALONE)
def test_what_is_not_written(path: str, text: str, outcomes: list[str]) -> None:
    done, _ = run_once({path: text.encode()}, own(WHOLE), PIN)
    assert [k.outcome for k in done.kept] == outcomes
    assert not done.changes


def test_bytes_that_are_not_utf_8_are_a_named_skip() -> None:
    done, _ = run_once({"a.conf": b"image = nginx:1.27 caf\xe9"}, own(WHOLE), PIN)
    assert [s.reason for s in done.survey.skips] == ["own: the file holds bytes that are not UTF-8"]


UNUSABLE = [
    pytest.param("(?P<image>", "RE2 understands: missing )", id="broken"),
    pytest.param(r"(?P<image>a)(?=b)", "RE2 understands: invalid perl operator", id="what RE2 does not have"),
    pytest.param(r"(?P<picture>a)", "the group 'picture' means nothing", id="an unknown group"),
    pytest.param(r"(?P<tag>a)", "it needs a group (?P<image>…)", id="no group for the image"),
]


@pytest.mark.parametrize(("pattern", "why"), UNUSABLE)
def test_a_pattern_that_cannot_work_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(InvalidPattern) as caught:
        own(pattern)
    assert why in str(caught.value)


def test_patterns_come_from_the_settings_and_have_names() -> None:
    items = "{paths: '*.conf', pattern: '(?P<image>x)'}", "{name: mine, paths: [a], pattern: '(?P<image>x)'}"
    patterns = parse("x", f"patterns: [{', '.join(items)}]".encode()).patterns
    assert [p.name for p in patterns] == ["pattern-1", "mine"]
    assert [f.name for f in formats(["mine"], patterns)] == ["mine"]
    with pytest.raises(UsageError, match="no such format"):
        formats(["mine"])


MISTAKES = [
    pytest.param("patterns: x", "x:1:1: patterns must be a list of mappings", id="no list"),
    pytest.param("patterns:\n  - x", "x:2:5: an item of patterns must be a mapping", id="no mapping"),
    pytest.param("patterns:\n  - {paths: [a]}", "x:2:", id="no pattern"),
    pytest.param("patterns:\n  - paths: [a]\n    pattern: '('", "x:3:5: not a pattern", id="a broken pattern"),
    pytest.param("patterns:\n  - {name: A b, paths: [a], pattern: x}", "x:2:6: a name is made of", id="an odd name"),
    pytest.param("patterns:\n  - {patern: a}", "x:2:6: unknown key 'patern'", id="a misspelt key"),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_a_mistake_in_the_settings_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse("x", text.encode())
    assert str(caught.value).startswith(message)
