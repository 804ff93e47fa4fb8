"""Compose's variables: what they come to, where a digest may be written, and what `.env` says."""

from __future__ import annotations

import pytest

from pinbot.formats._interpolation import MAX_LENGTH, Setting, dotenv, expand, names, parse
from pinbot.source.text import Span
from tests.fakes.memory import digest_of, run_once
from tests.formats._scanning import FORMATS, reasons, told

VALUES = {"SET": "value", "EMPTY": ""}
PIN = f"@{digest_of('docker.io', 'library/nginx', '1.27')}"


@pytest.mark.parametrize(
    ("template", "text", "unknown"),
    [
        pytest.param("plain", "plain", (), id="no variable"),
        pytest.param("$SET-x", "value-x", (), id="without braces"),
        pytest.param("${SET}x", "valuex", (), id="with braces"),
        pytest.param("${NONE}", "", ("NONE",), id="without a value"),
        pytest.param("${NONE:-d}${NONE-d}", "dd", (), id="a default"),
        pytest.param("${EMPTY:-d}", "d", (), id="a colon takes empty for unset"),
        pytest.param("${EMPTY-d}", "", (), id="without the colon empty is a value"),
        pytest.param("${SET:+a}${EMPTY:+b}${EMPTY+c}${NONE+d}", "ac", (), id="alternatives"),
        pytest.param("${NONE:?say so}", "", ("NONE",), id="required and missing"),
        pytest.param("${SET?say so}", "value", (), id="required and there"),
        pytest.param("${NONE:-${OTHER:-${SET}}}", "value", (), id="defaults within defaults"),
        pytest.param("${NONE:-$OTHER}", "", ("OTHER",), id="a default that is unknown"),
        pytest.param('${NONE:-{"a":{}}}', '{"a":{}}', (), id="braces within a default"),
        pytest.param("$$SET $${SET}", "$SET ${SET}", (), id="two dollars are one"),
        pytest.param("$ $1", "$ $1", (), id="a dollar before no name"),
        pytest.param("${NONE:-a:?b}", "a:?b", (), id="the first operator counts"),
    ],
)
def test_what_a_template_comes_to(template: str, text: str, unknown: tuple[str, ...]) -> None:
    parts = parse(template)
    assert parts is not None
    expanded = expand(parts, VALUES)
    assert (expanded.text, expanded.unknown) == (text, unknown)


@pytest.mark.parametrize(
    "template", ["${", "${}", "${A", "${A }", "${A!}", "${1}", "${A:-${B}", "${A:-" * 30 + "}" * 30]
)
def test_what_compose_would_refuse_is_no_template(template: str) -> None:
    assert parse(template) is None


def test_every_variable_is_named() -> None:
    assert list(names(parse("$A${B:-${C}x$D}$$E") or ())) == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("A=1.27", "1.27", id="plain"),
        pytest.param("export A=1.27", "1.27", id="export"),
        pytest.param("  A = 1.27  ", "1.27", id="spaces"),
        pytest.param("A: 1.27", "1.27", id="a colon"),
        pytest.param("A=1.27 # tag", "1.27", id="a comment behind"),
        pytest.param("A=1.27#tag", "1.27#tag", id="no comment without a space"),
        pytest.param("A='1.27 # $B'", "1.27 # $B", id="single quotes are literal"),
        pytest.param('A="1.27\\n# \\$B" # c', "1.27\n# $B", id="double quotes have escapes"),
        pytest.param('A="1\n2"', "1\n2", id="quotes over two lines"),
        pytest.param("B=1\nA=${B}.27", "1.27", id="an earlier variable"),
        pytest.param("A=${B:-1}.27", "1.27", id="a default"),
        pytest.param("A=1\r\nA=2\r\n", "2", id="the last one wins"),
        pytest.param("\ufeffA=1", "1", id="a byte order mark"),
        pytest.param("A=", "", id="empty"),
        pytest.param("A='half", "'half", id="a quote that never closes"),
    ],
)
def test_what_a_env_file_sets(text: str, value: str) -> None:
    assert dotenv(text)["A"].value == value


