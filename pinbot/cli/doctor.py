"""`pinbot doctor`: every registry, forge, credential and setting is tried, and what is wrong has a remedy in words."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

import click

from pinbot import run, wiring
from pinbot.cli import _options
from pinbot.cli._options import Output, Selection
from pinbot.cli._session import begin, show
from pinbot.cli.main import DONE, INCOMPLETE
from pinbot.diagnosis.finding import Diagnosis
from pinbot.oci.reference import Reference
from pinbot.planning.result import Context
from pinbot.source.finding import Fixed, Writable


@click.command("doctor")
@_options.selection
@click.option("--no-scan", is_flag=True, help="Only what the settings name; no file is read, so without PATH.")
@_options.config
@_options.ledger
@_options.output
def command(no_scan: bool, config: str | None, ledger: str | None, **given: Any) -> int:
    """Try each registry and forge of the settings, and each registry that files below PATH name (default: here).

    Are they reached, is the login accepted and where does it come from, what is left of the rate limit, do the clocks
    agree, when do certificates end; can the ledger be read and written. Everybody is asked at once, and nobody is
    waited for longer than ten seconds. Nothing is changed. No secret is shown.

    Exit codes: 0 when there is no problem, 3 when there is one.
    """
    selection, output = _options.gathered(given)
    if no_scan and selection.paths:
        raise click.UsageError("--no-scan reads no files, so it goes without PATH.")
    from pinbot.wiring.doctor import diagnose

    order, context = _order(selection, output, config, ledger, scans=not no_scan)
    diagnosis = diagnose(order)
    _report(diagnosis, context, output)
    return INCOMPLETE if diagnosis.count("problem") else DONE


def _order(selection: Selection, output: Output, config: str | None, ledger: str | None, *, scans: bool) -> Any:
    from pinbot.wiring.doctor import Order

    file = wiring.settings_file(config, os.environ)
    if not scans:
        settings = wiring.settings(config, os.environ)
        order = Order(settings, file, os.environ, ledger=ledger)
        return order, wiring.context(settings, None, datetime.now(UTC))
    session = begin(selection, output, config)
    survey = run.survey(session.workspace, session.scope, session.terms)
    references = [r for f in survey.findings if (r := _reference(f.standing)) is not None]
    own = wiring.repository_file(session.target)
    return Order(session.settings, file, os.environ, references, own, ledger, session.target.folder), session.context()


def _reference(standing: object) -> Reference | None:
    """Return what a registry would be asked for; what is local, ignored or not known is not asked for."""
    return standing.reference if isinstance(standing, Writable | Fixed) else None


def _report(diagnosis: Diagnosis, context: Context, output: Output) -> None:
    if output.form == "json":
        from pinbot.report import doctor_as_json

        show(doctor_as_json.doctor(diagnosis, context))
    else:
        from pinbot.cli._look import look
        from pinbot.report import doctor_as_table

        show(doctor_as_table.doctor(diagnosis, look(output)))
