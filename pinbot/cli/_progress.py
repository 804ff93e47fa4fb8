"""A progress bar on standard error while registries are asked, where a person is looking."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pinbot.cli._options import Output

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


@contextmanager
def repositories(output: Output) -> Iterator[Callable[[int], None]]:
    """Hear how many repositories are done; it is printed now and then, where a person is looking.

    A second bar beside that of the lookups would take turns with it.
    """
    if output.quiet or not sys.stderr.isatty():
        yield lambda _done: None
        return
    import click

    yield lambda done: click.echo(f"{done} repositories", err=True) if done % 100 == 0 else None
