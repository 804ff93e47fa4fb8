"""`pinbot bump`: pins, and refreshes the digests that are there."""

from __future__ import annotations

from typing import Any

import click

from pinbot.cli import _change, _options
from pinbot.planning.outcome import Intent


@click.command("bump")
@_change.options
@click.option("--pinned-only", is_flag=True, help="Refresh what is pinned and leave the rest.")
@_options.asking
def command(pinned_only: bool, **given: Any) -> int:
    """Pin what is unpinned below PATH, refresh the digests whose tag has moved, and replace those that are gone.

    Newer digests are taken at once, unless --cooldown or the settings say otherwise. PATH `-` reads one file from
    standard input and writes it to standard output.
    """
    return _change.change(Intent(pin=not pinned_only, refresh=True), given)
