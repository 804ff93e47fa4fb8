"""Three hundred tags of one repository, in the schemes that publishers use, and where each line of a file may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from pinbot.planning.policy import Level

SCHEMES: Mapping[str, Sequence[str]] = {
    "versions": [*(f"1.{m}.{p}" for m, p in product(range(20, 28), range(12))), "2.0.0", "2.1.0", "3.0.0", "3.1.0"],
    "versions with a v": [*(f"v1.{m}.{p}" for m, p in product(range(10), range(3))), "v2.0.0"],
    "variants with a version": [f"1.{m}.{p}-alpine3.{a}" for m, p, a in product((25, 26, 27), range(4), (18, 19, 20))],
    "variants of words": [f"3.{m}.{p}-slim-bookworm" for m, p in product((10, 11, 12), range(11))],
    "prefixes": [f"amd64-1.{m}.{p}" for m, p in product(range(4), range(3))],
    "builds": [f"11.0.{p}_{b}-jre" for p, b in product(range(12, 20), (8, 9, 10))] + ["17.0.2_8-jre"],
    "early access": [f"21-ea-{n}" for n in range(1, 33)],
    "dates": [f"2024{m:02}{d:02}" for m, d in product(range(1, 13), (1, 15))],
    "dates with a prefix": [f"bookworm-2023{m:02}16" for m in range(1, 13)],
    "time stamps": [f"RELEASE.2024-{m:02}-16T16-07-38Z" for m in range(1, 13)],
    "commits": [f"{n:x}f2a9c1" for n in range(16)] + [f"v1.2.3-{n}-g4f2a9c{n}" for n in range(1, 5)],
    "years and months": [f"{y}.{m}" for y, m in product((22, 23, 24), ("04", "10"))],
    "revisions": [f"1.2.{p}-debian-12-r{r}" for p, r in product(range(3), range(12))],
    "one number": [str(n) for n in range(9, 21)],
    "prereleases": [f"3.2.0-rc{n}" for n in range(1, 11)],
    "words": ["latest", "stable", "bookworm", "alpine", "pr-1234"],
}

# From which tag to which, at each level; where a level is missing, the one before it holds.
MOVES: Sequence[tuple[str, str, Mapping[Level, str]]] = [
    ("a version", "1.25.1", {"patch": "1.25.11", "minor": "1.27.11", "major": "3.1.0"}),
    ("a version with a v", "v1.4.0", {"patch": "v1.4.2", "minor": "v1.9.2", "major": "v2.0.0"}),
    ("a variant with a version", "1.25.1-alpine3.19", {"patch": "1.25.3-alpine3.19", "minor": "1.27.3-alpine3.19"}),
    (
        "a variant of words",
        "3.11.9-slim-bookworm",
        {"patch": "3.11.10-slim-bookworm", "minor": "3.12.10-slim-bookworm"},
    ),
    ("a prefix", "amd64-1.2.0", {"patch": "amd64-1.2.2", "minor": "amd64-1.3.2"}),
    ("a build", "11.0.15_9-jre", {"patch": "11.0.19_10-jre", "major": "17.0.2_8-jre"}),
    ("an early access build", "21-ea-9", {"patch": "21-ea-32"}),
    ("a date", "20240101", {"patch": "20241215"}),
    ("a date with a prefix", "bookworm-20230816", {"patch": "bookworm-20231216"}),
    ("a time stamp", "RELEASE.2024-01-16T16-07-38Z", {"patch": "RELEASE.2024-12-16T16-07-38Z"}),
    ("a commit", "4f2a9c1", {}),
    ("a year and a month", "22.04", {"patch": "22.04", "minor": "22.10", "major": "24.10"}),
    ("a revision", "1.2.0-debian-12-r3", {"patch": "1.2.2-debian-12-r3"}),
    # As there is a 17.0.2, 17 is short for a longer version, and its one number the major one.
    ("one number", "17", {"major": "20"}),
    ("a prerelease", "3.2.0-rc9", {"patch": "3.2.0-rc10"}),
    ("a word", "bookworm", {}),
]
LEVELS: Sequence[Level] = ("digest", "patch", "minor", "major")


def at(level: Level) -> list[str]:
    """Return the tags to which the lines move at a level."""
    reached = LEVELS[: LEVELS.index(level) + 1]
    return [next((to[one] for one in reversed(reached) if one in to), tag) for _, tag, to in MOVES]
