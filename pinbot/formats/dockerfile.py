"""Dockerfile and Containerfile: https://docs.docker.com/reference/dockerfile/, with the names that
https://docs.docker.com/build/concepts/dockerfile/#filename and podman give such files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pinbot.formats._base import About, Companions, Format
from pinbot.formats._dockerfile import scan_dockerfile
from pinbot.source.finding import Yield
from pinbot.source.text import SourceFile

# In small letters, what stands before or behind the word may be anything: `parse_dockerfile`, `dockerfiles`.
_NAME = re.compile(
    r"(?i:(?:.*\.)?(?:docker|container)file(?:[._-].*|\d.*)?)|[^.]*(?:Docker|Container)file(?:[A-Z0-9_-][^.]*)?"
)
# fmt: off
# Companions and descriptions of a Dockerfile, whatever the case of its name.
_OTHER = frozenset({
    "adoc", "asc", "containerignore", "csv", "diff", "dockerignore", "gif", "html", "ini", "jpg", "json",
    "lock", "log", "markdown", "md", "orig", "patch", "pdf", "png", "rej", "rst", "sarif", "sha256", "sig",
    "svg", "swp", "toml", "xml", "yaml", "yml", "zip",
})
# Source code about Dockerfiles: `dockerfile.go` is a program, `Dockerfile.go` builds one.
_CODE = frozenset({
    "c", "cc", "cpp", "cs", "ex", "exs", "go", "h", "java", "js", "jsx", "kt", "lua", "mjs", "php", "pl",
    "py", "rb", "rs", "scala", "sh", "swift", "ts", "tsx", "vue",
})
# fmt: on


def claims(path: str) -> bool:
    """Whether a file of that path is a Dockerfile by its name."""
    name = path.rpartition("/")[2]
    lowered = name.lower()
    ending = lowered.rpartition(".")[2]
    if "file" not in lowered or not _NAME.fullmatch(name) or ending in _OTHER:
        return False
    return ending not in _CODE or name.startswith(("Dockerfile.", "Containerfile."))


def scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    """Yield the images that a Dockerfile names."""
    return scan_dockerfile(file, FORMAT.name)


# The longest Dockerfiles that people write have some 100 KB; what is longer by far is no Dockerfile.
_MAX_BYTES = 512 * 1024

FORMAT = Format(
    "dockerfile",
    scan,
    About(
        title="Dockerfile and Containerfile",
        url="https://docs.docker.com/reference/dockerfile/",
        files="`Dockerfile`, `Containerfile`, `Dockerfile.web`, `web.Dockerfile` and the like",
        places=(
            "`FROM`, with the `ARG` defaults that stand before the first one",
            "`COPY --from=` and every `RUN --mount=…,from=`, also behind `ONBUILD`",
            "the `# syntax=` directive",
        ),
        path="Dockerfile",
        example="""\
# syntax=docker/dockerfile:1
ARG PYTHON=3.12-slim
FROM python:${PYTHON} AS build
COPY --from=alpine:3.20 /etc/os-release /
FROM scratch
COPY --from=build /app /app
""",
        limits=(
            "build stages, `scratch` and named build contexts are no images: `local`",
            "an `ARG` that feeds two references, or does not end the reference, is refused",
            "the text of here-documents is not read",
        ),
    ),
    claims=claims,
    max_bytes=_MAX_BYTES,
)
