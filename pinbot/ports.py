"""The doors to the outside, as Protocols: what the pure floors ask for, and the edges provide."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from pinbot.oci.resolution import Facts, Question


class Resolver(Protocol):
    """Asks registries."""

    def answer(self, questions: Collection[Question]) -> Facts:
        """Return an answer for every question, a failure where there is no other; raises nothing of ours."""


class Workspace(Protocol):
    """The files of one repository."""

    def paths(self) -> Sequence[str]:
        """Return the paths of its files, relative and with `/`, in a stable order."""

    def missed(self) -> Sequence[tuple[str, str]]:
        """Return the folders below which files may have been missed, each with the reason."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises UnreadableFile, and AlreadyRead for a second name of a file."""

    def write(self, path: str, before: bytes, after: bytes) -> None:
        """Replace a file that holds `before` by `after`, at once or not at all, with its mode kept.

        Raises FileChanged when it holds something else by now, UnreadableFile when it may not be written.
        """
