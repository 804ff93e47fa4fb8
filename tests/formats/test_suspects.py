"""Commands that name an image in scripts and workflow files."""

from __future__ import annotations

import pytest

from pinbot.formats._suspects import looks_suspect, suspects
from tests.formats._dockerfiles import DIGEST


def found(text: str, path: str = "run.sh") -> list[tuple[int, str]]:
    return [(suspect.line, suspect.text) for suspect in suspects(path, text.encode())]


SUSPECT_PATHS = [
    "run.sh", "ci/build.bash", "Makefile", "GNUmakefile", "rules.mk", "Justfile", "Taskfile.yml", "Jenkinsfile",
    ".github/workflows/ci.yml", ".gitlab-ci.yml", ".circleci/config.yml", "web/package.json", "action.yaml",
]  # fmt: skip


@pytest.mark.parametrize("path", SUSPECT_PATHS)
def test_looks_into_scripts_and_workflows(path: str) -> None:
    assert looks_suspect(path)


@pytest.mark.parametrize("path", ["README.md", "main.py", "compose.yaml", "docs/Makefile.md/x", "workflows/ci.yml"])
def test_looks_into_nothing_else(path: str) -> None:
    assert not looks_suspect(path)


COMMANDS = [
    pytest.param("docker run nginx:latest", ["docker run nginx:latest"], id="a plain command"),
    pytest.param("podman pull quay.io/a/b:1", ["podman pull quay.io/a/b:1"], id="podman"),
    pytest.param("nerdctl create a", ["nerdctl create a"], id="nerdctl"),
    pytest.param(
        "docker container run a; docker image pull b",
        ["docker container run a", "docker image pull b"],
        id="the long verbs",
    ),
    pytest.param(
        "docker run --rm -it -v /a:/b -e A=b nginx:1 sh",
        ["docker run --rm -it -v /a:/b -e A=b nginx:1"],
        id="flags and their values",
    ),
    pytest.param(
        "docker run -itp 80:80 -u0 --name=x nginx", ["docker run -itp 80:80 -u0 --name=x nginx"], id="flags in one word"
    ),
    pytest.param(
        "docker -H tcp://x run --platform linux/arm64 a",
        ["docker -H tcp://x run --platform linux/arm64 a"],
        id="flags before the verb",
    ),
    pytest.param("docker run -d -- nginx", ["docker run -d -- nginx"], id="two dashes end the flags"),
    pytest.param("sudo -E A=b docker run a", ["docker run a"], id="behind sudo"),
    pytest.param("if ! docker run a; then docker run b; fi", ["docker run a", "docker run b"], id="in a condition"),
    pytest.param("true && timeout 30s docker pull a || exit", ["docker pull a"], id="behind a timeout"),
    pytest.param('X="$(docker run --rm alpine:3 cat /x)"', ["docker run --rm alpine:3"], id="in a substitution"),
    pytest.param("bash -c 'docker run a'", ["docker run a"], id="given to a shell"),
    pytest.param("docker  run\\\n  # why\n   a", ["docker run a"], id="over several lines"),
]


@pytest.mark.parametrize(("text", "expected"), COMMANDS)
def test_lists_commands_up_to_the_image(text: str, expected: list[str]) -> None:
    assert [shown for _, shown in found(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("echo docker run it", id="prose behind echo"),
        pytest.param('echo "first; docker run it"', id="prose in quotes"),
        pytest.param("# docker run a", id="a comment"),
        pytest.param("true # docker run a", id="a comment behind a command"),
        pytest.param("docker run $IMAGE sh", id="a variable"),
        pytest.param('docker run "${OPTIONS[@]}" a', id="options from a variable"),
        pytest.param(f"docker run a@{DIGEST}", id="pinned"),
        pytest.param("docker compose run web", id="a service of compose"),
        pytest.param("docker build -t a .\ndocker exec a ls", id="other verbs"),
        pytest.param("cat <<EOF\ndocker run a\nEOF", id="a text that is shown"),
        pytest.param("docker run", id="no image"),
        pytest.param("docker run -e", id="no value"),
        pytest.param("docker run 'a", id="an open quote"),
    ],
)
def test_sees_no_phantoms(text: str) -> None:
    assert found(text) == []


def test_counts_lines_where_the_command_begins() -> None:
    text = "\ntrue && \\\n  docker run \\\n  a\ndocker pull b\n"
    assert found(text) == [(3, "docker run a"), (5, "docker pull b")]


def test_reads_workflow_steps_but_not_their_names() -> None:
    text = (
        "steps:\n  - name: docker run tests\n    run: docker pull redis:7\n  - run: |\n      docker run a\n"
        '  - "docker run b"\nscript:\n  - docker create c\n'
    )
    expected = [(3, "docker pull redis:7"), (5, "docker run a"), (6, "docker run b"), (8, "docker create c")]
    assert found(text, ".github/workflows/ci.yml") == expected


def test_reads_scripts_of_a_package() -> None:
    text = '{"scripts": {\n  "db": "docker run -p 1:1 postgres:16",\n  "docker run": "x"}}'
    assert found(text, "package.json") == [(2, "docker run -p 1:1 postgres:16")]


def test_reads_recipes_of_a_makefile() -> None:
    assert found("all:\n\t@docker run --rm a\n\t-docker pull b\n", "Makefile") == [
        (2, "docker run --rm a"),
        (3, "docker pull b"),
    ]


def test_a_long_command_still_ends_with_its_image() -> None:
    ((_, text),) = found("docker run " + "-e A=bbbbbbbbbbbb " * 20 + "nginx:1")
    assert len(text) <= 121
    assert text.endswith("… nginx:1")


@pytest.mark.parametrize(
    "data", [b"docker run a\0", b"docker \xff\xfe run a", b"docker " * 300_000, b"\\\n" * 9 + b"docker"]
)
def test_odd_bytes_break_nothing(data: bytes) -> None:
    assert list(suspects("run.sh", data)) == []
