"""Two images beside each other on a terminal: in columns where they fit, one below the other where they do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Runtime
from pinbot.planning.sides import Side, Sides
from pinbot.report import diff_as_table
from pinbot.report._columns import Look, width
from tests.core.pictures import LABEL, NGINX, Picture, evidence, packages

OLD = Picture(
    "old",
    created=datetime(2026, 11, 3, tzinfo=UTC),
    labels={f"{LABEL}source": "https://github.com/acme/a-long-name-of-a-repository-that-goes-on-for-some-time"},
    runtime=Runtime("nonroot", command=("serve",), ports=tuple(f"{n}/tcp" for n in range(3))),
    packages=packages(a="1"),
)
NEW = replace(
    OLD,
    name="new",
    runtime=Runtime(
        "", command=("serve", *["--with", "many", "words", "that", "have", "no", "room", "at", "all", "here"])
    ),
    packages=packages(**{f"p{n:03}": "1" for n in range(200)}),
)
SIDES = Sides(Side(NGINX, OLD.digest), Side(Reference.parse("nginx:1.28"), NEW.digest), evidence(OLD, NEW))


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_lines_fit_where_words_allow_it(columns: int) -> None:
    said = diff_as_table.diff(SIDES, Look(width=columns))
    long = [line for line in said.splitlines() if width(line) > columns]
    assert all("−" in line or "+ " in line or "(the same)" in line for line in long), long
    if columns == 200:
        assert not long


def test_long_values_stand_below_each_other() -> None:
    said = diff_as_table.diff(SIDES, Look(width=80)).splitlines()
    (place,) = (n for n, line in enumerate(said) if line.startswith("command"))
    assert said[place].split(None, 1)[1] == "− serve"
    assert said[place + 1].strip().startswith("+ serve --with many")
    (source,) = (line for line in said if line.startswith("source"))
    assert source.endswith("for-some-time (the same)")


def test_of_many_packages_the_first_are_shown_and_all_with_verbose() -> None:
    assert "… and 176 more (--verbose lists them)" in diff_as_table.diff(SIDES, Look(width=80))
    assert "p199" in diff_as_table.diff(SIDES, Look(verbose=True))


def test_quiet_is_what_changed_alone() -> None:
    bare = Sides(SIDES.old, SIDES.new, evidence(replace(OLD, packages=None), NEW))
    assert "cannot be compared" in diff_as_table.diff(bare, Look())
    assert "cannot be compared" not in diff_as_table.diff(bare, Look(quiet=True))


def test_platforms_are_counted_and_those_that_differ_are_named() -> None:
    amd, arm, *others = (Platform("linux", name) for name in ("amd64", "arm64", "s390x", "riscv64"))
    sides = Sides(
        SIDES.old,
        SIDES.new,
        evidence(replace(OLD, platforms=(amd, arm)), replace(NEW, platforms=(amd, *others))),
    )
    said = diff_as_table.diff(sides, Look(width=80))
    assert "3: linux/riscv64, linux/s390x added, linux/arm64 gone" in said


@pytest.mark.parametrize("hostile", ["\x1b[31m", "\u202e", "\x07", "\r", "a\nb"])
def test_no_platform_obeys_the_terminal(hostile: str) -> None:
    odd = replace(OLD, platforms=(Platform(f"linux{hostile}", "amd64"),), single=True)
    other = replace(NEW, platforms=(Platform("linux", f"arm64{hostile}"),), single=True)
    sides = Sides(SIDES.old, SIDES.new, evidence(odd, other))
    said = diff_as_table.diff(sides, Look())
    assert "for two platforms" in said
    assert all(char == "\n" or char.isprintable() for char in said)
    assert "a\nb" not in said


def test_colours_end_where_their_line_ends() -> None:
    for line in diff_as_table.diff(SIDES, Look(color=True, width=80)).splitlines():
        assert line.count("\x1b[") % 2 == 0
        assert "\x1b[" not in line or line.rindex("\x1b[0m") == line.rindex("\x1b[")
