"""`pinbot bump`: pins, refreshes the digests that are there, and moves tags as far as it may."""

from __future__ import annotations

from typing import Any

import click

from pinbot.cli import _change, _options
from pinbot.planning.outcome import Intent


@click.command("bump")
@_change.options
@click.option("--pinned-only", is_flag=True, help="Refresh what is pinned and leave the rest.")
@click.option("--explain", metavar="PATH:LINE", help="Say which tags a line could have, and why not. Writes nothing.")
@_options.asking
def command(pinned_only: bool, explain: str | None, **given: Any) -> int:
    """Pin what is unpinned below PATH, refresh the digests whose tag has moved, and replace those that are gone.

    With --level, or where the settings say so, tags move to newer versions of the same variant. What is new is taken
    at once, unless --cooldown or the settings say otherwise. PATH `-` reads one file from standard input and writes it
    to standard output.
    """
    intent = Intent(pin=not pinned_only, refresh=True)
    return _change.change(intent, given) if explain is None else _change.explain(intent, given, explain)
