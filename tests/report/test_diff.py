"""Diffs: git and patch take them, whatever the files are called and hold."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pinbot.planning.diff import diff
from pinbot.report import _drawn
from pinbot.report._columns import Look
from pinbot.source.text import encode
from tests.report._results import HOSTILE, patch

MANY = "".join(f"{n}\n" for n in range(30))

CONTENTS = [
    pytest.param("a\n", "b\n", id="one line"),
    pytest.param("a", "b", id="no last line end"),
    pytest.param("a\r\nx\r\nb\r\n", "a\r\nx\r\nc\r\n", id="line ends of Windows"),
    pytest.param("\ufeffa\nb\n", "\ufeffa\nc\n", id="a byte order mark"),
    pytest.param("a\fb\x85c\u2028d\n", "a\fb\x85c\u2028e\n", id="other characters that end lines elsewhere"),
    pytest.param("a # \udcff\n", "b # \udcff\n", id="bytes that are no UTF-8"),
    pytest.param(MANY, MANY.replace("2\n", "2@\n").replace("25\n", "@\n"), id="several hunks"),
    pytest.param(MANY, MANY.replace("10\n", "@\n").replace("16\n", "@\n"), id="contexts that touch"),
    pytest.param(MANY, MANY.replace("10\n", "@\n").replace("18\n", "@\n"), id="contexts that just do not touch"),
    pytest.param(MANY, MANY.replace("7\n", "7\n7a\n"), id="inserted lines"),
    pytest.param("-- a\n", "++ b\n", id="lines that look like heads"),
]
PATHS = [
    pytest.param("Dockerfile", id="plain"),
    pytest.param("a b/Docker file", id="spaces"),
    pytest.param("größe/Dockerfile", id="not ASCII"),
    pytest.param('q"t/Dockerfile', id="a quote"),
    pytest.param("back\\slash", id="a backslash"),
    pytest.param("tab\there", id="a tab"),
    pytest.param("x\udcff", id="no UTF-8"),
    pytest.param("e\x1b[31m", id="an escape sequence"),
]

PATCH = pytest.param(
    ["patch", "-s", "-p1"],
    marks=pytest.mark.skipif(shutil.which("patch") is None, reason="the program patch is not installed"),
    id="patch",
)


def lay(folder: Path, path: str, text: str) -> Path:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(encode(text))
    return file


@pytest.mark.parametrize("command", [pytest.param(["git", "apply", "-"], id="git"), PATCH])
class TestApplies:
    @pytest.mark.parametrize(("before", "after"), CONTENTS)
    def test_any_content(self, tmp_path: Path, command: list[str], before: str, after: str) -> None:
        file = lay(tmp_path, "x", before)
        text = diff([patch(before, after, "x")])
        subprocess.run(command, cwd=tmp_path, input=encode(text), check=True)
        assert file.read_bytes() == encode(after)

    @pytest.mark.parametrize("path", PATHS)
    def test_any_path(self, tmp_path: Path, command: list[str], path: str) -> None:
        file = lay(tmp_path, path, "a\n")
        subprocess.run(command, cwd=tmp_path, input=encode(diff([patch("a\n", "b\n", path)])), check=True)
        assert file.read_bytes() == b"b\n"

    def test_from_a_folder_inside_of_a_checkout(self, tmp_path: Path, command: list[str]) -> None:
        subprocess.run(["git", "init", "-q", tmp_path], check=True)
        file = lay(tmp_path, "here/below/x", "a\n")
        text = diff([patch("a\n", "b\n", "x")], "below/")
        subprocess.run(command, cwd=tmp_path / "here", input=encode(text), check=True)
        assert file.read_bytes() == b"b\n"


def test_is_empty_without_patches() -> None:
    assert diff([]) == _drawn.drawn("", Look(width=80)) == ""


def test_shows_three_lines_around_a_change() -> None:
    text = diff([patch(MANY, MANY.replace("10\n", "@\n"))])
    assert text.splitlines() == [
        *("--- a/Dockerfile", "+++ b/Dockerfile", "@@ -8,7 +8,7 @@"),
        *(" 7", " 8", " 9", "-10", "+@", " 11", " 12", " 13"),
    ]


def test_on_a_terminal_is_coloured_and_not_obeyed() -> None:
    hostile = HOSTILE.replace("\n", "")
    text = diff([patch(f"a{hostile}\t\r\n", "b\r\n")])
    drawn = _drawn.drawn(text, Look(color=True, width=80))
    assert "\x1b[31m-a\\x1b[31m\\u202e\\u200b\\r\\x07\\x9b\\udcff\t\x1b[0m\n\x1b[32m+b\x1b[0m\n" in drawn
    assert not {"\u202e", "\x07", "\r"} & set(drawn)


def test_on_a_terminal_without_colours_reads_as_it_is() -> None:
    text = diff([patch(MANY, MANY.replace("10\n", "@\n"))])
    assert _drawn.drawn(text, Look(width=80)) == text