def test_a_setting_knows_its_line() -> None:
    assert dotenv("# A=0\n\nX='\n'\nnonsense\nA=1\n")["A"] == Setting("1", 6, Span(24, 25))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("${IMG:-nginx:1.27}", f"${{IMG:-nginx:1.27{PIN}}}", id="the whole is a default"),
        pytest.param("nginx:${T:-1.27}", f"nginx:${{T:-1.27{PIN}}}", id="the tag is a default"),
        pytest.param("nginx:${T-1.27}", f"nginx:${{T-1.27{PIN}}}", id="without a colon"),
        pytest.param("nginx:1.${T:-27}", f"nginx:1.${{T:-27{PIN}}}", id="the end of the tag is a default"),
        pytest.param("${A:-${B:-nginx:1.27}}", f"${{A:-${{B:-nginx:1.27{PIN}}}}}", id="a default within a default"),
        pytest.param("nginx${T:-:1.27}", f"nginx${{T:-:1.27{PIN}}}", id="the colon is in the default"),
        pytest.param(
            "${R:-docker.io}/library/nginx:${T:-1.27}",
            f"${{R:-docker.io}}/library/nginx:${{T:-1.27{PIN}}}",
            id="another one names the registry",
        ),
        pytest.param(
            "${A:-${R:-docker.io}/library/nginx:${T:-1.27}}",
            f"${{A:-${{R:-docker.io}}/library/nginx:${{T:-1.27{PIN}}}}}",
            id="another one names the registry within a default",
        ),
        pytest.param("${E:-}nginx:${T:-1.27}", f"${{E:-}}nginx:${{T:-1.27{PIN}}}", id="an empty one in front"),
    ],
)
@pytest.mark.parametrize("quote", ["", "'", '"'], ids=["plain", "single", "double"])
def test_the_digest_goes_into_the_default(before: str, after: str, quote: str) -> None:
    text = "services:\n  a:\n    image: {0}{1}{0} # c\n"
    files = {"compose.yaml": text.format(quote, before).encode()}
    _, written = run_once(files, FORMATS)
    assert written["compose.yaml"].decode() == text.format(quote, after)
    assert run_once(written, FORMATS)[1] == written


ENV = {".env": "TAG=2 # of the project\n"}
KEPT = [
    pytest.param("python:${V:-3.12}-slim", "fixed", "a digest here would hold whatever $V says", id="in the middle"),
    pytest.param("${R:-docker.io}/x/y:1", "fixed", "a digest here would hold whatever $R says", id="in front"),
    pytest.param("a:${R:-1}.${V:-1}", "fixed", "a digest here would hold whatever $R", id="twice in the tag"),
    pytest.param("${A:-${R:-x}/y:1}", "fixed", "a digest here would hold whatever $A", id="in front in a default"),
    pytest.param("${E:-}x:1", "fixed", "a digest here would hold whatever $E says", id="an empty one in front"),
    pytest.param("x${V:+-slim}", "fixed", "a digest here would hold whatever $V says", id="an alternative"),
    pytest.param("x:${V}", "variable", "V has no default here and no value in .env", id="no value"),
    pytest.param("x:${V:?needed}", "variable", "V has no default here and no value in .env", id="required"),
    pytest.param("x:${V", "invalid", "x:${V: compose reads no variable there", id="a brace that never closes"),
    pytest.param("x:${V:-}", "invalid", "'x:'", id="an empty tag"),
    pytest.param("x:1@${V:-sha256:abc}", "invalid", "'sha256:abc'", id="a digest too short"),
]


@pytest.mark.parametrize(("image", "kind", "reason"), KEPT)
def test_what_cannot_carry_a_digest_says_why(image: str, kind: str, reason: str) -> None:
    text = f"services:\n  a:\n    image: {image}\n"
    assert told("compose.yaml", text, ENV) == [(image, kind)]
    (why,) = reasons("compose.yaml", text, ENV)
    assert why.startswith(reason)
    files = {"compose.yaml": text.encode(), ".env": ENV[".env"].encode()}
    assert run_once(files, FORMATS)[1] == files


def test_a_variable_of_two_references_carries_no_digest() -> None:
    text = "services: {a: {image: 'x:${V:-1}'}, b: {image: 'y:${V:-1}'}}"
    assert told("compose.yaml", text) == [("x:${V:-1}", "fixed"), ("y:${V:-1}", "fixed")]


def test_a_variable_that_also_feeds_a_setting_carries_no_digest() -> None:
    text = "services: {a: {image: 'x:${V:-1}', labels: ['version=${V:-1}']}}"
    assert reasons("compose.yaml", text) == ["V is used 2 times in this file, so its default cannot carry one digest"]


def test_the_env_file_of_the_folder_is_the_one_in_force() -> None:
    image = "services: {a: {image: 'x:${TAG}'}}"
    assert told("a/compose.yaml", image, {".env": "TAG=1"}) == [("x:${TAG}", "variable")]
    assert told("a/compose.yaml", image, {"a/.env": "TAG=1"}) == [("x:${TAG}", "writable")]


def test_settings_that_double_with_every_line_end_soon() -> None:
    env = "A0=xx\n" + "".join(f"A{n}=${{A{n - 1}}}${{A{n - 1}}}\n" for n in range(1, 100))
    assert max(len(setting.value) for setting in dotenv(env).values()) <= MAX_LENGTH
    assert told("compose.yaml", "services: {a: {image: 'x:${A99}'}}", {".env": env}) == [("x:${A99}", "invalid")]
