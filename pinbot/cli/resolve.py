"""`pinbot resolve`: what a registry answers for a reference."""

from __future__ import annotations

import os

import click

from pinbot import run, wiring
from pinbot.cli import _options
from pinbot.cli._options import Output
from pinbot.cli._progress import lookups
from pinbot.cli._session import show
from pinbot.cli.main import DONE, INCOMPLETE


@click.command("resolve")
@click.argument("references", nargs=-1, required=True, metavar="REF...")
@_options.config
@_options.jobs
@_options.output
def command(
    references: tuple[str, ...],
    config: str | None,
    jobs: int | None,
    form: str,
    quiet: bool,
    verbose: bool,
    no_color: bool,
) -> int:
    """Say what a registry answers for each REF: digest, media type, platforms, age.

    A reference with a digest is looked up by its digest, one without by its tag (`latest` where there is none).
    """
    settings = wiring.settings(config, os.environ)
    output = Output(form, quiet, verbose, no_color)
    with (
        lookups(output) as progress,
        wiring.resolver(settings, os.environ, jobs, progress) as registries,
        wiring.ledger(settings, None, os.environ) as remembered,
    ):
        inspections = run.resolve(references, run.Doors(registries, remembered))
    if form == "json":
        from pinbot.report import as_json

        show(as_json.resolve(inspections))
    else:
        from pinbot.cli._look import look
        from pinbot.report import as_table

        show(as_table.resolve(inspections, look(output)))
    for warning in () if quiet else (*registries.warnings, *remembered.warnings):
        click.echo(warning, err=True)
    return INCOMPLETE if any(i.error for i in inspections) else DONE
