"""`pinbot pin` and `pinbot bump`: what they write, what they print, how they exit."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.cli.conftest import Place


def digest(place: Place, name: str, tag: str) -> str:
    return place.registry.tags[f"library/{name}"][tag]


def test_pin_writes_the_digest_of_the_tag_and_nothing_else(place: Place) -> None:
    place.write("Dockerfile", "# hello\r\nFROM nginx:1.27 AS web\r\nRUN true")
    done = place.pinbot("pin")
    assert done.code == 0, done.stderr
    assert place.read("Dockerfile") == f"# hello\r\nFROM nginx:1.27@{digest(place, 'nginx', '1.27')} AS web\r\nRUN true"
    assert "Dockerfile:2  nginx:1.27" in done.stdout
    assert f"- → {digest(place, 'nginx', '1.27')[7:19]}" in done.stdout
    assert "1 reference in 1 file: 1 pinned." in done.stdout


def test_a_second_run_changes_nothing(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\nFROM nginx\n")
    assert place.pinbot("bump").code == 0
    before = place.read("Dockerfile")
    again = place.pinbot("bump", "--exit-code")
    assert (again.code, place.read("Dockerfile")) == (0, before)
    assert "2 current" in again.stdout
    assert "Nothing to change." in again.stdout


def test_an_untagged_reference_keeps_its_tag_known(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx\n")
    done = place.pinbot("pin")
    assert place.read("Dockerfile") == f"FROM nginx:latest@{digest(place, 'nginx', 'latest')}\n"
    assert "1 reference follows latest" in done.stdout


def test_diff_writes_nothing_and_can_be_applied(place: Place) -> None:
    place.write("a/Dockerfile", "FROM nginx:1.27")
    place.write("compose.yaml", "services:\r\n  a:\r\n    image: redis:7\r\n")
    place.git("init", "-q")
    place.git("add", "-A")
    before = (place.read("a/Dockerfile"), place.read("compose.yaml"))
    done = place.pinbot("pin", "--diff", "--exit-code")
    assert done.code == 1
    assert (place.read("a/Dockerfile"), place.read("compose.yaml")) == before
    place.write("../the.patch", done.stdout)
    place.git("apply", "../the.patch")
    applied = (place.read("a/Dockerfile"), place.read("compose.yaml"))
    assert applied == (
        f"FROM nginx:1.27@{digest(place, 'nginx', '1.27')}",
        f"services:\r\n  a:\r\n    image: redis:7@{digest(place, 'redis', '7')}\r\n",
    )
    assert "2 to be pinned" in done.stderr
    assert "Nothing was written." in done.stderr


def test_dry_run_writes_nothing_and_prints_the_outcomes(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    done = place.pinbot("pin", "--dry-run")
    assert (done.code, place.read("Dockerfile")) == (0, "FROM nginx:1.27\n")
    assert "1 to be pinned" in done.stdout


def test_exit_code_tells_that_something_changed(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    assert place.pinbot("pin", "--exit-code").code == 1
    assert place.pinbot("pin", "--exit-code").code == 0


def test_pin_leaves_what_is_pinned_and_asks_nothing_about_it(place: Place) -> None:
    old = f"sha256:{'0' * 64}"
    place.write("Dockerfile", f"FROM nginx:1.27@{old}\n")
    done = place.pinbot("pin")
    assert (done.code, place.registry.log) == (0, [])
    assert "1 current" in done.stdout


def test_bump_refreshes_a_tag_that_moved(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    place.pinbot("pin")
    old = digest(place, "nginx", "1.27")
    new = place.registry.push_image("library/nginx", ["1.27"], ["linux/amd64", "linux/arm64/v8"], content_seed="new")
    done = place.pinbot("bump", "--format", "json")
    assert place.read("Dockerfile") == f"FROM nginx:1.27@{new}\n"
    assert done.json["changes"] == [
        {
            "path": "Dockerfile",
            "line": 1,
            "column": 6,
            "format": "dockerfile",
            "kind": "refresh",
            "old": f"nginx:1.27@{old}",
            "new": f"nginx:1.27@{new}",
            "registry": "docker.io",
            "repository": "library/nginx",
        }
    ]


def test_bump_replaces_a_digest_that_is_gone(place: Place) -> None:
    place.write("Dockerfile", f"FROM nginx:1.27@sha256:{'0' * 64}\n")
    done = place.pinbot("bump", "--format", "json")
    assert [c["kind"] for c in done.json["changes"]] == ["replace"]
    assert place.read("Dockerfile") == f"FROM nginx:1.27@{digest(place, 'nginx', '1.27')}\n"


def test_pinned_only_leaves_what_has_no_digest(place: Place) -> None:
    place.write("Dockerfile", f"FROM nginx:1.27@sha256:{'0' * 64} AS a\nFROM redis:7\n")
    done = place.pinbot("bump", "--pinned-only", "--format", "json")
    assert place.read("Dockerfile") == f"FROM nginx:1.27@{digest(place, 'nginx', '1.27')} AS a\nFROM redis:7\n"
    assert [(o["line"], o["outcome"]) for o in done.json["outcomes"]] == [(2, "ignored")]


def test_what_cannot_be_looked_up_does_not_hold_up_the_rest(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:nope AS a\nFROM redis:7\n")
    done = place.pinbot("pin", "--format", "json")
    assert done.code == 3
    assert place.read("Dockerfile") == f"FROM nginx:nope AS a\nFROM redis:7@{digest(place, 'redis', '7')}\n"
    [missed] = done.json["outcomes"]
    assert (missed["outcome"], missed["status"], missed["line"]) == ("lookup-failed", "404", 1)
    assert "nope" in missed["reason"]


def test_outcomes_and_changes_add_up_to_the_references(place: Place) -> None:
    place.write(
        "Dockerfile", "ARG TARGETARCH\nFROM nginx:1.27 AS a\nFROM a\nFROM x:${UNKNOWN}\nFROM Bad/Name\nFROM redis:no\n"
    )
    place.write("vendor/x/Dockerfile", "FROM redis:7\n")
    done = place.pinbot("pin", "--format", "json", "--dry-run")
    summary = done.json["summary"]
    assert len(done.json["changes"]) + len(done.json["outcomes"]) == summary["references"] == 6
    assert summary == {
        "references": 6,
        "updated": 1,
        "current": 0,
        "held": 0,
        "refused": 0,
        "lookup-failed": 1,
        "variable": 1,
        "local": 1,
        "ignored": 1,
        "invalid": 1,
    }
    assert all(o["reason"] for o in done.json["outcomes"])


class TestStandardInput:
    def test_is_rewritten_to_standard_output(self, place: Place) -> None:
        done = place.pinbot("pin", "-", "--as", "Dockerfile", stdin="FROM redis:7\r\n")
        assert (done.code, done.stdout) == (0, f"FROM redis:7@{digest(place, 'redis', '7')}\r\n")
        assert "1 pinned" in done.stderr

    def test_comes_back_as_it_was_when_there_is_nothing_to_do(self, place: Place) -> None:
        done = place.pinbot("pin", "-", "--as", "README.md", stdin="FROM redis:7")
        assert done.stdout == "FROM redis:7"
        assert "README.md: not a file that pinbot reads" in done.stderr

    def test_with_json_gives_the_outcomes(self, place: Place) -> None:
        done = place.pinbot("pin", "-", "--as", "Dockerfile", "--dry-run", "--format", "json", stdin="FROM redis:7\n")
        assert [c["new"] for c in done.json["changes"]] == [f"redis:7@{digest(place, 'redis', '7')}"]

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            pytest.param(("pin", "-"), "needs --as FILENAME", id="without a name"),
            pytest.param(("pin", "--as", "Dockerfile"), "--as goes with the path", id="a name without a dash"),
            pytest.param(("pin", "-", "x", "--as", "Dockerfile"), "cannot stand beside", id="a dash among paths"),
            pytest.param(
                ("pin", "-", "--as", "Dockerfile", "--format", "json"), "add --dry-run", id="json in place of the file"
            ),
        ],
    )
    def test_used_wrongly_is_explained(self, place: Place, arguments: tuple[str, ...], message: str) -> None:
        done = place.pinbot(*arguments)
        assert done.code == 2
        assert message in done.stderr
        assert "Traceback" not in done.stderr


def test_include_exclude_and_only_choose_the_files(place: Place) -> None:
    for name in ("a/Dockerfile", "b/Dockerfile"):
        place.write(name, "FROM redis:7\n")
    place.write("compose.yaml", "services: {a: {image: 'redis:7'}}\n")

    def changed(*options: str) -> list[str]:
        return [c["path"] for c in place.pinbot("pin", "--dry-run", "--format", "json", *options).json["changes"]]

    assert changed() == ["a/Dockerfile", "b/Dockerfile", "compose.yaml"]
    assert changed("--include", "a/") == ["a/Dockerfile"]
    assert changed("--exclude", "a/") == ["b/Dockerfile", "compose.yaml"]
    assert changed("--only", "compose") == ["compose.yaml"]


def test_vendored_data_is_left_out_unless_asked_for(place: Place) -> None:
    place.write("node_modules/x/Dockerfile", "FROM redis:7\n")
    assert place.pinbot("pin", "--format", "json").json["summary"]["ignored"] == 1
    assert place.pinbot("pin", "--all", "--format", "json").json["summary"]["updated"] == 1


def test_a_file_that_cannot_be_written_is_named_and_the_others_are_done(place: Place) -> None:
    place.write("Dockerfile", "FROM redis:7\n")
    outside = place.write("../elsewhere/Dockerfile", "FROM redis:7\n")
    (place.folder / "link").mkdir()
    (place.folder / "link" / "Dockerfile").symlink_to(outside)
    done = place.pinbot("pin")
    assert (done.code, outside.read_text()) == (0, "FROM redis:7\n")
    assert "1 file was not read" in done.stdout
    assert "link/Dockerfile: a link that leaves the folder" in done.stdout
    assert "1 pinned" in done.stdout


def test_one_manifest_request_for_a_reference_that_stands_in_many_files(place: Place) -> None:
    for n in range(5):
        place.write(f"{n}/Dockerfile", "FROM redis:7\nFROM docker.io/library/redis:7\n")
    done = place.pinbot("pin")
    assert "10 pinned" in done.stdout
    asked = [(r.method, r.path) for r in place.registry.log]
    assert asked == [("GET", "/v2/"), ("HEAD", "/v2/library/redis/manifests/7")]


def test_quiet_prints_the_table_alone(place: Place) -> None:
    place.write("Dockerfile", "FROM redis:7\n")
    done = place.pinbot("pin", "--quiet")
    assert (len(done.stdout.splitlines()), done.stderr) == (2, "")


def test_a_terminal_is_never_obeyed_through_file_names(place: Place) -> None:
    place.write("\x1b[31mred/Dockerfile", "FROM redis:7\n")
    done = place.pinbot("pin", "--dry-run")
    assert "\x1b" not in done.stdout
    assert "\\x1b[31mred/Dockerfile:1" in done.stdout


class TestPaths:
    def test_a_diff_of_a_folder_applies_where_pinbot_was_called(self, place: Place) -> None:
        place.write("deploy/a b/Dockerfile", "FROM redis:7\n")
        place.git("init", "-q")
        place.git("add", "-A")
        place.write("../the.patch", place.pinbot("pin", "--diff", "deploy").stdout)
        place.git("apply", "../the.patch")
        assert place.read("deploy/a b/Dockerfile") == f"FROM redis:7@{digest(place, 'redis', '7')}\n"

    @pytest.mark.parametrize("path", ["deploy", "deploy/", "./deploy/."])
    def test_are_relative_to_the_folder_in_json_and_clickable_for_a_person(self, place: Place, path: str) -> None:
        place.write("deploy/Dockerfile", "FROM redis:7\n")
        assert place.pinbot("pin", path, "--dry-run", "--format", "json").json["changes"][0]["path"] == "Dockerfile"
        assert "\ndeploy/Dockerfile:1  " in place.pinbot("pin", path, "--dry-run").stdout


def test_diff_in_json_stands_beside_the_outcomes(place: Place) -> None:
    place.write("Dockerfile", "FROM redis:7\n")
    done = place.pinbot("pin", "--diff", "--format", "json")
    assert done.json["diff"].startswith("--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1 +1 @@\n-FROM redis:7\n")
    assert (done.json["summary"]["updated"], place.read("Dockerfile")) == (1, "FROM redis:7\n")


def test_diff_keeps_bytes_that_are_not_utf_8(place: Place) -> None:
    (place.folder / "Dockerfile").write_bytes(b"FROM redis:7\n# gr\xf6\xdfe\n")
    done = subprocess.run(
        [sys.executable, "-m", "pinbot", "pin", "--diff", "-q"],
        cwd=place.folder,
        env={"HOME": str(place.home), "PATH": "/usr/bin:/bin", "PINBOT_CONFIG": str(place.home / "s.yaml")},
        capture_output=True,
        check=True,
    )
    subprocess.run(["git", "apply", "-"], cwd=place.folder, input=done.stdout, check=True)
    new = f"FROM redis:7@{digest(place, 'redis', '7')}\n".encode()
    assert (place.folder / "Dockerfile").read_bytes() == new + b"# gr\xf6\xdfe\n"


def test_what_was_missed_explains_the_exit_code(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:nope\n")
    done = place.pinbot("pin")
    assert (done.code, done.stderr) == (
        3,
        "Exit code 3: not everything could be looked up or written.\n",
    )
    assert place.pinbot("pin", "--quiet").stderr == ""


def test_an_argument_that_compose_sets_is_refused_with_its_place(place: Place) -> None:
    place.write("app/Dockerfile", "ARG TAG=7\nFROM redis:${TAG}\n")
    place.write("compose.yaml", "services:\n  a:\n    build:\n      context: app\n      args: {TAG: '6'}\n")
    outcomes = {o["path"]: o for o in place.pinbot("pin", "--format", "json").json["outcomes"]}
    kept = outcomes["app/Dockerfile"]
    assert (kept["outcome"], outcomes["compose.yaml"]["outcome"]) == ("refused", "lookup-failed")
    assert "compose.yaml:" in kept["reason"]
    assert "TAG" in kept["reason"]
    assert place.read("app/Dockerfile") == "ARG TAG=7\nFROM redis:${TAG}\n"


def test_bump_moves_tags_as_far_as_the_level_allows_and_says_so(place: Place) -> None:
    for tag in ("1.27.1", "1.27.9", "1.28.0", "2.0.0"):
        place.registry.push_image("library/nginx", [tag], ["linux/amd64", "linux/arm64"], content_seed=tag)
    place.write("Dockerfile", "FROM nginx:1.27.1\n")
    done = place.pinbot("bump", "--level", "minor")
    digest = place.registry.tags["library/nginx"]["1.28.0"]
    assert (done.code, place.read("Dockerfile")) == (0, f"FROM nginx:1.28.0@{digest}\n")
    assert "nginx:1.27.1 → 1.28.0" in done.stdout
    assert "1 moved (minor)" in done.stdout
    assert "1 new digest taken at once, without a cooldown" in done.stdout


def test_a_cooldown_pins_now_and_says_until_when_the_newer_tag_waits(place: Place) -> None:
    for tag in ("1.27.1", "1.27.9"):
        place.registry.push_image("library/nginx", [tag], content_seed=tag)
    place.write("Dockerfile", "FROM nginx:1.27.1\n")
    place.pinbot("bump", "--level", "patch", "--cooldown", "3d")
    assert place.read("Dockerfile").startswith("FROM nginx:1.27.1@")
    kept = place.pinbot("bump", "--level", "patch", "--cooldown", "3d", "--format", "json").json["outcomes"][0]
    assert (kept["outcome"], kept["until"] is not None) == ("held", True)
    assert kept["reason"].startswith("1.27.9: first seen ")
    place.pinbot("bump", "--level", "patch", "--cooldown", "3d", "--now", "nginx")
    assert place.read("Dockerfile").startswith("FROM nginx:1.27.9@")


def test_bump_explain_lists_the_tags_and_why_not(place: Place) -> None:
    for tag in ("1.27.1", "1.27.9", "2.0.0", "1.27.9-alpine"):
        place.registry.push_image("library/nginx", [tag], content_seed=tag)
    before = "FROM nginx:1.27.1\n"
    place.write("Dockerfile", before)
    done = place.pinbot("bump", "--level", "patch", "--explain", "Dockerfile:1")
    assert (done.code, place.read("Dockerfile")) == (0, before)
    assert "patch: it becomes nginx:1.27.9@sha256:" in done.stdout
    assert "beyond level patch" in done.stdout
    told = place.pinbot("bump", "--level", "patch", "--explain", "Dockerfile:1", "--format", "json").json
    (reference,) = told["references"]
    assert [c["tag"] for c in reference["candidates"] if c["taken"]] == ["1.27.9"]
    assert {c["tag"] for c in reference["candidates"]} == {
        "1.27",
        "1.27.1",
        "1.27.9",
        "1.27.9-alpine",
        "2.0.0",
        "latest",
    }


def test_bump_explain_says_why_no_tags_are_listed_and_until_when_it_waits(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\nFROM nginx\n")
    place.pinbot("pin")
    digest = place.read("Dockerfile")[16:87]
    told = place.pinbot("bump", "--explain", "Dockerfile:1").stdout
    assert "Its level is digest, so the tag stays" in told
    assert f"nginx:1.27@{digest[:19]}…" in told
    assert digest in place.pinbot("bump", "--explain", "Dockerfile:1", "--verbose").stdout
    told = place.pinbot("bump", "--explain", "Dockerfile:2", "--level", "minor").stdout
    assert "latest says no version" in told
    place.registry.push_image("library/nginx", ["1.27"], content_seed="again")
    told = place.pinbot("bump", "--explain", "Dockerfile:1", "--cooldown", "3d").stdout
    assert re.search(r"held: first seen .*, cooldown 3 days; until 20..-..-.. ..:.. UTC\.", told)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        pytest.param("until: 2999-01-01", "held: the settings hold it to the end of 2999-01-01; until", id="held"),
        pytest.param("mode: pin", "Its mode is pin", id="only pinned"),
        pytest.param("mode: ignore", "ignored: the settings ignore it", id="ignored"),
    ],
)
def test_bump_explain_says_what_settings_forbid(place: Place, values: str, words: str) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    place.pinbot("pin")
    place.write(".pinbot.yaml", f"defaults: {{level: minor, {values}}}\n")
    done = place.pinbot("bump", "--explain", "Dockerfile:1")
    assert done.code == 0
    assert words in done.stdout


def test_explain_needs_a_line_of_a_file_that_counts(place: Place) -> None:
    place.write("Dockerfile", "FROM nginx:1.27\n")
    for where in ("Dockerfile", "nowhere:1", "Dockerfile:x"):
        assert place.pinbot("bump", "--explain", where).code == 2
