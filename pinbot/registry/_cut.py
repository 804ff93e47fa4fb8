"""Texts of strangers, cut to what is kept; what differs behind the cut still differs."""

from __future__ import annotations

import hashlib


def cut(text: str, most: int) -> str:
    """Return a text of at most `most` characters (40 and more), with a digest of all of it where it was cut."""
    if len(text) <= most:
        return text
    end = f"… ({told_apart(text)})"
    return f"{text[: most - len(end)]}{end}"


def told_apart(text: str) -> str:
    """Return some words that are the same for equal texts, and for no others."""
    return f"sha256 {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
