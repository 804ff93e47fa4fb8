"""Dev containers: an image, features of a registry, and what is set for a Dockerfile; JSON with comments."""

from __future__ import annotations

import pytest

from pinbot.formats import devcontainer, dockerfile
from pinbot.formats._claims import Claims
from pinbot.source.finding import BuildContext
from tests.fakes.memory import run_once
from tests.formats._scanning import reasons, scanned, told

FORMATS = (devcontainer.FORMAT,)
PATH = ".devcontainer/devcontainer.json"
FEATURE = "ghcr.io/devcontainers/features/node"
DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    "path",
    [
        PATH,
        ".devcontainer.json",
        "devcontainer.json",
        ".devcontainer/web/devcontainer.json",
        "x/devcontainer-feature.json",
        "test/color/scenarios.json",
    ],
)
def test_claims_every_place_of_a_dev_container(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize(
    "path",
    ["devcontainer-lock.json", ".devcontainer-lock.json", "devcontainer-template.json", "scenarios.json", "x.yaml"],
)
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


TAKEN = [
    pytest.param('{"image": "nginx:1.27"}', [("nginx:1.27", "writable")], id="an image"),
    pytest.param(
        '{\n\t// why\n\t"image": "nginx", // this\n}', [("nginx", "writable")], id="comments, tabs, last comma"
    ),
    pytest.param('{/* a\n "image": "x" */ "image": "nginx"}', [("nginx", "writable")], id="a comment with a key in it"),
    pytest.param('{"a": "// no \\" comment /*", "image": "nginx"}', [("nginx", "writable")], id="marks in a string"),
    pytest.param(
        '{"name": "\\ud83d\\ude00 \\u00e9", "image": "nginx"}', [("nginx", "writable")], id="an escaped emoji"
    ),
    pytest.param('{"name": "é😀", /* 😀 */ "image": "nginx"}', [("nginx", "writable")], id="characters of many bytes"),
    pytest.param('{"image":"nginx"}', [("nginx", "writable")], id="no space behind a colon"),
    pytest.param(
        '{"image": "a:${templateOption:v}"}', [("a:${templateOption:v}", "variable")], id="a template's option"
    ),
    pytest.param(
        '{"image": "${localEnv:X:nginx}"}', [("${localEnv:X:nginx}", "variable")], id="an environment variable"
    ),
    pytest.param('{"image": "Nginx:x:y"}', [("Nginx:x:y", "invalid")], id="no reference"),
    pytest.param(f'{{"features": {{"{FEATURE}:1": {{}}}}}}', [(f"{FEATURE}:1", "fixed")], id="a feature with a tag"),
    pytest.param(f'{{"features": {{"{FEATURE}": {{}}}}}}', [(FEATURE, "fixed")], id="a feature without a tag"),
    pytest.param(
        f'{{"features": {{"{FEATURE}@{DIGEST}": {{}}}}}}', [(f"{FEATURE}@{DIGEST}", "writable")], id="a pinned feature"
    ),
    pytest.param('{"features": {"localhost:5000/f/x:1": {}}}', [("localhost:5000/f/x:1", "fixed")], id="a port"),
    pytest.param(f'{{"dependsOn": {{"{FEATURE}:1": {{}}}}}}', [(f"{FEATURE}:1", "fixed")], id="a dependency"),
]


@pytest.mark.parametrize(("text", "expected"), TAKEN)
def test_takes_images_and_features(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(PATH, text, formats=FORMATS) == expected
    assert not scanned(PATH, text, formats=FORMATS).skips


UNTOUCHED = [
    pytest.param('{"image": null}', id="no image"),
    pytest.param('{"image": ""}', id="an empty image"),
    pytest.param('{"image": 1.5}', id="a number"),
    pytest.param('{"image": {"name": "nginx"}}', id="an image that is no text"),
    pytest.param('{"build": {"image": "nginx"}}', id="an image elsewhere"),
    pytest.param('{"features": {"node": {}}}', id="a feature that came with the tool"),
    pytest.param('{"features": {"owner/repo/x@v1": {}}}', id="a feature of a repository, as they were once"),
    pytest.param('{"features": {"./local": {}, "../x": {}}}', id="features in a folder"),
    pytest.param('{"features": {"https://example.com/x.tgz": {}}}', id="an archive behind a URL"),
    pytest.param('{"features": {"a.example.com/x/y.tgz": {}}}', id="an archive"),
    pytest.param('{"features": "ghcr.io/a/b:1"}', id="features that are no mapping"),
    pytest.param('{"installsAfter": ["ghcr.io/a/b"]}', id="an order of features"),
    pytest.param('{"dockerComposeFile": "compose.yaml"}', id="a compose file, which is read as one"),
    pytest.param('["image"]', id="a list"),
    pytest.param("image: nginx", id="YAML, which is no JSON"),
    pytest.param("", id="an empty file"),
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_leaves_alone_what_is_no_image(text: str) -> None:
    assert told(PATH, text, formats=FORMATS) == []


def test_says_why_a_feature_with_a_tag_is_not_pinned() -> None:
    assert "a tag or a digest" in reasons(PATH, f'{{"features": {{"{FEATURE}:1": {{}}}}}}', formats=FORMATS)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            '"build": {"dockerfile": "Dockerfile", "args": {"V": "1"}}', ".devcontainer/Dockerfile", id="beside"
        ),
        pytest.param(
            '"build": {"dockerfile": "../Dockerfile", "context": "..", "args": {"V": "1"}}', "Dockerfile", id="up"
        ),
        pytest.param(
            '"dockerFile": "x.Dockerfile", "build": {"args": {"V": "1"}}', ".devcontainer/x.Dockerfile", id="old"
        ),
        pytest.param('"build": {"dockerfile": "../../Dockerfile", "args": {"V": "1"}}', None, id="outside"),
        pytest.param('"build": {"dockerfile": "Dockerfile"}', None, id="no arguments"),
    ],
)
def test_says_which_arguments_a_dockerfile_gets(text: str, expected: str | None) -> None:
    relations = scanned(PATH, f"{{{text}}}", formats=FORMATS).relations
    builds = [relation for relation in relations if isinstance(relation, BuildContext)]
    assert [build.dockerfile for build in builds] == ([expected] if expected else [])
    assert all(build.arguments == {"V"} for build in builds)


