"""`make demo`: pinbot at work on the sample repositories, with a registry of its own and without the internet."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.world import fill, settings
from tests.fakes.registry import FakeRegistry

HERE = Path(__file__).parent
SAMPLES = ("web-shop", "platform")
COLOURED = sys.stdout.isatty() and "NO_COLOR" not in os.environ

KINDS = {
    "pin": "pinned for the first time",
    "refresh": "pinned before, and the tag has been rebuilt since",
    "replace": "pinned to a digest that is gone",
}
OUTCOMES = {
    "current": "left alone, nothing to do",
    "refused": "refused: you decide",
    "ignored": "left alone, you said so",
    "local": "left alone, made here",
    "variable": "left alone, nobody can know its value",
    "lookup-failed": "could not be looked up",
    "invalid": "no image reference",
    "held": "held back for now",
}


@dataclass(frozen=True)
class Stage:
    """Where the demo plays: a folder with the samples, the settings for its registry, and a ledger of its own."""

    folder: Path
    config: Path

    def run(self, *arguments: str, show: bool = True) -> subprocess.CompletedProcess[str]:
        """Run pinbot in the folder, with the command shown above what it prints."""
        if show:
            _say(_bold(f"$ pinbot {shlex.join(arguments)} --config settings.yaml"))
        command = [sys.executable, "-m", "pinbot", *arguments, "--config", str(self.config)]
        # What the demo's registry says of nginx must not be remembered of the real one.
        environment = os.environ | {"PINBOT_LEDGER": str(self.folder.parent / "ledger.db")}
        return subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            text=True,
            capture_output=True,
            check=False,
        )

    def json(self, *arguments: str) -> Any:
        """Run pinbot and return its JSON."""
        done = self.run(*arguments, "--format", "json", show=False)
        if not done.stdout:
            raise SystemExit(f"pinbot {shlex.join(arguments)} failed:\n{done.stderr}")
        return json.loads(done.stdout)


def main() -> None:
    """Tell the story."""
    with FakeRegistry() as registry, tempfile.TemporaryDirectory(prefix="pinbot-demo-") as scratch:
        fill(registry)
        folder = Path(scratch, "work")
        for sample in SAMPLES:
            shutil.copytree(HERE / sample, folder / sample)
        (folder / "settings.yaml").write_text(settings(registry))
        stage = Stage(folder, folder / "settings.yaml")
        _title("Two sample repositories, and a registry in this process for Docker Hub, ghcr.io and quay.io")
        _say(
            f"The samples are copies of {' and '.join(f'examples/{s}' for s in SAMPLES)}; nothing of yours is touched."
        )
        _diff(stage)
        _reasons(stage)
        _rewrite(stage)
        _sweep(stage)
        asked = [seen for seen in registry.log if "/manifests/" in seen.target]
        _say(
            f"(All runs together: {len(asked)} requests for manifests; one for each different reference in a run, "
            "a few more where a tag has left its pinned digest, and in check one for each image of a pinned index.)"
        )
    _farewell()


def _diff(stage: Stage) -> None:
    _title("1. What would change? --diff writes nothing")
    done = stage.run("bump", "--diff", *SAMPLES)
    for line in done.stdout.splitlines():
        _say(_coloured(line))
    _check(done, 0)


def _reasons(stage: Stage) -> None:
    _title("2. What was decided, and why")
    result = stage.json("bump", "--dry-run", *SAMPLES)
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for change in result["changes"]:
        groups.setdefault(KINDS[change["kind"]], []).append((_place(change), _short(change["new"]), ""))
    for kept in result["outcomes"]:
        row = (_place(kept), _short(kept["text"]), kept["reason"])
        groups.setdefault(OUTCOMES[kept["outcome"]], []).append(row)
    for title, rows in groups.items():
        _say(_bold(f"{title} ({len(rows)})"))
        for place, reference, reason in rows:
            _say(f"  {place:<36}  {reference}")
            if reason:
                _say(f"  {'':<36}  because: {reason}")
        _say("")
    suspects = stage.json("scan", *SAMPLES)["suspects"]
    _say(_bold(f"commands that name an image: listed, never edited ({len(suspects)})"))
    for suspect in suspects:
        _say(f"  {_place(suspect):<36}  {suspect['text']}")


def _rewrite(stage: Stage) -> None:
    _title("3. Do it")
    done = stage.run("bump", *SAMPLES)
    _say(_tail(done))
    _check(done, 0)
    before = _contents(stage.folder)

    _title("4. Once more: nothing is left to change")
    done = stage.run("bump", "--exit-code", *SAMPLES)
    _say(_tail(done))
    _check(done, 0)
    if _contents(stage.folder) != before:
        raise SystemExit("the second run changed a file: this is a bug")

    _title("5. The gate for CI")
    done = stage.run("check", *SAMPLES)
    _say(done.stdout.rstrip() or _tail(done))
    _say(f"(exit code {done.returncode}: the one reference that was refused still has no digest)")
    _check(done, 1)

    _title("6. What was remembered: the ledger says which digest a tag named, and when")
    done = stage.run("history", "postgres:16")
    _say(done.stdout.rstrip())
    _check(done, 0)

    _title("7. The way back: --remove takes the digests out again, without any network")
    done = stage.run("pin", "--remove", *SAMPLES)
    _say(_tail(done))
    _check(done, 0)


def _sweep(stage: Stage) -> None:
    _title("8. All repositories at once: two bare ones stand for a forge, and branches for its pull requests")
    remotes = [_remote(stage.folder, sample) for sample in SAMPLES]
    with stage.config.open("a") as file:
        file.write(
            f"forges:\n  - git: {{repositories: {json.dumps([*map(str, remotes)])}}}\n"
            f"cache: {stage.folder.parent}/cache\n"
            "pull-requests: {mode: propose}\n"
        )
    done = stage.run("sweep", "--quiet")
    _say(_tail(done))
    _check(done, 0)
    _say("\nOnce more: what is open stays as it is.")
    done = stage.run("sweep", "--exit-code")
    _say(_tail(done))
    _check(done, 0)


def _remote(folder: Path, sample: str) -> Path:
    """Make a bare repository of a sample, and return where it is."""
    work, remote = folder / sample, folder.parent / "forge" / "acme" / f"{sample}.git"
    _git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    _git(work, "init", "--quiet", "--initial-branch=main")
    _git(work, "add", ".")
    identity = ("-c", "user.name=demo", "-c", "user.email=demo@example.com", "-c", "commit.gpgsign=false")
    _git(work, *identity, "commit", "--quiet", "--message", "Begin")
    _git(work, "push", "--quiet", str(remote), "main")
    return remote


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, stdin=subprocess.DEVNULL)


def _farewell() -> None:
    _title("Your turn")
    command = Path(sys.executable).with_name("pinbot")
    _say(
        "In a repository of your own; it asks the real registries, with the logins that docker has:\n\n"
        f"    cd /path/to/your/repository\n"
        f"    {command} pin --diff      # what would change; writes nothing\n"
        f"    {command} pin             # pin it, then look at `git diff`\n\n"
        "docs/sweep.md is for those who have more than one.\n"
        "To leave a line alone, write `# pinbot: ignore` behind it or above it."
    )


def _place(item: dict[str, Any]) -> str:
    return f"{item['path']}:{item['line']}"


def _short(reference: str) -> str:
    name, mark, digest = reference.partition("@sha256:")
    return f"{name}{mark}{digest[:12]}…" if mark else name


def _tail(done: subprocess.CompletedProcess[str]) -> str:
    return "\n".join([*done.stdout.splitlines(), *done.stderr.splitlines()])


def _contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _check(done: subprocess.CompletedProcess[str], expected: int) -> None:
    if done.returncode != expected:
        raise SystemExit(f"pinbot ended with exit code {done.returncode}, not {expected}:\n{done.stdout}{done.stderr}")


def _title(text: str) -> None:
    _say(f"\n{_bold(text)}\n{'─' * min(len(text), 100)}")


def _coloured(line: str) -> str:
    colour = {"+": "32", "-": "31", "@": "36"}.get(line[:1])
    return f"\x1b[{colour}m{line}\x1b[0m" if COLOURED and colour else line


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m" if COLOURED else text


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
