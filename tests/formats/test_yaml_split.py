"""References in parts: where each part is read, and where a digest is written."""

from __future__ import annotations

import pytest

from pinbot.formats._base import About
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_split import Keys, Missing, split
from pinbot.source.finding import Fixed
from tests.fakes.memory import PIN, digest_of, run_once
from tests.formats._scanning import outcome, reasons, scanned

KEYS = Keys(("name",), registry=("registry",), tag=("tag",), digest=("digest",), bare=("sha",))
ABOUT = About(title="Parts", url="https://example.com/", files="all", places=("i",), path="x.yaml", example="")
FORMAT = yaml_format("parts", about=ABOUT, routes=(Route("i", split(KEYS, Missing(tag="no tag"))),))
NGINX = digest_of("docker.io", "library/nginx", "1")
OLD = "0" * 64

PINNED = [
    pytest.param("i:\n  name: nginx\n  tag: '1'", f"\n  digest: '{NGINX}'", id="a new line, in the style of the tag's"),
    pytest.param("i:\n  name: nginx\n  tag: '1'\n  digest:", f" {NGINX}", id="a key that says nothing"),
    pytest.param("i:\n  name: nginx\n  tag: '1'\n  sha:", f' "{NGINX.hex}"', id="a key for the hex alone"),
    pytest.param("i: {name: nginx:1", f"@{NGINX}}}", id="a whole reference in the name"),
]


@pytest.mark.parametrize(("before", "added"), PINNED)
def test_a_digest_goes_where_there_is_a_place_for_it(before: str, added: str) -> None:
    text = before + ("}" if "{" in before else "")
    _, files = run_once({"x.yaml": text.encode()}, (FORMAT,), PIN)
    assert files["x.yaml"].decode() == before + added
    assert run_once(files, (FORMAT,), PIN)[1] == files


def test_a_new_line_ends_as_the_one_before_it_whatever_remark_stands_there() -> None:
    _, files = run_once({"x.yaml": b"i:\r\n  name: nginx\r\n  tag: '1' # kept\r\n"}, (FORMAT,), PIN)
    assert files["x.yaml"].decode().endswith(f"tag: '1' # kept\r\n  digest: '{NGINX}'\r\n")


def test_the_hex_alone_is_written_between_the_quotes_that_are_there() -> None:
    _, files = run_once({"x.yaml": b'i: {name: nginx, tag: "1", sha: ""}'}, (FORMAT,), PIN)
    assert files["x.yaml"].decode() == f'i: {{name: nginx, tag: "1", sha: "{NGINX.hex}"}}'


READ = [
    pytest.param(f"sha: '{OLD}'", id="the hex alone under its key"),
    pytest.param(f"sha: 'sha256:{OLD}'", id="a whole digest under the key of the hex"),
    pytest.param(f"digest: '{OLD}'", id="the hex alone under the key of the digest"),
    pytest.param(f"digest: sha256:{OLD}", id="a whole digest"),
]


@pytest.mark.parametrize("digest", READ)
def test_a_digest_is_read_and_replaced_with_or_without_its_algorithm(digest: str) -> None:
    (finding,) = scanned("x.yaml", f"i: {{name: nginx, tag: v1, {digest}}}", formats=(FORMAT,)).findings
    assert str(finding.reference) == f"nginx:v1@sha256:{OLD}"
    assert outcome(finding) == "writable"


def test_a_digest_that_is_split_over_name_and_tag_is_one() -> None:
    (finding,) = scanned("x.yaml", f"i: {{name: nginx@sha256, tag: '{OLD}'}}", formats=(FORMAT,)).findings
    assert str(finding.reference) == f"nginx@sha256:{OLD}"


def test_a_slash_behind_the_registry_counts_once() -> None:
    (finding,) = scanned("x.yaml", "i: {name: a, tag: v1, registry: quay.io/}", formats=(FORMAT,)).findings
    assert str(finding.reference) == "quay.io/a:v1"


def test_a_digest_that_says_null_is_not_overwritten() -> None:
    (finding,) = scanned("x.yaml", "i: {name: nginx, tag: v1, digest: ~}", formats=(FORMAT,)).findings
    assert isinstance(finding.standing, Fixed)
    assert reasons("x.yaml", "i: {name: nginx}", formats=(FORMAT,)) == ["no tag"]


def test_behind_an_alias_there_is_no_place_for_a_digest() -> None:
    text = "x: &tag '1'\ni:\n  name: nginx\n  tag: *tag\n"
    (finding,) = scanned("x.yaml", text, formats=(FORMAT,)).findings
    assert outcome(finding) == "fixed"


def test_a_new_line_ends_as_the_others_do_behind_a_remark() -> None:
    before = b"i:\r\n  name: nginx\r\n  tag: '1' # a remark\r\n"
    _, files = run_once({"x.yaml": before}, (FORMAT,), PIN)
    assert files["x.yaml"] == before + f"  digest: '{NGINX}'\r\n".encode()
