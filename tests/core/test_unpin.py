"""The way back: which digests are taken out, with what exactly, and which stay."""

from __future__ import annotations

import pytest

from pinbot import wiring
from pinbot.formats._claims import Claims
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.result import Update
from pinbot.planning.unpin import unpin
from pinbot.run import Scope, remove
from tests.core.examples import OLD, aside, fixed
from tests.fakes.memory import TERMS, MemoryWorkspace

CLAIMS = Claims(wiring.formats())
POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"
KUSTOMIZE = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n"


def removed(files: dict[str, str], *, write: bool = True) -> tuple[Update, dict[str, str]]:
    """Take the digests out of these files, each written as `DIGEST`."""
    workspace = MemoryWorkspace({path: text.replace("DIGEST", str(OLD)).encode() for path, text in files.items()})
    done = remove(workspace, Scope(CLAIMS), TERMS, write=write)
    return done, {path: data.decode().replace(str(OLD), "DIGEST") for path, data in workspace.files.items()}


TAKEN = [
    pytest.param("Dockerfile", "FROM nginx:1.27@DIGEST AS x\n", "FROM nginx:1.27 AS x\n", id="behind a tag"),
    pytest.param(
        "Dockerfile", "FROM r:5000/a:1@DIGEST", "FROM r:5000/a:1", id="behind a port and a tag, at a file's end"
    ),
    pytest.param("Dockerfile", "FROM nginx:latest@DIGEST\n", "FROM nginx:latest\n", id="behind latest, which stays"),
    pytest.param(
        "Dockerfile", "ARG V=1.27@DIGEST\r\nFROM nginx:$V\r\n", "ARG V=1.27\r\nFROM nginx:$V\r\n", id="in an ARG"
    ),
    pytest.param("Dockerfile", "FROM nginx:${V:-1.27@DIGEST}\n", "FROM nginx:${V:-1.27}\n", id="in a default"),
    pytest.param(
        "compose.yaml",
        "services:\n  a:\n    image: 'nginx:1@DIGEST' # x\n",
        "services:\n  a:\n    image: 'nginx:1' # x\n",
        id="in quotes, before a comment",
    ),
    pytest.param(
        "kustomization.yaml",
        f"{KUSTOMIZE}- name: nginx\n  newTag: '1'\n  digest: 'DIGEST'\n",
        f"{KUSTOMIZE}- name: nginx\n  newTag: '1'\n",
        id="with its line",
    ),
    pytest.param(
        "kustomization.yaml",
        f"{KUSTOMIZE}- name: nginx\r\n  digest: DIGEST\r\n  newTag: '1'\r\n",
        f"{KUSTOMIZE}- name: nginx\r\n  newTag: '1'\r\n",
        id="with its line, between others",
    ),
    pytest.param(
        "kustomization.yaml",
        f'{KUSTOMIZE}- {{name: nginx, newTag: "1" , digest: "DIGEST"}}\n',
        f'{KUSTOMIZE}- {{name: nginx, newTag: "1"}}\n',
        id="with its key, in a flow",
    ),
    pytest.param(
        "docker-bake.hcl",
        'target "a" {\n  contexts = { b = "docker-image://alpine:3@DIGEST" }\n}\n',
        'target "a" {\n  contexts = { b = "docker-image://alpine:3" }\n}\n',
        id="in HCL",
    ),
    pytest.param(
        ".devcontainer/devcontainer.json",
        '{"image": "alpine:3@DIGEST", /* x */}',
        '{"image": "alpine:3", /* x */}',
        id="in JSON with comments",
    ),
    pytest.param(
        "web.container", "[Container]\nImage=r.io/a:1@DIGEST\n", "[Container]\nImage=r.io/a:1\n", id="in a unit"
    ),
    pytest.param(
        "MODULE.bazel",
        'oci.pull(\n    name = "a",\n    digest = "DIGEST",\n    image = "r.io/a",\n    tag = "1",\n)\n',
        'oci.pull(\n    name = "a",\n    image = "r.io/a",\n    tag = "1",\n)\n',
        id="with the line of its argument",
    ),
    pytest.param(
        "MODULE.bazel",
        'oci.pull(name = "a", image = "r.io/a", tag = "1", digest = "DIGEST",)\n',
        'oci.pull(name = "a", image = "r.io/a", tag = "1",)\n',
        id="with its argument, the last one",
    ),
    pytest.param(
        "MODULE.bazel",
        'oci.pull(name = "a", digest = "DIGEST", image = "r.io/a", tag = "1")\n',
        'oci.pull(name = "a", image = "r.io/a", tag = "1")\n',
        id="with its argument, between others",
    ),
]


