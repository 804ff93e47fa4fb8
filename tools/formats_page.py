"""Writes docs/formats.md from what the formats say of themselves: `make docs`. A test keeps the page current."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pinbot import discovery
from pinbot import formats as room
from pinbot.formats._base import About, Format

PAGE = Path(__file__).parent.parent / "docs" / "formats.md"
_HEAD = """\
# Formats

Every file format in which pinbot finds image references: which files, which places in them, an example that pinbot can
pin, and the limits. Made from the code by `make docs`; please change it there.

What holds for all of them:

- A file whose name has an ending such as `.j2`, `.tmpl`, `.tpl`, `.erb`, `.example` or `.dist` is read like the file
  that is made of it; a reference that a template engine fills in is `variable`.
- `# pinbot: ignore` on the line or above it leaves a reference alone, `# pinbot: ignore-file` a whole file.
- A value that carries the digest must feed one reference and nothing else; where it feeds two, stands in the middle of
  one, comes from a matrix or is set by another file, the reference is refused, and the reason names the other place.
- Images that the repository itself builds or publishes are `local`.
- `pinbot scan --explain PATH:LINE` says which formats looked at a line, and what they made of it.

| name | format | files |
| --- | --- | --- |
"""


def page() -> str:
    """Return the text of the page."""
    formats = [(f, f.about) for f in discovery.collect(room, "FORMAT", Format) if f.about]
    rows = "".join(f"| [`{f.name}`](#{_anchor(about)}) | {about.title} | {about.files} |\n" for f, about in formats)
    return f"{_HEAD}{rows}" + "".join(f"\n{text}" for f, about in formats for text in _section(f.name, about))


def _anchor(about: About) -> str:
    """Return the anchor that forges make of a heading: lower case, hyphens for spaces, nothing else but letters."""
    kept = (c for c in about.title.lower() if c.isalnum() or c in " -_")
    return "".join(kept).replace(" ", "-")


def _section(name: str, about: About) -> Iterator[str]:
    yield f"## {about.title}\n"
    yield f"`--only {name}` · [specification]({about.url})\n"
    yield f"Files: {about.files}.\n"
    yield "Places:\n\n" + "".join(f"- {place}\n" for place in about.places)
    yield f"`{about.path}`:\n\n```{_language(about.path)}\n{about.example}```\n"
    if about.limits:
        yield "Limits:\n\n" + "".join(f"- {limit}\n" for limit in about.limits)


def _language(path: str) -> str:
    name = path.rpartition("/")[2].lower()
    if "file" in name and "." not in name:
        return "dockerfile" if name.startswith(("docker", "container")) else ""
    end = name.rpartition(".")[2]
    return {"yml": "yaml", "tf": "hcl", "nomad": "hcl", "json": "jsonc"}.get(end, end if end in _LANGUAGES else "")


_LANGUAGES = {"bzl", "hcl", "ini", "json", "nix", "sh", "toml", "yaml"}


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
