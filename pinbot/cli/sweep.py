"""`pinbot sweep`: one pass over the repositories of the settings, with pull requests for what should change."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from pinbot import wiring
from pinbot.cli import _options
from pinbot.cli._progress import Sweeping, sweeping
from pinbot.cli._session import show
from pinbot.cli.main import DONE, FOUND, INCOMPLETE
from pinbot.errors import InvalidPattern, UsageError
from pinbot.planning.policy import Asked
from pinbot.report._rows import printable
from pinbot.source.text import encode

if TYPE_CHECKING:
    from pinbot.cli._options import Output
    from pinbot.config.settings import Settings
    from pinbot.ports import Doors, Ledger
    from pinbot.proposals.proposal import Proposal
    from pinbot.proposals.repository import Repository
    from pinbot.proposals.result import Sweep
    from pinbot.sweep.tools import Order
    from pinbot.wiring.forges import OpenForge

    Shown = list[tuple[Repository, Proposal]]

# Repositories that are opened at the same time: git waits for servers, and reading is one core's work.
_AT_ONCE = 4
_NO_FORGES = (
    "The settings name no forges: whose repositories are to be swept? docs/sweep.md shows how, and "
    "config.example.yaml has every key."
)


@click.command("sweep")
@click.option(
    "--repo",
    "names",
    multiple=True,
    metavar="HOST/OWNER/NAME",
    help="Only this repository of the settings; repeatable.",
)
@click.option(
    "--image",
    "images",
    multiple=True,
    metavar="GLOB",
    help="Only what changes these images, in pull requests of their own, such as nginx or ghcr.io/acme/*; repeatable.",
)
@click.option("--now", is_flag=True, help="With --image: at once, whatever cooldown and window say.")
@click.option("--dry-run", is_flag=True, help="Write nothing, show each pull request as it would look.")
@click.option("--diff", is_flag=True, help="Write nothing, print what would change as unified diffs.")
@click.option("--exit-code", is_flag=True, help="Exit 1 when something would be opened, updated or closed.")
@click.option("--include", multiple=True, metavar="GLOB", help="Only files that match, as in .gitignore; repeatable.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="No files that match, as in .gitignore; repeatable.")
@click.option("--all", "everything", is_flag=True, help="Vendored, generated and test data too.")
@click.option("--only", multiple=True, metavar="FORMAT", help="Only this format, such as dockerfile; repeatable.")
@_options.config
@_options.ledger
@_options.jobs
@_options.output
def command(**given: Any) -> int:
    """Go once over the repositories that the settings name, and leave each with the pull requests it should have.

    They are opened, updated in place, and closed when nobody needs them any more; a person's work on them is left
    alone. In mode `observe`, the default, nothing is written and everything is shown: `propose` is granted in the
    settings.
    """
    output = _options.output_of(given)
    settings = wiring.settings(given.pop("config"), os.environ)
    if settings.sweep is None or not settings.sweep.forges:
        raise UsageError(_NO_FORGES)
    if given["now"] and not given["images"]:
        raise click.UsageError("--now goes with --image: it is for one image, everywhere, at once.")
    started = datetime.now(UTC)
    result, shown, warnings = _swept(settings, given, output, started)
    _report(result, shown, settings, given, output)
    if not output.quiet:
        for line in dict.fromkeys(warnings):
            click.echo(printable(line), err=True)
    return _code(result, given["exit_code"])


def _swept(settings: Settings, given: dict[str, Any], output: Output, now: datetime) -> tuple[Sweep, Shown, list[str]]:
    """Return what the pass came to, what a local forge without a folder leaves to be shown, and warnings."""
    from pinbot.ports import Doors
    from pinbot.wiring.forges import open_forges

    assert settings.sweep is not None
    order = _order(settings, given, now)
    warnings: list[str] = []
    shown: Shown = []

    def collect(repository: Repository, proposal: Proposal) -> None:
        shown.append((repository, proposal))

    with ExitStack() as stack:
        progress = stack.enter_context(sweeping(output))
        registries = stack.enter_context(
            wiring.resolver(settings, os.environ, given["jobs"], progress.answered, unattended=True)
        )
        opened = stack.enter_context(
            open_forges(settings.sweep, os.environ, given["names"], collect, proxy=settings.proxy)
        )
        remembered = stack.enter_context(_ledger(settings, given["ledger"], warnings, now, order.write))
        pool = stack.enter_context(ThreadPoolExecutor(_AT_ONCE))
        found: list[Sweep] = []
        for one in opened:
            before = found[-1].opened if found else 0
            found.append(_pass(one, order, Doors(registries, remembered, registries.thrifty), pool, progress, before))
            warnings += one.warnings()
        warnings += registries.warnings
    if given["images"] and not any(visit.references for one in found for visit in one.visits):
        warnings.append(f"No reference to {', '.join(given['images'])} was found in any of the repositories.")
    return _joined(found, now), shown, warnings


def _pass(
    one: OpenForge, order: Order, doors: Doors, pool: ThreadPoolExecutor, progress: Sweeping, opened: int
) -> Sweep:
    """Go over the repositories of one forge; `opened` is how many pull requests the run has opened at others."""
    from pinbot.sweep.tools import Tools
    from pinbot.sweep.whole import sweep
    from pinbot.wiring.sweeping import failpoints

    def each(look: Callable[[Any], Any], values: Iterable[Any]) -> Iterable[Any]:
        return map(progress.read, pool.map(look, values))

    tools = Tools(
        one.forge,
        one.checkouts,
        doors,
        each,
        failpoints(os.environ),
        progress.done,
        one.committer,
    )
    result = sweep(tools, order, lambda: datetime.now(UTC), opened)
    return replace(result, paced=one.paced(one.written() + result.writes_ahead))


def _order(settings: Settings, given: dict[str, Any], now: datetime) -> Order:
    from pinbot.planning.globs import whole
    from pinbot.planning.matching import names_of
    from pinbot.sweep.tools import Order
    from pinbot.wiring.sweeping import Wanted, rules_of

    assert settings.sweep is not None
    images = given["images"]
    try:
        meant = whole(images)
        wanted = Wanted(
            wiring.formats(given["only"], settings.patterns),
            (*settings.include, *given["include"]),
            (*settings.exclude, *given["exclude"]),
            given["everything"],
        )
        rules = rules_of(settings, wanted, Asked(now=images if given["now"] else ()))
    except InvalidPattern as error:
        raise UsageError(f"--image, --include or --exclude: {error}") from error

    def is_meant(reference: Any) -> bool:
        names = names_of(reference, settings.rulebook.mirrors)
        return any(map(meant, (*names, *(f"{name}:{reference.effective_tag}" for name in names))))

    write = not (given["dry_run"] or given["diff"])
    style, explains = settings.sweep.style, given["dry_run"] and not given["diff"]
    return Order(rules, style, now, write, is_meant if images else None, explains)


@contextmanager
def _ledger(
    settings: Settings, option: str | None, warnings: list[str], now: datetime, write: bool
) -> Iterator[Ledger]:
    """Open the ledger: the user's, or one that lives in a ref of a repository of the settings."""
    kept_in = None if option or os.environ.get("PINBOT_LEDGER") else settings.ledger.repository
    if kept_in is None:
        with wiring.ledger(settings, option, os.environ) as remembered:
            yield remembered
            warnings += remembered.warnings
        return
    from pinbot.wiring.forges import open_forges
    from pinbot.wiring.sweeping import RefLedger

    assert settings.sweep is not None
    with open_forges(settings.sweep, os.environ, [kept_in], beyond=True, proxy=settings.proxy) as opened:
        (one,) = opened
        repository = next(iter(one.forge.repositories()), None)
        if repository is None:
            raise UsageError(f"{kept_in}: there is no such repository, in which the settings keep the ledger")
        with RefLedger(one.checkouts, repository, now, write=write) as kept:  # type: ignore[arg-type] # GitCheckouts
            yield kept
        warnings += kept.warnings


