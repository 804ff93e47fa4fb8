"""The sample repositories and the demo: what a new user sees first must be true."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from examples import world
from examples.demo import SAMPLES
from tests.fakes.registry import FakeRegistry

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"


def _contents() -> dict[Path, bytes]:
    return {p: p.read_bytes() for s in SAMPLES for p in sorted((EXAMPLES / s).rglob("*")) if p.is_file()}


def test_every_pin_of_the_samples_is_served_by_the_demo_registry() -> None:
    with FakeRegistry() as registry:
        world.fill(registry)
        served = {digest for _, digest in registry.manifests}
    pins = {pin for text in _contents().values() for pin in re.findall(r"sha256:[0-9a-f]{64}", text.decode())}
    assert pins
    assert pins <= served, f"write other pins into the samples; the registry has {sorted(served)}"


def test_one_sample_has_the_line_ends_of_windows_and_no_last_line_end() -> None:
    text = (EXAMPLES / "web-shop/legacy/docker-compose.yml").read_bytes()
    assert text.count(b"\r\n") == text.count(b"\n") > 3
    assert not text.endswith(b"\n")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the demo prints; nobody's home and nobody's ledger learn of its made-up registry."""
    before, home = _contents(), tmp_path_factory.mktemp("home")
    command = [sys.executable, "-m", "examples.demo"]
    environment = os.environ | {"HOME": str(home), "PINBOT_LEDGER": str(home / "mine.db")}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert not list(home.rglob("*")), "the demo left something behind"
    assert _contents() == before, "the demo changed the samples"
    return done.stdout


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("$ pinbot bump --diff web-shop platform", id="the command that it runs"),
        pytest.param("+FROM python:3.12-slim@sha256:", id="the diff"),
        pytest.param("the tag has been rebuilt since", id="what is refreshed"),
        pytest.param("acme/web-shop  Pin 8 images  opened", id="pull requests"),
        pytest.param("23 references: everything is as it should be.", id="a second sweep has nothing to do"),
        pytest.param("we want every new Mailpit at once", id="the reason of a remark"),
        pytest.param("one image of the present index (linux/arm64", id="the pin of one platform"),
        pytest.param("docker run --rm -p 6379:6379 redis:7", id="the command in a script"),
        pytest.param("$ pinbot history postgres:16", id="what the ledger knows"),
        pytest.param("$ pinbot pin --remove web-shop platform", id="the way back"),
        pytest.param("pin --diff", id="how to go on"),
    ],
)
def test_the_demo_shows(told: str, words: str) -> None:
    assert words in told
