"""What `pin` and `bump` have in common: their options, and the way from an intent to written files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import click

from pinbot import run
from pinbot.cli import _options
from pinbot.cli._progress import lookups
from pinbot.cli._session import STDIN, Session, begin, located, show
from pinbot.cli.main import DONE, FOUND, INCOMPLETE
from pinbot.planning.outcome import Intent, Kept
from pinbot.planning.result import Update
from pinbot.source.text import encode
from pinbot.wiring import ledger, resolver

F = TypeVar("F", bound=Callable[..., Any])


def options(function: F) -> F:
    """Add the options of a verb that changes files."""
    for decorate in reversed(
        (
            _options.selection,
            click.option("--dry-run", is_flag=True, help="Write nothing, print the outcomes."),
            click.option("--diff", is_flag=True, help="Write nothing, print a unified diff (in JSON: its `diff`)."),
            click.option("--exit-code", is_flag=True, help="Exit 1 when something would change."),
            _options.config,
            _options.ledger,
            _options.repository,
            _options.jobs,
            _options.output,
        )
    ):
        function = decorate(function)
    return function


def change(intent: Intent, given: dict[str, Any]) -> int:
    """Pin or bump as the options say, print what came of it, and return the exit code."""
    config, jobs, memory = (given.pop(n) for n in ("config", "jobs", "ledger"))
    wanted = _Wanted.of(given)
    session = _begin(given, config, wanted)
    with (
        lookups(session.output) as progress,
        resolver(session.settings, os.environ, jobs, progress, session.target.folder) as registries,
        ledger(session.settings, memory, os.environ) as remembered,
    ):
        doors = run.Doors(registries, remembered)
        result = run.update(session.workspace, session.scope, doors, intent, session.terms, wanted.write)
    return _finish(session, result, wanted, [*registries.warnings, *remembered.warnings])


def explain(intent: Intent, given: dict[str, Any], place: str) -> int:
    """Print which tags the references on a line, PATH:LINE, could have, and why not; write nothing."""
    config, jobs, memory = (given.pop(n) for n in ("config", "jobs", "ledger"))
    session = _begin(given, config, _Wanted.of(given))
    path, line = located(session, place)
    with (
        lookups(session.output) as progress,
        resolver(session.settings, os.environ, jobs, progress, session.target.folder) as registries,
        ledger(session.settings, memory, os.environ) as remembered,
    ):
        doors = run.Doors(registries, remembered)
        found = run.choices(session.workspace, session.scope, doors, intent, session.terms, path, line)
    from pinbot.cli._look import look
    from pinbot.report import as_candidates

    if session.output.form == "json":
        show(as_candidates.as_json(found))
    else:
        show(as_candidates.as_table(found, session.terms.policy, look(session.output, below=session.below)))
    session.tell([*registries.warnings, *remembered.warnings])
    failed = any(isinstance(c.decision, Kept) and c.decision.outcome == "lookup-failed" for c in found)
    return INCOMPLETE if failed else DONE


def remove(given: dict[str, Any]) -> int:
    """Take digests out as the options say, print what came of it, and return the exit code; nobody is asked."""
    config, *_ = (given.pop(n) for n in ("config", "jobs", "ledger"))
    wanted = _Wanted.of(given)
    session = _begin(given, config, wanted)
    result = run.remove(session.workspace, session.scope, session.terms, wanted.write)
    return _finish(session, result, wanted)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be done with the changes."""

    write: bool
    diff: bool
    exit_code: bool

    @classmethod
    def of(cls, given: dict[str, Any]) -> Self:
        """Take the options out of those that are given."""
        dry_run, diff, exit_code = (given.pop(n) for n in ("dry_run", "diff", "exit_code"))
        return cls(not (dry_run or diff), diff, exit_code)


def _begin(given: dict[str, Any], config: str | None, wanted: _Wanted) -> Session:
    asked, repository = _options.asked(given), given.pop("repository")
    selection, output = _options.gathered(given)
    if wanted.write and output.form == "json" and STDIN in selection.paths:
        raise click.UsageError("`-` writes the file to standard output; with --format json add --dry-run or --diff.")
    return begin(selection, output, config, asked, repository)


def _finish(session: Session, result: Update, wanted: _Wanted, warnings: Iterable[str] = ()) -> int:
    """Print what came of a run, and return its exit code."""
    _report(session, result, diff=wanted.diff, written=wanted.write)
    session.tell_of_nothing(result.survey)
    session.tell(warnings)
    if wanted.exit_code and result.changes:
        return FOUND
    if not result.unwritten and all(k.outcome != "lookup-failed" for k in result.kept):
        return DONE
    session.tell(["Exit code 3: not everything could be looked up or written."])
    return INCOMPLETE


def _report(session: Session, result: Update, *, diff: bool, written: bool) -> None:
    """Print the result on standard output; where that carries a diff or a rewritten text, the table goes beside it."""
    from pinbot.planning.diff import diff as unified
    from pinbot.report import _drawn

    patch = unified(result.patches, session.below) if diff else None
    if session.output.form == "json":
        from pinbot.report import as_json

        show(as_json.update(result, session.context(), patch))
        return
    from pinbot.cli._look import look
    from pinbot.report import as_table

    seen = look(session.output, below=session.below)
    aside = look(session.output, sys.stderr, session.below)
    if patch is not None:
        show(_drawn.drawn(patch, seen) if seen.width is not None else encode(patch))
        session.tell([as_table.update(result, aside, written, listed=False).rstrip("\n")])
    elif written and session.target.rewritten:
        show(session.target.rewritten())
        session.tell([as_table.update(result, aside, written).rstrip("\n")])
    else:
        show(as_table.update(result, seen, written))
