"""Text from files and registries as GitHub-flavoured Markdown that says just that text (https://github.github.com/gfm/).

All of it is hostile. What is not a plain word goes into a code span, where forges see no mention, number of an issue,
address, image or HTML; a word that stays outside is made of letters, or is a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

LONGEST = 200
_ANSI = re.compile(r"\x1b\[[0-?]{0,40}[ -/]{0,4}[@-~]")
# Letters and marks that are drawn as nothing, beside those that Unicode calls control, format or space.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {chr(n) for n in range(0xFE00, 0xFE10)}
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_REPLACEMENT = "\ufffd"
_QUOTED = re.compile(r"`([^`]+)`")
_TICKS = re.compile(r"`+")
# A renderer may give up on longer fences (cmark: 80), and then what is in them is no code.
_MOST_TICKS = 16
_MANY_TICKS = re.compile(rf"`{{{_MOST_TICKS + 1},}}")
_TAIL = re.compile(r"[,.;:!?)]{0,3}")
_PLAIN = re.compile(r"[(\"']?[A-Za-z]+(?:['-][A-Za-z]+)*[\"']?[),.;:!?]{0,3}|\(?[0-9]{1,6}[),;:]{0,2}|[-–—→]")
_HOME = re.compile(r"https?://[A-Za-z0-9.:/_~-]+[A-Za-z0-9_~-]")
_PULL = re.compile(r"/(?:pull|pulls|-/merge_requests)/([0-9]{1,9})")
# What makes a comment of HTML: our own, by which pull requests are told apart, must not be found in anybody's text.
_COMMENT = re.compile(r"<!-|-->")


def clean(text: str, longest: int = LONGEST) -> str:
    """Return a text on one line, with nothing hidden in it, and with an ellipsis where it was cut."""
    shown = " ".join(_ANSI.sub("", text[: 4 * longest]).split())
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(_REPLACEMENT if _is_hidden(char) else char for char in shown)
    return shown if len(shown) <= longest and len(text) <= 4 * longest else f"{shown[: longest - 1]}…"


def code(text: str, longest: int = LONGEST) -> str:
    """Return a text as a code span that may stand in a table; empty where there is no text.

    A `|` would end the cell whatever stands before it, so a broken bar stands for it; a long run of backticks is cut.
    """
    shown = _COMMENT.sub("<->", clean(text, longest)).replace("|", "¦")
    shown = _MANY_TICKS.sub("`" * _MOST_TICKS + "…", shown)
    if not shown:
        return ""
    fence = "`" * (1 + max((len(run) for run in _TICKS.findall(shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def prose(text: str, home: str = "", longest: int = 2 * LONGEST) -> str:
    """Return a sentence: plain words as they are, and everything else, and what it has in backticks, in code spans.

    Only the address of a pull request of the repository at `home`, an URL, becomes a link.
    """
    return " ".join(_words(clean(text, longest), home))


def table(heads: Sequence[str], rows: Sequence[str]) -> str:
    """Return a table; `rows` are made by `row`."""
    return "\n".join((row(*heads), row(*("---" for _ in heads)), *rows))


def row(*cells: str) -> str:
    """Return one row of a table."""
    return f"| {' | '.join(cells)} |"


def folded(summary: str, text: str) -> str:
    """Return a part that is opened by a click; `summary` is ours."""
    return f"<details>\n<summary>{summary}</summary>\n\n{text}\n\n</details>"


def _words(text: str, home: str) -> Iterator[str]:
    done = 0
    for found in _QUOTED.finditer(text):
        yield from _plain(text[done : found.start()], home)
        tail = _TAIL.match(text, found.end())
        done = tail.end() if tail else found.end()
        yield f"{code(found[1])}{text[found.end() : done]}"
    yield from _plain(text[done:], home)


def _plain(text: str, home: str) -> Iterator[str]:
    for word in text.split():
        if _PLAIN.fullmatch(word):
            yield word
            continue
        # A sentence's own punctuation behind a name is no part of it.
        name = word.rstrip(",;:.)")
        yield (_link(name, home) or code(name)) + (word[len(name) :] if name else code(word))


def _link(word: str, home: str) -> str | None:
    """Return a link to a pull request; with words of ours, as forges read `closes` before an address as an order."""
    found = (
        _PULL.fullmatch(word.removeprefix(home)) if home and word.startswith(home) and _HOME.fullmatch(home) else None
    )
    return f"[pull request {found[1]}]({word})" if found else None


def _is_hidden(char: str) -> bool:
    return (
        char in _BLANK or (not char.isascii() and unicodedata.category(char) in _HIDDEN) or char < " " or char == "\x7f"
    )
