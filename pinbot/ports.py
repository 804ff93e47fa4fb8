"""The doors to the outside, as Protocols: what the pure floors ask for, and the edges provide."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pinbot.oci.history import Observation
    from pinbot.oci.resolution import Facts, Question


class Resolver(Protocol):
    """Asks registries."""

    def answer(self, questions: Collection[Question]) -> Facts:
        """Return an answer for every question, a failure where there is no other; raises nothing of ours."""


class Ledger(Protocol):
    """Remembers what registries answered. Losing it costs history, never correctness."""

    def known(self, questions: Collection[Question]) -> Facts:
        """Return answers from earlier runs: to every Remembered, and to a Content or Config that was once answered.

        A question that it cannot answer is left out.
        """

    def record(self, observations: Collection[Observation], facts: Facts) -> None:
        """Remember what tags named, and the answers to Content and Config, which hold for ever.

        A ledger that cannot be written says so to the user in its own way, and raises nothing of ours.
        """


class NoLedger:
    """A ledger that remembers nothing."""

    def known(self, questions: Collection[Question]) -> Facts:
        """Return an empty memory for every repository."""
        from pinbot.oci.history import Memory
        from pinbot.oci.resolution import Remembered

        return {q: Memory() for q in questions if isinstance(q, Remembered)}

    def record(self, observations: Collection[Observation], facts: Facts) -> None:
        """Forget."""


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
