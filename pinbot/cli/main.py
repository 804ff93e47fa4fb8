"""The command's frame: its verbs, loaded when they are called, and the one place where errors become exit codes."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from pinbot import __version__
from pinbot.errors import PinbotError, UsageError

DONE, FOUND, USAGE, INCOMPLETE, BUG = 0, 1, 2, 3, 70
_INTERRUPTED = 130

# Verb → its one line of help; the module of the same name is imported only when the verb is called or explained.
_VERBS = {
    "scan": "List every image reference and its state.",
    "resolve": "Say what a registry answers for a reference.",
    "diff": "Say what changed between two images.",
    "pin": "Add a digest to every reference that has none.",
    "bump": "Pin, refresh digests, and move tags as far as --level allows.",
    "check": "The gate for CI: unpinned, dead, stale and wrongly pinned references.",
    "sweep": "One pass over an organisation's repositories: opens, updates and closes pull requests.",
    "history": "Which digests a tag has had, and when, as far as pinbot saw it.",
    "doctor": "Try every registry, forge, credential and setting, and say what is wrong.",
}


class _Verbs(click.Group):
    """A group that knows its verbs by name and imports only the one that is called: starting is a feature."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 # click's signature
        return list(_VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002 # click's signature
        if name not in _VERBS:
            return None
        command = importlib.import_module(f"pinbot.cli.{name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Print the verbs without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pinbot", message="%(prog)s %(version)s")
def cli() -> None:
    """Finds every container image reference in a repository and pins it to the digest its registry serves.

    \b
      pinbot scan                 what is there, without any network
      pinbot pin --diff           what pinning would change; writes nothing
      pinbot pin                  pin it
      pinbot bump                 pin, and refresh the digests that moved
      pinbot bump --level minor   the same, and newer versions
      pinbot check                fail when something is unpinned, dead or wrong
      pinbot diff redis:7 :8      what changed between two images
      pinbot history nginx:1.27   which digests a tag has had, and when
      pinbot doctor               what is wrong with registries, logins and settings

    Exit codes: 0 done; 1 check found an error, or --exit-code and something would change; 2 wrong usage or
    settings; 3 something could not be looked up or written, the rest was done; 70 a bug.
    """


def entry() -> NoReturn:
    """Run the command and exit with its code."""
    # Scanning makes many objects and hardly any rings of them: with Python's own thresholds, half of the time for a
    # repository with large YAML files goes into looking for garbage (1.8 s, 0.9 s with these; memory is the same).
    gc.set_threshold(50_000, 50, 100)
    nowhere = Path(os.devnull).open("w")  # noqa: SIM115 # stands for a stream that was closed with `>&-`
    sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # file names need not be printable in this terminal
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    try:
        code = cli.main(arguments, prog_name="pinbot", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return USAGE
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted; what was not yet written is as it was, and the next run goes on from there.", err=True)
        return _INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader went away; nothing to tell it
        return DONE
    except PinbotError as error:
        click.echo(f"Error: {error}", err=True)
        return USAGE if isinstance(error, UsageError) else INCOMPLETE
    except Exception:  # noqa: BLE001 # the one boundary: whatever arrives here is a bug of ours
        return _bug()
    return code if isinstance(code, int) else DONE


def _bug() -> int:
    import traceback

    click.echo(traceback.format_exc(), err=True)
    click.echo(f"This is a bug in pinbot {__version__}. Please report it with the lines above.", err=True)
    return BUG
