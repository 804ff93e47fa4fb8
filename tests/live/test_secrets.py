"""The token of a pass: nobody sees it but the forge and git's own environment."""

from __future__ import annotations

import base64
import threading
import time
from pathlib import Path

from tests.live.site import TOKEN
from tests.live.world import World, commands

_SECRETS = (TOKEN, base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode())


def test_no_secret_is_in_output_files_or_argument_lists(world: World) -> None:
    world.image("nginx", "1.27", "a")
    api = world.add("api", {"Dockerfile": world.dockerfile("nginx:1.27")})
    api.git.hook("pre-receive", "sleep 0.3; echo Hello >&2")
    refused = world.add("web", {"Dockerfile": world.dockerfile("nginx:1.27")})
    refused.git.hook("pre-receive", f"echo 'your token {TOKEN} is no good' >&2; exit 1")
    seen: set[str] = set()
    process = world.start("--verbose")
    watcher = threading.Thread(target=_watch, args=(seen, lambda: process.poll() is None))
    watcher.start()
    process.wait()
    watcher.join()
    texts = [(world.folder / name).read_text() for name in ("run.out", "run.err")]
    assert any("is no good" in text for text in texts)
    assert any(" push " in command for command in seen), "nothing was watched"
    assert [text for text in (*texts, *seen) if _shows(text)] == []
    files = [path for path in world.folder.rglob("*") if path.is_file()]
    assert any("cache" in path.parts for path in files)
    assert [path for path in files if _shows(path.read_bytes().decode("latin-1"))] == []
    assert list((world.folder / "tmp").iterdir()) == []


def test_a_wrong_token_is_said_without_showing_it(world: World) -> None:
    world.add("api", {"Dockerfile": b"FROM scratch\n"})
    run = world.sweep(env={"FORGE_TOKEN": "ghp_wr0ngtoken"})
    assert run.outcome.code == 3
    assert "401" in run.outcome.json["error"]
    assert "wr0ngtoken" not in run.outcome.stdout + run.outcome.stderr
    assert _files_with(world.folder / "cache", b"wr0ngtoken") == []


def _watch(seen: set[str], goes_on: object) -> None:
    assert callable(goes_on)
    while goes_on():
        # Another run of these tests may write the passwords of its own server at this moment.
        seen.update(command for command in commands() if not command.startswith("htpasswd "))
        time.sleep(0.01)


def _shows(text: str) -> bool:
    return any(secret in text for secret in _SECRETS)


def _files_with(folder: Path, content: bytes) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and content in path.read_bytes()]
