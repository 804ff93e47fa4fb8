"""Fifty files that break tools: each is written into a folder by name, and none of them may be read as it claims."""

from __future__ import annotations

import gzip
import os
import socket
from collections.abc import Callable
from pathlib import Path

Maker = Callable[[Path], object]

POD = b"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: nginx:1.27\n"
COMPOSE = b"services:\n  web:\n    image: nginx:1.27\n"
STAGES = b"FROM nginx:1.27\nRUN true\n"
JSON = b'{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "nginx:1.27"}]}'

_LAUGHS = b"a: &a0 [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"b%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 10)
)
_MERGES = b"m0: &m0 {a: 1}\n" + b"".join(
    b"m%d: &m%d {x: {<<: *m%d}, y: {<<: *m%d}, z: *m%d}\n" % (n, n, n - 1, n - 1, n - 1) for n in range(1, 30)
)
_OURS, _THEIRS = b"<<<<<<< HEAD\n    image: nginx:1.27\n", b"=======\n    image: nginx:1.28\n>>>>>>> other\n"
_DEEP = 10_000
_MIB = 1024 * 1024


def _holding(content: bytes) -> Maker:
    return lambda path: path.write_bytes(content)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.write(POD)
        file.truncate(100 * _MIB)


def _socket(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(f"/proc/self/fd/{folder}/{path.name}")  # the path itself may be longer than a socket's may be
    os.close(folder)


def _link_to(target: str) -> Maker:
    return lambda path: path.symlink_to(target)


def _folder_link(path: Path) -> None:
    (path.parent / "real-folder").mkdir()
    path.symlink_to("real-folder")


HOSTILE: dict[str, Maker] = {
    # Explosions and depths
    "alias-bomb.yaml": _holding(POD + _LAUGHS),
    "alias-bomb/compose.yaml": _holding(
        COMPOSE + b"x-bomb:\n" + b"".join(b"  " + x + b"\n" for x in _LAUGHS.splitlines())
    ),
    "merge-key-bomb.yaml": _holding(POD + _MERGES),
    "alias-of-itself.yaml": _holding(POD + b"loop: &loop [*loop]\n"),
    "aliases-in-a-circle.yaml": _holding(POD + b"a: &a {b: &b {c: *a, d: *b}}\n"),
    "deep-brackets.yaml": _holding(POD + b"deep: " + b"[" * _DEEP + b"]" * _DEEP + b"\n"),
    "deep-braces.yaml": _holding(POD + b"deep: " + b"{a: " * _DEEP + b"}" * _DEEP + b"\n"),
    "deep-brackets-left-open.yaml": _holding(POD + b"deep: " + b"[" * 100_000),
    "deep-indentation.yaml": _holding(POD + b"".join(b" " * n + b"a:\n" for n in range(1000))),
    "deep-dashes.yaml": _holding(POD + b"deep:\n  " + b"- " * _DEEP + b"x\n"),
    "deep-questions.yaml": _holding(POD + b"deep:\n  " + b"? " * _DEEP + b"x\n"),
    "deep.json": _holding(JSON + b', "deep": ' + b"[" * _DEEP + b"]" * _DEEP + b"}"),
    "deep/compose.yaml": _holding(COMPOSE + b"x-deep: " + b"[" * _DEEP + b"]" * _DEEP + b"\n"),
    "many-values.yaml": _holding(POD + b"many:\n" + b"- 1\n" * 500_000),
    # Sizes
    "a-line-of-one-mib.yaml": _holding(POD + b"data: " + b"x" * _MIB + b"\n"),
    "a-line-of-one-mib-in-quotes.yaml": _holding(POD + b'data: "' + b"x" * _MIB + b'"\n'),
    "a-line-of-one-mib/Dockerfile": _holding(STAGES + b"ENV X=" + b"x" * _MIB + b"\n"),
    "a-line-of-one-mib.json": _holding(JSON + b', "data": "' + b"x" * _MIB + b'"}'),
    "nine-mib.yaml": _holding(POD + b"# comment\n" * 943_719),
    "nine-mib/Dockerfile": _holding(STAGES + b"# comment\n" * 943_719),
    "hundred-mib.yaml": _sparse,
    # Encodings
    "utf-16-little.yaml": _holding(b"\xff\xfe" + POD.decode().encode("utf-16-le")),
    "utf-16-big.yaml": _holding(b"\xfe\xff" + POD.decode().encode("utf-16-be")),
    "utf-16-without-mark.yaml": _holding(POD.decode().encode("utf-16-le")),
    "utf-16/Dockerfile": _holding(b"\xff\xfe" + STAGES.decode().encode("utf-16-le")),
    "utf-32.yaml": _holding(POD.decode().encode("utf-32")),
    "latin-1.yaml": _holding(POD + "name: caf\xe9\n".encode("latin-1")),
    "cut-in-a-character.yaml": _holding(POD + "name: 🐳".encode()[:-1]),
    "encoded-surrogate.yaml": _holding(POD + b"name: \xed\xa0\x80\n"),
    "nul.yaml": _holding(POD + b"name: a\0b\n"),
    "nul-at-the-end.yaml": _holding(POD + b"\0"),
    "nul/Dockerfile": _holding(STAGES + b"\0"),
    "nul.json": _holding(JSON + b"\0}"),
    "control-character.yaml": _holding(POD + b"name: a\x07b\n"),
    # Not what the name says
    "gzip.yaml": _holding(gzip.compress(POD * 50, mtime=0)),
    "png/compose.yaml": _holding(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01" + COMPOSE),
    "elf/Dockerfile": _holding(b"\x7fELF\x02\x01\x01\0\0\0\0\0" + STAGES),
    # Half-written, and to be filled in
    "open-quote.yaml": _holding(POD + b'name: "half\n'),
    "open-brace.yaml": _holding(POD + b"labels: {a: b\nc: d\n"),
    "open-bracket/compose.yaml": _holding(COMPOSE + b"    ports: [80, 81\n  db:\n    image: redis\n"),
    "indentation-slipped.yaml": _holding(POD + b"   - name: b\n  image: redis\n"),
    "tabs.yaml": _holding(POD + b"labels:\n\ta: b\n"),
    "unknown-alias.yaml": _holding(POD + b"name: *nowhere\n"),
    "unknown-version.yaml": _holding(b"%YAML 9.9\n---\n" + POD),
    "cut-off.json": _holding(JSON),
    "cut-off-in-a-word.json": _holding(JSON[:-9]),
    "helm-template.yaml": _holding(POD + b"{{- if .Values.on }}\n    image: [{{ .Values.image }}\n{{- end }}\n"),
    "jinja-template.yaml": _holding(b"{% for n in names %}\n" + POD + b"  x: [\n{% endfor %}\n"),
    "half-a-template/compose.yaml": _holding(COMPOSE + b"{{ range .Services\n  x: {{ .Name\n"),
    # Merges that nobody finished
    "conflict.yaml": _holding(POD + _OURS + _THEIRS),
    "conflict/compose.yaml": _holding(COMPOSE + _OURS + _THEIRS),
    "conflict/Dockerfile": _holding(_OURS.replace(b"    image:", b"FROM") + _THEIRS.replace(b"    image:", b"FROM")),
    "conflict-of-three.yaml": _holding(POD + _OURS + b"||||||| base\n    image: nginx:1\n" + _THEIRS),
    "conflict-crlf.yaml": _holding((POD + _OURS + _THEIRS).replace(b"\n", b"\r\n")),
    # No regular files
    "link-to-itself.yaml": _link_to("link-to-itself.yaml"),
    "link-to-nowhere.yaml": _link_to("nowhere.yaml"),
    "link-out-of-the-folder.yaml": _link_to("/etc/hostname"),
    "link-to-a-device.yaml": _link_to("/dev/zero"),
    "link-to-a-folder.yaml": _folder_link,
    "pipe.yaml": os.mkfifo,
    "socket.yaml": _socket,
}
