"""Two lists of 500 packages, from the bytes that a registry serves to the text of a pull request, in this process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from pinbot.oci.digest import Digest
from pinbot.oci.statement import Package
from pinbot.planning.packages import package_diff
from pinbot.registry.statements import read_statement
from tests.fakes.statements import IN_TOTO, SPDX, Statement, spdx

PACKAGES = 500
BUDGET_SECONDS = 0.05
_RUNS = 20


def measured() -> tuple[float, float]:
    """Return the median seconds to read both lists, and to compare them."""
    image = Digest.of(b"image")
    bodies = [Statement(SPDX, spdx(_packages(n), files=200)).stored(str(image)).content for n in (0, 1)]

    def read() -> list[tuple[Package, ...]]:
        found = [read_statement(IN_TOTO, body, image) for body in bodies]
        return [tuple(sorted(one)) for one in found if isinstance(one, frozenset)]

    old, new = read()
    assert len(package_diff(old, new)) == PACKAGES // 2
    return _median(read), _median(lambda: package_diff(old, new))


def _packages(build: int) -> list[Package]:
    """Return packages of which every other one is another version in another build."""
    return [Package(f"lib-package-{n}", f"1.{n}-{build if n % 2 else 0}+deb12u1", "deb") for n in range(PACKAGES)]


def _median(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)
