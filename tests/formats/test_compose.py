"""Compose files: which files, which places, and what is no image of a registry."""

from __future__ import annotations

import pytest

from pinbot.formats import compose
from pinbot.source.finding import BuildContext, Writable
from tests.formats._scanning import outcome, reasons, scanned, told

PINNED = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    "path",
    [
        "compose.yaml",
        "compose.yml",
        "docker-compose.yml",
        "docker-compose.override.yaml",
        "docker-compose-dev.yml",
        "docker-composev2.yml",
        "docker_compose.yml",
        "Docker-Compose.yml",
        "podman-compose.yaml",
        "a/b/compose.prod.yaml",
        "compose.lock.yml",
        "compose-dev.yaml",
        "prod.compose.yaml",
        "app-compose.yml",
        "docker-stack.yml",
        "docker-stack-ci.yaml",
        "stack.yml",
    ],
)
def test_claims_a_compose_file(path: str) -> None:
    assert compose.FORMAT.claims(path)


@pytest.mark.parametrize(
    "path", ["pod.yaml", "compose.json", "composer.yaml", "decompose.yaml", "compose/app.yaml", "stacks.yaml"]
)
def test_leaves_other_files_alone(path: str) -> None:
    assert not compose.FORMAT.claims(path)


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param("services: {a: {image: nginx}}", [("nginx", "writable")], id="the image of a service"),
        pytest.param(
            "web: {image: nginx}\ndb: {image: redis}", [("nginx", "writable"), ("redis", "writable")], id="v1"
        ),
        pytest.param("web: {image: nginx, build: .}", [("nginx", "local")], id="what a service of version 1 builds"),
        pytest.param("x-web: {image: nginx}\nversion: '3'\n", [], id="an extension is no service of version 1"),
        pytest.param("services: {}\nweb: {image: nginx}", [], id="with services nothing else counts"),
        pytest.param("apiVersion: v1\nkind: X\nspec: {image: nginx}", [("nginx", "writable")], id="a manifest is none"),
        pytest.param("services: {a: {image: nginx, build: .}}", [("nginx", "local")], id="a build beside the image"),
        pytest.param("services: {a: {image: nginx, build: }}", [("nginx", "writable")], id="an empty build is none"),
        pytest.param(
            "services: {a: {image: own:1, build: .}, b: {image: own:1}, c: {image: own:2}}",
            [("own:1", "local"), ("own:1", "local"), ("own:2", "writable")],
            id="what another service builds",
        ),
        pytest.param(
            "services: {a: {image: own, build: .}, b: {image: docker.io/library/own:latest}}",
            [("own", "local"), ("docker.io/library/own:latest", "local")],
            id="what another service builds, by another name",
        ),
        pytest.param("services: {a: {image: scratch}}", [("scratch", "local")], id="scratch is the empty image"),
        pytest.param("services: {a: {image: !reset null}}", [], id="a reset says nothing"),
        pytest.param("services: {a: {image: !override nginx}}", [("nginx", "writable")], id="an override is an image"),
        pytest.param(
            "x: &x {image: nginx, build: .}\nservices: {a: *x, b: {<<: *x}}",
            [("nginx", "local")],
            id="an anchored service is reported once",
        ),
        pytest.param(
            "x: &x {image: nginx}\nservices: {a: {<<: *x, build: .}, b: {<<: *x}}",
            [("nginx", "local")],
            id="a merged image that one service builds for both",
        ),
        pytest.param(
            "x: &x {image: nginx}\nservices: {a: {<<: *x, image: redis}}",
            [("redis", "writable")],
            id="an own image beats a merged one",
        ),
        pytest.param(
            "services: {a: {volumes: [{type: image, source: nginx}, {type: bind, source: redis}, 'x:/y']}}",
            [("nginx", "writable")],
            id="a volume that is an image",
        ),
        pytest.param("services: {a: {provider: {type: x}}}\nmodels: {m: {model: ai/x}}", [], id="models are no images"),
        pytest.param("services: {a: {environment: {image: nginx}, labels: {image: redis}}}", [], id="other settings"),
        pytest.param("services: {a: {image: nginx", [], id="half a file"),
        pytest.param("services: [a, {image: b}]", [], id="services that are a list"),
        pytest.param("services: {a: {image: {b: c}}, b: {image: [x]}, c: 3, d: }", [], id="images that are no text"),
        pytest.param(
            "services: {a: {build: [x], volumes: {type: image}}, b: {build: {args: 3, additional_contexts: x}}}",
            [],
            id="settings of the wrong kind",
        ),
    ],
)
def test_which_references_a_file_holds(text: str, findings: list[tuple[str, str]]) -> None:
    assert told("compose.yaml", text) == findings


