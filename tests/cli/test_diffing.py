"""`pinbot diff`: what changed between two images, on a registry."""

from __future__ import annotations

import re

import pytest

from pinbot.oci.statement import Package, Provenance
from tests.cli.conftest import Place
from tests.fakes.statements import SLSA_02, SPDX, Statement, provenance_02, spdx

PATH = "acme/web"
LABEL = "org.opencontainers.image"
SOURCE = "https://github.com/acme/web"
HOSTILE = "\x1b[2Jevil\u202e\n| ![x](http://evil.example) @everyone <b>"
SAME = Package("zlib1g", "1:1.2.13", "deb")


def _push(place: Place, tag: str, number: int, user: str, packages: list[Package] | None, **more: object) -> str:
    made = Provenance(f"{SOURCE}/actions/runs/{number}", SOURCE, f"{number}" * 40)
    statements = [] if packages is None else [Statement(SPDX, spdx(packages)), Statement(SLSA_02, provenance_02(made))]
    return place.registry.push_image(
        PATH,
        [tag],
        ["linux/amd64", "linux/arm64"],
        created=f"2026-11-{10 * number:02}T00:00:00Z",
        labels={f"{LABEL}.version": f"1.{number}", f"{LABEL}.source": SOURCE, f"{LABEL}.revision": f"{number}" * 40},
        content_seed=tag,
        settings={"User": user, **more},
        statements=statements,
    )


@pytest.fixture
def web(place: Place) -> tuple[str, str]:
    """Two versions of an image, and their digests."""
    old = _push(place, "1", 1, "nonroot", [SAME, Package("openssl", "3.0.14", "deb"), Package("curl", "7.88", "deb")])
    new = _push(place, "2", 2, "", [SAME, Package("openssl", "3.0.15", "deb"), Package("brotli", "1.0.9", "deb")])
    return old, new


def test_a_person_sees_at_once_what_changed(place: Place, web: tuple[str, str]) -> None:
    done = place.pinbot("diff", f"{PATH}:1", ":2")
    assert (done.code, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    assert said[0] == f"{PATH}:1 → {PATH}:2"
    assert said[1] == "runs as root: 2 is run by root now, and was run by nonroot."
    rows = [re.split(r"\s{2,}", line) for line in said]
    for row in (
        ["digest", web[0][7:19], web[1][7:19]],
        ["built", "10 Nov 2026", "20 Nov 2026 (10 days newer)"],
        ["version", "1.1", "1.2"],
        ["source", SOURCE, "the same"],
        ["user", "nonroot", "root"],
        ["openssl", "deb", "3.0.14", "3.0.15"],
        ["brotli", "deb", "-", "1.0.9"],
        ["curl", "deb", "7.88", "-"],
    ):
        assert row in rows
    assert "zlib1g" not in done.stdout
    assert f"Commits: {SOURCE}/compare/{'1' * 40}...{'2' * 40}" in said
    assert "Packages: 1 changed, 1 added, 1 removed." in said
    assert "another builder" not in done.stdout


def test_a_program_gets_all_of_it(place: Place, web: tuple[str, str]) -> None:
    told = place.pinbot("diff", f"{PATH}@{web[0]}", web[1], "--format", "json", "--platform", "linux/arm64").json
    assert told["schema"] == "pinbot.diff/1"
    assert (told["old"]["reference"], told["new"]["digest"]) == (f"{PATH}@{web[0]}", web[1])
    assert told["new"]["image"]["platform"] == "linux/arm64"
    assert told["new"]["image"]["settings"]["user"] == ""
    assert told["new"]["image"]["packages"] == 3
    assert told["old"]["image"]["provenance"]["builder"] == f"{SOURCE}/actions/runs/1"
    changes = told["changes"]
    assert (told["differ"], changes["becomes_root"], changes["same_source"], changes["same_builder"]) == (True,) * 4
    assert changes["packages"]["changed"] == [{"name": "openssl", "kind": "deb", "old": "3.0.14", "new": "3.0.15"}]
    assert told["problems"] == []


def test_markdown_says_the_same(place: Place, web: tuple[str, str]) -> None:
    said = place.pinbot("diff", f"{PATH}:1", ":2", "--format", "markdown").stdout
    assert said.startswith(f"### `{PATH}:1` → `{PATH}:2`\n")
    assert f"- **runs as root**: `{PATH}:2` is run by root now, and was run by `nonroot`." in said
    assert "| `openssl` | `3.0.14` | `3.0.15` |" in said
    assert web[1] in said


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param((":2",), 0, id="different"),
        pytest.param((":2", "--exit-code"), 1, id="different, and that counts"),
        pytest.param((":1", "--exit-code"), 0, id="the same"),
        pytest.param((":3", "--exit-code"), 3, id="no such tag"),
        pytest.param((":2", "--platform", "linux/s390x"), 3, id="no such platform"),
        pytest.param((":2", "--platform", "linux"), 2, id="no platform"),
        pytest.param(("sha256:12",), 2, id="no digest"),
        pytest.param((":2", "--format", "sarif"), 2, id="no such form"),
    ],
)
@pytest.mark.usefixtures("web")
def test_the_exit_code_says_whether_it_could_be_said(place: Place, arguments: tuple[str, ...], code: int) -> None:
    assert place.pinbot("diff", f"{PATH}:1", *arguments).code == code


