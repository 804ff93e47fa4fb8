"""One pass over the repositories of a forge: what each should have as pull requests, and the way there.

Repositories go in batches: the forge says in one answer where all of them stand, and a registry is asked each question
once for all. What is written is written one after the other, in the order of the repositories. Every step can be
repeated: a run that dies anywhere, and runs again, ends as if it had not died.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TypeVar

from pinbot.errors import ForgeError
from pinbot.proposals.repository import Repository, Unreachable
from pinbot.proposals.result import Sweep, Visit
from pinbot.sweep.answers import Answers, answered
from pinbot.sweep.look import Look, Reached, look, reach
from pinbot.sweep.tools import Order, Ration, Tools
from pinbot.sweep.visit import visit

T = TypeVar("T")
BATCH = 100  # as many as one request to GitHub may name


def sweep(tools: Tools, order: Order, clock: Callable[[], datetime], opened: int = 0) -> Sweep:
    """Visit every repository of the forge. What fails in one is said of it, and stops no other.

    `opened` is how many pull requests the run has opened at other forges, exempt ones aside.
    """
    visits: list[Visit] = []
    ration = Ration(opened)
    known = Answers()
    error: str | None = None
    try:
        for batch in _batches(tools.forge.repositories(), BATCH):
            looked = _looked(tools, order, batch)
            known = answered(tools.doors, [one for one in looked if isinstance(one, Look)], known, order.now)
            for one in looked:
                visits.append(visit(tools, order, one, known, ration) if isinstance(one, Look) else one)
                tools.progress(len(visits))
                if ration.busy is not None:
                    raise ration.busy
    except ForgeError as failed:
        error = str(failed)
    return Sweep(order.now, clock(), tuple(visits), error, opened=ration.opened)


def _looked(tools: Tools, order: Order, batch: Sequence[Repository]) -> list[Look | Visit]:
    standings = tools.forge.standings(batch)
    asked = [standings.get(one.id) or Unreachable(one, f"{one.name}: the forge does not speak of it") for one in batch]
    # Files are looked into while those of the next repositories come; by one thread, as that is a core's whole work.
    reached: Iterable[Reached | Visit] = tools.each(partial(reach, tools, order), asked)
    return [look(order, one) for one in reached]


def _batches(values: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    left = iter(values)
    while batch := tuple(islice(left, size)):
        yield batch
