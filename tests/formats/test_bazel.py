"""Bazel: which calls pull an image, where their digest is written, and what Bazel works out itself."""

from __future__ import annotations

import time

import pytest

from pinbot.formats import bazel
from pinbot.formats._claims import Claims
from tests.fakes.memory import run_once
from tests.formats._scanning import reasons, scanned, told

FORMATS = (bazel.FORMAT,)
DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    "path", ["MODULE.bazel", "a/oci.MODULE.bazel", "WORKSPACE", "WORKSPACE.bazel", "WORKSPACE.bzlmod", "x/deps.bzl"]
)
def test_claims_where_images_are_pulled(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize(
    "path", ["BUILD.bazel", "BUILD", "workspace.json", "module.py", ".bazelrc", "MODULE.bazel.lock"]
)
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


TAKEN = [
    pytest.param('oci.pull(name = "a", image = "q.io/a/b", tag = "1")', "q.io/a/b:1", id="rules_oci in a module"),
    pytest.param('oci_pull(name = "a", image = "debian:12")', "docker.io/library/debian:12", id="a tag in the image"),
    pytest.param('oci_pull(name="a",registry="q.io",repository="a/b",tag="1")', "q.io/a/b:1", id="two parts"),
    pytest.param(
        'container_pull(name="a",registry="index.docker.io",repository="library/x")',
        "docker.io/library/x",
        id="rules_docker's default tag",
    ),
    pytest.param(
        'x = use_extension("@rules_oci//oci:extensions.bzl", "oci")\nx.pull(name="a", image="b:1")',
        "docker.io/library/b:1",
        id="an extension by another name",
    ),
    pytest.param(
        'pull = use_repo_rule("@rules_img//img:pull.bzl", "pull")\npull(name="a", repository="library/b", tag="1")',
        "docker.io/library/b:1",
        id="rules_img",
    ),
    pytest.param(
        'load("@rules_img//img:pull.bzl", base = "pull")\nbase(name="a", repository="x/b", tag="1")',
        "docker.io/x/b:1",
        id="a rule by another name",
    ),
    pytest.param('def deps():\n  oci_pull(name="a", image="b:1")\n', "docker.io/library/b:1", id="in a macro"),
    pytest.param('T = "1"\noci_pull(name="a", image="b", tag=T)\n', "docker.io/library/b:1", id="a constant"),
    pytest.param('oci_pull(name="a", image="http://q.io/b", tag="1")', "q.io/b:1", id="a scheme"),
    pytest.param(f'oci_pull(name="a", image="b", digest="{DIGEST}")', f"docker.io/library/b@{DIGEST}", id="a digest"),
]


@pytest.mark.parametrize(("text", "canonical"), TAKEN)
def test_finds_what_is_pulled(text: str, canonical: str) -> None:
    found = scanned("MODULE.bazel", text, formats=FORMATS).findings
    assert [f.reference.canonical for f in found if f.reference] == [canonical]
    assert [outcome for _, outcome in told("MODULE.bazel", text, formats=FORMATS)] == ["writable"]


NOTHING = [
    pytest.param("def oci_pull(name, image = None):\n  pass", id="the definition of the rule"),
    pytest.param('"""\noci_pull(name = "a", image = "b:1")\n"""', id="a docstring"),
    pytest.param('# oci_pull(name = "a", image = "b:1")', id="a comment"),
    pytest.param('pull(name = "a", repository = "b", tag = "1")', id="a pull of nobody knows whom"),
    pytest.param('git.pull(name = "a", image = "b", tag = "1")', id="another extension's"),
    pytest.param('oci_pull(image = "b:1")', id="no name"),
    pytest.param('oci_pull(name = "b")', id="no image"),
    pytest.param("blah:foo:@what pull(", id="no Starlark at all"),
]


@pytest.mark.parametrize("text", NOTHING)
def test_finds_nothing_where_nothing_is_pulled(text: str) -> None:
    assert told("deps.bzl", text, formats=FORMATS) == []


ASIDE = [
    pytest.param('oci_pull(name="a", image=IMAGES["a"], tag="1")', "variable", id="an expression"),
    pytest.param('oci_pull(name="a", image="b", tag="1" + V)', "variable", id="a sum"),
    pytest.param('oci_pull(name="a", image="b", tag=V)', "variable", id="a name from elsewhere"),
    pytest.param('V="1"\nV="2"\noci_pull(name="a", image="b", tag=V)', "variable", id="a name bound twice"),
    pytest.param('V="1" if x else "2"\noci_pull(name="a", image="b", tag=V)', "variable", id="a choice"),
    pytest.param('oci_pull(name="a", image="b", digest=None)', "variable", id="None"),
    pytest.param('V="1"\nW=V\noci_pull(name="a", image="b", tag=V)', "fixed", id="a constant with two readers"),
    pytest.param(
        'oci_pull(name="a", image="b", tag="1", reproducible=False)', "fixed", id="not reproducible by choice"
    ),
    pytest.param('oci_pull(name="a", image="b")', "invalid", id="neither tag nor digest"),
    pytest.param('oci_pull(name="a", image="B C", tag="1")', "invalid", id="no image"),
]


@pytest.mark.parametrize(("text", "outcome"), ASIDE)
def test_says_what_keeps_an_image_from_being_pinned(text: str, outcome: str) -> None:
    assert [said for _, said in told("WORKSPACE", text, formats=FORMATS)] == [outcome]
    assert all(reasons("WORKSPACE", text, formats=FORMATS))


def test_a_public_constant_of_a_bzl_file_may_be_loaded_by_others() -> None:
    text = 'oci_pull(name="a", image="b", tag={})\n'
    assert told("a.bzl", 'T = "1"\n' + text.format("T"), formats=FORMATS)[0][1] == "fixed"
    assert told("a.bzl", '_T = "1"\n' + text.format("_T"), formats=FORMATS)[0][1] == "writable"


PLACES = [
    pytest.param(
        'oci_pull(name = "a", image = "b", tag = "1")',
        'oci_pull(name = "a", digest = "D", image = "b", tag = "1")',
        id="on one line",
    ),
    pytest.param(
        "oci_pull(\n  name='a', # x\n  image='b',\n  tag='1')",
        "oci_pull(\n  name='a', # x\n  digest='D',\n  image='b',\n  tag='1')",
        id="on its own line, as its neighbour is written",
    ),
    pytest.param(
        'oci_pull(\n    image = "b",\n    tag = "1",\n    name = "a"\n)',
        'oci_pull(\n    image = "b",\n    tag = "1",\n    digest = "D",\n    name = "a"\n)',
        id="before a name that comes last",
    ),
    pytest.param(
        'oci_pull(name = "a", image = "b", tag = "1", digest = "")',
        'oci_pull(name = "a", image = "b", tag = "1", digest = "D")',
        id="into an empty one",
    ),
    pytest.param('oci_pull(name = "a", image = "b:1")', 'oci_pull(name = "a", image = "b:1@D")', id="into the image"),
    pytest.param(
        'container_pull(\n    name = "a",\n    repository = "b",\n)',
        'container_pull(\n    name = "a",\n    tag = "latest",\n    digest = "D",\n    repository = "b",\n)',
        id="with the tag that is meant",
    ),
]


@pytest.mark.parametrize(("before", "after"), PLACES)
def test_writes_the_digest_in_the_style_of_its_neighbours(before: str, after: str) -> None:
    _, files = run_once({"WORKSPACE": before.encode()}, FORMATS)
    written = files["WORKSPACE"].decode()
    at = written.find("sha256:")
    assert written.replace(written[at : at + 71], "D") == after


@pytest.mark.parametrize("unit", ["oci_pull(name=", 'oci_pull("', "oci.pull(a,", "a.", "name=[(", "= pull\n"])
def test_survives_hostile_text_in_linear_time(unit: str) -> None:
    start = time.process_time()
    scanned("WORKSPACE", "pull(" + unit * 30_000, formats=FORMATS)
    assert time.process_time() - start < 5
