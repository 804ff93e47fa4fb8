"""Definition files of Apptainer: which stages begin from an image, and what may be written there."""

from __future__ import annotations

import time

import pytest

from pinbot.formats import singularity
from pinbot.formats._claims import Claims
from tests.formats._scanning import reasons, scanned, told

FORMATS = (singularity.FORMAT,)
DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize("path", ["a.def", "x/Singularity", "Singularity.gpu", "b.singularity", "c.apptainer"])
def test_claims_definition_files(path: str) -> None:
    assert Claims(FORMATS).of(path)


FOUND = [
    pytest.param("Bootstrap: docker\nFrom: a:1\n", [("a:1", "fixed")], id="a tag leaves no room for a digest"),
    pytest.param("Bootstrap: docker\nFrom: a\n", [("a", "fixed")], id="no tag means latest"),
    pytest.param(f"Bootstrap: docker\nFrom: a@{DIGEST}\n", [(f"a@{DIGEST}", "writable")], id="a digest"),
    pytest.param(f"Bootstrap: docker\nFrom: a:1@{DIGEST}\n", [(f"a:1@{DIGEST}", "fixed")], id="both, which fails"),
    pytest.param("BootStrap : docker\nFROM : a:1 # x\n", [("a:1", "fixed")], id="any case, a comment"),
    pytest.param("Bootstrap: docker\nFrom: a:{{ V }}\n", [("a:{{ V }}", "variable")], id="an argument"),
    pytest.param(
        "Bootstrap: docker\nFrom: a:1\nStage: build\n%post\nFrom: no\n: x\nBootstrap: docker\nFrom: b:1\n",
        [("a:1", "fixed"), ("b:1", "fixed")],
        id="two stages, and text of a section",
    ),
    pytest.param("Bootstrap: localimage\nFrom: a.sif\n", [], id="a file"),
    pytest.param("Bootstrap: library\nFrom: a/b:1\n", [], id="a library"),
    pytest.param("# Bootstrap: docker\n# From: a:1\n", [], id="comments"),
    pytest.param("LIBRARY x\nEXPORTS\n  From: Bootstrap\n", [], id="a module definition of Windows"),
]


@pytest.mark.parametrize(("text", "found"), FOUND)
def test_finds_what_a_stage_begins_from(text: str, found: list[tuple[str, str]]) -> None:
    assert told("a.def", text, formats=FORMATS) == found


def test_knows_registry_and_namespace() -> None:
    text = "Bootstrap: docker\nRegistry: quay.io\nNamespace: acme\nFrom: tool:1\n"
    (finding,) = scanned("Singularity", text, formats=FORMATS).findings
    assert finding.reference is not None
    assert finding.reference.canonical == "quay.io/acme/tool:1"


def test_a_comment_behind_a_digest_is_its_tag() -> None:
    text = f"Bootstrap: docker\nFrom: a@{DIGEST} # 1.2\n"
    (finding,) = scanned("a.def", text, formats=FORMATS).findings
    assert finding.reference is not None
    assert finding.reference.tag == "1.2"


def test_says_what_to_write_instead() -> None:
    assert "# tag" in reasons("a.def", "Bootstrap: docker\nFrom: a:1\n", formats=FORMATS)[0]


@pytest.mark.parametrize("unit", ["Bootstrap: docker\nFrom: a\n%x\n", "a" * 50, " " * 50, "%a\n", "From:"])
def test_survives_hostile_text_in_linear_time(unit: str) -> None:
    start = time.process_time()
    scanned("a.def", "Bootstrap: docker\nFrom:" + unit * 5_000, formats=FORMATS)
    assert time.process_time() - start < 5
