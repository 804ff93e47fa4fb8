"""Owners by CODEOWNERS: the tables follow GitHub's and Gitea's own pages."""

from __future__ import annotations

import time

import pytest

from pinbot.proposals.owners import PLACES, Dialect, owners


def of(text: str, *paths: str, dialect: Dialect = "github", most: int = 10) -> list[str]:
    return list(owners({"CODEOWNERS": text}, paths, dialect, most))


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        pytest.param("*", ["a", "a/b/c"], [], id="everything"),
        pytest.param("*.js", ["a.js", "x/y/a.js"], ["a.jsx"], id="an extension, anywhere"),
        pytest.param("/build/logs/", ["build/logs/a", "build/logs/x/a"], ["x/build/logs/a"], id="a root folder"),
        pytest.param("docs/*", ["docs/a.md"], ["docs/x/a.md", "x/docs/a.md"], id="only what lies in the folder itself"),
        pytest.param("apps/", ["apps/a", "x/apps/y/a"], ["apps"], id="a folder, anywhere"),
        pytest.param("/docs/", ["docs/a/b"], ["x/docs/a"], id="a folder of the root"),
        pytest.param("/scripts/*.sh", ["scripts/a.sh"], ["scripts/x/a.sh"], id="an extension in a folder"),
        pytest.param("**/logs", ["logs/a", "x/logs/a", "x/y/logs"], ["logs2/a"], id="a name at any depth"),
        pytest.param("/apps/github", ["apps/github", "apps/github/a"], ["apps/githubs"], id="a file or a folder"),
        pytest.param("a/**/z", ["a/z", "a/b/c/z"], ["x/a/z"], id="folders between"),
        pytest.param("a/**", ["a/b", "a/b/c"], ["x/a/b"], id="all below"),
        pytest.param("/*", ["a"], ["x/a"], id="the files of the root"),
        pytest.param("Dockerfile?", ["Dockerfile1", "x/Dockerfile2"], ["Dockerfile", "Dockerfile/a"], id="one letter"),
        pytest.param("a\\ b/", ["a b/c"], ["a/b"], id="a space"),
        pytest.param("a.b", ["a.b"], ["axb"], id="a dot is a dot"),
        pytest.param("!a", [], ["a", "!a"], id="no exceptions"),
        pytest.param("[ab]", [], ["a", "b"], id="no classes"),
        pytest.param("\\#a", [], ["#a", "a"], id="no escaped number sign"),
    ],
)  # fmt: skip
def test_patterns_of_github(pattern: str, matching: list[str], others: list[str]) -> None:
    text = f"{pattern} @jane"
    assert [path for path in matching if not of(text, path)] == []
    assert [path for path in others if of(text, path)] == []


@pytest.mark.parametrize(
    ("text", "paths", "expected"),
    [
        pytest.param("* @a\n*.yml @b\n", ["x.yml"], ["b"], id="the last line that matches decides"),
        pytest.param("* @a\n/x/\n", ["x/y"], [], id="and may say nobody"),
        pytest.param("* @a @acme/team jane@corp.example\n", ["x"], ["a", "acme/team"], id="teams, and no addresses"),
        pytest.param("# comment\n\n* @a # why @b\n", ["x"], ["a"], id="comments"),
        pytest.param("*\t@a\r\n", ["x"], ["a"], id="tabs and another end of line"),
        pytest.param("a @x\nb @y @z\nc @z\n", ["a", "b", "c"], ["z", "x", "y"], id="who owns most comes first"),
        pytest.param("* @-x @a/b/c @ @@a @a\u202e\n", ["x"], [], id="what is no name"),
        pytest.param("", ["x"], [], id="an empty file"),
        pytest.param("* @a", [], [], id="nothing changes"),
    ],
)
def test_owners_by_github(text: str, paths: list[str], expected: list[str]) -> None:
    assert of(text, *paths) == expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        pytest.param(".*\\.go @a", "x/y.go", ["a"], id="a regular expression for all of the path"),
        pytest.param("y.go @a", "x/y.go", [], id="not for a part of it"),
        pytest.param(".* @a\n.*\\.go @b", "y.go", ["a", "b"], id="every line that matches counts"),
        pytest.param("!docs/.* @a", "x.go", ["a"], id="all but"),
        pytest.param("!docs/.* @a", "docs/x", [], id="but this"),
        pytest.param("(a @a\n.* @b", "a", ["b"], id="a line that cannot be read"),
        pytest.param("(.{1000}){1000} @a\n\\pL+ @b", "a", [], id="what would need much memory"),
    ],
)
def test_owners_by_gitea(text: str, path: str, expected: list[str]) -> None:
    assert of(text, path, dialect="gitea") == expected


@pytest.mark.parametrize("dialect", ["github", "gitea"])
def test_the_first_place_counts_whatever_is_in_it(dialect: Dialect) -> None:
    first, second, third = PLACES[dialect]
    every = "*" if dialect == "github" else ".*"
    files = {third: f"{every} @c", second: f"{every} @b"}
    assert owners(files, ["x"], dialect) == ("b",)
    assert owners({**files, first: ""}, ["x"], dialect) == ()


def test_there_are_not_more_than_a_few() -> None:
    text = "* " + " ".join(f"@u{n:02}" for n in range(50))
    assert of(text, "x", most=3) == ["u00", "u01", "u02"]
    assert len(of(text, "x")) == 10


@pytest.mark.parametrize("dialect", ["github", "gitea"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 5_000_000, id="one line"),
        pytest.param("\n".join(f"{'*?' * 9}{n} @a" for n in range(20_000)), id="many patterns"),
        pytest.param("*" * 100_000 + " @a", id="many stars"),
        pytest.param("(" * 100_000 + " @a", id="many groups"),
        pytest.param("* " + "@a " * 1_000_000, id="many owners"),
        pytest.param("\\" * 1_000_000, id="backslashes"),
        pytest.param("\0\udcff\ud800 @a\n" * 1_000, id="no text"),
        pytest.param("\n" * 1_000_000, id="empty lines"),
    ],
)
def test_no_file_takes_long(text: str, dialect: Dialect) -> None:
    started = time.perf_counter()
    of(text, *(f"{'x/' * 50}{n}" for n in range(1_000)), dialect=dialect)
    assert time.perf_counter() - started < 10
