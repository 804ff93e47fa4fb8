"""The words that images' tags are made of, as publishers write them: stages, builds, channels, platforms.

No specification orders tags (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull says only which
characters one has), so these are the habits of the field. A word that stands in no table is part of the variant.
"""

from __future__ import annotations

import re
from datetime import date

# How mature a prerelease of that name is: SemVer, PEP 440, PHP, Spring and Hibernate write them so.
STAGES = {
    **dict.fromkeys(("dev", "devel", "nightly", "snapshot", "canary", "unstable"), 0),
    **dict.fromkeys(("alpha", "a"), 1),
    **dict.fromkeys(("milestone", "m"), 2),
    **dict.fromkeys(("beta", "b"), 3),
    **dict.fromkeys(("preview", "pre", "prerelease"), 4),
    **dict.fromkeys(("rc", "cr", "c"), 5),
}
# One name for each stage, so that `b1` and `beta1` are one prerelease.
SPELLINGS = {
    "a": "alpha",
    "b": "beta",
    "c": "rc",
    "cr": "rc",
    "m": "milestone",
    "pre": "preview",
    "prerelease": "preview",
}
# Without a number behind them these name a variant or a channel (`-dev` of Chainguard, `-devel` of CUDA).
CHANNEL_STAGES = frozenset({"dev", "devel", "nightly", "canary", "unstable"})

# Words with a number that count builds of one version: `-r3`, `-ls45`, `-CU14`, `-KB4505057`, `-eksbuild.4`, `-k3s1`.
BUILDS = frozenset(
    {
        *("r", "p", "u", "ls", "build", "hotfix", "hf", "sp", "pl", "post", "rev", "revision", "kb", "cu", "update"),
        *("patch", "eksbuild", "eks", "gke", "k3s", "rke2r"),
    }
)

# Words alone that say which release is meant, not what is inside.
CHANNELS = frozenset({"latest", "stable", "current", "mainline", "lts", "release"})

# Architectures end in digits that are no version of anything.
ARCHITECTURES = re.compile(
    r"(?:amd64|x86|i?[3-6]86|arm(?:32|64)?(?:v[0-9])?|armhf|armel|aarch64|ppc64(?:le|el)?|s390x|riscv64|mips(?:64)?(?:le|el)?)",
    re.IGNORECASE,
)

# What follows is a commit or a proposed change, never a version.
COMMITS = re.compile(r"(?:^|[-_.])(?:sha|sha256|sha512|git|commit)[-_.]+$", re.IGNORECASE)
PROPOSALS = re.compile(r"(?:^|[-_.])(?:pr|pull|mr)[-_.]+$", re.IGNORECASE)
# `nanoserver-1809`: the number is that of the host that such an image runs on.
WINDOWS = re.compile(r"(?:^|[-_.])(?:nanoserver|windowsservercore|servercore|windows)[-_.]+$", re.IGNORECASE)

_HEX = re.compile(r"[0-9a-f]{7,40}")
_DESCRIBED = re.compile(r"g[0-9a-f]{7,40}")
_YEARS = range(1970, 2100)


def is_hash(word: str) -> bool:
    """Whether a component looks like a commit: 7–40 hex digits, both letters and digits, or `g` before such."""
    if len(word) < 7:
        return False
    if _DESCRIBED.fullmatch(word):
        return True
    return bool(_HEX.fullmatch(word)) and not word.isdigit() and not word.isalpha()


def is_date(digits: str) -> bool:
    """Whether digits are a moment: `yyyymmdd`, `yyyymmddHHMM` or `yyyymmddHHMMSS`."""
    if len(digits) not in (8, 12, 14) or not digits.isdigit():
        return False
    clock = [int(digits[i : i + 2]) for i in range(8, len(digits), 2)]
    in_day = all(part < limit for part, limit in zip(clock, (24, 60, 60), strict=False))
    return in_day and is_day(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))


def is_month(digits: str) -> bool:
    """Whether digits are a month, `yyyymm`."""
    return len(digits) == 6 and digits.isdigit() and is_day(int(digits[:4]), int(digits[4:]), 1)


def is_day(year: int, month: int, day: int) -> bool:
    """Whether there is such a day in the time that images can be from."""
    if year not in _YEARS:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
