"""Nix: images of containers wherever their path is written, and what pullImage is given."""

from __future__ import annotations

import time

import pytest

from pinbot.formats import nix
from tests.formats._scanning import reasons, scanned, told

FORMATS = (nix.FORMAT,)
DIGEST = "sha256:" + "0" * 64
OCI = "virtualisation.oci-containers.containers"

TAKEN = [
    pytest.param(f'{{ {OCI}.web = {{ image = "a:1"; }}; }}', id="one container"),
    pytest.param(f'{{ {OCI}.web.image = "a:1"; }}', id="a path in one"),
    pytest.param(f'{{ {OCI} = {{ web = {{ ports = [ "1" ]; image = "a:1"; }}; }}; }}', id="all containers"),
    pytest.param(
        '{ virtualisation = { oci-containers = { backend = "podman"; containers."w" = { image = "a:1"; }; }; }; }',
        id="nested",
    ),
    pytest.param(f'{{ pkgs, ... }}: let x = 1; in {{ {OCI}.w = {{ image = "a:1"; }}; }}', id="a module"),
    pytest.param(f'{{ config = lib.mkIf c {{ {OCI}.w = {{ image = "a:1"; }}; }}; }}', id="under a condition"),
    pytest.param(f'{{ {OCI} = with lib; {{ w = {{ image = "a:1"; }}; }}; }}', id="with"),
    pytest.param(f'{{ {OCI}.${{name}} = {{ image = "a:1"; }}; }}', id="a name that is worked out"),
    pytest.param(f'{{ {OCI} = {{ "${{n}}" = {{ inherit x; image = "a:1"; }}; }}; }}', id="a name in a string"),
    pytest.param(f'{{ inherit (x) y; {OCI}.w = rec {{ /* image = "b"; */ image = "a:1"; }}; }}', id="rec, comments"),
    pytest.param(
        f"{{ a = \"}}\"; b = '' ${{c}} }} '''{{ ''; {OCI}.w = {{ image = \"a:1\"; }}; }}", id="braces in strings"
    ),
    pytest.param('{ services.podman.containers.w = { image = "a:1"; }; }', id="home-manager"),
    pytest.param('{ virtualisation.quadlet.containers.w.containerConfig = { image = "a:1"; }; }', id="quadlet-nix"),
    pytest.param('{ services.w.service = { image = "a:1"; }; }', id="Arion"),
]


@pytest.mark.parametrize("text", TAKEN)
def test_finds_the_image_of_a_container(text: str) -> None:
    assert told("web.nix", text, formats=FORMATS) == [("a:1", "writable")]


NOTHING = [
    pytest.param('{ image = "a:1"; }', id="an image of something"),
    pytest.param('{ services.w = { image = "a:1"; }; }', id="an image of a service"),
    pytest.param(f'{{ {OCI}.w = {{ volumes.image = "a"; }}; }}', id="a deeper image"),
    pytest.param(f'{{ {OCI}.w = {{ # image = "a:1";\n }}; }}', id="a comment"),
    pytest.param(f"x: ''{OCI}.w.image = \"a:1\";''", id="a string"),
    pytest.param("map (c: c.image) config.virtualisation.oci-containers.containers", id="a reader"),
    pytest.param('dockerTools.pullImage { imageName = "a"; }', id="a pull without a digest"),
]


@pytest.mark.parametrize("text", NOTHING)
def test_finds_nothing_where_nothing_is(text: str) -> None:
    assert told("web.nix", text, formats=FORMATS) == []


ASIDE = [
    pytest.param('image = "a:${v}";', "variable", id="a string that fills something in"),
    pytest.param("image = cfg.image;", "variable", id="a name"),
    pytest.param('image = "a:" + v;', "variable", id="a sum"),
    pytest.param('image = "a"; imageFile = x;', "local", id="an image from a file"),
    pytest.param(
        'image = "a"; labels = { "io.containers.autoupdate" = "registry"; };', "fixed", id="updated by Podman"
    ),
    pytest.param('image = "A B";', "invalid", id="no image"),
]


@pytest.mark.parametrize(("bindings", "outcome"), ASIDE)
def test_says_what_keeps_an_image_from_being_pinned(bindings: str, outcome: str) -> None:
    text = f"{{ {OCI}.w = {{ {bindings} }}; }}"
    assert [said for _, said in told("web.nix", text, formats=FORMATS)] == [outcome]


def test_reports_what_is_pulled_into_the_store() -> None:
    text = f'dockerTools.pullImage {{ imageName = "a/b"; imageDigest = "{DIGEST}"; finalImageTag = "1"; hash = "x"; }}'
    (finding,) = scanned("image.nix", text, formats=FORMATS).findings
    assert str(finding.reference) == f"a/b:1@{DIGEST}"
    assert "nix-prefetch-docker" in reasons("image.nix", text, formats=FORMATS)[0]


@pytest.mark.parametrize("unit", ["{ a = ", "let ", "''${", '"${', "a.", "{", "(", "${", "with ", "inherit ", "};"])
def test_survives_hostile_text_in_linear_time(unit: str) -> None:
    start = time.process_time()
    scanned("a.nix", "{ containers.image = " + unit * 40_000, formats=FORMATS)
    assert time.process_time() - start < 5
