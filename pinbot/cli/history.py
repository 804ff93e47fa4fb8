"""`pinbot history`: what the ledger knows, and the ledger itself from one place to another."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pinbot import wiring
from pinbot.cli import _options
from pinbot.cli._options import Output
from pinbot.cli._session import STDIN, show
from pinbot.cli.main import DONE
from pinbot.errors import InvalidReference, PinbotError, UsageError
from pinbot.oci.digest import Digest
from pinbot.oci.history import History
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Answer, Question
from pinbot.planning.past import Past, missing, stretches

if TYPE_CHECKING:
    from pinbot.wiring import OpenLedger


@click.command("history")
@click.argument("reference", required=False, metavar="[REF]")
@click.option(
    "--export",
    "target",
    is_flag=False,
    flag_value=STDIN,
    metavar="[FILE]",
    help="Write the whole ledger as JSON lines to FILE (default: standard output).",
)
@click.option("--import", "source", metavar="FILE", help="Merge such JSON lines into the ledger; `-` reads them.")
@_options.config
@_options.ledger
@_options.output
def command(
    reference: str | None, target: str | None, source: str | None, config: str | None, ledger: str | None, **given: Any
) -> int:
    """Say which digests a tag has had, and when, as far as the ledger saw it. Asks no registry.

    REF with a tag: its digests, the newest first. REF without a tag: all tags of the repository in brief. A digest,
    alone or behind a name: the tags that have had it.
    """
    if sum(each is not None for each in (reference, target, source)) != 1:
        raise click.UsageError("history takes one of REF, --export and --import.")
    output = Output(*(given[n] for n in ("form", "quiet", "verbose", "no_color")))
    with wiring.ledger(wiring.settings(config, os.environ), ledger, os.environ) as remembered:
        if reference is not None:
            _show(_past(reference, remembered), output)
        elif target is not None:
            _write(target, remembered.export())
        else:
            assert source is not None
            book = remembered.take_in(_read(source), datetime.now(UTC))
            if not output.quiet:
                seen, facts = len(book.histories), len(book.facts)
                click.echo(f"Merged into {remembered.location}: histories of {seen} tags, {facts} facts.", err=True)
        for warning in () if output.quiet else remembered.warnings:
            click.echo(warning, err=True)
    return DONE


def _past(text: str, ledger: OpenLedger) -> Past:
    where = str(ledger.location) if ledger.location else None
    histories, digest, is_brief = _histories(text, ledger)
    facts: dict[Question, Answer] = {}
    found = stretches(histories, facts, digest)
    # What a digest is, then how the image in it is configured: two rounds, as with a registry.
    for _ in range(0 if is_brief and len(found) > _MANY else 2):
        facts |= ledger.contents(missing(found, facts))
        found = stretches(histories, facts, digest)
    return Past(text, where, found, is_brief)


# Of a repository with thousands of stretches nobody reads the platforms of each.
_MANY = 5_000


def _histories(text: str, ledger: OpenLedger) -> tuple[dict[tuple[str, str, str], History], Digest | None, bool]:
    """Return the histories that a REF asks for, the digest that it names, and whether it is a whole repository."""
    try:
        if text.startswith(("sha256:", "sha512:")):
            digest = Digest.parse(text)
            return ledger.seen_at(digest), digest, False
        read = Reference.parse(text)
    except InvalidReference as error:
        raise UsageError(str(error)) from error
    tags = ledger.memory(read.registry, read.path).tags
    chosen = {t: h for t, h in tags.items() if read.tag in {None, t}}
    is_brief = read.tag is None and read.digest is None
    return {(read.registry, read.path, t): h for t, h in chosen.items()}, read.digest, is_brief


def _show(past: Past, output: Output) -> None:
    if output.form == "json":
        from pinbot.report import history_as_json

        show(history_as_json.history(past))
    else:
        from pinbot.cli._look import look
        from pinbot.report import history_as_table

        show(history_as_table.history(past, look(output)))


def _write(target: str, data: bytes) -> None:
    if target == STDIN:
        show(data)
        return
    try:
        Path(target).write_bytes(data)
    except OSError as error:
        raise PinbotError(f"{target}: the ledger cannot be written there: {error.strerror}.") from error


def _read(source: str) -> bytes:
    if source == STDIN:
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise UsageError(f"{source}: the export cannot be read: {error.strerror}.") from error
