"""Commands in scripts and workflow steps that name an image (`docker run nginx:latest`): listed, never edited."""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.source.suspect import Suspect


def looks_suspect(path: str) -> bool:
    """Whether a file of that path may hold commands."""
    return path.endswith(".sh")


def suspects(path: str, data: bytes) -> Iterator[Suspect]:
    """Yield the commands in a file that name an image."""
    yield from ()
