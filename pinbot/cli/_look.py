"""How tables look in this terminal."""

from __future__ import annotations

import os
import shutil
import sys

from pinbot.cli._options import Output
from pinbot.report._columns import Look


def look(output: Output) -> Look:
    """Return the look for standard output: colour and wrapping only where a person reads along."""
    terminal = sys.stdout.isatty()
    color = terminal and not output.no_color and not os.environ.get("NO_COLOR")
    width = shutil.get_terminal_size().columns if terminal else None
    return Look(color=color, verbose=output.verbose, quiet=output.quiet, width=width)
