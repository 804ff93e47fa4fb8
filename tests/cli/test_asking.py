"""`pinbot scan`, `check` and `resolve`, and the frame of the command itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import Place

GONE = f"sha256:{'0' * 64}"


def rules(done: Any) -> list[tuple[str, str, int]]:
    return [(p["rule"], p["level"], p["line"]) for p in done.json["problems"]]


class TestScan:
    def test_says_everything_the_contract_names(self, place: Place) -> None:
        place.write("Dockerfile", "FROM python:3.12-slim AS build\nCOPY --from=build /a /b\n")
        place.write("run.sh", "#!/bin/sh\ndocker run nginx:latest\n")
        place.write("broken.Dockerfile", "FROM a\0b\n")
        result = place.pinbot("scan", "--format", "json").json
        assert result["references"][0] == {
            "path": "Dockerfile",
            "line": 1,
            "column": 6,
            "start": 5,
            "end": 21,
            "format": "dockerfile",
            "where": "FROM (stage build)",
            "text": "python:3.12-slim",
            "registry": "docker.io",
            "repository": "library/python",
            "tag": "3.12-slim",
            "digest": None,
            "status": "unpinned",
            "reason": None,
        }
        assert [r["status"] for r in result["references"]] == ["unpinned", "local"]
        assert result["skipped_files"] == [
            {"path": "broken.Dockerfile", "reason": "the file holds NUL bytes, so it is not text"}
        ]
        assert result["suspects"] == [{"path": "run.sh", "line": 2, "text": "docker run nginx:latest"}]
        assert result["schema"] == "pinbot.scan/1"
        assert set(result["context"]) == {"version", "commit", "settings", "time"}
        assert result["summary"] == {
            "files": 1,
            "references": 2,
            "pinned": 0,
            "unpinned": 1,
            "digest-only": 0,
            "local": 1,
            "variable": 0,
            "ignored": 0,
            "invalid": 0,
        }

    def test_offsets_are_bytes_and_columns_are_characters(self, place: Place) -> None:
        path = place.write("compose.yaml", "\ufeff# é\nservices: {ü: {image: 'redis:7'}}\n")
        [found] = place.pinbot("scan", "--format", "json").json["references"]
        assert path.read_bytes()[found["start"] : found["end"]] == b"redis:7"
        assert (found["line"], found["column"]) == (2, 24)

    def test_a_link_to_a_file_of_the_repository_adds_nothing(self, place: Place) -> None:
        place.write("Dockerfile", "FROM redis:7\n")
        (place.folder / "Containerfile").symlink_to("Dockerfile")
        result = place.pinbot("scan", "--format", "json").json
        assert ([r["path"] for r in result["references"]], result["skipped_files"]) == (["Dockerfile"], [])

    def test_names_the_commit(self, place: Place) -> None:
        place.write("Dockerfile", "FROM redis:7\n")
        place.git("init", "-q")
        place.git("add", "-A")
        place.git("commit", "-qm", "x")
        assert len(place.pinbot("scan", "--format", "json").json["context"]["commit"]) == 40

    def test_asks_no_registry(self, place: Place) -> None:
        place.write("Dockerfile", "FROM redis:7\n")
        assert place.pinbot("scan").code == 0
        assert place.registry.log == []

    def test_finds_nothing_without_fuss(self, place: Place) -> None:
        assert place.pinbot("scan").stdout == "No image references found.\n"

    def test_says_that_only_tracked_files_count(self, place: Place) -> None:
        place.write("Dockerfile", "FROM redis:7\n")
        place.git("init", "-q")
        done = place.pinbot("scan")
        assert (done.code, done.stdout) == (0, "No image references found.\n")
        assert "`git add` them" in done.stderr

    def test_says_it_too_where_none_of_the_tracked_files_has_a_reference(self, place: Place) -> None:
        place.write("README.md", "hello\n")
        place.git("init", "-q")
        place.git("add", "-A")
        place.write("Dockerfile", "FROM redis:7\n")
        assert "`git add` them" in place.pinbot("scan").stderr

    def test_reads_standard_input(self, place: Place) -> None:
        [found] = place.pinbot("scan", "-", "--as", "x/Dockerfile", "--format", "json", stdin="FROM a:1").json[
            "references"
        ]
        assert (found["path"], found["text"]) == ("x/Dockerfile", "a:1")


class TestCheck:
    def test_fails_on_what_is_unpinned_or_invalid(self, place: Place) -> None:
        place.write("Dockerfile", "FROM redis:7\nFROM Bad/Name\n")
        done = place.pinbot("check", "--format", "json")
        assert (done.code, rules(done)) == (1, [("unpinned", "error", 1), ("invalid", "error", 2)])
        assert all(p["message"] and p["remedy"] for p in done.json["problems"])

    def test_passes_when_all_is_pinned(self, place: Place) -> None:
        place.write("Dockerfile", "FROM redis:7\n")
        place.pinbot("pin")
        done = place.pinbot("check")
        assert (done.code, done.stdout) == (0, "1 reference checked: 0 errors, 0 notes.\n")

    def test_fails_on_a_digest_that_is_gone(self, place: Place) -> None:
        place.write("Dockerfile", f"FROM redis:7@{GONE}\n")
        done = place.pinbot("check", "--format", "json")
        assert (done.code, rules(done)) == (1, [("dead-digest", "error", 1)])

    def test_notes_what_is_outdated_and_passes(self, place: Place) -> None:
        place.write("Dockerfile", "FROM redis:7\n")
        place.pinbot("pin")
        place.registry.push_image("library/redis", ["7"], content_seed="new")
        done = place.pinbot("check", "--format", "json")
        assert (done.code, rules(done)) == (0, [("outdated", "note", 1)])

    def test_offline_asks_no_registry(self, place: Place) -> None:
        place.write("Dockerfile", f"FROM redis:7@{GONE}\nFROM redis:7\n")
        done = place.pinbot("check", "--offline", "--format", "json")
        assert (done.code, rules(done), place.registry.log) == (1, [("unpinned", "error", 2)], [])

    @pytest.mark.parametrize(("mode", "code"), [("fail", 3), ("warn", 0)])
    def test_says_what_could_not_be_checked(self, place: Place, mode: str, code: int) -> None:
        place.write("Dockerfile", f"FROM redis:nope@{GONE}\nFROM unknown/x:1@{GONE}\n")
        done = place.pinbot("check", "--incomplete", mode, "--only", "dockerfile")
        assert done.code == (1 if "dead-digest" in done.stdout else code)
        place.write("Dockerfile", f"FROM unknown/x:1@{GONE}\n")
        done = place.pinbot("check", "--incomplete", mode)
        assert done.code == code
        assert "1 reference could not be looked up" in done.stdout

    def test_since_judges_only_what_a_change_added_or_touched(self, place: Place) -> None:
        place.write("Dockerfile", "ARG V=7\nFROM redis:6 AS a\nFROM redis:${V}\n")
        place.git("init", "-q")
        place.git("add", "-A")
        place.git("commit", "-qm", "x")
        since = ("check", "--offline", "--format", "json", "--since", "HEAD")
        assert rules(place.pinbot(*since)) == []
        place.write("Dockerfile", "# moved\nARG V=8\nFROM redis:6 AS a\nFROM redis:${V}\nFROM redis:6\n")
        assert rules(place.pinbot(*since)) == [("unpinned", "error", 4), ("unpinned", "error", 5)]

    def test_since_an_unknown_revision_is_wrong_usage(self, place: Place) -> None:
        place.write("Dockerfile", "FROM redis:6\n")
        place.git("init", "-q")
        place.git("add", "-A")
        place.git("commit", "-qm", "x")
        done = place.pinbot("check", "--offline", "--since", "nowhere")
        assert done.code == 2
        assert "'nowhere' is no commit of this repository" in done.stderr


class TestResolve:
    def test_says_what_the_contract_names(self, place: Place) -> None:
        done = place.pinbot("resolve", "redis:7", "--format", "json")
        digest = place.registry.tags["library/redis"]["7"]
        assert done.json == [
            {
                "reference": "redis:7",
                "canonical": f"docker.io/library/redis:7@{digest}",
                "digest": digest,
                "media_type": "application/vnd.oci.image.index.v1+json",
                "platforms": ["linux/amd64", "linux/arm64/v8"],
                "created": "2026-11-01T00:00:00Z",
                "error": None,
            }
        ]

    def test_one_image_has_the_platform_of_its_configuration(self, place: Place) -> None:
        place.registry.push_image("acme/app", ["1"], ["linux/arm64/v8"])
        [answer] = place.pinbot("resolve", "acme/app:1", "--format", "json").json
        assert (answer["platforms"], answer["created"]) == (["linux/arm64/v8"], "2026-11-01T00:00:00Z")

    def test_an_error_is_the_references_own(self, place: Place) -> None:
        done = place.pinbot("resolve", "redis:7", "redis:nope", "Bad/Name", "--format", "json")
        assert done.code == 3
        assert [bool(a["error"]) for a in done.json] == [False, True, True]

    def test_prints_a_paragraph_for_a_person(self, place: Place) -> None:
        done = place.pinbot("resolve", "redis:7")
        assert "redis:7\n" in done.stdout
        assert "  platforms  linux/amd64, linux/arm64/v8\n" in done.stdout


class TestFrame:
    def test_version(self, place: Place) -> None:
        from pinbot import __version__

        assert place.pinbot("--version").stdout == f"pinbot {__version__}\n"

    @pytest.mark.parametrize("verb", ["scan", "resolve", "pin", "bump", "check"])
    def test_every_verb_explains_itself(self, place: Place, verb: str) -> None:
        done = place.pinbot(verb, "--help")
        assert done.code == 0
        assert f"Usage: pinbot {verb}" in done.stdout

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            pytest.param(("frobnicate",), "No such command", id="an unknown verb"),
            pytest.param(("scan", "--nope"), "No such option", id="an unknown option"),
            pytest.param(("scan", "nowhere"), "nowhere: no such file or folder", id="a path that is not there"),
            pytest.param(("scan", "--only", "cobol"), "no such format; there are", id="an unknown format"),
            pytest.param(("scan", "--config", "nowhere.yaml"), "the settings cannot be read", id="no settings"),
        ],
    )
    def test_wrong_usage_exits_2_with_a_sentence(self, place: Place, arguments: tuple[str, ...], message: str) -> None:
        done = place.pinbot(*arguments)
        assert (done.code, done.stdout) == (2, "")
        assert message in done.stderr
        assert "Traceback" not in done.stderr

    def test_broken_settings_name_the_place(self, place: Place) -> None:
        place.write("s.yaml", "jobs: 8\nregistry: {}\n")
        done = place.pinbot("pin", "--config", "s.yaml")
        assert (done.code, done.stderr.startswith("Error: s.yaml:2:1: unknown key 'registry'")) == (2, True)

    def test_the_repository_cannot_say_which_hosts_are_asked(self, place: Place) -> None:
        place.write("Dockerfile", "FROM nginx:1.27\n")
        place.write(".pinbot.yaml", f"registries: {{docker.io: {{endpoint: '{place.registry.url}'}}}}\n")
        done = place.pinbot("pin")
        assert (done.code, "registries belongs in the settings of whoever runs pinbot" in done.stderr) == (2, True)
        assert place.read("Dockerfile") == "FROM nginx:1.27\n"
