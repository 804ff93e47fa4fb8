"""Writes a repository of the size and mixture of a large open-source project, the same one every time.

Modelled on argoproj/argo-cd in November 2026: 5,567 files, 2,379 of them YAML with 17 MB, 513 of those with an image.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

MANIFESTS, OTHER_YAML, DOCKERFILES, CODE = 513, 1_866, 12, 3_176
_CODE_BYTES = 8_000

_MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{n}
spec:
  template:
    spec:
      containers:
        - name: main
          image: quay.io/acme/app-{n}:v1.{n}
          args: [{args}]
"""
_STATUS = "status:\n  conditions:\n"
_CONDITION = "    - type: Condition{i}\n      message: {text}\n      lastTransitionTime: '2026-11-21T00:00:00Z'\n"
_DATA = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: data-{n}\ndata:\n"
_SENTENCE = "request response timeout retry cluster address listener route upstream metrics tracing image version"
_WORDS = _SENTENCE.split()


def write(folder: Path) -> int:
    """Write the files below `folder` and return how many there are."""
    random = Random(20261121)
    for n in range(MANIFESTS):
        text = _MANIFEST.format(n=n, args=", ".join(f"--flag-{i}" for i in range(20)))
        _file(folder / f"manifests/team-{n % 20}/app-{n}.yaml", text + _STATUS + _lines(random, 90))
    for n in range(OTHER_YAML):
        lines = "".join(f"  key-{i}: {_text(random)}\n" for i in range(100))
        _file(folder / f"testing/set-{n % 60}/data-{n}.yaml", _DATA.format(n=n) + lines)
    for n in range(DOCKERFILES):
        _file(folder / f"images/{n}/Dockerfile", f"FROM golang:1.{n} AS build\nFROM scratch\nCOPY --from=build /a /a\n")
    for n in range(CODE):
        text = "".join(f"func f{i}() string {{ return {_text(random)!r} }}\n" for i in range(_CODE_BYTES // 100))
        _file(folder / f"pkg/p{n % 90}/file_{n}.go", text)
    return MANIFESTS + OTHER_YAML + DOCKERFILES + CODE


def _lines(random: Random, number: int) -> str:
    return "".join(_CONDITION.format(i=i, text=_text(random)) for i in range(number))


def _text(random: Random) -> str:
    return " ".join(random.choices(_WORDS, k=8))


def _file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
