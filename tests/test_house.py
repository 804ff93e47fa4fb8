"""Keeps the floors and walls of the house; each rule is a function of `tests.house`, each failure says what to do."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import pinbot
import pinbot.formats
from pinbot.discovery import collect
from pinbot.formats._base import Format
from tests import house
from tests.house import House, Rule

SOURCE = Path(pinbot.__file__).parent

RULES: list[tuple[str, Rule, str]] = [
    (
        "imports point down",
        house.keeps_floors,
        "move what is shared one floor down, or give the room a floor in tests/house.py and docs/decisions/",
    ),
    (
        "wall 1: pure rooms stay pure",
        house.stays_pure,
        "let an edge do it and pass the value in (`now`, text, an answer)",
    ),
    (
        "wall 2: edges do not know one another",
        house.keeps_edges_apart,
        "join them in wiring.py, or move what both need to net/ or below",
    ),
    (
        "wall 3: guests do not import siblings",
        house.keeps_guests_apart,
        "move what both need to an underscore module of the folder",
    ),
    (
        "wall 4: libraries stay at home",
        house.keeps_libraries_at_home,
        "call the room where the library lives; a new library needs a home in tests/house.py and a reason",
    ),
    (
        "wall 5: only wiring names the doors",
        house.names_doors_only_in_wiring,
        "take the door as an argument, typed by its Protocol in ports.py",
    ),
    (
        "wall 5: only cli exits and reads the environment",
        house.exits_only_in_cli,
        "raise from pinbot.errors, or take `environ` as an argument",
    ),
    ("modules stay small", house.stays_small, f"split it: {house.MAX_LINES} lines are the most"),
    ("modules introduce themselves", house.introduces_itself, "say in one sentence what the module knows"),
    ("imports make no circles", house.has_no_circles, "move what both need one floor down"),
]


@pytest.mark.parametrize(("rule", "advice"), [pytest.param(rule, advice, id=name) for name, rule, advice in RULES])
def test_the_house_keeps_its_rules(rule: Rule, advice: str) -> None:
    broken = list(rule(_pinbot()))
    assert not broken, "\n".join([*broken, f"What to do: {advice}."])


def test_discovery_finds_every_format() -> None:
    files = sorted(p.stem for p in (SOURCE / "formats").glob("*.py") if not p.stem.startswith("_"))
    found = collect(pinbot.formats, "FORMAT", Format)
    assert len(found) == len(files), f"every module of formats/ defines FORMAT: {files}"
    assert len({f.name for f in found}) == len(found), "two formats have one name"


VIOLATIONS = [
    pytest.param(house.keeps_floors, {"oci/a.py": "import pinbot.source.b", "source/b.py": ""}, id="upward import"),
    pytest.param(
        house.keeps_floors,
        {"source/a.py": "def f():\n    from pinbot import run", "run.py": ""},
        id="inside a function",
    ),
    pytest.param(house.keeps_floors, {"formats/a.py": "from pinbot.files import read", "files.py": ""}, id="sideways"),
    pytest.param(house.keeps_floors, {"attic/a.py": ""}, id="a room without a floor"),
    pytest.param(house.stays_pure, {"oci/a.py": "import os"}, id="os in a pure room"),
    pytest.param(house.stays_pure, {"planning/a.py": "import urllib.request"}, id="a request in a pure room"),
    pytest.param(house.stays_pure, {"report/a.py": "from pathlib import Path"}, id="pathlib in a pure room"),
    pytest.param(house.stays_pure, {"report/a.py": "from io import open"}, id="open by another name"),
    pytest.param(house.stays_pure, {"run.py": "from pinbot.net import x", "net/x.py": ""}, id="an edge in run"),
    pytest.param(
        house.stays_pure, {"run.py": "from datetime import datetime\nnow = datetime.now()"}, id="a clock in run"
    ),
    pytest.param(house.stays_pure, {"source/a.py": "text = open('x').read()"}, id="open in a pure room"),
    pytest.param(house.stays_pure, {"source/a.py": "print('x')"}, id="print in a pure room"),
    pytest.param(
        house.keeps_edges_apart, {"config/a.py": "import pinbot.registry.b", "registry/b.py": ""}, id="edge to edge"
    ),
    pytest.param(
        house.keeps_edges_apart,
        {
            "files.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pinbot import wiring",
            "wiring.py": "",
        },
        id="for types alone",
    ),
    pytest.param(
        house.keeps_guests_apart, {"formats/a.py": "from pinbot.formats.b import x", "formats/b.py": ""}, id="a sibling"
    ),
    pytest.param(
        house.keeps_guests_apart, {"formats/a.py": "from . import b", "formats/b.py": ""}, id="a relative one"
    ),
    pytest.param(
        house.keeps_guests_apart,
        {"registry/credentials/a.py": "from pinbot.registry.credentials import b", "registry/credentials/b.py": ""},
        id="in a nested room",
    ),
    pytest.param(house.keeps_libraries_at_home, {"registry/a.py": "import httpx"}, id="httpx outside net"),
    pytest.param(house.keeps_libraries_at_home, {"formats/compose.py": "import yaml"}, id="yaml outside formats/_yaml"),
    pytest.param(house.keeps_libraries_at_home, {"net/a.py": "import requests"}, id="a library without a home"),
    pytest.param(
        house.names_doors_only_in_wiring,
        {"cli/a.py": "from pinbot.registry.b import Resolver", "registry/b.py": ""},
        id="a resolver named in cli",
    ),
    pytest.param(house.exits_only_in_cli, {"net/a.py": "import os\nx = os.environ['A']"}, id="the environment in net"),
    pytest.param(house.exits_only_in_cli, {"net/a.py": "from os import getenv"}, id="getenv by name"),
    pytest.param(house.exits_only_in_cli, {"run.py": "raise SystemExit(1)"}, id="an exit in run"),
    pytest.param(house.stays_small, {"run.py": "x = 1\n" * 301}, id="a long module"),
    pytest.param(house.introduces_itself, {"run.py": "x = 1\n"}, id="no docstring"),
    pytest.param(
        house.has_no_circles,
        {"oci/a.py": "import pinbot.oci.b", "oci/b.py": "from pinbot.oci import c", "oci/c.py": "import pinbot.oci.a"},
        id="a circle of three",
    ),
]


@pytest.mark.parametrize(("rule", "files"), VIOLATIONS)
def test_the_rules_see_a_violation(rule: Rule, files: dict[str, str], tmp_path: Path) -> None:
    assert list(rule(_house(tmp_path, files)))


GOOD = {
    "__init__.py": '"""A house."""',
    "errors.py": '"""Errors."""',
    "oci/__init__.py": '"""A room."""',
    "oci/digest.py": '"""Digests."""\nfrom pinbot.errors import E\nimport hashlib',
    "net/guard.py": '"""Requests."""\nimport os, httpx\nx = os.path',
    "formats/_yaml.py": '"""Shared."""\nimport yaml',
    "formats/a.py": '"""A guest."""\nfrom pinbot.formats._yaml import x\nimport posixpath',
    "registry/resolver.py": '"""An edge."""\nfrom pinbot.net.guard import x\nimport msgspec.json',
    "run.py": '"""The story."""\nfrom pinbot.formats import _yaml\nfrom io import StringIO\nnow: datetime.date',
    "wiring.py": '"""Joins."""\nfrom pinbot.registry.resolver import R\nfrom pinbot import run',
    "cli/main.py": '"""The verbs."""\nimport os, sys, click\nfrom pinbot import wiring\nsys.exit(os.environ["X"])',
}


@pytest.mark.parametrize("rule", [pytest.param(rule, id=name) for name, rule, _ in RULES])
def test_the_rules_let_a_good_house_stand(rule: Rule, tmp_path: Path) -> None:
    assert list(rule(_house(tmp_path, GOOD))) == []


@cache
def _pinbot() -> House:
    """Return our own house, read once for all rules."""
    return House(SOURCE)


def _house(folder: Path, files: dict[str, str]) -> House:
    root = folder / "pinbot"
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return House(root)
