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
from datetime import date

_BEGUN = time.perf_counter()

from pinbot import wiring  # noqa: E402 # the time that this takes is what `start` is
from pinbot.formats._base import Companions, Format, Scan  # noqa: E402
from pinbot.formats._claims import Claims  # noqa: E402
from pinbot.ports import Workspace  # noqa: E402
from pinbot.run import Scope, survey  # noqa: E402
from pinbot.source.finding import Yield  # noqa: E402
from pinbot.source.text import SourceFile  # noqa: E402

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
        self.paths, self.missed, self.write = inner.paths, inner.missed, inner.write

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
    # What `import` and the making of formats took; the start of Python itself comes on top, see `main`.
    clock.seconds["start"] = time.perf_counter() - _BEGUN
    with clock.taking("listing"):
        workspace = TimedWorkspace(wiring.local_files([folder]).workspace, clock)
    timed = [replace(one, scan=_timed(one.scan, clock)) for one in formats]
    begun = time.perf_counter()
    survey(workspace, Scope(TimedClaims(timed, clock)), date(2026, 11, 21))
    took = time.perf_counter() - begun
    noted = sum(clock.seconds[part] for part in ("claiming", "reading", "parsing"))
    # Which formats have a reason to look, what the file says of itself, and the joining of the repository.
    clock.seconds["deciding"] = took - noted
    return dict(clock.seconds)


def main() -> None:
    """Print the parts of a scan of the folder that is given, in milliseconds on one line."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    python = time.perf_counter() - begun
    parts = measure(sys.argv[1])
    parts["start"] += python
    parts["all"] = sum(parts.values())
    print("   ".join(f"{part} {parts[part] * 1000:.0f} ms" for part in PARTS))


if __name__ == "__main__":
    main()
