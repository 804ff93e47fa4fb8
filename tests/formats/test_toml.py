"""TOML: every string with its keys and its exact place, and the formats that are tables of routes over it."""

from __future__ import annotations

import time

import pytest

from pinbot.formats import buildpacks, cross, fly
from pinbot.formats._claims import Claims
from pinbot.formats._toml_tree import Entry, strings
from pinbot.source.finding import Skip
from pinbot.source.text import SourceFile, decode
from tests.formats._scanning import reasons, scanned, told

FORMATS = (buildpacks.FORMAT, cross.FORMAT, fly.FORMAT)
DIGEST = f"sha256:{'a' * 64}"

SHAPES = [
    pytest.param('a = "x"', {"a": "x"}, id="a key at the top"),
    pytest.param("a.b = 'x'", {"a.b": "x"}, id="dotted keys"),
    pytest.param('[t.u]\na = "x"\n[v]\nb = "y"', {"t.u.a": "x", "v.b": "y"}, id="tables"),
    pytest.param('[[t]]\na = "x"\n[[t]]\na = "y"', {"t.a": "y"}, id="arrays of tables"),
    pytest.param('a = { b = "x", c = { d = "y" } }', {"a.b": "x", "a.c.d": "y"}, id="inline tables"),
    pytest.param('a = ["x", { b = "y" },]', {"a": "x", "a.b": "y"}, id="arrays"),
    pytest.param('["a b"."c"]\n\'d\' = "x"', {"a b.c.d": "x"}, id="keys in quotes"),
    pytest.param('# a = "no"\na = "x" # b = "no"', {"a": "x"}, id="comments"),
    pytest.param('é = 1\na = "é😀"', {"a": "é😀"}, id="characters of several bytes"),
    pytest.param("a = 1\nb = true\nc = 1979-05-27", {}, id="what is no string"),
]


@pytest.mark.parametrize("lead", ["", "\ufeff", "# é😀\r\n"], ids=["plain", "BOM", "wide characters"])
@pytest.mark.parametrize(("text", "expected"), SHAPES)
def test_yields_every_string_with_its_keys(text: str, expected: dict[str, str], lead: str) -> None:
    file = SourceFile("a.toml", lead + text + "\n")
    found = [one for one in strings(file) if isinstance(one, Entry)]
    assert {one.where: one.text for one in found} == expected
    assert all(one.span and file.slice(one.span) == one.text for one in found)


@pytest.mark.parametrize("text", ['a = """x"""', "a = '''x'''", 'a = "\\u0041"'])
def test_a_string_that_is_not_written_plainly_has_no_place(text: str) -> None:
    assert [one.span for one in strings(SourceFile("a.toml", text)) if isinstance(one, Entry)] == [None]


TAKEN = [
    pytest.param("project.toml", '[io.buildpacks]\nbuilder = "a/b:1"', [("a/b:1", "writable")], id="a builder"),
    pytest.param("project.toml", '[build]\nbuilder = "a/b:1"', [("a/b:1", "writable")], id="a builder, as it once was"),
    pytest.param(
        "project.toml",
        '[[io.buildpacks.group]]\nuri = "docker://a/b:1"\n[[io.buildpacks.group]]\nuri = "docker:///c"\n'
        '[[io.buildpacks.group]]\nuri = "ghcr.io/a/b:1"',
        [("a/b:1", "writable"), ("c", "writable"), ("ghcr.io/a/b:1", "writable")],
        id="buildpacks that are images",
    ),
    pytest.param(
        "project.toml",
        '[[io.buildpacks.group]]\nid = "a/b"\nversion = "1"\n[[io.buildpacks.group]]\nuri = "../b"\n'
        '[[io.buildpacks.group]]\nuri = "urn:cnb:registry:a/b@1"\n[[io.buildpacks.group]]\nuri = "from=builder:a/b"\n'
        '[[io.buildpacks.group]]\nuri = "https://a.b/c.tgz"\n[[io.buildpacks.group]]\nuri = "a/b"',
        [],
        id="buildpacks that are none",
    ),
    pytest.param("builder.toml", '[build]\nimage = "a/b:1"', [("a/b:1", "writable")], id="a build image"),
    pytest.param("builder.toml", '[stack]\nid = "x"\nbuild-image = "a:1"', [("a:1", "writable")], id="a stack's"),
    pytest.param(
        "builder.toml",
        '[[run.images]]\nimage = "a:1"\nmirrors = ["b:1"]',
        [("a:1", "fixed"), ("b:1", "fixed")],
        id="run images",
    ),
    pytest.param("builder.toml", '[lifecycle]\nversion = "0.20"', [], id="a lifecycle by its version"),
    pytest.param("builder.toml", '[lifecycle]\nuri = "docker://a/b:1"', [("a/b:1", "writable")], id="a lifecycle"),
    pytest.param(
        "package.toml", '[[dependencies]]\nuri = "docker://a/b:1"', [("a/b:1", "writable")], id="a dependency"
    ),
    pytest.param(
        "project.toml", '[io.buildpacks]\nbuilder = """a/b:1"""', [('"""a/b:1"""', "fixed")], id="three quotes"
    ),
    pytest.param(
        "project.toml", '[io.buildpacks]\nbuilder = "{{ b }}" # image', [("{{ b }}", "variable")], id="a template"
    ),
    pytest.param("project.toml", '[io.buildpacks]\nbuilder = ""', [], id="an empty builder"),
    pytest.param("Project.toml", 'name = "image"\n[deps]\nimage = "7876af07"', [], id="a project of Julia"),
    pytest.param("fly.toml", '[build]\nimage = "a:1"', [("a:1", "writable")], id="fly: an image"),
    pytest.param(
        "fly.toml", '[build]\nbuilder = "a:1"\nbuildpacks = ["gcr.io/x"]', [("a:1", "writable")], id="fly: a builder"
    ),
    pytest.param("fly.toml", '[env]\nimage = "build"', [], id="fly: a variable"),
    pytest.param("Cross.toml", '[target.x86_64-a]\nimage = "a/b:1"', [("a/b:1", "writable")], id="cross: an image"),
    pytest.param(
        "Cross.toml",
        '[target.x]\nimage.name = "a:1"\nimage.toolchain = ["y"]',
        [("a:1", "writable")],
        id="cross: a table",
    ),
    pytest.param("Cross.toml", '[target.x]\nimage = ":edge"\n[build]\nimage = "x"', [], id="cross: a tag alone"),
    pytest.param(
        "Cargo.toml",
        '[workspace.metadata.cross.target.x]\nimage = "a:1"',
        [("a:1", "writable")],
        id="cross: in Cargo.toml",
    ),
    pytest.param(
        "Cargo.toml", '[dependencies]\nimage = "0.25"\n[target.x.dependencies]\nimage = "1"', [], id="a crate"
    ),
]


