"""Tables: what a person reads, in a pipe and on a terminal of any width."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.planning.inspect import Inspection
from pinbot.planning.lint import judge
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.problem import Gate, Problem, Unchecked
from pinbot.report import _check_table, as_table
from pinbot.report._columns import Look, Row, table, width
from pinbot.source.finding import Skip
from pinbot.source.suspect import Suspect
from pinbot.source.text import Span
from tests.core.examples import NEW, OLD, aside, fixed, found
from tests.fakes.memory import TERMS
from tests.report._results import HOSTILE, change, check, survey, update

PIPE = Look()
LONG = f"{'deep/' * 30}Dockerfile"
WHY = "the registry does not answer, and that takes more words to explain than fit into any narrow terminal at all"


def lines(text: str) -> list[str]:
    return text.splitlines()


class TestColumns:
    def test_line_up_and_leave_out_a_head_without_notes(self) -> None:
        rows = [Row(("a:1", "x")), Row(("bbbb:22", "y"))]
        assert table(("place", "image", "reason"), rows, PIPE) == "PLACE    IMAGE\na:1      x\nbbbb:22  y\n"

    def test_a_note_stands_on_the_line_in_a_pipe(self) -> None:
        [_, row] = lines(table(("place", "image", "reason"), [Row(("a:1", "x"), WHY)], PIPE))
        assert row == f"a:1    x      {WHY}"

    def test_a_note_wraps_under_its_row_on_a_terminal(self) -> None:
        told = lines(table(("place", "image", "reason"), [Row(("a:1", "x"), WHY)], Look(width=60)))
        assert told[1] == "a:1    x"
        assert all(line.startswith("    ") and len(line) <= 60 for line in told[2:])
        assert " ".join(line.strip() for line in told[2:]) == WHY

    def test_a_long_place_takes_a_line_of_its_own_and_moves_nobody_else(self) -> None:
        rows = [Row(("a:1", "x")), Row((LONG, "y")), Row(("b:1", "z"))]
        told = lines(table(("place", "image", "reason"), rows, Look(width=80)))
        assert told == ["PLACE  IMAGE", "a:1    x", LONG, "       y", "b:1    z"]

    def test_a_long_place_in_a_pipe_stays_on_its_line(self) -> None:
        rows = [Row(("a:1", "x")), Row((LONG, "y"))]
        assert lines(table(("place", "image", "reason"), rows, PIPE)) == ["PLACE  IMAGE", "a:1    x", f"{LONG}  y"]

    def test_a_terminal_too_narrow_for_most_rows_gets_two_lines_each(self) -> None:
        told = lines(table(("place", "image", "reason"), [Row(("path/to/x:1", "image:1"), "why")], Look(width=16)))
        assert told == ["PLACE", "    IMAGE", "path/to/x:1", "    image:1  why"]

    def test_wide_characters_take_two_columns(self) -> None:
        told = lines(table(("place", "image", "reason"), [Row(("資料:1", "x")), Row(("abcdef", "y"))], PIPE))
        assert [width(line.rstrip("xy")) for line in told[1:]] == [8, 8]
        assert width("e\u0301") == 1

    def test_no_rows_make_no_table(self) -> None:
        assert table(("place", "reason"), [], PIPE) == ""

    def test_colours_do_not_move_columns(self) -> None:
        result = survey([found("a:1"), found(f"b:1@{OLD}")])
        bare, coloured = (as_table.scan(result, Look(width=80, color=c)) for c in (False, True))
        assert "\x1b[33munpinned\x1b[0m" in coloured
        for code in ("\x1b[0m", "\x1b[2m", "\x1b[32m", "\x1b[33m"):
            coloured = coloured.replace(code, "")
        assert coloured == bare


def _missed(status: str, count: int, registry: str = "down.example", reason: str = "no answer") -> list[Kept]:
    images = [found(f"{registry}/app:{status}-{n}") for n in range(count)]
    reasons = [f"{registry}/app:{status}-{n}: {reason}" for n in range(count)]
    return [Kept(one, "lookup-failed", why, status=status) for one, why in zip(images, reasons, strict=True)]


class TestOutages:
    def test_a_registry_that_does_not_answer_is_told_once(self) -> None:
        result = update([*_missed("timeout", 50), *_missed("tls", 2, "bad.example")])
        told = as_table.update(result, PIPE, written=True)
        assert told.count("no answer") == 2
        assert "no answer; so for 49 more references of down.example\n" in told
        assert "no answer; so for 1 more reference of bad.example\n" in told
        assert "52 lookup-failed" in told
        assert "Not listed: 50 references; --verbose lists all." in told
        assert as_table.update(result, Look(verbose=True), written=True).count("no answer") == 52

    def test_what_is_left_alone_belongs_to_what_it_failed_of(self) -> None:
        alone = _missed("left-alone", 9, reason="not asked")
        told = as_table.update(update([*alone, *_missed("5xx", 5, reason="trouble")]), PIPE, written=True)
        assert "not asked" not in told
        assert "trouble; so for 13 more references of down.example\n" in told
        alone_told = as_table.update(update(alone), PIPE, written=True)
        assert alone_told.count("not asked; so for 8 more references") == 1

    def test_what_each_reference_lacks_is_told_for_each(self) -> None:
        told = as_table.update(update([*_missed("404", 3), *_missed("401", 2)]), PIPE, written=True)
        assert told.count("no answer") == 5

    def test_two_ways_to_fail_are_two_lines(self) -> None:
        told = as_table.update(update([*_missed("5xx", 2), *_missed("pull-limit", 4)]), PIPE, written=True)
        assert told.count("no answer") == 2

    def test_a_check_tells_it_once_as_well(self) -> None:
        unchecked = [Unchecked(k.finding, k.reason, k.status) for k in _missed("refused", 7)]
        told = _check_table.check(check([u.finding for u in unchecked], unchecked=unchecked), PIPE)
        assert told.count("no answer") == 1
        assert "so for 6 more references of down.example" in told
        assert "7 references could not be looked up" in told


class TestScan:
    def test_nothing(self) -> None:
        assert as_table.scan(survey(), PIPE) == "No image references found.\n"

    def test_what_is_on_purpose_is_counted_and_listed_on_demand(self) -> None:
        result = survey([found("a:1"), aside("local", "a stage"), aside("variable", "unknown")])
        told = as_table.scan(result, PIPE)
        assert "a stage" not in told
        assert "3 references in 1 file: 1 unpinned, 1 local, 1 variable.\n" in told
        assert told.endswith("Not listed: 1 reference; --verbose lists all.\n")
        assert "a stage" in as_table.scan(result, Look(verbose=True))

    def test_many_suspects_and_skips_are_cut(self) -> None:
        suspects = [Suspect(f"{n}.sh", n, "docker run x") for n in range(7)]
        told = as_table.scan(survey((), [Skip("a", "a: not YAML")], suspects), PIPE)
        assert "7 commands name an image without a digest (listed, never edited):\n  0.sh:0  docker run x\n" in told
        assert "  … and 2 more (--verbose lists them)\n" in told
        assert "1 file was not read:\n  a: not YAML\n" in told
        assert "6.sh" in as_table.scan(survey((), (), suspects), Look(verbose=True))

    def test_a_file_with_two_bad_stretches_is_one_file(self) -> None:
        skips = [Skip("a", "line 1: why", Span(0, 1)), Skip("a", "line 9: why", Span(5, 7))]
        assert "1 file was not read completely:\n  a: line 1: why\n" in as_table.scan(survey((), skips), PIPE)

    def test_quiet_is_the_table_alone(self) -> None:
        result = survey([found("a:1")], [Skip("a", "why")], [Suspect("b", 1, "docker run x")])
        assert as_table.scan(result, Look(quiet=True)) == "PLACE    IMAGE  STATE\na.yml:1  a:1    unpinned\n"

    def test_paths_are_shown_from_the_current_folder(self) -> None:
        result = survey([found("a:1")], [Skip("a", "a: why")], [Suspect("b", 1, "docker run x")])
        told = as_table.scan(result, Look(below="sub/"))
        assert all(text in told for text in ("sub/a.yml:1 ", "  sub/a: why\n", "  sub/b:1  docker run x\n"))


class TestUpdate:
    def test_nothing(self) -> None:
        assert as_table.update(update([]), PIPE, written=True) == "No image references found.\n"

    def test_rows_stand_in_the_order_of_the_files(self) -> None:
        items: list[Change | Kept] = [
            change(found("a:1"), f"a:1@{NEW}"),
            Kept(found("b:1"), "refused", "why"),
            change(found("c:1"), f"c:1@{NEW}"),
        ]
        told = lines(as_table.update(update(items), PIPE, written=True))
        assert [line.split()[1] for line in told[1:4]] == ["a:1", "b:1", "c:1"]
        assert told[2].endswith("refused  why")
        assert "3 references in 1 file: 2 pinned, 1 refused." in told

    @pytest.mark.parametrize(
        ("written", "says"),
        [
            (True, ["refreshed", "1 refreshed.", "1 new digest taken at once"]),
            (
                False,
                ["to be refreshed", "1 to be refreshed.", "1 new digest to be taken at once", "Nothing was written."],
            ),
        ],
    )
    def test_tells_what_is_done_from_what_would_be(self, written: bool, says: list[str]) -> None:
        result = replace(update([change(found(f"a:1@{OLD}"), f"a:1@{NEW}", "refresh")]), at_once=1)
        told = as_table.update(result, PIPE, written)
        assert [text for text in says if text not in told] == []
        assert f"{OLD.short} → {NEW.short}" in told

    @pytest.mark.parametrize(
        ("count", "says"), [(1, "1 reference follows latest: "), (3, "3 references follow latest: ")]
    )
    def test_says_how_many_follow_latest(self, count: int, says: str) -> None:
        items = [change(found("a"), f"a:latest@{NEW}") for _ in range(count)]
        assert says in as_table.update(update(items), PIPE, written=True)

    def test_points_to_the_commands_that_no_pin_reaches(self) -> None:
        told = as_table.update(update([], [Suspect("a.sh", 1, "docker run x")]), PIPE, written=True)
        assert "1 command names an image without a digest, and pinbot edits no commands: see `pinbot scan`." in told

    def test_says_that_nothing_is_left_only_when_that_is_so(self) -> None:
        current, refused = Kept(found(f"a:1@{OLD}"), "current", "pinned"), Kept(found("b:1"), "refused", "why")
        assert "Nothing to change." in as_table.update(update([current]), PIPE, written=True)
        assert "Nothing to change." not in as_table.update(update([current, refused]), PIPE, written=True)

    def test_beside_a_diff_the_changes_are_only_counted(self) -> None:
        items: list[Change | Kept] = [change(found("a:1"), f"a:1@{NEW}"), Kept(found("b:1"), "refused", "why")]
        told = as_table.update(update(items), PIPE, written=False, listed=False)
        assert "a:1" not in told
        assert "1 to be pinned, 1 refused." in told

    def test_a_reason_does_not_repeat_its_row(self) -> None:
        reason = f"docker.io/library/a@{OLD}: the registry serves this digest no more, only {NEW}"
        told = as_table.update(update([change(found(f"a:1@{OLD}"), f"a:1@{NEW}", "replace", reason)]), PIPE, True)
        assert f"replaced  the registry serves this digest no more, only sha256:{NEW.short}…\n" in told


class TestCheck:
    def test_nothing(self) -> None:
        assert _check_table.check(check([]), PIPE) == "0 references checked: 0 errors, 0 notes.\n"

    def test_says_once_how_to_mend_what_many_have(self) -> None:
        findings = [found("a:1"), found("b:1"), fixed("c:1", "two images share it")]
        told = _check_table.check(check(findings, judge(findings, None, Gate(TERMS)).problems), PIPE)
        assert told.count("`pinbot pin`") == 1
        assert "pinbot cannot write one here: two images share it\n" in told
        assert told.endswith("3 references checked: 3 errors, 0 notes.\n")

    def test_counts_what_could_not_be_looked_up(self) -> None:
        finding = found(f"a:1@{OLD}")
        result = check([finding], [Problem("outdated", finding, "m", "run it")], [Unchecked(finding, "no answer")])
        told = _check_table.check(result, PIPE)
        assert "unchecked" in told
        assert "1 reference checked: 0 errors, 1 note; 1 reference could not be looked up.\n" in told


class TestResolve:
    def test_a_paragraph_for_each(self) -> None:
        platforms = (Platform("linux", "amd64"), Platform("linux", "arm64", "v8"))
        good = Inspection("a:1", Reference.parse("a:1"), NEW, "index", platforms, datetime(2026, 11, 1, tzinfo=UTC))
        assert as_table.resolve([good, Inspection("B", None, error="no reference")], PIPE) == (
            f"a:1\n  digest     {NEW}\n  kind       index\n  platforms  linux/amd64, linux/arm64/v8\n"
            "  created    2026-11-01 00:00 UTC\n\nB\n  error      no reference\n"
        )

    def test_nothing(self) -> None:
        assert as_table.resolve([], PIPE) == ""


@pytest.mark.parametrize("look", [Look(verbose=True), Look(verbose=True, width=40), Look(verbose=True, width=200)])
def test_no_name_and_no_reason_is_obeyed_by_a_terminal(look: Look) -> None:
    kept = Kept(found("a:1", path=HOSTILE), "refused", HOSTILE)
    finding = found("a:1", path=HOSTILE)
    seen = survey([finding], [Skip(HOSTILE, HOSTILE)], [Suspect(HOSTILE, 1, HOSTILE)])
    pages = (
        as_table.scan(seen, look),
        as_table.update(update([kept]), look, written=True),
        _check_table.check(check([finding], [Problem("invalid", finding, HOSTILE, "r")]), look),
        as_table.resolve([Inspection(HOSTILE, None, error=HOSTILE)], look),
    )
    for page in pages:
        assert not set(HOSTILE) - set("[31m\n") & set(page)
        assert "\\x1b[31m\\u202e\\u200b\\n\\r\\x07\\x9b\\udcff" in page.replace("\n    ", "")
