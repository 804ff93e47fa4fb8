"""The options that verbs share, and the values they become."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import click

from pinbot.errors import InvalidPattern
from pinbot.planning.globs import whole
from pinbot.planning.policy import LEVELS, Asked
from pinbot.planning.values import duration as read_duration

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Selection:
    """Which files count."""

    paths: tuple[str, ...]
    as_name: str | None
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    everything: bool
    only: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """How results are shown."""

    form: str
    quiet: bool
    verbose: bool
    no_color: bool


def selection(function: F) -> F:
    """Add PATH… and the options that choose files; they arrive as `paths`, `as_name`, `include`, …"""
    for decorate in reversed(
        (
            click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path()),
            click.option(
                "--as",
                "as_name",
                metavar="FILENAME",
                help="With PATH `-`: the file name that tells the format of standard input.",
            ),
            click.option(
                "--include", multiple=True, metavar="GLOB", help="Only files that match, as in .gitignore; repeatable."
            ),
            click.option(
                "--exclude", multiple=True, metavar="GLOB", help="No files that match, as in .gitignore; repeatable."
            ),
            click.option("--all", "everything", is_flag=True, help="Vendored, generated and test data too."),
            click.option(
                "--only", multiple=True, metavar="FORMAT", help="Only this format, such as dockerfile; repeatable."
            ),
        )
    ):
        function = decorate(function)
    return function


def config(function: F) -> F:
    """Add --config."""
    return click.option(
        "--config",
        metavar="FILE",
        type=click.Path(),
        help="The settings (default: $PINBOT_CONFIG, or ~/.config/pinbot/config.yaml).",
    )(function)


def ledger(function: F) -> F:
    """Add --ledger."""
    return click.option(
        "--ledger",
        metavar="PATH|URL|off",
        help="What remembers the digests of tags (default: $PINBOT_LEDGER, or ~/.local/state/pinbot/ledger.db).",
    )(function)


def repository(function: F) -> F:
    """Add --repository."""
    return click.option(
        "--repository",
        metavar="OWNER/NAME",
        help="The name by which rules know this repository (default: that of the checkout's origin).",
    )(function)


def asking(function: F) -> F:
    """Add the options that say how far and how soon references move; they arrive as `level`, `cooldown`, `now`."""
    for decorate in reversed(
        (
            click.option(
                "--level",
                type=click.Choice(LEVELS),
                metavar="LEVEL",
                help="How far a tag may move where no rule says: digest (default; it stays), patch, minor or major.",
            ),
            click.option(
                "--cooldown",
                metavar="DURATION",
                callback=duration,
                help="How long a digest must be known before it is taken, such as 3d or 12h; wins over rules.",
            ),
            click.option(
                "--now",
                multiple=True,
                metavar="GLOB",
                callback=_globs,
                help="Images that wait for nothing, such as nginx or ghcr.io/acme/*; repeatable.",
            ),
        )
    ):
        function = decorate(function)
    return function


def asked(options: dict[str, Any]) -> Asked:
    """Return what these options say, taken out of what click hands to a verb; nothing where it has none of them."""
    return Asked(options.pop("level", None), options.pop("cooldown", None), options.pop("now", ()))


def duration(_context: click.Context, _parameter: click.Parameter, value: str | None) -> timedelta | None:
    """Read a length of time, for click."""
    found = None if value is None else read_duration(value)
    if value is not None and found is None:
        raise click.BadParameter(f"{value!r} is no time with its unit, such as 3d, 12h, 30m or 2w, or 0.")
    return found


def _globs(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    try:
        whole(value)
    except InvalidPattern as error:
        raise click.BadParameter(f"{error}.") from error
    return value


def jobs(function: F) -> F:
    """Add --jobs."""
    return click.option(
        "--jobs", type=click.IntRange(1, 64), metavar="N", help="Lookups at the same time (default 8)."
    )(function)


def output(function: F) -> F:
    """Add the options that shape what is printed; they arrive as `form`, `quiet`, `verbose`, `no_color`."""
    return output_with("table", "json")(function)


def output_with(*forms: str) -> Callable[[F], F]:
    """Add the same options, for a verb that has other forms; the first is the default."""
    return lambda function: _with_output(function, forms)


def _with_output(function: F, forms: Sequence[str]) -> F:
    for decorate in reversed(
        (
            click.option(
                "--format",
                "form",
                type=click.Choice(forms),
                default=forms[0],
                show_default=True,
                help="The form of the results on standard output.",
            ),
            click.option("--quiet", "-q", is_flag=True, help="The results alone: no summary, no progress."),
            click.option("--verbose", "-v", is_flag=True, help="List also what needs no attention."),
            click.option("--no-color", is_flag=True, help="No colours (NO_COLOR does the same)."),
        )
    ):
        function = decorate(function)
    return function


def gathered(options: dict[str, Any]) -> tuple[Selection, Output]:
    """Return the shared options, taken out of what click hands to a verb."""
    chosen = Selection(*(options.pop(n) for n in ("paths", "as_name", "include", "exclude", "everything", "only")))
    return chosen, output_of(options)


def output_of(options: dict[str, Any]) -> Output:
    """Return how results are shown, taken out of what click hands to a verb."""
    return Output(*(options.pop(n) for n in ("form", "quiet", "verbose", "no_color")))
