"""Prints how long `pinbot sweep` takes for an organisation, and what it asks: `python -m benchmarks.organisation`.

200 repositories with 20 references each, before a forge, a git server and a registry on this machine that take their
share of its cores. The forge's pacing of writes is off; what it would add is printed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.live.site import open_site
from tests.live.world import Run, World
from tests.real.registries import Request

REFERENCES, IMAGES, TAGS = 20, 40, 10
MEMORY_MIB = 200


@dataclass(frozen=True)
class Budget:
    """What a pass may take, and what it may ask for each repository beside 10 requests for all."""

    seconds: float
    fetches: int
    writes: int
    api: float = 0.01


def main() -> int:
    """Run the passes, print a row for each, and return 1 where a budget is broken."""
    options = argparse.ArgumentParser(description="Measures a pass over an organisation against its budgets.")
    options.add_argument("--repositories", type=int, default=200, help="how many there are (the budgets are for 200)")
    chosen = options.parse_args()
    count = chosen.repositories
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {count} repositories of {REFERENCES} references\n")
    with tempfile.TemporaryDirectory(prefix="pinbot-bench-") as scratch:
        folder = Path(scratch)
        (folder / "site").mkdir()
        (folder / "world").mkdir()
        with open_site(folder / "site", judges=False) as site, World(site, folder / "world") as world:
            return _passes(world, count)


def _passes(world: World, count: int) -> int:
    _fill(world, count)
    print(f"{'':<26}{'time':>8}{'budget':>8}{'CPU':>8}{'memory':>10}  verdict")
    broken: int = _row("from nothing", world, count, Budget(60, 3, 1, 2.02))
    broken += _row("nothing changed", world, count, Budget(10, 0, 0))
    for name in world.held:
        world.person_commits(name, {"README.md": b"# Something else\n"})
    broken += _row("no new finding", world, count, Budget(60, 1, 0))
    _push(world, "b")
    broken += _row("every image moved", world, count, Budget(60, 0, 1, 3.02))
    return min(broken, 1)


def _fill(world: World, count: int) -> None:
    """Add the repositories: Dockerfiles, a compose file, and files that name no image."""
    names = _push(world, "a")
    for number in range(count):
        images = [names[(number * 7 + i * 19) % len(names)] for i in range(REFERENCES)]
        half = REFERENCES // 2
        services = "".join(f"  s{i}:\n    image: {image}\n" for i, image in enumerate(images[half:]))
        files: dict[str | bytes, bytes] = {
            f"service-{i}/Dockerfile": f"FROM {image}\nRUN true\n".encode() for i, image in enumerate(images[:half])
        }
        files |= {f"src/module_{i}.py": b"print('hello')\n" * 40 for i in range(30)}
        files |= {"compose.yaml": f"services:\n{services}".encode(), "README.md": b"# Something\n"}
        world.add(f"app-{number}", dict(files))
    world.style += "  limits: {new-per-run: 10000}\n"


def _push(world: World, content: str) -> list[str]:
    """Let every tag of every image name this content; return them as files name them."""
    tags = [(f"image-{number}", f"1.{tag}") for number in range(IMAGES) for tag in range(TAGS)]
    for name, tag in tags:
        world.image(name, tag, f"{name} {tag} {content}")
    return [f"{world.owner}/{name}:{tag}" for name, tag in tags]


def _row(name: str, world: World, count: int, budget: Budget) -> bool:
    before = len(world.site.registry.requests())
    run = world.sweep(fresh=True)
    asked = Counter(_kind(request) for request in world.site.registry.requests()[before:])
    complaints = []
    if run.outcome.code:
        complaints.append(f"EXIT CODE {run.outcome.code}: {run.errors[:1]} {run.outcome.stderr}")
    if run.seconds > budget.seconds:
        complaints.append("TOO SLOW")
    if run.memory_mib > MEMORY_MIB:
        complaints.append(f"MORE THAN {MEMORY_MIB} MiB")
    if run.fetches > budget.fetches * count or run.writes > budget.writes * count or run.api > budget.api * count + 10:
        complaints.append("OTHER REQUESTS")
    print(
        f"{name:<26}{run.seconds:>6.1f} s{budget.seconds:>6.0f} s{run.cpu_seconds:>6.1f} s"
        f"{run.memory_mib:>6.0f} MiB  "
        f"{', '.join(complaints) or 'ok'}"
    )
    print(
        f"    forge: {run.api - run.writes} reads, {run.writes} writes; git: {run.fetches} reads, {run.pushes} pushes"
    )
    print(f"    registry: {', '.join(f'{kind} {n}' for kind, n in sorted(asked.items())) or 'nothing'}")
    paced = run.outcome.json["summary"]["paced_seconds"]
    print(f"    {_summary(run)}; at the forge's pace the writes take {paced} s")
    return bool(complaints)


def _summary(run: Run) -> str:
    counts = Counter(one.partition(" ")[0] for does in run.does.values() for one in does)
    return ", ".join(f"{word} {n}" for word, n in counts.items()) or "nothing to do"


def _kind(request: Request) -> str:
    kinds = (kind for kind in ("manifests", "blobs") if f"/{kind}/" in request.path)
    return f"{request.method} {next(kinds, request.path.rpartition('/')[2] or 'greeting')}"


if __name__ == "__main__":
    sys.exit(main())
