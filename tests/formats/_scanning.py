"""Scanning one file in memory, for the tables of the YAML formats."""

from __future__ import annotations

from collections.abc import Sequence

from pinbot.formats import compose, kubernetes
from pinbot.formats._base import Format
from pinbot.formats._claims import Claims
from pinbot.formats._scan import Scanned, scan_file
from pinbot.source.finding import Aside, Finding, Fixed
from pinbot.source.text import SourceFile, encode

FORMATS = (compose.FORMAT, kubernetes.FORMAT)
POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"


def scanned(
    path: str, text: str | bytes, beside: dict[str, str] | None = None, formats: Sequence[Format] = FORMATS
) -> Scanned:
    """Scan a file as compose and Kubernetes would; `beside` holds other files of the repository."""
    files = beside or {}

    def companion(other: str) -> SourceFile | None:
        return SourceFile(other, files[other]) if other in files else None

    data = text if isinstance(text, bytes) else encode(text)
    return scan_file(path, data, Claims(formats), companion) or Scanned(path)


def outcome(finding: Finding) -> str:
    """Say in a word what would become of a finding."""
    match finding.standing:
        case Aside(status=status):
            return status
        case Fixed():
            return "fixed"
        case _:
            return "writable"


def told(
    path: str, text: str, beside: dict[str, str] | None = None, formats: Sequence[Format] = FORMATS
) -> list[tuple[str, str]]:
    """Return text and outcome of each finding."""
    return [(finding.text, outcome(finding)) for finding in scanned(path, text, beside, formats).findings]


def reasons(
    path: str, text: str, beside: dict[str, str] | None = None, formats: Sequence[Format] = FORMATS
) -> list[str]:
    """Return the reasons of the findings that have one."""
    standings = [finding.standing for finding in scanned(path, text, beside, formats).findings]
    return [s.reason for s in standings if isinstance(s, Aside | Fixed)]
