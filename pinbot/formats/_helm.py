"""What the formats of Helm share: charts, and the names under which one file speaks of a value of another."""

from __future__ import annotations

from pinbot.formats._base import Companions

# Values lie in the folder of their chart, or below it: `ci/minimal-values.yaml`, `values/eu/prod.yaml`.
_FOLDERS_UP = 3


def value_key(path: str, chart: str | None = None) -> str:
    """Return the key of the value at `path`, of the chart in a folder or of whatever chart is installed."""
    return f"helm {path}" if chart is None else f"helm {chart or '.'} {path}"


def chart_values_key(path: str, chart: str | None = None) -> str:
    """Return the key of the value at `path` in the own values of a chart of that name, or of whatever chart."""
    return value_key(path, "*" if chart is None else f"*/{chart}")


def whole_digest_key(path: str, chart: str) -> str:
    """Return the key of a digest that is written with its algorithm, which a chart may write itself."""
    return f"{value_key(path, chart)} with sha256:"


def own_values(chart: str) -> str:
    """Return the path of the values that a chart brings, over which all others are laid."""
    return f"{chart}/values.yaml" if chart else "values.yaml"


def whole_reference_key(path: str, chart: str) -> str:
    """Return the key of a whole reference, which a chart may continue."""
    return f"{value_key(path, chart)} as a whole"


def chart_of(path: str, companions: Companions) -> str | None:
    """Return the folder of the chart to which a file belongs, None where there is none above it."""
    folder = path
    for _ in range(1 + _FOLDERS_UP):
        folder, slash, _name = folder.rpartition("/")
        if companions(f"{folder}{slash}Chart.yaml") is not None:
            return folder
        if not slash:
            break
    return None
