"""Scanning one Dockerfile in memory, and BuildKit's own parser beside it."""

from __future__ import annotations

from typing import NamedTuple

import dockerfile as buildkit

from pinbot.formats import dockerfile
from pinbot.formats._claims import Claims
from pinbot.formats._scan import Scanned, scan_file
from pinbot.source.finding import Aside, Finding, Fixed, Writable
from pinbot.source.text import encode
from tests.fakes.memory import run_once

FORMATS = (dockerfile.FORMAT,)
DIGEST = "sha256:" + "0123456789abcdef" * 4


class Told(NamedTuple):
    """A finding in three words."""

    where: str
    text: str
    outcome: str


def scanned(text: str, path: str = "Dockerfile") -> Scanned:
    """Scan a Dockerfile."""
    return scan_file(path, encode(text), Claims(FORMATS), lambda _path: None) or Scanned(path)


def outcome(finding: Finding) -> str:
    """Say in a word, or with the reference, what a finding is."""
    match finding.standing:
        case Aside(status=status):
            return status
        case Fixed(reference=reference):
            return f"fixed {reference}"
        case Writable(reference=reference):
            return str(reference)


def told(text: str) -> list[Told]:
    """Return where, text and outcome of each finding."""
    return [Told(f.where, f.text, outcome(f)) for f in scanned(text).findings]


def images(text: str) -> list[str]:
    """Return the references that would be pinned or are."""
    return [str(f.reference) for f in scanned(text).findings if isinstance(f.standing, Writable)]


def pinned(text: str) -> str:
    """Return the text after a first pin, its digests shortened to `@…`."""
    _, files = run_once({"Dockerfile": encode(text)}, FORMATS)
    after = files["Dockerfile"].decode("utf-8", "surrogateescape")
    return "".join(part if number == 0 else "@…" + part[64:] for number, part in enumerate(after.split("@sha256:")))


def buildkit_lines(text: str) -> list[tuple[str, int]]:
    """Return keyword and first line of each instruction as BuildKit reads them."""
    return [(command.cmd.upper(), command.start_line) for command in buildkit.parse_string(text) if command.cmd]


def buildkit_sources(text: str) -> list[str]:
    """Return the first word of each FROM, and each `--from=`, as BuildKit reads them."""
    found: list[str] = []
    for command in buildkit.parse_string(text):
        name = (command.sub_cmd or command.cmd).upper()
        if name == "FROM":
            found.append(command.value[0])
        if name == "COPY":
            found += [flag.removeprefix("--from=") for flag in command.flags if flag.startswith("--from=")]
        if name == "RUN":
            found += [flag for flag in command.flags if flag.startswith("--mount=")]
    return found