BASE = "services: {base: {build: .}, other: {image: nginx}, more: {extends: {service: base}}}"
BUILT_ELSEWHERE = [
    pytest.param("services: {b: {build: .}, a: {extends: b, image: own}}", {}, id="in the service it extends"),
    pytest.param(
        "services: {a: {extends: {service: b}, image: own}, b: {extends: c}, c: {build: .}}", {}, id="two steps away"
    ),
    pytest.param(
        "services: {a: {extends: {file: ../x/base.yaml, service: base}, image: own}}",
        {"x/base.yaml": BASE},
        id="in the file it extends",
    ),
    pytest.param(
        "services: {a: {extends: {file: ../x/base.yaml, service: more}, image: own}}",
        {"x/base.yaml": BASE},
        id="in the file it extends, two steps away",
    ),
    pytest.param(
        "services: {a: {image: own}}",
        {"app/compose.override.yaml": "services: {a: {build: .}}"},
        id="in the override file",
    ),
    pytest.param(
        "services: {a: {image: own}}", {"app/compose.override.yml": "services: {a: {build: .}}"}, id="with its ending"
    ),
]


@pytest.mark.parametrize(("text", "beside"), BUILT_ELSEWHERE)
def test_the_name_of_what_is_built_elsewhere_is_local(text: str, beside: dict[str, str]) -> None:
    assert told("app/compose.yaml", text, beside) == [("own", "local")]


def test_an_override_names_what_its_base_builds() -> None:
    beside = {"docker-compose.yml": "services: {a: {build: .}, b: {image: nginx}}"}
    text = "services: {a: {image: own}, b: {image: nginx}}"
    assert told("docker-compose.override.yml", text, beside) == [("own", "local"), ("nginx", "writable")]


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        pytest.param(
            "services: {a: {extends: {file: base.yaml, service: other}, image: nginx}}", {"base.yaml": BASE}, id="other"
        ),
        pytest.param("services: {a: {extends: {file: base.yaml, service: b}, image: nginx}}", {}, id="no such file"),
        pytest.param("services: {a: {extends: none, image: nginx}}", {}, id="no such service"),
        pytest.param("services: {a: {extends: a, image: nginx}}", {}, id="itself"),
        pytest.param(
            "services: {a: {extends: {file: ../x.yaml, service: b}, image: nginx}}", {}, id="outside of the repository"
        ),
        pytest.param(
            "services: {a: {image: nginx}}", {"compose.override.yaml": "services: {a: {ports: ["}, id="a broken file"
        ),
        pytest.param(
            "services: {a: {image: nginx}}",
            {"docker-compose.override.yaml": "services: {a: {build: .}}"},
            id="an override of another name",
        ),
    ],
)
def test_an_image_that_nothing_builds_stays_one(text: str, beside: dict[str, str]) -> None:
    assert told("compose.yaml", text, beside) == [("nginx", "writable")]


def test_a_place_is_named_by_its_service() -> None:
    finding = scanned("compose.yaml", "services:\n  web:\n    platform: linux/arm64\n    image: nginx\n").findings[0]
    assert (finding.where, finding.position.line, str(finding.platform)) == ("services.web.image", 4, "linux/arm64")


def test_a_template_is_read_with_its_actions_blanked_out() -> None:
    text = (
        "services:\n"
        "  a:\n"
        "    image: nginx:1.27\n"
        "    environment:\n"
        "      {{ services['a']['env'] }}\n"
        "{% if b %}\n"
        "  b:\n"
        "    image: 'redis:{{ tag }}'\n"
        "{% endif %}\n"
    )
    found = scanned("compose.yaml", text)
    assert [(f.text, outcome(f)) for f in found.findings] == [
        ("nginx:1.27", "writable"),
        ("'redis:{{ tag }}'", "variable"),
    ]
    assert not found.skips


CONTEXTS = [
    pytest.param(
        "additional_contexts: {base: docker-image://alpine:3.20, x: ./x, y: service:y}",
        [("alpine:3.20", "writable")],
        id="a mapping",
    ),
    pytest.param(
        "additional_contexts: [base=docker-image://alpine:3.20, x=./x]", [("alpine:3.20", "writable")], id="a list"
    ),
    pytest.param(
        "additional_contexts: {base: 'docker-image://alpine:${V:-3.20}'}",
        [("alpine:${V:-3.20}", "writable")],
        id="a variable with a default",
    ),
    pytest.param("additional_contexts: {base: oci-layout://x}", [], id="a layout on disk is no image"),
    pytest.param("cache_from: [alpine:3.20]", [], id="a cache is not pulled to be run"),
]