@pytest.mark.parametrize(("path", "text", "expected"), TAKEN)
def test_takes_what_is_an_image(path: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert told(path, text, formats=FORMATS) == expected
    assert not scanned(path, text, formats=FORMATS).skips


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("project.toml", "buildpacks"),
        ("a/builder.toml", "buildpacks"),
        ("fly.prod.toml", "fly"),
        ("Cross.toml", "cross"),
    ],
)
def test_claims_by_name(path: str, name: str) -> None:
    assert [one.name for one in Claims(FORMATS).of(path)] == [name]


@pytest.mark.parametrize("path", ["pyproject.toml", "butterfly.toml", "buildpack.toml", "across.toml"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


def test_says_why_a_run_image_is_refused() -> None:
    text = '[[run.images]]\nimage = "a:1"'
    assert "pack rebase" in reasons("builder.toml", text, formats=FORMATS)[0]
    pinned = text.replace("a:1", f"a@{DIGEST}")
    assert told("builder.toml", pinned, formats=FORMATS) == [(f"a@{DIGEST}", "writable")]


def test_a_version_in_a_comment_behind_a_digest_is_its_tag() -> None:
    (finding,) = scanned("fly.toml", f'[build]\nimage = "nginx@{DIGEST}" # 1.27\n', formats=FORMATS).findings
    assert finding.reference is not None
    assert finding.reference.tag == "1.27"


def test_reads_what_parses_and_names_the_rest() -> None:
    done = scanned("fly.toml", '[build]\nimage = "a:1"\n[env]\nx = = 1\n', formats=FORMATS)
    assert [finding.text for finding in done.findings] == ["a:1"]
    assert "line 4" in done.skips[0].reason


HOSTILE = [
    pytest.param("a = " + "[" * 100_000, id="brackets that do not close"),
    pytest.param("a = " + "[" * 100_000 + "]" * 100_000, id="brackets"),
    pytest.param('a = "' * 50_000, id="quotes that do not close"),
    pytest.param('a = """' + "x" * 400_000, id="a long string that does not end"),
    pytest.param("a" + ".b" * 100_000 + ' = "x"', id="a long key"),
    pytest.param("= = =\n" * 50_000, id="errors only"),
    pytest.param("[a.b]\n" * 50_000, id="many tables"),
    pytest.param("a = \udcff\udcfe", id="bytes that are not UTF-8"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_survives_what_is_hostile(text: str) -> None:
    started = time.monotonic()
    done = scanned("fly.toml", '[build]\nimage = "a:1"\n[x]\n' + text, formats=FORMATS)
    assert done.skips or [finding.text for finding in done.findings] == ["a:1"]
    assert time.monotonic() - started < 10


def test_a_file_of_several_megabytes_is_not_parsed() -> None:
    found = list(strings(SourceFile("a.toml", "a = 1\n" * 1_400_000)))
    assert isinstance(found[0], Skip)


def test_places_are_code_points_whatever_the_bytes() -> None:
    file = SourceFile("a.toml", decode(b'# \xff\xc3\xa9\xf0\x9f\x98\x80\na = "x"\n'))
    (one,) = [one for one in strings(file) if isinstance(one, Entry)]
    assert one.span is not None
    assert file.slice(one.span) == "x"
