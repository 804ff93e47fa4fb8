"""`pinbot sweep` as a user runs it: over bare repositories, whose forges are `local` and `git`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Place
from tests.cli.test_terminal import on_a_terminal
from tests.process import Outcome, environment

SHOP = {"Dockerfile": "FROM nginx:1.27\n", "compose.yaml": "services: {cache: {image: 'redis:7'}}\n"}
API = {"Dockerfile": "FROM python:3.12-slim\n"}
PROPOSE = "pull-requests: {mode: propose}\n"


def _git(*arguments: str, folder: Path) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def bare(place: Place, name: str, files: dict[str, str] | None = None) -> Path:
    """Make a bare repository below the folder, with these files if there are any, and return where it is."""
    where, work = place.folder / name, place.home / "work" / name
    where.mkdir(parents=True)
    _git("init", "--quiet", "--bare", folder=where)
    if files:
        work.mkdir(parents=True)
        _git("init", "--quiet", folder=work)
        for path, text in files.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_text(text)
        _git("add", ".", folder=work)
        _git("commit", "--quiet", "--message", "one", folder=work)
        _git("push", "--quiet", str(where), "main", folder=work)
    return where


def settings(place: Place, forge: str, more: str = "") -> str:
    """Write settings with one forge, and return where they are."""
    file = place.home / "sweep.yaml"
    file.write_text(f"{(place.home / 's.yaml').read_text()}{more}forges:\n  - {forge}\n")
    return str(file)


def sweep(place: Place, forge: str, *arguments: str, more: str = "", **environ: str) -> Outcome:
    """Run `pinbot sweep` with these settings."""
    return place.pinbot("sweep", "--config", settings(place, forge, more), *arguments, **environ)


def branches(repository: Path) -> list[str]:
    """Return the branches of a repository."""
    return _git("for-each-ref", "--format=%(refname:short)", "refs/heads", folder=repository).split()


@pytest.fixture
def shop(place: Place) -> Path:
    """A repository with two unpinned references."""
    return bare(place, "acme/shop.git", SHOP)


class TestWrongUsage:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            pytest.param(["--now"], "--now goes with --image", id="--now without an image"),
            pytest.param(["--repo", "acme/other"], "acme/other: no forge of the settings has that", id="another one"),
            pytest.param(["--repo", "github.com/acme/shop"], "no forge of the settings has that", id="on another host"),
            pytest.param(["--only", "dockerflie"], "--only dockerflie: no such format", id="a format"),
            pytest.param(
                ["--exclude", "!"], "--image, --include or --exclude: not a pattern", id="a glob that is none"
            ),
            pytest.param(["--jobs", "0"], "--jobs", id="no lookups"),
            pytest.param(["--format", "sarif"], "--format", id="another form"),
            pytest.param(["acme/shop"], "unexpected extra argument", id="a repository without --repo"),
        ],
    )
    def test_is_told_and_nothing_is_done(self, place: Place, shop: Path, arguments: list[str], words: str) -> None:
        told = sweep(place, f"git: {{repositories: [{shop}]}}", *arguments, more=PROPOSE)
        assert (told.code, told.stdout) == (2, "")
        assert words in told.stderr
        assert branches(shop) == ["main"]

    def test_settings_without_forges_are_told_where_to_look(self, place: Place) -> None:
        told = place.pinbot("sweep")
        assert told.code == 2
        assert "The settings name no forges" in told.stderr
        assert "docs/sweep.md" in told.stderr

    @pytest.mark.parametrize(
        ("forge", "words"),
        [
            pytest.param(
                "github: {token: {env: TOKEN}, users: [a]}",
                "The token for GitHub is to be in TOKEN, and that variable is not set.",
                id="a token",
            ),
            pytest.param(
                "github: {app: {id: 1, private-key: {file: key.pem}}, installation: true}",
                "The private key of the GitHub App cannot be read from",
                id="a key",
            ),
            pytest.param(
                "gitea: {url: 'https://forge.example', token: {env: TOKEN}, users: [a]}",
                "The token for forge.example is to be in TOKEN",
                id="a token for Gitea",
            ),
        ],
    )
    def test_a_secret_that_is_not_there_is_named(self, place: Place, forge: str, words: str) -> None:
        told = sweep(place, forge)
        assert (told.code, told.stdout) == (2, "")
        assert words in told.stderr

    @pytest.mark.parametrize(
        ("selection", "name"),
        [
            pytest.param("repositories: [acme/api]", "acme/other", id="beside the list"),
            pytest.param("organisations: [acme]", "other/api", id="of somebody else"),
            pytest.param("organisations: [acme], exclude: [acme/old-*]", "acme/old-api", id="left out"),
            pytest.param("organisations: [acme], include: [acme/api-*]", "acme/web", id="not put in"),
        ],
    )
    def test_to_name_a_repository_never_widens_what_the_settings_say(
        self, place: Place, selection: str, name: str
    ) -> None:
        forge = f"github: {{url: 'http://127.0.0.1:1', token: {{env: T}}, {selection}}}"
        told = sweep(place, forge, "--repo", f"127.0.0.1:1/{name}", T="t0ken-of-nobody")
        assert told.code == 2
        assert f"{name}: no forge of the settings has that repository" in told.stderr

    def test_a_ledger_in_a_repository_that_no_forge_has_is_named(self, place: Place, shop: Path) -> None:
        told = sweep(place, f"git: {{repositories: [{shop}]}}", more="ledger: {repository: a.example/b/c}\n")
        assert told.code == 2
        assert "a.example/b/c: no forge of the settings has that repository" in told.stderr


def test_the_help_says_what_is_written_and_when(place: Place) -> None:
    told = place.pinbot("sweep", "--help")
    assert told.code == 0
    text = " ".join(told.stdout.split())
    assert "In mode `observe`, the default, nothing is written" in text
    for option in ("--repo", "--image", "--now", "--dry-run", "--diff", "--exit-code", "--ledger", "--format"):
        assert option in text
    assert max(map(len, told.stdout.splitlines())) <= 80


class TestWhatIsPrinted:
    def test_is_a_table_with_what_would_be_done_and_why_it_was_not(self, place: Place, shop: Path) -> None:
        other, empty = bare(place, "acme/api-of-the-shop.git", API), bare(place, "acme/empty.git")
        told = sweep(place, f"local: {{repositories: [{shop}, {other}, {empty}]}}")
        assert (told.code, told.stderr) == (0, "")
        assert told.stdout.splitlines() == [
            "REPOSITORY            PULL REQUEST          WHAT",
            "acme/shop             Pin 2 images          would open",
            "acme/api-of-the-shop  Pin python:3.12-slim  would open",
            "",
            "3 repositories, 3 references: 2 to open, 1 repository passed over.",
            "2 repositories are only observed, not written to: `propose` in the settings grants pull requests.",
            "Not listed: 1 repository without anything to do; --verbose lists all.",
        ]

    def test_quiet_is_the_table_alone_and_verbose_has_every_repository(self, place: Place, shop: Path) -> None:
        forge = f"local: {{repositories: [{shop}, {bare(place, 'acme/empty.git')}]}}"
        assert sweep(place, forge, "--quiet").stdout.splitlines()[1:] == ["acme/shop   Pin 2 images  would open"]
        assert "acme/empty  -             passed over  empty" in sweep(place, forge, "--verbose").stdout

    def test_fits_into_eighty_columns_of_a_terminal_and_leaves_no_progress_behind(
        self, place: Place, shop: Path
    ) -> None:
        config = settings(place, f"git: {{repositories: [{shop}]}}", PROPOSE)
        seen = on_a_terminal(place, "sweep", "--no-color", "--config", config, columns=80)
        page = seen.rpartition("\x1b[2K")[2]
        assert page.splitlines()[0].startswith("REPOSITORY")
        assert all(len(line) <= 80 or line.strip() == str(shop) for line in page.splitlines())
        assert "repositories: 1 read, 1 done" in seen

    def test_a_repository_that_fails_stops_no_other_and_is_named(self, place: Place, shop: Path) -> None:
        told = sweep(place, f"git: {{repositories: [{place.folder}/acme/gone.git, {shop}]}}", more=PROPOSE)
        assert told.code == 3
        assert "acme/gone   -             failed" in told.stdout
        assert "there is no such repository" in told.stdout
        assert branches(shop) == ["main", "pinbot/pin"]

    def test_what_could_not_be_looked_up_is_named_once_with_its_places(self, place: Place) -> None:
        gone = {"Dockerfile": "FROM gone/app:1\n"}
        forge = f"local: {{repositories: [{bare(place, 'acme/a.git', gone)}, {bare(place, 'acme/b.git', gone)}]}}"
        told = sweep(place, forge)
        assert told.code == 3
        assert told.stdout.count("gone/app") == 1
        assert "acme/a Dockerfile:1\n    and 1 more\n" in told.stdout
        assert "acme/a Dockerfile:1\n    acme/b Dockerfile:1\n" in sweep(place, forge, "--verbose").stdout
        assert "everything is as it should be" not in told.stdout

    def test_settings_of_a_repository_that_cannot_be_used_are_told_of_it_alone(self, place: Place, shop: Path) -> None:
        broken = bare(place, "acme/broken.git", {**API, ".pinbot.yaml": "forges: []\n"})
        told = sweep(place, f"local: {{repositories: [{broken}, {shop}]}}")
        assert told.code == 3
        assert ".pinbot.yaml:1:1: forges belongs in the settings of whoever runs pinbot" in told.stdout
        assert "acme/shop" in told.stdout

    def test_an_image_that_nobody_uses_is_said_so(self, place: Place, shop: Path) -> None:
        told = sweep(place, f"local: {{repositories: [{shop}]}}", "--image", "ngnix", "--now")
        assert told.code == 0
        assert told.stderr == "No reference to ngnix was found in any of the repositories.\n"


class TestModes:
    def test_nothing_is_written_unless_it_is_granted(self, place: Place, shop: Path) -> None:
        told = sweep(place, f"git: {{repositories: [{shop}]}}")
        assert "would open" in told.stdout
        assert branches(shop) == ["main"]

    @pytest.mark.parametrize("option", ["--dry-run", "--diff"])
    def test_a_dry_run_writes_nothing_whatever_is_granted(self, place: Place, shop: Path, option: str) -> None:
        told = sweep(place, f"git: {{repositories: [{shop}]}}", option, more=PROPOSE)
        assert told.code == 0
        assert "Nothing was written: this pass only shows what it would do." in told.stdout + told.stderr
        assert "settings" not in told.stdout + told.stderr
        assert branches(shop) == ["main"]

    def test_what_is_granted_is_written_and_the_next_run_has_nothing_to_do(self, place: Place, shop: Path) -> None:
        forge = f"git: {{repositories: [{shop}]}}"
        first, second = (sweep(place, forge, more=PROPOSE) for _ in range(2))
        assert (first.code, second.code) == (0, 0)
        assert "opened" in first.stdout
        assert second.stdout.startswith("1 repository, 2 references: everything is as it should be.\n")
        assert branches(shop) == ["main", "pinbot/pin"]
        assert "FROM nginx:1.27@sha256:" in _git("show", "pinbot/pin:Dockerfile", folder=shop)

    def test_what_is_wanted_and_waits_is_told(self, place: Place, shop: Path) -> None:
        more = "pull-requests: {mode: propose, limits: {open-per-repository: 0}}\n"
        told = sweep(place, f"git: {{repositories: [{shop}]}}", more=more)
        assert "Pin 2 images  left  the limit of open pull requests in one repository (0) is reached" in told.stdout
        assert "1 reference" not in told.stdout
        assert "everything is as it should be" not in told.stdout
        assert branches(shop) == ["main"]

    def test_one_repository_can_be_named_in_every_way_in_which_it_is_shown(self, place: Place, shop: Path) -> None:
        other = bare(place, "acme/api.git", API)
        for name in ("acme/api", "Acme/API.git", str(other)):
            told = sweep(place, f"local: {{repositories: [{shop}, {other}]}}", "--repo", name)
            assert told.stdout.splitlines()[1].split() == ["acme/api", "Pin", "python:3.12-slim", "would", "open"]

    def test_the_exit_code_says_on_request_that_something_would_change(self, place: Place, shop: Path) -> None:
        forge = f"git: {{repositories: [{shop}]}}"
        assert sweep(place, forge, "--exit-code").code == 1
        assert sweep(place, forge, "--exit-code", more=PROPOSE).code == 1
        assert sweep(place, forge, "--exit-code", more=PROPOSE).code == 0

    def test_an_emergency_is_about_one_image(self, place: Place, shop: Path) -> None:
        told = sweep(place, f"git: {{repositories: [{shop}]}}", "--image", "redis", "--now", more=PROPOSE)
        assert told.code == 0
        assert branches(shop) == ["main", "pinbot/now-redis"]
        assert _git("diff", "--name-only", "main", "pinbot/now-redis", folder=shop) == "compose.yaml\n"

    def test_what_an_emergency_left_stays_what_it_is_in_the_sweeps_that_follow(self, place: Place, shop: Path) -> None:
        forge = f"git: {{repositories: [{shop}]}}"
        sweep(place, forge, "--image", "redis", "--now", more=PROPOSE)
        urgent = _git("rev-parse", "pinbot/now-redis", folder=shop)
        told = sweep(place, forge, more=PROPOSE)
        assert branches(shop) == ["main", "pinbot/now-redis", "pinbot/pin"]
        assert _git("rev-parse", "pinbot/now-redis", folder=shop) == urgent
        assert _git("diff", "--name-only", "main", "pinbot/pin", folder=shop) == "Dockerfile\n"
        assert "1 opened." in told.stdout


class TestForms:
    def test_a_dry_run_shows_each_pull_request_as_it_would_look(self, place: Place, shop: Path) -> None:
        more = "pull-requests: {labels: [containers], reviewers: [jane], draft: true}\n"
        lines = sweep(place, f"local: {{repositories: [{shop}]}}", "--dry-run", more=more).stdout.splitlines()
        assert lines[:5] == [
            "== would open: acme/shop: pinbot/pin → main ==",
            "Pin 2 images",
            "draft; labels: containers; reviewers: jane",
            "",
            "Adds digests to 2 references to 2 images. The tags stay, so that newer digests can be proposed.",
        ]
        assert "--- a/Dockerfile" in lines
        assert "REPOSITORY  PULL REQUEST  WHAT" in lines

    def test_a_diff_is_alone_on_standard_output(self, place: Place, shop: Path) -> None:
        told = sweep(place, f"local: {{repositories: [{shop}]}}", "--diff")
        assert told.stdout.splitlines()[:4] == [
            "# acme/shop: pinbot/pin → main",
            "--- a/Dockerfile",
            "+++ b/Dockerfile",
            "@@ -1 +1 @@",
        ]
        assert told.stderr.startswith("REPOSITORY")
        assert sweep(place, f"local: {{repositories: [{shop}]}}", "--diff", "--quiet").stderr == ""

    def test_bytes_that_are_not_utf_8_stay_what_they_are_in_a_diff(self, place: Place, shop: Path) -> None:
        work = place.home / "work/acme/shop.git"
        (work / "Dockerfile").write_bytes(b"# caf\xe9\nFROM nginx:1.27\n")
        _git("commit", "--all", "--quiet", "--message", "two", folder=work)
        _git("push", "--quiet", str(shop), "main", folder=work)
        config = settings(place, f"local: {{repositories: [{shop}]}}")
        command = [sys.executable, "-m", "pinbot", "sweep", "--config", config, "--diff"]
        done = subprocess.run(command, cwd=place.folder, env=environment(place.home), capture_output=True, check=True)
        assert b" # caf\xe9\n" in done.stdout

    def test_a_local_forge_prints_patches_or_writes_them_into_a_folder(self, place: Place, shop: Path) -> None:
        printed = sweep(place, f"local: {{repositories: [{shop}]}}", more=PROPOSE)
        assert printed.stdout.startswith("# acme/shop: pinbot/pin → main\n--- a/Dockerfile\n")
        assert "opened" in printed.stderr
        folder = place.folder / "patches"
        written = sweep(place, f"local: {{repositories: [{shop}], folder: {folder}}}", more=PROPOSE)
        assert "opened" in written.stdout
        patch = folder / "acme/shop/pinbot/pin.patch"
        assert str(patch) in written.stdout
        clone = place.home / "work/acme/shop.git"
        _git("apply", "--check", str(patch), folder=clone)

    def test_json_is_one_document_in_the_form_that_is_documented(self, place: Place, shop: Path) -> None:
        told = sweep(place, f"local: {{repositories: [{shop}]}}", "--format", "json", more=PROPOSE)
        document = told.json
        assert told.stderr == ""
        assert document["schema"] == "pinbot.sweep/1"
        assert list(document) == ["schema", "repositories", "error", "context", "summary"]
        (repository,) = document["repositories"]
        assert (repository["repository"], repository["mode"], repository["error"]) == ("acme/shop", "propose", None)
        (pull,) = repository["pull_requests"]
        assert (pull["action"], pull["done"], pull["branch"]) == ("open", True, "pinbot/pin")
        assert pull["proposal"]["diff"].startswith("--- a/Dockerfile\n")
        assert document["summary"]["open"] == 1

    def test_json_has_diffs_where_they_are_asked_for(self, place: Place, shop: Path) -> None:
        def diffs(*arguments: str) -> list[Any]:
            document = sweep(place, f"git: {{repositories: [{shop}]}}", "--format", "json", *arguments).json
            return [p["proposal"].get("diff") for r in document["repositories"] for p in r["pull_requests"]]

        assert diffs() == [None]
        assert "+FROM nginx:1.27@sha256:" in diffs("--diff")[0]


class TestALedgerInARepository:
    def test_is_read_and_written_there_and_nowhere_else(self, place: Place, shop: Path) -> None:
        state = bare(place, "acme/state.git")
        forge, more = f"git: {{repositories: [{shop}, {state}]}}", f"ledger: {{repository: {state}}}\n"
        told = sweep(place, forge, more=more + PROPOSE)
        assert (told.code, told.stderr) == (0, "")
        kept = _git("show", "refs/pinbot/ledger:ledger.jsonl", folder=state).splitlines()
        assert json.loads(kept[0]) == {"schema": "pinbot.ledger/1"}
        assert {json.loads(line)["repository"] for line in kept[1:] if '"sighting"' in line} == {
            "library/nginx",
            "library/redis",
        }
        assert not (place.home / ".local/state/pinbot/ledger.db").exists()

    def test_is_not_written_in_a_dry_run(self, place: Place, shop: Path) -> None:
        forge = f"git: {{repositories: [{shop}]}}"
        told = sweep(place, forge, "--dry-run", more=f"ledger: {{repository: {shop}}}\n")
        assert told.code == 0
        assert "refs/pinbot" not in _git("for-each-ref", folder=shop)
