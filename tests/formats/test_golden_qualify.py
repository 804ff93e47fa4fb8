"""Names in full over the golden files: wherever a name can be rewritten alone, the result reads as the same image."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from pinbot import wiring
from pinbot.formats._claims import Claims
from pinbot.oci.reference import Reference
from pinbot.planning.outcome import Change
from pinbot.planning.patch import patches
from pinbot.run import Scope, rescan, survey
from pinbot.source.finding import Finding, Writable
from tests.fakes.memory import TERMS, MemoryWorkspace
from tests.formats.test_golden import CASES, COSTUMES, tree

SCOPE = Scope(Claims(wiring.formats()))
KUSTOMIZE = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n"


def _changes(findings: Iterable[Finding]) -> list[Change]:
    return [
        Change("replace", f, f.standing.reference, f.standing.reference.qualified())
        for f in findings
        if isinstance(f.standing, Writable) and f.standing.name
        if f.standing.reference.qualified() != f.standing.reference
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.parent.name} {case.parent.name}")
def test_every_name_that_can_be_written_in_full_is_proved(case: Path) -> None:
    seen = survey(MemoryWorkspace(tree(case, COSTUMES["LF"])), SCOPE, TERMS)
    texts = {path: file.text for path, file in seen.files.items()}
    changes = _changes(seen.findings)
    proved, refused = patches(changes, texts, rescan(SCOPE), seen.readers)
    assert [(k.finding.path, k.finding.where, k.finding.text, k.reason) for k in refused] == []
    after = texts | {p.path: p.after for p in proved}
    rewritten = [f.reference for path in texts for f in rescan(SCOPE)(path, after) if f.reference]
    wanted = {(c.finding.path, str(c.new)) for c in changes}
    assert {str(r) for r in rewritten} >= {new for _, new in wanted}
    assert all(Reference.parse(str(r)).identity == r.identity for r in rewritten)


IN_FULL = [
    pytest.param("Dockerfile", "FROM nginx\n", "FROM docker.io/library/nginx\n", id="FROM"),
    pytest.param(
        "Dockerfile",
        "ARG B=acme/x:1\nFROM $B\n",
        "ARG B=docker.io/acme/x:1\nFROM $B\n",
        id="in a variable",
    ),
    pytest.param(
        "Dockerfile", "ARG V=1\nFROM nginx:$V\n", "ARG V=1\nFROM docker.io/library/nginx:$V\n", id="before a variable"
    ),
    pytest.param(
        "compose.yaml",
        "services:\n  a:\n    image: nginx:${V:-1}\n",
        "services:\n  a:\n    image: docker.io/library/nginx:${V:-1}\n",
        id="before a default",
    ),
    pytest.param(
        "kustomization.yaml",
        f"{KUSTOMIZE}- name: web\n  newName: nginx\n  newTag: '1'\n",
        f"{KUSTOMIZE}- name: web\n  newName: docker.io/library/nginx\n  newTag: '1'\n",
        id="a key of its own",
    ),
]
AS_WRITTEN = [
    pytest.param("Dockerfile", "ARG B=nginx\nFROM $B:1 AS a\nFROM $B:2\n", id="a variable of two references"),
    pytest.param("Dockerfile", "ARG B=ng\nFROM ${B}inx:1\n", id="a name in two places"),
    pytest.param("kustomization.yaml", f"{KUSTOMIZE}- name: nginx\n  newTag: '1'\n", id="a name that is matched"),
    pytest.param(
        "chart/values.yaml", "image:\n  registry: docker.io\n  repository: acme/x\n  tag: '1'\n", id="a registry beside"
    ),
    pytest.param(
        "chart/values.yaml", "image:\n  registry: ''\n  repository: acme/x\n  tag: '1'\n", id="an empty registry beside"
    ),
    pytest.param(
        "Jenkinsfile",
        "docker.withRegistry('https://index.docker.io/v1/', 'x') {\n  docker.image('maven:3').inside { }\n}\n",
        id="a registry around it",
    ),
]


def _qualified(path: str, text: str) -> str:
    seen = survey(MemoryWorkspace({path: text.encode()}), SCOPE, TERMS)
    assert seen.findings
    proved, _ = patches(_changes(seen.findings), {path: text}, rescan(SCOPE), {})
    return proved[0].after if proved else text


@pytest.mark.parametrize(("path", "before", "after"), IN_FULL)
def test_writes_the_name_in_full_and_nothing_else(path: str, before: str, after: str) -> None:
    assert _qualified(path, before) == after


@pytest.mark.parametrize(("path", "text"), AS_WRITTEN)
def test_leaves_a_name_that_does_not_stand_alone(path: str, text: str) -> None:
    assert _qualified(path, text) == text
