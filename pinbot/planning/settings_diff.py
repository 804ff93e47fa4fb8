"""How containers of two images differ in the way they are run: the user, what is started, ports, and so on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pinbot.oci.resolution import Runtime

# https://learn.microsoft.com/en-us/virtualization/windowscontainers/manage-containers/container-security
_WINDOWS_ROOT = "containeradministrator"
_ZERO = re.compile(r"[+-]?0+")
# A word with one of these is quoted, so that two lists are told apart: `["a b"]` and `["a", "b"]`, `['"a', 'b"']`.
_SPLITS = re.compile(r"""[\s",]""")


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that differs: its name for people, and both values as text; empty where it is not set.

    Of one that `is_set` (variables, ports, volumes) a side has only what the other lacks.
    """

    name: str
    old: str
    new: str
    is_set: bool = False


def setting_changes(old: Runtime, new: Runtime) -> tuple[SettingChange, ...]:
    """Return what differs. Of the environment the names of variables are compared, as nothing else is known."""
    plain = (SettingChange(name, show(old), show(new)) for name, show in _PLAIN)
    sets = (_of_sets(name, of(old), of(new)) for name, of in _SETS)
    return tuple(change for change in (*plain, *sets) if change.old != change.new)


def runs_as_root(runtime: Runtime) -> bool:
    """Whether an image is run by root: by its name or number, or as no user is named at all.

    A number is what Go reads as one (`+0`). Windows has its own name for who may do anything.
    """
    user = runtime.user.partition(":")[0].strip()
    return user in {"", "root"} or user.casefold() == _WINDOWS_ROOT or _ZERO.fullmatch(user) is not None


def becomes_root(old: Runtime, new: Runtime) -> bool:
    """Whether an image that was not run by root is."""
    return runs_as_root(new) and not runs_as_root(old)


def _command(words: Iterable[str]) -> str:
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    return json.dumps(word, ensure_ascii=False) if not word or _SPLITS.search(word) else word


def _of_sets(name: str, old: tuple[str, ...], new: tuple[str, ...]) -> SettingChange:
    """Return what only one of both has."""
    gone, come = (", ".join(map(_quoted, sorted(some))) for some in ({*old} - {*new}, {*new} - {*old}))
    return SettingChange(name, gone, come, is_set=True)


_PLAIN: tuple[tuple[str, Callable[[Runtime], str]], ...] = (
    ("user", lambda r: r.user),
    ("entrypoint", lambda r: _command(r.entrypoint)),
    ("command", lambda r: _command(r.command)),
    ("shell", lambda r: _command(r.shell)),
    ("healthcheck", lambda r: _command(r.healthcheck)),
    ("working directory", lambda r: r.directory),
    ("stop signal", lambda r: r.stop_signal),
)
_SETS: tuple[tuple[str, Callable[[Runtime], tuple[str, ...]]], ...] = (
    ("environment", lambda r: r.environment),
    ("ports", lambda r: r.ports),
    ("volumes", lambda r: r.volumes),
)
