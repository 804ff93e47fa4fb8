"""`pinbot diff`: what changed between two images."""

from __future__ import annotations

import os

import click

from pinbot import run, wiring
from pinbot.cli import _options
from pinbot.cli._options import Output
from pinbot.cli._progress import lookups
from pinbot.cli._session import show
from pinbot.cli.main import DONE, FOUND, INCOMPLETE
from pinbot.errors import InvalidReference, UsageError
from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.planning.sides import Sides, beside, missing, sides
from pinbot.rounds import answered


@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--platform",
    metavar="OS/ARCH",
    help="The image that is looked into, such as linux/arm64 (default: linux/amd64 where both have one).",
)
@click.option("--exit-code", "exit_code", is_flag=True, help="Exit with 1 where they are two digests.")
@_options.config
@_options.jobs
@_options.output_with("table", "json", "markdown")
def command(
    old: str,
    new: str,
    platform: str | None,
    exit_code: bool,
    config: str | None,
    jobs: int | None,
    form: str,
    quiet: bool,
    verbose: bool,
    no_color: bool,
) -> int:
    """Say what changed between two images: age, platforms, size, layers, settings, labels, packages, who built it.

    OLD and NEW are references; one with a digest is looked up by its digest. Of the same repository NEW may be its tag
    or digest alone: `:1.28` or `sha256:…`. Packages are compared where both images come with a list of them (an SBOM
    that BuildKit attached).
    """
    first, second = _references(old, new)
    wanted = _platform(platform)
    settings = wiring.settings(config, os.environ)
    output = Output(form, quiet, verbose, no_color)
    with (
        lookups(output) as progress,
        wiring.resolver(settings, os.environ, jobs, progress) as registries,
        wiring.ledger(settings, None, os.environ) as remembered,
    ):
        facts = answered(run.Doors(registries, remembered), lambda known: missing(first, second, wanted, known))
    found = sides(first, second, wanted, facts)
    show(_shown(found, output))
    for warning in () if quiet else (*registries.warnings, *remembered.warnings):
        click.echo(warning, err=True)
    if found.errors:
        return INCOMPLETE
    return FOUND if exit_code and found.differ else DONE


def _references(old: str, new: str) -> tuple[Reference, Reference]:
    if old.startswith(("sha256:", "sha512:", "@", ":")):
        raise click.UsageError(f"OLD names its repository as well, such as nginx@sha256:…; {old} does not.")
    try:
        first = Reference.parse(old)
        return first, beside(first, new)
    except InvalidReference as error:
        raise UsageError(str(error)) from error


def _platform(text: str | None) -> Platform | None:
    found = Platform.parse(text) if text is not None else None
    if text is not None and found is None:
        raise click.UsageError(f"--platform takes OS/ARCH, such as linux/arm64; {text} is none.")
    return found


def _shown(found: Sides, output: Output) -> str:
    if output.form == "json":
        from pinbot.report import diff_as_json

        return diff_as_json.diff(found)
    if output.form == "markdown":
        from pinbot.report import diff_as_markdown

        return diff_as_markdown.diff(found)
    from pinbot.cli._look import look
    from pinbot.report import diff_as_table

    return diff_as_table.diff(found, look(output))
