"""Builds that one file describes and a Dockerfile of the repository carries out: which one, and for what platforms."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from pinbot.oci.platform import Platform
from pinbot.source.finding import BuiltFor

# A folder of this machine, a URL or a git remote: https://docs.docker.com/build/concepts/context/#what-is-a-build-context
_ELSEWHERE = re.compile(r"\w+://|git@|github\.com/|/|~|-$")


def path_within(base: str, *steps: str) -> str | None:
    """Return the path in the repository that `steps` lead to from the folder `base`; None where it lies elsewhere."""
    if not all(steps) or any(_ELSEWHERE.match(step) for step in steps):
        return None
    path = posixpath.normpath(posixpath.join(base, *(step.replace("\\", "/") for step in steps)))
    return None if path == ".." or path.startswith("../") else path


def folder(path: str) -> str:
    """Return the folder of a file in the repository, empty for the top."""
    return path.rpartition("/")[0]


def built_for(names: Iterable[str]) -> Iterator[BuiltFor]:
    """Yield for which platforms is built; names that are none, such as `local` and variables, say nothing."""
    platforms = frozenset(one for one in map(Platform.parse, names) if one)
    if platforms:
        yield BuiltFor(platforms)