@pytest.mark.parametrize(("setting", "findings"), CONTEXTS)
def test_images_that_are_build_contexts(setting: str, findings: list[tuple[str, str]]) -> None:
    assert told("compose.yaml", f"services: {{a: {{build: {{context: ., {setting}}}}}}}") == findings


@pytest.mark.parametrize(
    ("path", "build", "dockerfile"),
    [
        pytest.param("compose.yaml", "build: .", "Dockerfile", id="the folder itself"),
        pytest.param("a/compose.yaml", "build: ./b", "a/b/Dockerfile", id="a folder below"),
        pytest.param("a/compose.yaml", "build: ..", "Dockerfile", id="the folder above"),
        pytest.param("a/compose.yaml", "build: {dockerfile: x/Dockerfile.y}", "a/x/Dockerfile.y", id="a name"),
        pytest.param("compose.yaml", "build: {context: '${DIR:-b}'}", "b/Dockerfile", id="a default"),
    ],
)
def test_a_build_names_its_dockerfile(path: str, build: str, dockerfile: str) -> None:
    assert [
        c.dockerfile for c in scanned(path, f"services:\n  a:\n    {build}\n").relations if isinstance(c, BuildContext)
    ] == [dockerfile]


@pytest.mark.parametrize(
    "build",
    [
        "build: https://example.com/x.git",
        "build: git@example.com:x.git",
        "build: github.com/acme/x",
        "build: ../..",
        "build: /srv/x",
        "build: ${DIR}",
        "build: {dockerfile: /srv/Dockerfile}",
    ],
)
def test_a_build_from_elsewhere_names_none(build: str) -> None:
    assert scanned("a/compose.yaml", f"services:\n  a:\n    {build}\n").relations == ()


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param("args: {A: 1, B: }\n      additional_contexts: {base: ./x}", id="mappings"),
        pytest.param("args: [A=1, B]\n      additional_contexts: [base=./x]", id="lists"),
    ],
)
def test_a_build_says_what_it_sets(settings: str) -> None:
    found = scanned("compose.yaml", f"services:\n  a:\n    build:\n      context: .\n      {settings}\n")
    assert found.relations == (
        BuildContext("Dockerfile", frozenset({"base"}), frozenset({"A", "B"}), "compose.yaml:4"),
    )


INLINE = """\
services:
  a:
    build:
      args: [VERSION=3]
      additional_contexts: [base=./x]
      dockerfile_inline: |
        ARG VERSION=1.23
        FROM golang:${VERSION} AS build
        FROM alpine:3.20

        COPY --from=build /a /a
        COPY --from=base /b /b
        COPY --from=busybox:1.36 /c /c
"""


def test_an_inline_dockerfile_is_read_line_by_line() -> None:
    found = scanned("compose.yaml", INLINE)
    assert [(f.text, outcome(f), f.position.line) for f in found.findings] == [
        ("golang:${VERSION}", "variable", 8),
        ("alpine:3.20", "writable", 9),
        ("build", "local", 11),
        ("base", "local", 12),
        ("busybox:1.36", "writable", 13),
    ]
    assert found.relations == ()
    assert found.findings[1].where.startswith("services.a.build: ")


def test_an_inline_dockerfile_may_be_one_line() -> None:
    assert told("compose.yaml", "services: {a: {build: {dockerfile_inline: FROM nginx:1.27}}}") == [
        ("nginx:1.27", "writable")
    ]


def test_a_folded_dockerfile_is_skipped_by_name() -> None:
    text = "services:\n  a:\n    build:\n      dockerfile_inline: >\n        FROM nginx:1.27\n\n        RUN true\n"
    (skip,) = scanned("compose.yaml", text).skips
    assert skip.reason == "line 4: write dockerfile_inline as a block behind `|` to have it read"


def test_a_variable_in_an_inline_dockerfile_is_composes() -> None:
    (reason,) = reasons("compose.yaml", 'services: {a: {build: {dockerfile_inline: "FROM nginx:${V:-1}"}}}')
    assert reason.startswith("compose replaces variables before the Dockerfile is read")


def test_a_pinned_image_keeps_its_parts() -> None:
    standing = scanned("compose.yaml", f"services: {{a: {{image: 'nginx:1.27@{PINNED}'}}}}").findings[0].standing
    assert isinstance(standing, Writable)
    assert str(standing.reference) == f"nginx:1.27@{PINNED}"
