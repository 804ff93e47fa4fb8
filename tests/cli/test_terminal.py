"""What differs where a person reads along, and what happens when the reader goes away."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from contextlib import suppress

import pytest

from tests.cli.conftest import Place


def on_a_terminal(place: Place, *arguments: str, columns: int = 100, environ: dict[str, str] | None = None) -> str:
    """Return what pinbot prints on a terminal with so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    known = {"HOME": str(place.home), "PATH": "/usr/bin:/bin", "PINBOT_CONFIG": str(place.home / "s.yaml")}
    command = [sys.executable, "-m", "pinbot", *arguments]
    with subprocess.Popen(
        command,
        cwd=place.folder,
        env={**known, "TERM": "xterm", **(environ or {})},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        seen = b""
        with suppress(OSError):  # Linux says EIO when the last writer closes the terminal
            while piece := os.read(ours, 65_536):
                seen += piece
    os.close(ours)
    return seen.decode().replace("\r\n", "\n")


class TestColours:
    def test_are_for_terminals_alone(self, place: Place) -> None:
        place.write("Dockerfile", "FROM redis:7\n")
        assert "\x1b[33munpinned\x1b[0m" in on_a_terminal(place, "scan")
        assert "\x1b" not in place.pinbot("scan").stdout

    @pytest.mark.parametrize(
        ("option", "environ"),
        [
            pytest.param(["--no-color"], {}, id="--no-color"),
            pytest.param([], {"NO_COLOR": "1"}, id="NO_COLOR"),
            pytest.param([], {"TERM": "dumb"}, id="a terminal without colours"),
        ],
    )
    def test_can_be_refused(self, place: Place, option: list[str], environ: dict[str, str]) -> None:
        place.write("Dockerfile", "FROM redis:7\n")
        assert "\x1b" not in on_a_terminal(place, "scan", *option, environ=environ)

    def test_an_empty_no_color_does_not_count(self, place: Place) -> None:
        place.write("Dockerfile", "FROM redis:7\n")
        assert "\x1b[33m" in on_a_terminal(place, "scan", environ={"NO_COLOR": ""})


def test_lines_fit_into_a_narrow_terminal(place: Place) -> None:
    place.write("some/folder/with/a/name/compose.yaml", "services: {a: {image: 'redis:7'}, b: {image: 'x:${Y}'}}\n")
    seen = on_a_terminal(place, "scan", "--no-color", columns=50)
    assert max(map(len, seen.splitlines())) <= 50


def test_a_diff_on_a_terminal_is_coloured_and_shows_no_control_characters(place: Place) -> None:
    place.write("Dockerfile", "FROM redis:7\n# \x1b[2J\n")
    seen = on_a_terminal(place, "pin", "--diff")
    assert "\x1b[31m-FROM redis:7\x1b[0m\n\x1b[32m+FROM redis:7@sha256:" in seen
    assert "# \\x1b[2J" in seen


@pytest.mark.parametrize(("verb", "code"), [("scan", 0), ("check", 1)])
def test_a_reader_that_goes_away_does_not_change_the_exit_code(place: Place, verb: str, code: int) -> None:
    place.write("Dockerfile", "FROM redis:7\n" * 20_000)
    script = f'{sys.executable} -m pinbot {verb} | head -1; exit "${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["/bin/bash", "-c", script],
        cwd=place.folder,
        env={"HOME": str(place.home), "PATH": "/usr/bin:/bin", "PINBOT_CONFIG": str(place.home / "s.yaml")},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (code, b"")


@pytest.mark.parametrize(
    ("redirection", "code", "says"),
    [
        pytest.param(">&-", 0, "", id="closed"),
        pytest.param(">/dev/full", 3, "Error: The results cannot be written to standard output: ", id="full"),
        pytest.param(">/dev/null 2>&-", 0, "", id="standard error closed"),
    ],
)
def test_an_output_that_cannot_be_written_is_no_bug(place: Place, redirection: str, code: int, says: str) -> None:
    place.write("Dockerfile", "FROM redis:7\n")
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m pinbot scan {redirection}"],
        cwd=place.folder,
        env={"HOME": str(place.home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr.decode()[: len(says)], b"Traceback" in done.stderr) == (code, says, False)
