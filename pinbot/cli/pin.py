"""`pinbot pin`: a digest for every reference that has none, and the way back."""

from __future__ import annotations

from typing import Any

import click

from pinbot.cli import _change
from pinbot.planning.outcome import Intent


@click.command("pin")
@_change.options
@click.option(
    "--remove",
    is_flag=True,
    help="The way back, without any network: take out the digests that a tag stands beside.",
)
def command(remove: bool, **given: Any) -> int:
    """Add a digest to every reference below PATH that has none (default: the current folder).

    The tag stays, so that a person can read it and `bump` can follow it. References that are pinned already are
    left as they are. PATH `-` reads one file from standard input and writes it to standard output.

    With --remove nothing but the digest goes, and with it the line of a `digest:` of its own, so that files are as
    they were before they were pinned; a `:latest` that was written where there was no tag stays. A digest without a
    tag is left: without it the name alone would mean latest. So is what is marked with `# pinbot: ignore`.
    """
    if remove:
        return _change.remove(given)
    return _change.change(Intent(pin=True, refresh=False), given)
