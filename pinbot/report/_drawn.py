"""A unified diff for a person at a terminal."""

from __future__ import annotations

from pinbot.report._columns import Look, styled
from pinbot.report._rows import printable

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def drawn(text: str, look: Look) -> str:
    """Return a diff for a person at a terminal: coloured, and without anything that a terminal might obey."""
    # No form feed or U+2028 ends a line here, as splitlines() would have it.
    return "".join(f"{_safe(line, look)}\n" for line in text.removesuffix("\n").split("\n")) if text else ""


def _safe(line: str, look: Look) -> str:
    text = "\t".join(map(printable, line.removesuffix("\r").split("\t")))
    return styled(text, "bold" if line.startswith(("--- ", "+++ ")) else _STYLES.get(line[:1], ""), look)
