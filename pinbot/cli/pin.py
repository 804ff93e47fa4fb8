"""`pinbot pin`: a digest for every reference that has none."""

from __future__ import annotations

from typing import Any

import click

from pinbot.cli import _change
from pinbot.planning.outcome import Intent


@click.command("pin")
@_change.options
def command(**given: Any) -> int:
    """Add a digest to every reference below PATH that has none (default: the current folder).

    The tag stays, so that a person can read it and `bump` can follow it. References that are pinned already are
    left as they are. PATH `-` reads one file from standard input and writes it to standard output.
    """
    return _change.change(Intent(pin=True, refresh=False), given)
