"""Commands in the text of a script, as words: the part of the shell's grammar that tells a command from an argument.

https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html#tag_18_03. A word at the beginning of a
command counts, one in quotes behind `echo` does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r"""(?:[^\s'"\\;&|()`<>]+|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+|[;&|()`<>]+|['"]""", re.DOTALL)
_QUOTES = re.compile(r"""['"]|\\(.)""", re.DOTALL)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=|[0-9]+[smhd]?$|-")
# Words that run the command behind them, with their own options, numbers and assignments between.
# fmt: off
_WRAPPERS = {
    "!", "builtin", "command", "do", "elif", "else", "env", "eval", "exec", "if", "nice", "nohup", "retry", "sudo",
    "then", "time", "timeout", "travis_retry", "until", "while", "{",
}
# fmt: on
_SHELLS = {"sh", "bash", "zsh", "dash", "bat", "powershell", "pwsh"}
# The keys of workflow files whose values are commands; a name or a description is prose.
_YAML_LEAD = re.compile(r"\s*(?:-\s+)*(?:(?:run|script|command|cmd|sh|bash|before_script|after_script):\s+)?(?:-\s+)*")
_MAKE_LEAD = re.compile(r"\s*[@+-]*")
_JSON_VALUE = re.compile(r':\s*"((?:[^"\\]|\\.)*)"')
_SHOWN_TEXT = re.compile(r"""^\s*(?:cat|echo)\b[^|;&]*<<-?\s*['"]?(\w+)""")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command: its text without quotes, and as it is written."""

    text: str
    written: str


def commands(text: str, suffix: str) -> Iterator[tuple[int, list[Word]]]:
    """Yield line (from 1) and words of each command; `suffix` of the file decides what may stand before one."""
    ends: str | None = None
    for line, logical in logical_lines(text):
        if ends is not None:
            ends = None if logical.strip() == ends else ends
            continue
        shown = _SHOWN_TEXT.match(logical)
        ends = shown[1] if shown else None
        if "docker" in logical or "podman" in logical or "nerdctl" in logical:
            for part in _parts(logical, suffix):
                yield from ((line + above, words) for above, words in _commands(part))


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines with their continuations, joined by line ends; comments are left out."""
    first, parts = 1, list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        first = first if parts else number
        stripped = line.strip()
        is_comment = stripped.startswith(("#", "//"))
        if (is_comment and parts) or (stripped.endswith("\\") and not is_comment):
            parts.append("" if is_comment else line.rstrip()[:-1])
        else:
            yield first, "\n".join((*parts, "" if is_comment else line))
            parts = []
    if parts:
        yield first, "\n".join(parts)


def _parts(line: str, suffix: str) -> Iterator[str]:
    """Yield the stretches of a line that are shell text."""
    if suffix == ".json":
        yield from (match[1].replace('\\"', '"') for match in _JSON_VALUE.finditer(line))
        return
    lead = (_YAML_LEAD if suffix in {".yml", ".yaml"} else _MAKE_LEAD).match(line)
    rest = line[lead.end() :] if lead else line
    # What leads is blanked, not cut, so that a line end in it still counts.
    blank = "\n" * line.count("\n", 0, len(line) - len(rest))
    stripped = rest.strip()
    if len(stripped) > 1 and stripped[0] == stripped[-1] and stripped[0] in "'\"" and stripped[0] not in stripped[1:-1]:
        rest = stripped[1:-1]
    yield blank + rest


def _commands(text: str) -> Iterator[tuple[int, list[Word]]]:
    """Yield each command of a shell text with the number of line ends before it; quoted commands are read too."""
    waiting = [(0, text)]
    while waiting:
        above, part = waiting.pop()
        words: list[Word] = []
        line = here = above
        read = 0
        for token in _TOKEN.finditer(part):
            here += part.count("\n", read, token.start())
            read = token.start()
            if token[0][0] in ";&|()`<>":
                yield from _command(line, words)
                words = []
                continue
            if token[0][0] == "#" or token[0] in {"'", '"'}:
                break  # a comment; or a quote that ends on another line, so what follows may be prose
            line = line if words else here
            word = Word(_QUOTES.sub(r"\1", token[0]), token[0])
            waiting += [(here, inner) for inner in _inner(words, word)]
            words.append(word)
        yield from _command(line, words)


def _inner(before: list[Word], word: Word) -> Iterator[str]:
    """Yield the commands inside a quoted word: `$(…)`, and what is given to a shell."""
    if word.written[-1] not in "'\"" or len(word.text) == len(word.written):
        return
    given = before and (before[-1].text == "-c" or before[-1].text in _SHELLS)
    if given:
        yield word.text
    elif "$(" in word.written:
        yield from word.text.split("$(")[1:]


def _command(line: int, words: list[Word]) -> Iterator[tuple[int, list[Word]]]:
    """Yield a command from the word on that is run, behind wrappers such as `sudo` and assignments."""
    at = 0
    while at < len(words) and (words[at].text in _WRAPPERS or _ASSIGNMENT.match(words[at].text)):
        at += 1
    if at < len(words):
        yield line, words[at:]
