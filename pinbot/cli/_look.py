"""How tables look in this terminal."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from pinbot.cli._options import Output
from pinbot.report._columns import Look

_USUAL_COLUMNS = 80


def look(output: Output, stream: TextIO | None = None, below: str = "") -> Look:
    """Return the look for a stream, standard output by default: colour and wrapping only where a person reads along."""
    terminal = (stream or sys.stdout).isatty()
    color = terminal and not output.no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    width = _columns(stream or sys.stdout) if terminal else None
    return Look(color=color, verbose=output.verbose, quiet=output.quiet, width=width, below=below)


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or _USUAL_COLUMNS
    except OSError:
        return _USUAL_COLUMNS
