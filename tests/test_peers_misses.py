"""What other tools of this trade were seen to miss or to damage, each by name; none of it may happen here.

The misses were found by running the rules of Renovate, Dependabot, frizbee, ratchet, digestabot and secure-repo on
such files, the damage in commits that Renovate had pushed.
"""

from __future__ import annotations

import pytest

from pinbot import wiring
from tests.fakes.memory import BUMP, PIN, digest_of, run_once

FORMATS = wiring.formats()
POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"


def pin(name: str, tag: str) -> str:
    """Return a reference of Docker Hub's library with its digest."""
    return f"{name}:{tag}@{digest_of('docker.io', f'library/{name}', tag)}"


def dockerfile(text: str) -> str:
    """Pin a Dockerfile and return what it holds then."""
    return written({"Dockerfile": text})["Dockerfile"]


def written(files: dict[str, str]) -> dict[str, str]:
    """Pin files and return what they hold then."""
    _, after = run_once({path: text.encode() for path, text in files.items()}, FORMATS, PIN)
    return {path: data.decode() for path, data in after.items()}


ALPINE = pin("alpine", "3.19")

MISSED = [
    pytest.param("COPY --chmod=u+x --from=alpine:3.19 /a /b", id="1 a mode with a plus before --from"),
    pytest.param("COPY --exclude=*.md --from=alpine:3.19 /a /b", id="2 a glob before --from"),
    pytest.param("COPY --chown=$USER --from=alpine:3.19 /a /b", id="3 a variable before --from"),
    pytest.param("ONBUILD COPY --from=alpine:3.19 /a /b", id="4 COPY --from behind ONBUILD"),
    pytest.param(
        "RUN --mount=type=cache,target=/c --mount=type=bind,from=alpine:3.19,target=/a --mount=from=alpine:3.19 true",
        id="5 several mounts in one RUN",
    ),
    pytest.param('FROM "alpine:3.19"', id="8 FROM in quotes"),
    pytest.param("  FROM --platform=linux/amd64 \\\n    alpine:3.19", id="10 FROM indented, over two lines"),
]


@pytest.mark.parametrize("line", MISSED)
def test_images_in_a_dockerfile_that_peers_do_not_see(line: str) -> None:
    before = f"FROM scratch\n{line}\n"
    assert dockerfile(before) == before.replace("alpine:3.19", ALPINE)


@pytest.mark.parametrize("first", ["# check=skip=all", "# escape=\\"])
def test_6_a_syntax_directive_below_another_one(first: str) -> None:
    syntax = f"docker/dockerfile:1@{digest_of('docker.io', 'docker/dockerfile', '1')}"
    assert dockerfile(f"{first}\n# syntax=docker/dockerfile:1\nFROM scratch\n") == (
        f"{first}\n# syntax={syntax}\nFROM scratch\n"
    )


def test_7_the_body_of_a_heredoc_is_text() -> None:
    text = "FROM scratch\nRUN <<EOF\npsql -c 'SELECT *\nFROM users'\nFROM alpine:3.19\nEOF\n"
    done, after = run_once({"Dockerfile": text.encode()}, FORMATS, PIN)
    assert [f.text for f in done.survey.findings] == ["scratch"]
    assert after["Dockerfile"].decode() == text


def test_9_the_name_of_a_stage_in_other_letters() -> None:
    text = "FROM alpine:3.19 AS Build\nFROM scratch\nCOPY --from=build /a /b\n"
    assert dockerfile(text) == text.replace("alpine:3.19", ALPINE)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('image: "nginx:1"', id="double quotes"),
        pytest.param("image:  nginx:1", id="two spaces"),
        pytest.param("'image': nginx:1", id="a key in quotes"),
        pytest.param("image: &web nginx:1", id="an anchor"),
        pytest.param("image: >-\n        nginx:1", id="a folded scalar"),
    ],
)
def test_11_styles_of_yaml(line: str) -> None:
    before = f"{POD}    - {line}\n      name: web\n"
    assert written({"pod.yaml": before})["pod.yaml"] == before.replace("nginx:1", pin("nginx", "1"))


def test_11_flow_style_of_yaml() -> None:
    before = "{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, image: nginx:1}, {image: nginx:1, name: b}]}}\n"
    assert written({"pod.yaml": before})["pod.yaml"] == before.replace("nginx:1", pin("nginx", "1"))


