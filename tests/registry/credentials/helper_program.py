"""Writes credential helpers: real programs, honest or not."""

from __future__ import annotations

import json
import sys
from pathlib import Path

# An honest helper: knows what stands in a file beside it, and writes down what it was asked and saw.
_HONEST = f"""#!{sys.executable} -I
import json, os, pathlib, sys
here = pathlib.Path(__file__).resolve().parent
server = sys.stdin.read()
with (here / "asked").open("a") as log:
    log.write(json.dumps([sys.argv[1:], server, dict(os.environ), os.getcwd()]) + "\\n")
logins = json.loads((here / "logins").read_text())
if server not in logins:
    print("credentials not found in native keychain")
    sys.exit(1)
user, secret = logins[server]
print(json.dumps({{"ServerURL": server, "Username": user, "Secret": secret}}))
"""


def honest(folder: Path, name: str, logins: dict[str, tuple[str, str]]) -> Path:
    """Write a helper that knows these logins by server, and return it."""
    program = written(folder, name, _HONEST)
    (folder / "logins").write_text(json.dumps(logins))
    return program


def asked(folder: Path) -> list[tuple[list[str], str, dict[str, str], str]]:
    """Return what the honest helper of a folder was asked: arguments, server, environment, current folder."""
    log = folder / "asked"
    return [tuple(json.loads(line)) for line in log.read_text().splitlines()] if log.exists() else []


def written(folder: Path, name: str, text: str) -> Path:
    """Write a program `docker-credential-NAME`."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / f"docker-credential-{name}"
    program.write_text(text)
    program.chmod(0o755)
    return program


def shell(folder: Path, name: str, script: str) -> Path:
    """Write a program of a few lines of shell."""
    return written(folder, name, f"#!/bin/sh\n{script}\n")
