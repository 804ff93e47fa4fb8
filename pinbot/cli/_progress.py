"""How far a run is, on standard error, where a person is looking."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from pinbot.cli._options import Output

T = TypeVar("T")

# Called with how many questions are answered, and how many there are so far.
Progress = Callable[[int, int], None]


@contextmanager
def lookups(output: Output) -> Iterator[Progress]:
    """Show the progress of lookups for as long as the context lasts; without a terminal, nothing."""
    if output.quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("asking registries"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, console=Console(stderr=True, no_color=output.no_color or None), transient=True) as bar:
        task = bar.add_task("lookups", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


class Sweeping:
    """What a pass over repositories has come to so far; each of these may be called from any thread.

    `tell` gets the one line that says it.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._read, self._done, self._before = 0, 0, 0
        self._answers = ""

    def answered(self, done: int, total: int) -> None:
        """Hear of answers from registries."""
        self._answers = f", {done} of {total} questions to registries answered"
        self._say()

    def read(self, value: T) -> T:
        """Hear that the files of one more repository were read; return what came of that."""
        self._read += 1
        self._say()
        return value

    def done(self, number: int) -> None:
        """Hear how many repositories of a forge are done; each forge begins with 1."""
        self._before += self._done if number == 1 else 0
        self._done = number
        self._say()

    def _say(self) -> None:
        self._tell(f"repositories: {self._read} read, {self._before + self._done} done{self._answers}")


@contextmanager
def sweeping(output: Output) -> Iterator[Sweeping]:
    """Show in one line how far a pass is; without a terminal, nothing. How far it goes, no forge tells before."""
    if output.quiet or not sys.stderr.isatty():
        yield Sweeping(lambda _line: None)
        return
    from rich.console import Console

    console = Console(stderr=True, no_color=output.no_color or None)
    with console.status("repositories: asking the forges") as status:
        yield Sweeping(status.update)
