"""Texts for forges: cut to what they take, marked so that they are known again, and without secrets."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from urllib.parse import quote

_CUT = "\n\n…cut here: the forge takes no longer text."
_MARK = "<!-- pinbot: said {} -->"
_SHOWN = 300
# A shorter secret would black out the text, and is none.
_SHORTEST = 8


def clip(text: str, limit: int) -> str:
    """Return a text of Markdown of at most `limit` code points: cut at the end of a line, open blocks closed."""
    if len(text) <= limit:
        return text
    room = limit - len(_CUT) - 200
    kept = text[: max(room, 0)]
    kept = kept[: kept.rfind("\n")] if "\n" in kept else kept
    ends = "\n```" if sum(line.startswith("```") for line in kept.split("\n")) % 2 else ""
    open_details = max(kept.count("<details") - kept.count("</details>"), 0)
    return (kept + ends + "\n</details>" * min(open_details, 10) + _CUT)[:limit]


def mark(text: str) -> str:
    """Return the hidden remark by which a comment with this text is known again."""
    return _MARK.format(hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32])


def redact(text: str, secrets: Iterable[str]) -> str:
    """Return a text in which none of the secrets is left: as it is, in base64, or encoded for a URL."""
    forms = {form for secret in secrets for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        if len(form) >= _SHORTEST:
            text = text.replace(form, "***")
    return text


def shown(text: str) -> str:
    """Return what a forge said, for a message: one line of printable characters, not long."""
    plain = "".join(c if c.isprintable() else " " for c in text[: 4 * _SHOWN])
    line = " ".join(plain.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def _forms(secret: str) -> Iterable[str]:
    yield secret
    yield quote(secret, safe="")
    for before in ("", "x-access-token:"):
        yield base64.b64encode(f"{before}{secret}".encode()).decode().rstrip("=")
