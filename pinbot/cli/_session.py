"""What every verb needs before it can begin: settings, files, formats, a clock, a way to print."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import click

from pinbot import wiring
from pinbot.cli._options import Output, Selection
from pinbot.config.settings import Settings
from pinbot.planning.result import Context
from pinbot.ports import Workspace
from pinbot.run import Scope

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Session:
    """One call of a verb."""

    settings: Settings
    target: wiring.Target
    scope: Scope
    output: Output
    now: datetime

    @property
    def workspace(self) -> Workspace:
        """The files that count."""
        return self.target.workspace

    @property
    def today(self) -> date:
        """The day, for remarks that expire."""
        return self.now.date()

    def context(self) -> Context:
        """Return what results depend on beside the files."""
        return wiring.context(self.settings, self.target.folder, self.now)

    def show(self, text: str) -> None:
        """Print a result on standard output."""
        click.echo(text, nl=False)

    def tell(self, lines: Iterable[str]) -> None:
        """Print remarks on standard error, unless only results are wanted."""
        if not self.output.quiet:
            for line in lines:
                click.echo(line, err=True)


def begin(selection: Selection, output: Output, config: str | None) -> Session:
    """Return the session for these options. Raises UsageError for what does not fit together."""
    settings = wiring.settings(config, os.environ)
    formats = wiring.formats(selection.only)
    include = (*settings.include, *selection.include)
    exclude = (*settings.exclude, *selection.exclude)
    scope = Scope(formats, wiring.chooser(include, exclude), selection.everything)
    session = Session(settings, _target(selection), scope, output, datetime.now(UTC))
    if not session.workspace.paths():
        session.tell(["No files here. In a git checkout only tracked files count: `git add` them, or name a file."])
    return session


def _target(selection: Selection) -> wiring.Target:
    if STDIN not in selection.paths:
        if selection.as_name:
            raise click.UsageError("--as goes with the path `-`, which reads standard input.")
        return wiring.local_files(selection.paths or (".",))
    if len(selection.paths) > 1:
        raise click.UsageError("`-` reads one file from standard input; it cannot stand beside other paths.")
    if not selection.as_name:
        raise click.UsageError("`-` needs --as FILENAME, such as --as Dockerfile: the name tells the format.")
    return wiring.one_text(selection.as_name, sys.stdin.buffer.read())
