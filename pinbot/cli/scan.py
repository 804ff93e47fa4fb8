"""`pinbot scan`: every image reference and its state, without any network."""

from __future__ import annotations

from typing import Any

import click

from pinbot import run
from pinbot.cli import _options
from pinbot.cli._session import Session, begin, explained, show


@click.command("scan")
@_options.selection
@_options.config
@click.option("--explain", metavar="PATH:LINE", help="Say what the formats made of one line, and why.")
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="As in the other verbs; scan makes no lookups.")
@_options.output
def command(config: str | None, jobs: int | None, explain: str | None, **options: Any) -> None:  # noqa: ARG001 # a common option
    """List every image reference below PATH (default: the current folder) and its state. No network.

    In a git checkout the tracked files count, elsewhere every file but .git.
    """
    session = begin(*_options.gathered(options), config)
    if explain is not None:
        _explain(session, explain)
        return
    survey = run.survey(session.workspace, session.scope, session.terms)
    if session.output.form == "json":
        from pinbot.report import as_json

        show(as_json.scan(survey, session.context()))
    else:
        from pinbot.cli._look import look
        from pinbot.report import as_table

        show(as_table.scan(survey, look(session.output, below=session.below)))
    session.tell_of_nothing(survey)


def _explain(session: Session, place: str) -> None:
    explanation = explained(session, place)
    if session.output.form == "json":
        from pinbot.report import as_json

        show(as_json.explain(explanation))
    else:
        from pinbot.cli._look import look
        from pinbot.report import as_table

        show(as_table.explain(explanation, look(session.output, below=session.below)))
