"""What every verb needs before it can begin: settings, files, formats, a clock, a way to print."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from pinbot import wiring
from pinbot.cli._options import Output, Selection
from pinbot.config.settings import Settings
from pinbot.errors import PinbotError
from pinbot.formats._claims import Claims
from pinbot.formats._suspects import looks_suspect
from pinbot.listing import in_checkout
from pinbot.planning.policy import Policy, Terms
from pinbot.planning.result import Context, Survey
from pinbot.ports import Workspace
from pinbot.report._rows import printable
from pinbot.run import Scope

STDIN = "-"
_ONLY_TRACKED = "In a git checkout only tracked files count: `git add` them, or name a file."


@dataclass(frozen=True, slots=True)
class Session:
    """One call of a verb; `below` is the way from the current folder to the one that paths are relative to."""

    settings: Settings
    target: wiring.Target
    scope: Scope
    output: Output
    below: str
    now: datetime

    @property
    def workspace(self) -> Workspace:
        """The files that count."""
        return self.target.workspace

    @property
    def terms(self) -> Terms:
        """What the run goes by."""
        return Terms(Policy(), self.now)

    def tell_of_nothing(self, survey: Survey) -> None:
        """Say why a new file may be missing, where nothing was found at all."""
        folder = self.target.folder
        if survey.findings or folder is None or not self.workspace.paths():
            return
        if in_checkout(Path(folder)):
            self.tell([_ONLY_TRACKED])

    def context(self) -> Context:
        """Return what results depend on beside the files."""
        return wiring.context(self.settings, self.target.folder, self.now)

    def tell(self, lines: Iterable[str]) -> None:
        """Print remarks on standard error, unless only results are wanted."""
        if not self.output.quiet:
            for line in lines:
                click.echo(line, err=True)


def begin(selection: Selection, output: Output, config: str | None) -> Session:
    """Return the session for these options. Raises UsageError for what does not fit together."""
    settings = wiring.settings(config, os.environ)
    formats = wiring.formats(selection.only, settings.patterns)
    include = (*settings.include, *selection.include)
    exclude = (*settings.exclude, *selection.exclude)
    scope = Scope(Claims(formats), wiring.chooser(include, exclude), selection.everything)
    session = Session(settings, _target(selection), scope, output, _below(selection.paths), datetime.now(UTC))
    if not session.workspace.paths():
        session.tell([f"No files here. {_ONLY_TRACKED}"])
    session.tell(_unclaimed(selection, scope.claims))
    return session


def show(text: str | bytes) -> None:
    """Print a result on standard output; a reader that has gone away (`| head`) does not change the exit code."""
    try:
        click.echo(text, nl=False)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise PinbotError(f"The results cannot be written to standard output: {error.strerror}.") from error


def _below(paths: tuple[str, ...]) -> str:
    """With one folder, paths are relative to it; a person reads them, and applies a diff, from the current one."""
    if len(paths) != 1 or not Path(paths[0]).is_dir():
        return ""
    way = Path(os.path.relpath(paths[0]))
    return "" if way == Path() or way.parts[0] == os.pardir else f"{way.as_posix()}/"


def _unclaimed(selection: Selection, claims: Claims) -> Iterator[str]:
    """Yield a remark for each file that was named and that no format reads: the user expected something of it."""
    named = (selection.as_name or "",) if STDIN in selection.paths else selection.paths
    for path in named:
        if not Path(path).is_dir() and not looks_suspect(path) and all(f.is_everywhere for f in claims.of(path)):
            yield f"{printable(path)}: not a file that pinbot reads; formats go by the name of the file."


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