def _joined(found: list[Sweep], now: datetime) -> Sweep:
    from pinbot.proposals.result import Sweep

    return Sweep(
        now,
        datetime.now(UTC),
        tuple(visit for one in found for visit in one.visits),
        "; ".join(one.error for one in found if one.error) or None,
        sum((one.paced for one in found), timedelta()),
    )


def _report(result: Sweep, shown: Shown, settings: Settings, given: dict[str, Any], output: Output) -> None:
    """Print the result on standard output; where that carries diffs, the table goes beside it."""
    from pinbot.cli._look import look
    from pinbot.report import sweep_as_json, sweep_as_table

    dry = given["dry_run"] or given["diff"]
    parts = sweep_as_table.proposed(result) if given["diff"] else shown
    if output.form == "json":
        context = wiring.context(settings, None, result.started)
        show(sweep_as_json.sweep(result, context, with_diffs=bool(parts)))
        return
    here = look(output)
    if given["dry_run"] and not given["diff"]:
        show(sweep_as_table.pages(result, here))
    if not parts and not given["diff"]:
        show(sweep_as_table.sweep(result, here, dry=dry))
        return
    text = sweep_as_table.diffs(parts, here)
    show(text if here.width is not None else encode(text))
    if not output.quiet:
        click.echo(sweep_as_table.sweep(result, look(output, sys.stderr), dry=dry), err=True, nl=False)


def _code(result: Sweep, exit_code: bool) -> int:
    from pinbot.proposals.action import Leave

    would_change = any(not isinstance(deed.action, Leave) for visit in result.visits for deed in visit.deeds)
    if exit_code and would_change:
        return FOUND
    if result.error or any(visit.is_incomplete for visit in result.visits):
        return INCOMPLETE
    return DONE
