"""`pinbot bump`: pins, and refreshes the digests that are there."""

from __future__ import annotations

from typing import Any

import click

from pinbot.cli import _change
from pinbot.planning.outcome import Intent


@click.command("bump")
@_change.options
@click.option("--pinned-only", is_flag=True, help="Refresh what is pinned and leave the rest.")
@click.option(
    "--level",
    type=click.Choice(["digest"]),
    default="digest",
    show_default=True,
    help="How far a reference may move; at `digest` its tag stays.",
)
def command(pinned_only: bool, level: str, **given: Any) -> int:  # noqa: ARG001 # one level so far
    """Pin what is unpinned below PATH, refresh the digests whose tag has moved, and replace those that are gone.

    Newer digests are taken at once: the one-shot command has no cooldown. PATH `-` reads one file from standard
    input and writes it to standard output.
    """
    return _change.change(Intent(pin=not pinned_only, refresh=True), given)
