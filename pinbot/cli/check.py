"""`pinbot check`: the gate for CI."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import timedelta
from typing import Any

import click

from pinbot import run, wiring
from pinbot.cli import _options
from pinbot.cli._progress import lookups
from pinbot.cli._session import Session, begin, below_the_top, explained, show
from pinbot.cli.main import DONE, FOUND, INCOMPLETE
from pinbot.errors import GitError, UsageError
from pinbot.planning.result import Check


@click.command("check")
@_options.selection
@click.option("--since", metavar="REV", help="Judge only references that were added or touched since REV.")
@click.option("--offline", is_flag=True, help="Ask no registry: only what files and settings show is found.")
@click.option(
    "--incomplete",
    type=click.Choice(["warn", "fail"]),
    default="fail",
    show_default=True,
    help="Whether a lookup that failed fails the check (exit 3).",
)
@click.option(
    "--max-lag",
    callback=_options.duration,
    metavar="DURATION",
    help="A digest that its tag left longer ago (12h, 30d, 2w), as the ledger knows, is an error.",
)
@click.option("--explain", metavar="PATH:LINE", help="Say which settings hold for one line, and where they come from.")
@_options.config
@_options.ledger
@_options.repository
@_options.jobs
@_options.output_with("table", "json", "sarif")
def command(
    since: str | None,
    offline: bool,
    incomplete: str,
    max_lag: timedelta | None,
    explain: str | None,
    config: str | None,
    ledger: str | None,
    repository: str | None,
    jobs: int | None,
    **options: Any,
) -> int:
    """Judge the references below PATH (default: the current folder).

    \b
    exit 1  an error: unpinned, invalid, dead-digest, mismatch, denied-digest,
            untrusted-registry; stale, where --max-lag is given
    exit 0  all else is a note: outdated, replaced-tag, child-digest, latest, …
    exit 3  no error, and something could not be looked up

    docs/checks.md explains each rule, and what to do.
    """
    selection, output = _options.gathered(options)
    if explain is not None and output.form == "sarif":
        raise click.UsageError("--explain prints a table or JSON: there is no SARIF of settings.")
    if offline and max_lag is not None:
        raise click.UsageError("--max-lag asks what the tags name now; it cannot be used with --offline.")
    session = begin(selection, output, config, repository=repository)
    if explain is not None:
        _explain(session, explain)
        return DONE
    before = _before(session, since) if since else None
    with ExitStack() as stack:
        doors, told = None, list[Sequence[str]]()
        if not offline:
            progress = stack.enter_context(lookups(session.output))
            registries = stack.enter_context(
                wiring.resolver(session.settings, os.environ, jobs, progress, session.target.folder)
            )
            remembered = stack.enter_context(closing(wiring.ledger(session.settings, ledger, os.environ)))
            doors, told = run.Doors(registries, remembered), [registries.warnings, remembered.warnings]
        result = run.check(session.workspace, session.scope, doors, session.terms, before, max_lag)
    _report(session, result, incomplete == "warn" or not result.unchecked, selection.paths)
    session.tell_of_nothing(result.survey)
    session.tell(warning for warnings in told for warning in warnings)
    if any(p.level == "error" for p in result.problems):
        return FOUND
    if not result.unchecked or incomplete == "warn":
        return DONE
    session.tell(["Exit code 3: not everything could be looked up; `--incomplete warn` lets that pass."])
    return INCOMPLETE


def _explain(session: Session, place: str) -> None:
    from pinbot.cli._look import look
    from pinbot.report import as_policy

    explanation, policy = explained(session, place), session.terms.policy
    if session.output.form == "json":
        show(as_policy.as_json(explanation, policy))
    else:
        show(as_policy.as_table(explanation, policy, look(session.output, below=session.below)))


def _before(session: Session, since: str) -> run.Before:
    at_revision = session.target.before
    if at_revision is None:
        raise click.UsageError("--since compares files of a git checkout; it cannot be used with standard input.")

    def contents(paths: Collection[str]) -> Mapping[str, bytes]:
        try:
            return at_revision(since, paths)
        except GitError as error:
            raise UsageError(f"--since {since}: {error}") from error

    return contents


def _report(session: Session, result: Check, complete: bool, paths: tuple[str, ...]) -> None:
    if session.output.form == "json":
        from pinbot.report import as_json

        show(as_json.check(result, session.context()))
    elif session.output.form == "sarif":
        from pinbot.report import as_sarif

        show(as_sarif.check(result, session.context(), complete, below_the_top(paths)))
    else:
        from pinbot.cli._look import look
        from pinbot.report import _check_table

        show(_check_table.check(result, look(session.output, below=session.below)))
