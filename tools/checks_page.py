"""Writes docs/checks.md from what the rules of `check` say of themselves: `make docs`. A test keeps it current."""

from __future__ import annotations

from pathlib import Path

from pinbot.planning.checks import CHECKS, Check

PAGE = Path(__file__).parent.parent / "docs" / "checks.md"
_HEAD = """\
# What `pinbot check` finds

Made from the code by `make docs`; please change it there.

An error fails the check (exit 1), a note does not. `stale` is only looked for with `--max-lag`, `untrusted-registry`
and `denied-digest` only where the settings name trusted registries and denied digests. What could not be looked up is
no problem of the reference: it is listed as `unchecked`, with exit 3, or exit 0 with `--incomplete warn`.

References that are local, variable, or ignored by a remark or a rule (`mode: ignore`) are not judged, except for
`denied-digest`. Those that are only watched (`mode: watch`) are.

What it costs: one HEAD for the tag of each pinned reference, and one for its digest where the tag has moved. Of an
index its content is read once (a ledger keeps it for ever), and each image in it that counts costs one HEAD: name
your `platforms` in the settings to have just those asked for. A full version whose digest moved costs some small
downloads more, for the labels of both images. `--offline` asks nothing.

| rule | level | what is wrong |
| --- | --- | --- |
"""


def page() -> str:
    """Return the text of the page."""
    rows = "".join(f"| [`{c.rule}`](#{c.rule}) | {c.level} | {c.title} |\n" for c in CHECKS)
    return f"{_HEAD}{rows}" + "".join(_section(c) for c in CHECKS)


def _section(check: Check) -> str:
    return f"\n## {check.rule}\n\n{check.title} ({check.level}).\n\n{check.about}\n\n**What to do:** {check.remedy}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
