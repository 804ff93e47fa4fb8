"""Owners by CODEOWNERS: the tables follow GitHub's, Gitea's and GitLab's own pages."""

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


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        pytest.param("*", ["a", "a/b/c", ".x/y"], [], id="everything"),
        pytest.param("*.js", ["a.js", "x/y/a.js"], ["a.jsx"], id="an extension, anywhere"),
        pytest.param("README.md", ["README.md", "x/README.md"], ["README.md/a"], id="a file, anywhere"),
        pytest.param("/README.md", ["README.md"], ["x/README.md"], id="a file of the root"),
        pytest.param("docs/", ["docs/a", "x/docs/y/a"], ["docs"], id="a folder, anywhere"),
        pytest.param("/docs/", ["docs/a/b"], ["x/docs/a"], id="a folder of the root"),
        pytest.param("/docs/*", ["docs/a"], ["docs/x/a"], id="only what lies in the folder itself"),
        pytest.param("/docs/**/*.md", ["docs/a.md", "docs/x/y/a.md"], ["docs/a.txt"], id="at any depth"),
        pytest.param("/docs", [], ["docs/a"], id="a name without a slash behind is a file's"),
        pytest.param("a\\ b/", ["a b/c"], ["a/b"], id="a space"),
        pytest.param("\\#a", ["#a"], ["a"], id="an escaped number sign"),
        pytest.param("/a?", ["ab"], ["a", "a/"], id="one letter"),
    ],
)  # fmt: skip
def test_patterns_of_gitlab(pattern: str, matching: list[str], others: list[str]) -> None:
    text = f"{pattern} @jane"
    assert [path for path in matching if not of(text, path, dialect="gitlab")] == []
    assert [path for path in others if of(text, path, dialect="gitlab")] == []


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        pytest.param("* @a\n*.go @b", "x.go", ["b"], id="the last line that matches decides"),
        pytest.param("* @a/b/c @x", "y", ["a/b/c", "x"], id="groups in groups"),
        pytest.param("* @a\n[Docs]\n*.md @b", "x.md", ["a", "b"], id="each section has its say"),
        pytest.param("[Docs] @d @e\n*.md\n/x.md @f", "y.md", ["d", "e"], id="the owners of the section"),
        pytest.param("[Docs] @d\n*.md\n/x.md @f", "x.md", ["f"], id="unless the line has its own"),
        pytest.param("^[Docs][2] @d\n*.md", "x.md", ["d"], id="optional, and how many"),
        pytest.param("[Docs]\n* @a\n[Code]\n*.go @b\n[DOCS]\n*.md @c", "x.md", ["c"], id="a section goes on"),
        pytest.param("[A]\n* @a\n!*.rb\n[B]\n* @b", "x.rb", ["b"], id="what a section excepts"),
        pytest.param("[ab]*.go @a\n* @b", "a.go", ["b"], id="a class is left out"),
        pytest.param("* jane@corp.example @@developer", "x", [], id="addresses and roles name nobody to ask"),
    ],
)
def test_owners_by_gitlab(text: str, path: str, expected: list[str]) -> None:
    assert of(text, path, dialect="gitlab") == expected


@pytest.mark.parametrize("dialect", ["github", "gitea", "gitlab"])
def test_the_first_place_counts_whatever_is_in_it(dialect: Dialect) -> None:
    first, second, third = PLACES[dialect]
    every = ".*" if dialect == "gitea" else "*"
    files = {third: f"{every} @c", second: f"{every} @b"}
    assert owners(files, ["x"], dialect) == ("b",)
    assert owners({**files, first: ""}, ["x"], dialect) == ()


def test_there_are_not_more_than_a_few() -> None:
    text = "* " + " ".join(f"@u{n:02}" for n in range(50))
    assert of(text, "x", most=3) == ["u00", "u01", "u02"]
    assert len(of(text, "x")) == 10


@pytest.mark.parametrize("dialect", ["github", "gitea", "gitlab"])
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
        pytest.param("[" * 1_000_000, id="brackets"),
        pytest.param("\n".join(f"[{n}] @a\n* @b" for n in range(20_000)), id="many sections"),
    ],
)
def test_no_file_takes_long(text: str, dialect: Dialect) -> None:
    started = time.perf_counter()
    of(text, *(f"{'x/' * 50}{n}" for n in range(1_000)), dialect=dialect)
    assert time.perf_counter() - started < 10