@pytest.mark.parametrize("old", ["sha256:" + "0" * 64, ":1", "@sha256:" + "0" * 64])
def test_old_names_its_repository(place: Place, old: str) -> None:
    done = place.pinbot("diff", old, ":2")
    assert done.code == 2
    assert "OLD names its repository" in done.stderr


def test_one_digest_takes_one_request_for_each_name(place: Place, web: tuple[str, str]) -> None:
    done = place.pinbot("diff", f"{PATH}:1", f"{PATH}@{web[0]}")
    assert f"Both are {web[0]}: one image." in done.stdout
    assert [(s.method, s.path) for s in place.registry.requests(containing="/manifests/")] == [
        ("HEAD", f"/v2/{PATH}/manifests/1")
    ]


def test_asks_for_one_platform_in_full_and_of_the_others_for_size_and_settings(
    place: Place, web: tuple[str, str]
) -> None:
    place.pinbot("diff", f"{PATH}:1", ":2")
    asked = [s for s in place.registry.requests("GET") if "/manifests/" in s.path]
    assert len(asked) == 2 * (1 + 2 + 1)
    assert len(place.registry.requests("GET", "/blobs/")) == 2 * (2 + 2)
    assert all(digest in " ".join(s.path for s in asked) for digest in web)


@pytest.mark.usefixtures("web")
def test_images_without_lists_of_packages_are_named(place: Place) -> None:
    _push(place, "3", 2, "nonroot", None)
    said = place.pinbot("diff", f"{PATH}:1", ":3").stdout
    assert f"Packages cannot be compared: {PATH}:3 comes without a list of them (SBOM)." in said
    assert "no provenance: 3 comes without a statement of who built it" in said


def test_what_is_wrong_with_a_statement_is_told_and_nothing_else_is_lost(place: Place, web: tuple[str, str]) -> None:
    odd = [Statement(SPDX, spdx([SAME]), subject=web[0])]
    place.registry.push_image(PATH, ["4"], ["linux/amd64", "linux/arm64"], statements=odd)
    done = place.pinbot("diff", f"{PATH}:1", ":4", "--exit-code")
    assert done.code == 1
    assert "is about another image." in done.stdout


@pytest.mark.usefixtures("web")
def test_what_strangers_write_obeys_no_terminal_and_no_renderer(place: Place) -> None:
    _push(
        place,
        "5",
        2,
        HOSTILE,
        [Package(HOSTILE, HOSTILE)],
        Entrypoint=[HOSTILE] * 50,
        Env=[f"{HOSTILE}{n}=1" for n in range(500)],
        ExposedPorts={HOSTILE: {}},
        WorkingDir="w" * 100_000,
    )
    said = place.pinbot("diff", f"{PATH}:1", ":5", "--verbose").stdout
    assert "working directory" in said
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert len(said) < 20_000
    shown = place.pinbot("diff", f"{PATH}:1", ":5", "--format", "markdown").stdout
    assert not re.search(r"(?<!`)(?:@everyone|!\[x\]|<b>)", re.sub(r"`+ ?.*?`+", "", shown))
    assert place.pinbot("diff", f"{PATH}:1", ":5", "--format", "json").json["new"]["image"]["settings"]["ports"]
