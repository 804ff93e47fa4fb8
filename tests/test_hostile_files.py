"""Hostile and broken files: each ends in a skip that names it, soon, and the files beside it are still pinned."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.registry import FakeRegistry
from tests.hostile import COMPOSE, HOSTILE, JSON, POD, STAGES
from tests.process import pinbot

LIMIT_SECONDS = 2.0
GOOD = {
    "Dockerfile": STAGES,
    "good/compose.yaml": COMPOSE,
    "good/pod.yaml": POD,
    "good/pod.json": JSON + b"}",
    "zz/last.yaml": POD,
}


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    """A registry that serves what the good files name."""
    with FakeRegistry() as registry:
        registry.push_image("library/nginx", tags=["1.27"], platforms=["linux/amd64", "linux/arm64"])
        yield registry


def test_there_are_fifty_of_them() -> None:
    assert len(HOSTILE) >= 50


def test_the_good_files_beside_them_are_pinned(registry: FakeRegistry, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    for name, make in HOSTILE.items():
        make(_place(root, name))
    for name, content in GOOD.items():
        _place(root, name).write_bytes(content)
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"registries:\n  docker.io:\n    endpoint: {registry.url}\n")

    done = pinbot("pin", "--format", "json", "--config", settings, root, home=tmp_path)

    assert sorted(change["path"] for change in done.json["changes"]) == sorted(GOOD)
    digest = registry.tags["library/nginx"]["1.27"].encode()
    for name, content in GOOD.items():
        assert (root / name).read_bytes() == content.replace(b"nginx:1.27", b"nginx:1.27@" + digest)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_a_named_skip(name: str, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    HOSTILE[name](_place(root, name))
    started = time.monotonic()
    done = pinbot("scan", "--format", "json", root, home=tmp_path)
    took = time.monotonic() - started
    assert done.code == 0
    assert {skip["path"] for skip in done.json["skipped_files"] if skip["reason"]} == {name}
    assert took < LIMIT_SECONDS


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file, whatever its mode says")
def test_a_file_that_may_not_be_read_ends_in_a_named_skip(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    secret = _place(root, "secret.yaml")
    secret.write_bytes(POD)
    secret.chmod(0)
    done = pinbot("scan", "--format", "json", root, home=tmp_path)
    assert [skip["path"] for skip in done.json["skipped_files"]] == ["secret.yaml"]


def _place(root: Path, name: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
