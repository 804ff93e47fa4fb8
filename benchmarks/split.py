"""How the time of a scan splits: `python -m benchmarks.split DIR`, or as a part of `make bench`.

The parts are measured in one process by giving the scan a workspace, claims and formats that note the time that they
take; the notes themselves cost a few per cent.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from pinbot import wiring
from pinbot.formats._base import Companions, Format, Scan
from pinbot.formats._claims import Claims
from pinbot.planning.policy import Policy, Terms
from pinbot.ports import Workspace
from pinbot.run import Scope, survey
from pinbot.source.finding import Yield
from pinbot.source.text import SourceFile

PARTS = ("start", "listing", "claiming", "reading", "parsing", "deciding", "all")


class Clock:
    """Adds up seconds by the name of what took them."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def taking(self, part: str) -> Iterator[None]:
        """Note the time of a block."""
        begun = time.perf_counter()
        yield
        self.seconds[part] += time.perf_counter() - begun


class TimedClaims(Claims):
    """Claims that note their time."""

    def __init__(self, formats: Sequence[Format], clock: Clock) -> None:
        super().__init__(formats)
        self._clock = clock

    def of(self, path: str) -> tuple[Format, ...]:
        with self._clock.taking("claiming"):
            return super().of(path)


class TimedWorkspace:
    """A workspace that notes the time of its reading."""

    def __init__(self, inner: Workspace, clock: Clock) -> None:
        self._inner, self._clock = inner, clock
        self.paths, self.missed, self.write, self.want = inner.paths, inner.missed, inner.write, inner.want

    def read(self, path: str) -> bytes:
        with self._clock.taking("reading"):
            return self._inner.read(path)


def _timed(scan: Scan, clock: Clock) -> Scan:
    def timed(file: SourceFile, companions: Companions) -> Iterator[Yield]:
        with clock.taking("parsing"):
            found = list(scan(file, companions))
        yield from found

    return timed


def measure(folder: str) -> dict[str, float]:
    """Return the seconds of each part of a scan of `folder`."""
    clock = Clock()
    formats = wiring.formats()
    with clock.taking("start"):
        subprocess.run([sys.executable, "-c", "from pinbot import wiring; wiring.formats()"], check=True)
    with clock.taking("listing"):
        workspace = TimedWorkspace(wiring.local_files([folder]).workspace, clock)
    timed = [replace(one, scan=_timed(one.scan, clock)) for one in formats]
    begun = time.perf_counter()
    survey(workspace, Scope(TimedClaims(timed, clock)), Terms(Policy(), datetime(2026, 11, 21, tzinfo=UTC)))
    took = time.perf_counter() - begun
    noted = sum(clock.seconds[part] for part in ("claiming", "reading", "parsing"))
    # Which formats have a reason to look, what the file says of itself, and the joining of the repository.
    clock.seconds["deciding"] = took - noted
    return dict(clock.seconds)


def main() -> None:
    """Print the parts of a scan of the folder that is given, in milliseconds on one line."""
    parts = measure(sys.argv[1])
    parts["all"] = sum(parts.values())
    print("   ".join(f"{part} {parts[part] * 1000:.0f} ms" for part in PARTS))


if __name__ == "__main__":
    main()
