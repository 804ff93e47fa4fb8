"""A command in a script that names an image: listed, never edited."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Suspect:
    """A command such as `docker run nginx:latest`; `line` counts from 1, `text` ends with the image."""

    path: str
    line: int
    text: str