@pytest.mark.parametrize(("path", "before", "after"), TAKEN)
def test_takes_out_the_digest_and_nothing_else(path: str, before: str, after: str) -> None:
    done, files = removed({path: before})
    assert files == {path: after}
    assert [(c.kind, c.new.digest) for c in done.changes] == [("remove", None)]
    assert removed({path: before}, write=False)[1] == {path: before}


LEFT = [
    pytest.param("FROM nginx@DIGEST\n", "nothing would remain but the name", id="no tag"),
    pytest.param("# pinbot: ignore\nFROM nginx:1@DIGEST\n", "a pinbot: ignore remark", id="a remark"),
    pytest.param("ARG V=1@DIGEST\nFROM nginx:$V\nFROM nginx:$V\n", "would reach both", id="a value that is shared"),
    pytest.param("ARG D=DIGEST\nFROM nginx:1@$D\n", "by hand", id="a digest whose @ stands elsewhere"),
    pytest.param("FROM nginx:1\n", "no digest to remove", id="no digest"),
]


@pytest.mark.parametrize(("before", "reason"), LEFT)
def test_leaves_what_cannot_be_taken_out_and_says_why(before: str, reason: str) -> None:
    done, files = removed({"Dockerfile": before})
    assert files == {"Dockerfile": before}
    assert all(reason in kept.reason for kept in done.kept)


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        pytest.param("- name: nginx\n  newTag: '1'\n  digest: DIGEST # of 1.27\n", "by hand", id="a comment beside it"),
        pytest.param("- digest: DIGEST\n  name: nginx\n  newTag: '1'\n", "by hand", id="the first key of an item"),
        pytest.param("- {digest: DIGEST, name: nginx, newTag: '1'}\n", "by hand", id="the first key of a flow"),
        pytest.param("- name: nginx\n  newTag: '1'\n  digest: &d DIGEST\n", "by hand", id="a value with an anchor"),
        pytest.param("- name: nginx\n  digest: DIGEST\n", "nothing would remain", id="a digest without a tag"),
    ],
)
def test_leaves_a_key_that_cannot_go_alone(items: str, reason: str) -> None:
    before = {"kustomization.yaml": KUSTOMIZE + items}
    done, files = removed(before)
    assert files == before
    assert [(k.outcome, reason in k.reason) for k in done.kept] == [("refused", True)]


def test_a_tag_in_a_comment_is_none_that_remains() -> None:
    before = {"pod.yaml": f"{POD}  - image: postgres@DIGEST # 16.7\n"}
    done, files = removed(before)
    assert files == before
    assert "in a comment only" in done.kept[0].reason


def test_a_line_of_an_env_file_loses_its_digest() -> None:
    _, files = removed({"compose.yaml": "services:\n  a:\n    image: nginx:$T\n", ".env": "T=1.27@DIGEST\n"})
    assert files[".env"] == "T=1.27\n"


def test_what_cannot_be_changed_or_is_no_image_keeps_its_reason() -> None:
    plan = unpin([fixed(f"a:1@{OLD}"), aside("local", "a stage")], {})
    assert [(k.outcome, k.reason) for k in plan.kept] == [("refused", "it is shared"), ("local", "a stage")]


def test_every_reference_ends_in_one_place() -> None:
    done, _ = removed({"Dockerfile": "FROM a:1@DIGEST AS x\nFROM b AS y\nFROM c@DIGEST\nFROM scratch\n"})
    assert {type(one) for one in (*done.changes, *done.kept)} == {Change, Kept}
    assert len(done.changes) + len(done.kept) == len(done.survey.findings) == 4
