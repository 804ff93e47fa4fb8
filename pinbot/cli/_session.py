"""What every verb needs before it can begin: settings, files, formats, a clock, a way to print."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinbot import run, wiring
from pinbot.cli._options import Output, Selection
from pinbot.config.settings import Settings
from pinbot.errors import InvalidPattern, PinbotError, UsageError
from pinbot.formats._claims import Claims
from pinbot.formats._suspects import looks_suspect
from pinbot.listing import in_checkout, top_of
from pinbot.planning.policy import Asked, Terms, assembled
from pinbot.planning.result import Context, Survey
from pinbot.ports import Workspace
from pinbot.report._rows import printable
from pinbot.run import Scope

if TYPE_CHECKING:
    from pinbot.planning.explain import Explanation

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
    terms: Terms

    @property
    def workspace(self) -> Workspace:
        """The files that count."""
        return self.target.workspace

    def tell_of_nothing(self, survey: Survey) -> None:
        """Say why a new file may be missing, where nothing was found at all."""
        folder = self.target.folder
        if survey.findings or folder is None or not self.workspace.paths():
            return
        if in_checkout(Path(folder)):
            self.tell([_ONLY_TRACKED])

    def context(self) -> Context:
        """Return what results depend on beside the files."""
        return wiring.context(self.settings, self.target.folder, self.terms.now)

    def tell(self, lines: Iterable[str]) -> None:
        """Print remarks on standard error, unless only results are wanted."""
        if not self.output.quiet:
            for line in lines:
                click.echo(line, err=True)


def begin(
    selection: Selection, output: Output, config: str | None, asked: Asked | None = None, repository: str | None = None
) -> Session:
    """Return the session for these options; `repository` is the name by which rules know it.

    Raises UsageError for what does not fit together, SettingsError for settings that cannot be used.
    """
    settings = wiring.settings(config, os.environ)
    formats = wiring.formats(selection.only, settings.patterns)
    target = _target(selection)
    own = wiring.repository_settings(target)
    scope = Scope(Claims(formats), _chosen(selection, settings, own.exclude), selection.everything)
    code = wiring.code_repository(repository, target, (settings.rulebook, own.rulebook))
    policy = assembled(settings.rulebook, own.rulebook, asked or Asked(), code)
    session = Session(settings, target, scope, output, _below(selection.paths), Terms(policy, datetime.now(UTC)))
    if not session.workspace.paths():
        session.tell([f"No files here. {_ONLY_TRACKED}"])
    session.tell(_unclaimed(selection, scope.claims))
    return session


def explained(session: Session, place: str) -> Explanation:
    """Return what the formats and the repository make of a line, PATH:LINE. Raises UsageError where it is none."""
    path, line = located(session, place)
    return run.explain(session.workspace, session.scope, path, line, session.terms)


def located(session: Session, place: str) -> tuple[str, int]:
    """Return the path and the line of PATH:LINE, as a person gives it. Raises UsageError for no file that counts."""
    path, colon, line = place.rpartition(":")
    if not colon or not line.isdecimal():
        raise click.UsageError(f"--explain takes PATH:LINE, such as Dockerfile:3; {place} is none.")
    name = Path(path).as_posix()
    known = session.workspace.paths()
    chosen = next((p for p in (name, name.removeprefix(session.below)) if p in known), None)
    if chosen is None:
        raise click.UsageError(f"--explain: {path} is not among the files that count here.")
    return chosen, int(line)


def _chosen(selection: Selection, settings: Settings, without: Sequence[str]) -> Callable[[str], bool]:
    """Return which paths count; what the repository leaves out, it cannot bring back from what others leave out."""
    include = (*settings.include, *selection.include)
    try:
        counts = wiring.chooser(include, (*settings.exclude, *selection.exclude))
    except InvalidPattern as error:
        raise UsageError(f"--include or --exclude: {error}") from error
    stays = wiring.chooser((), without)
    return lambda path: counts(path) and stays(path)


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


def below_the_top(paths: tuple[str, ...]) -> str:
    """Return the way from the top of the checkout to the folder that paths are relative to, for those who read there.

    Outside of a checkout it begins at the current folder.
    """
    folder = Path(os.path.realpath(paths[0] if len(paths) == 1 and Path(paths[0]).is_dir() else "."))
    top = top_of(folder)
    if top is None:
        return _below(paths)
    return "" if folder == top else f"{folder.relative_to(top).as_posix()}/"


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
