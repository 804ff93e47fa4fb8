"""What `pin` and `bump` have in common: their options, and the way from an intent to written files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from pinbot import run
from pinbot.cli import _options
from pinbot.cli._progress import lookups
from pinbot.cli._session import Session, begin
from pinbot.cli.main import DONE, FOUND, INCOMPLETE
from pinbot.planning.plan import Intent
from pinbot.planning.result import Update
from pinbot.wiring import resolver

F = TypeVar("F", bound=Callable[..., Any])


def options(function: F) -> F:
    """Add the options of a verb that changes files."""
    for decorate in reversed(
        (
            _options.selection,
            click.option("--dry-run", is_flag=True, help="Write nothing, print the outcomes."),
            click.option("--diff", is_flag=True, help="Write nothing, print a unified diff."),
            click.option("--exit-code", is_flag=True, help="Exit 1 when something would change."),
            _options.config,
            _options.jobs,
            _options.output,
        )
    ):
        function = decorate(function)
    return function


def change(intent: Intent, given: dict[str, Any]) -> int:
    """Pin or bump as the options say, print what came of it, and return the exit code."""
    dry_run, diff, exit_code = (given.pop(n) for n in ("dry_run", "diff", "exit_code"))
    config, jobs = given.pop("config"), given.pop("jobs")
    session = begin(*_options.gathered(given), config)
    write = not (dry_run or diff)
    with (
        lookups(session.output.quiet) as progress,
        resolver(session.settings, os.environ, jobs, progress) as registries,
    ):
        result = run.update(session.workspace, session.scope, registries, intent, session.today, write)
    _report(session, result, diff=diff, written=write)
    session.tell(registries.warnings)
    if exit_code and result.changes:
        return FOUND
    missed = result.unwritten or any(k.outcome == "lookup-failed" for k in result.kept)
    return INCOMPLETE if missed else DONE


def _report(session: Session, result: Update, *, diff: bool, written: bool) -> None:
    """Print the result on standard output; where that carries a diff or a rewritten text, the table goes beside it."""
    if session.output.form == "json" and not diff:
        from pinbot.report import as_json

        session.show(as_json.update(result, session.context()))
        return
    from pinbot.cli._look import look
    from pinbot.report import as_table

    table = as_table.update(result, look(session.output), written)
    if diff:
        from pinbot.report import as_diff

        session.show(as_diff.diff(result.patches))
    elif written and session.target.rewritten:
        sys.stdout.buffer.write(session.target.rewritten())
    else:
        session.show(table)
        return
    session.tell([table.rstrip("\n")])
