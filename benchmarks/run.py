"""Prints how long pinbot takes and how much memory it needs, beside what it may: `make bench`.

Each call is a process of its own, as for a user; one call to warm the file system's caches is not counted. The
verdict goes by the median. Lookups go to Debian's docker-registry on this machine, whose access log is counted: what a
run asks of it is fixed as well.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import evidence, filler, manifests, many_tags, monorepo, outage

PINBOT = Path(sys.executable).with_name("pinbot")
MEMORY_MIB, LARGE_MEMORY_MIB = 90, 120
PINNED_REPOSITORIES, PINNED_TAGS = 50, 10
MOVED_REPOSITORIES, MOVED_TAGS, MOVED = 200, 40, 500

Requests = Mapping[str, int]
"""How many requests there were, by kind: greeting, manifests, tags, blobs."""


@dataclass(frozen=True)
class Case:
    """One thing that is measured; `count` returns how many requests there have been so far.

    `requests` are those that a run may make. `memory` is in MiB; `split` is a folder for which the parts of a scan are
    to be printed.
    """

    name: str
    budget_seconds: float
    arguments: Sequence[str]
    runs: int
    count: Callable[[], Counter[str]] | None = None
    requests: Requests = field(default_factory=dict)
    memory: int = MEMORY_MIB
    split: str = ""


@dataclass(frozen=True)
class Figures:
    """What was measured: seconds per run, the highest memory in MiB, and the requests of each run."""

    seconds: Sequence[float]
    memory: float
    requests: Sequence[Requests]


def main() -> int:
    """Measure everything, print the table, and return 1 where a budget is broken."""
    options = argparse.ArgumentParser(description="Measures pinbot against its budgets.")
    options.add_argument(
        "--runs", type=int, default=9, help="calls of the short cases (a third of it for the long ones)"
    )
    options.add_argument(
        "--repository", action="append", default=[], type=Path, help="a checkout to scan as well; may be repeated"
    )
    chosen = options.parse_args()
    runs = chosen.runs
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {runs} runs (lookups: {_few(runs)})\n")
    print(f"{'':<44}{'min':>9}{'median':>9}{'budget':>9}{'memory':>10}  verdict")
    broken = 0
    with tempfile.TemporaryDirectory(prefix="pinbot-bench-") as scratch:
        for case in _cases(Path(scratch), runs, [path.resolve() for path in chosen.repository]):
            broken += _report(case, _measure(case, Path(scratch)))
        broken += _outage(Path(scratch), _few(runs))
    broken += _evidence()
    return min(broken, 1)


def _cases(folder: Path, runs: int, repositories: Sequence[Path]) -> Iterator[Case]:
    yield Case("pinbot --version", 0.1, ["--version"], runs)

    for name, place in (("", "plain"), (" in a git checkout", "checkout")):
        one = folder / place
        one.mkdir()
        (one / "Dockerfile").write_text(
            "FROM python:3.12-slim AS build\nRUN true\nFROM nginx:1.27\nCOPY --from=build /a /b\n"
        )
        if name:
            _commit(one)
        yield Case(f"scan of one Dockerfile{name}", 0.15, ["scan", str(one)], runs)

    many = folder / "many"
    size = manifests.write(many)
    yield Case(
        f"scan of {manifests.FILES} YAML files, {size / 1e6:.1f} MB", 0.8, ["scan", "--quiet", str(many)], _few(runs)
    )

    large = folder / "large"
    files = monorepo.write(large)
    yield _large(f"scan of a mixed repository, {files:,} files", large, runs)
    for checkout in repositories:
        yield _large(f"scan of {checkout.name}", checkout, runs)

    with many_tags.registry() as registry:
        yield _newest(folder / "newest", registry.host, runs)

    if shutil.which("docker-registry") is None:
        print("NOT MEASURED: lookups (apt-get install docker-registry)")
        return
    with _registry(folder) as (host, count):
        yield _pins(folder / "pins", host, count, runs)
        yield _moves(folder / "moves", host, count, runs)


def _pins(folder: Path, host: str, count: Callable[[], Counter[str]], runs: int) -> Case:
    names = filler.fill(host, "pins", PINNED_REPOSITORIES, PINNED_TAGS)
    _dockerfile(folder, host, names)
    arguments = ["pin", "--dry-run", "--quiet", str(folder)]
    asked = {"greeting": 1, "manifests": len(names)}
    return Case(f"pin of {len(names)} unique references", 3.0, arguments, _few(runs), count, asked)


def _moves(folder: Path, host: str, count: Callable[[], Counter[str]], runs: int) -> Case:
    """Each of the references moves to the newest tag of its repository: one list and one more manifest for each."""
    names = filler.fill(host, "moves", MOVED_REPOSITORIES, MOVED_TAGS)[:: MOVED_REPOSITORIES * MOVED_TAGS // MOVED]
    _dockerfile(folder, host, names)
    arguments = ["bump", "--level", "minor", "--ledger", "off", "--dry-run", "--quiet", str(folder)]
    asked = {"greeting": 1, "manifests": len(names) + MOVED_REPOSITORIES, "tags": MOVED_REPOSITORIES}
    title = f"bump of {len(names)} in {MOVED_REPOSITORIES} x {MOVED_TAGS} tags"
    return Case(title, 5.0, arguments, _few(runs), count, asked, memory=LARGE_MEMORY_MIB)


def _newest(folder: Path, host: str, runs: int) -> Case:
    """One reference moves to the newest of very many tags."""
    _dockerfile(folder, host, [f"{many_tags.PATH}:1.0.0"])
    arguments = ["bump", "--level", "minor", "--ledger", "off", "--dry-run", "--quiet", str(folder)]
    return Case(f"bump of 1 among {many_tags.TAGS:,} tags", 15.0, arguments, _few(runs), memory=150)


def _dockerfile(folder: Path, host: str, names: Sequence[str]) -> None:
    folder.mkdir()
    (folder / "Dockerfile").write_text("".join(f"FROM {host}/{name}\n" for name in names))


def _large(name: str, folder: Path, runs: int) -> Case:
    return Case(name, 1.0, ["scan", "--quiet", str(folder)], _few(runs), memory=LARGE_MEMORY_MIB, split=str(folder))


def _commit(folder: Path) -> None:
    settings = ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=false"]
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=one"]):
        subprocess.run(["git", *settings, *command], cwd=folder, check=True)


@contextmanager
def _registry(folder: Path) -> Iterator[tuple[str, Callable[[], Counter[str]]]]:
    """Start a registry; give its host, and a function that counts the requests so far."""
    from tests.real.registries import running_open

    home = folder / "registry"
    home.mkdir()
    with running_open(home) as registry:
        yield registry.host, lambda: Counter(_kind(request.path) for request in registry.requests())


def _kind(path: str) -> str:
    kinds = {"/manifests/": "manifests", "/tags/list": "tags", "/blobs/": "blobs"}
    return next((kind for part, kind in kinds.items() if part in path), "greeting" if path == "/v2/" else "others")


def _outage(folder: Path, runs: int) -> bool:
    """Print what five broken registries of twenty cost the others, the best of some runs; return whether too much."""
    faults, healthy = list(outage.BROKEN.values()), outage.REGISTRIES - len(outage.BROKEN) - 1
    tags = outage.REFERENCES // outage.REGISTRIES
    with outage.registries(faults, healthy, tags) as (good, bad):
        hosts = [registry.host for registry in good]
        alone = [outage.run([str(PINBOT)], folder / "alone", outage.names(hosts, tags), good) for _ in range(runs)]
        mixed = [
            outage.run([str(PINBOT)], folder / "mixed", outage.names([*bad, *hosts], tags), good) for _ in range(runs)
        ]
    share = min(one.healthy for one in mixed) / min(one.healthy for one in alone)
    more = min(one.whole for one in mixed) - min(one.whole for one in alone)
    causes = {host: statuses for one in mixed for host, statuses in one.statuses.items()}
    complaints = []
    if share > outage.MOST_SHARE:
        complaints.append("HEALTHY ONES HELD UP")
    if more > outage.CONNECT_SECONDS:
        complaints.append("TOO LATE")
    if any(one.answered != tags * healthy for one in (*alone, *mixed)) or any(len(c) != 1 for c in causes.values()):
        complaints.append("OTHER ANSWERS")
    print(f"pin of {outage.REFERENCES:,}, {len(bad)} of {outage.REGISTRIES} registries broken: ", end="")
    print(f"healthy ones x{share:.2f} (at most x{outage.MOST_SHARE:g}), ", end="")
    print(f"in all +{more:.1f} s (at most +{outage.CONNECT_SECONDS:g} s)  {', '.join(complaints) or 'ok'}")
    return bool(complaints)


def _evidence() -> bool:
    """Measure how long two lists of packages take; return whether that is too long."""
    reading, comparing = evidence.measured()
    is_late = comparing > evidence.BUDGET_SECONDS
    print(f"difference of two lists of {evidence.PACKAGES} packages: {1000 * comparing:.1f} ms ", end="")
    print(f"(at most {1000 * evidence.BUDGET_SECONDS:.0f} ms), reading both {1000 * reading:.1f} ms", end="")
    print("  too slow" if is_late else "  ok")
    return is_late


def _measure(case: Case, home: Path) -> Figures:
    seconds: list[float] = []
    requests: list[Requests] = []
    memory = 0.0
    _call(case.arguments, home)
    for _ in range(case.runs):
        before = case.count() if case.count else Counter()
        took, peak = _call(case.arguments, home)
        after = case.count() if case.count else Counter()
        seconds.append(took)
        memory = max(memory, peak)
        requests.append(after - before)
    return Figures(seconds, memory, requests)


def _call(arguments: Sequence[str], home: Path) -> tuple[float, float]:
    """Run pinbot once; return the seconds and the peak memory in MiB."""
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"}
    with (home / "errors.txt").open("w") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(PINBOT), *arguments],
            cwd=home,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(
            f"pinbot {' '.join(arguments)}: exit code {process.returncode}\n{(home / 'errors.txt').read_text()}"
        )
    return took, usage.ru_maxrss / 1024


def _report(case: Case, figures: Figures) -> bool:
    """Print one row; return whether a budget is broken."""
    median = statistics.median(figures.seconds)
    complaints = []
    if median > case.budget_seconds:
        complaints.append("TOO SLOW")
    if figures.memory > case.memory:
        complaints.append(f"MORE THAN {case.memory} MiB")
    if any(requests != case.requests for requests in figures.requests):
        complaints.append("OTHER REQUESTS")
    print(
        f"{case.name:<44}{_time(min(figures.seconds)):>9}{_time(median):>9}{_time(case.budget_seconds):>9}"
        f"{figures.memory:>6.0f} MiB  {', '.join(complaints) or 'ok'}"
    )
    if case.count:
        print(f"    requests per run: {', '.join(f'{kind} {n}' for kind, n in sorted(figures.requests[0].items()))}")
    if case.split:
        parts = subprocess.run([sys.executable, "-m", "benchmarks.split", case.split], check=True, capture_output=True)
        print(f"    {parts.stdout.decode().strip()}")
    return bool(complaints)


def _few(runs: int) -> int:
    return max(1, runs // 3)


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


if __name__ == "__main__":
    sys.exit(main())
