"""What pinbot leaves alone by default: places that are copies, outputs or test data."""

from __future__ import annotations

_FOLDERS = {
    "vendor": "vendored",
    "node_modules": "vendored",
    "testdata": "test data",
    "fixtures": "test data",
    "__fixtures__": "test data",
}


def set_aside(path: str, generated: bool) -> str | None:
    """Say why references in the file at `path` are not pinbot's to change; None where they are."""
    folder = next((part for part in path.split("/")[:-1] if part in _FOLDERS), None)
    if folder is not None:
        return f"{_FOLDERS[folder]} ({folder}/); --all includes it"
    if generated:
        return "the file says that it is generated; --all includes it"
    return None