FED = [
    pytest.param('"V": "3.12"', [("3.12", "writable")], id="a tag"),
    pytest.param('"V": "${templateOption:v}"', [], id="what another tool fills in"),
    pytest.param('"W": "3.12"', [], id="an argument that feeds no image"),
    pytest.param('"V": null', [], id="no value"),
]


@pytest.mark.parametrize(("argument", "expected"), FED)
def test_takes_arguments_that_feed_an_image(argument: str, expected: list[tuple[str, str]]) -> None:
    text = f'{{"build": {{"dockerfile": "Dockerfile", "args": {{{argument}}}}}}}'
    beside = {".devcontainer/Dockerfile": "ARG V=3.11\nFROM python:${V}\n"}
    assert told(PATH, text, beside, formats=FORMATS) == expected


def test_the_digest_goes_into_the_argument_not_into_the_dockerfile() -> None:
    files = {
        PATH: b'{"build": {"dockerfile": "Dockerfile", "args": {"V": "3.12"}}}',
        ".devcontainer/Dockerfile": b"ARG V=3.11\nFROM python:${V}\n",
    }
    done, written = run_once(files, (devcontainer.FORMAT, dockerfile.FORMAT))
    assert [str(change.finding.reference) for change in done.changes] == ["python:3.12"]
    assert b'"V": "3.12@sha256:' in written[PATH]
    assert written[".devcontainer/Dockerfile"] == files[".devcontainer/Dockerfile"]


HOSTILE = [
    pytest.param('{"image": ' + "[" * 100_000, id="brackets that do not close"),
    pytest.param('{"image": "nginx', id="a string that does not close"),
    pytest.param('{"image": "' + '\\"' * 200_000, id="escaped quotes without an end"),
    pytest.param("{ " + "/*" * 200_000, id="a comment that does not close"),
    pytest.param("{ " + "/**/" * 100_000, id="many comments"),
    pytest.param("{" + '"a": 1,' * 50_000 + '"image": "nginx" !', id="an error at the end"),
    pytest.param('{"image": "\udcff"}', id="bytes that are not UTF-8"),
    pytest.param("malformed json}}}", id="no JSON"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_survives_what_is_broken(text: str) -> None:
    done = scanned(PATH, text, formats=FORMATS)
    assert done.skips or not done.findings


def test_takes_images_and_features_of_scenarios() -> None:
    text = f'{{"alpine": {{"image": "alpine:3.20", "features": {{"color": {{}}, "{FEATURE}:1": {{}}}}}}, "x": 1}}'
    assert told("test/color/scenarios.json", text, formats=FORMATS) == [
        ("alpine:3.20", "writable"),
        (f"{FEATURE}:1", "fixed"),
    ]