def test_12_line_ends_of_windows_stay() -> None:
    before = "FROM alpine:3.19\r\nRUN true"
    assert dockerfile(before) == before.replace("alpine:3.19", ALPINE)


def test_13_the_port_of_a_registry_is_no_tag() -> None:
    digest = digest_of("registry:5000", "img", "tag")
    assert dockerfile("FROM registry:5000/img:tag\n") == f"FROM registry:5000/img:tag@{digest}\n"


def test_14_two_pinned_references_on_one_line_are_both_renewed() -> None:
    old = f"@sha256:{'0' * 64}"
    line = f"RUN --mount=from=alpine:3.19{old},target=/a --mount=from=nginx:1{old},target=/b true\n"
    _, after = run_once({"Dockerfile": f"FROM scratch\n{line}".encode()}, FORMATS, BUMP)
    expected = line.replace(f"alpine:3.19{old}", ALPINE).replace(f"nginx:1{old}", pin("nginx", "1"))
    assert after["Dockerfile"].decode() == f"FROM scratch\n{expected}"


def test_15_an_equal_tag_elsewhere_in_the_file_stays() -> None:
    before = (
        f"{POD}    - image: nginx:1.27\n      args: ['1.27', 'nginx:1.27']\n      env: [{{name: V, value: '1.27'}}]\n"
    )
    after = written({"pod.yaml": before})["pod.yaml"]
    assert after == before.replace("image: nginx:1.27", f"image: {pin('nginx', '1.27')}")


def test_16_an_argument_that_is_declared_again_in_a_stage() -> None:
    text = "ARG V=3.19\nFROM alpine:${V}\nARG V=other\nRUN echo ${V}\n"
    assert dockerfile(text) == text.replace("V=3.19", f"V={ALPINE.partition(':')[2]}")


def test_16_an_argument_that_two_images_share() -> None:
    text = "ARG V=3.19\nFROM node:${V}\nFROM alpine:${V}\n"
    assert dockerfile(text) == text


def test_16_an_argument_that_a_build_sets() -> None:
    files = {
        "Dockerfile": "ARG V=3.19\nFROM alpine:${V}\n",
        "compose.yaml": "services:\n  a:\n    build: {context: ., args: [V]}\n",
    }
    assert written(files) == files


def test_17_one_image_with_different_tags_across_stages() -> None:
    text = "FROM alpine:3.19 AS a\nFROM alpine:3.20 AS b\nFROM alpine\n"
    done = dockerfile(text)
    assert done == f"FROM {ALPINE} AS a\nFROM {pin('alpine', '3.20')} AS b\nFROM {pin('alpine', 'latest')}\n"


def test_damage_an_argument_of_two_references_is_not_made_invalid() -> None:
    text = "ARG V=7\nFROM redis:${V}\nFROM redis:${V}-alpine\n"
    assert dockerfile(text) == text


def test_damage_an_argument_of_alpine_and_debian_does_not_get_the_digest_of_one() -> None:
    text = "ARG TAG=latest\nFROM alpine:${TAG}\nFROM debian:${TAG}\n"
    assert dockerfile(text) == text


@pytest.mark.parametrize("use", ["ENV VERSION=${V}", "RUN curl example.com/${V}.tgz", "LABEL version=${V}"])
def test_damage_other_uses_of_an_argument_do_not_see_a_digest(use: str) -> None:
    text = f"ARG V=3.19\nFROM alpine:${{V}}\nARG V\n{use}\n"
    assert dockerfile(text) == text


def test_damage_the_payload_of_a_heredoc_stays() -> None:
    text = "FROM alpine:3.19\nCOPY <<EOF /Dockerfile\nFROM alpine:3.19\nEOF\n"
    assert dockerfile(text) == text.replace("FROM alpine:3.19", f"FROM {ALPINE}", 1)


def test_damage_a_variable_in_the_middle_is_not_passed_over_without_a_word() -> None:
    done, _ = run_once({"Dockerfile": b"ARG V=3.12\nFROM python:${V}-slim\n"}, FORMATS, PIN)
    (kept,) = done.kept
    assert (kept.outcome, str(kept.finding.reference)) == ("refused", "python:3.12-slim")
    assert "V does not end the reference" in kept.reason


def test_damage_text_in_a_config_map_is_no_reference() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\ndata:\n  image: nginx:1\n  pod.yaml: |\n    image: nginx:1\n"
    done, _ = run_once({"cm.yaml": text.encode()}, FORMATS, PIN)
    assert not done.survey.findings
