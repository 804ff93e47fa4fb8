r"""What makes a TOML format a table: which files, and which keys lead to references.

    FORMAT = toml_format(
        "fly",
        about=About("fly.toml", …),
        claims=named(r"fly.*\.toml"),
        routes=(Route("build.image"),),
    )

A route is the keys from the top, joined by dots; `*` is any one of them. Tables, arrays of tables, dotted keys and
inline tables are the same to it, and the items of an array stand where the array does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from pinbot.formats._base import About, Companions, Format, finding_at, standing_at
from pinbot.formats._syntax_trees import MAX_BYTES
from pinbot.formats._toml_tree import Entry, strings
from pinbot.formats._yaml_scalar import filled_in, with_remark
from pinbot.oci.reference import Reference
from pinbot.source.finding import Finding, Fixed, Skip, Standing, Writable, Yield
from pinbot.source.text import SourceFile, Span

_ESCAPED = "TOML escapes this text, or spreads it over lines; write it plainly on one line to have it pinned"


@dataclass(frozen=True, slots=True)
class Route:
    """The way to a reference; `starts` is how many characters of a text stand before it, None where it is none.

    Where the consumer takes no digest beside a tag, `refused` says why.
    """

    path: str
    starts: Callable[[str], int | None] = lambda _text: 0
    refused: str | None = None

    def leads(self, path: tuple[str, ...]) -> bool:
        """Whether a path is this way."""
        steps = self.path.split(".")
        return len(steps) == len(path) and all(step in {"*", key} for step, key in zip(steps, path, strict=True))


def toml_format(
    name: str,
    *,
    about: About,
    claims: Callable[[str], bool],
    routes: tuple[Route, ...],
    needles: tuple[str | tuple[str, ...], ...] = (),
) -> Format:
    """Return the format of TOML files that `claims` names."""

    def scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
        for entry in strings(file):
            if isinstance(entry, Skip):
                yield entry
                continue
            route = next((one for one in routes if one.leads(entry.path)), None)
            start = route.starts(entry.text) if route else None
            if route and start is not None and entry.text[start:].strip():
                yield _finding(file, name, entry, start, route)

    return Format(
        name,
        scan,
        about,
        claims,
        endings=frozenset({"toml"}),
        needles=tuple(one.encode() if isinstance(one, str) else tuple(o.encode() for o in one) for one in needles),
        max_bytes=MAX_BYTES,
    )


def _finding(file: SourceFile, name: str, entry: Entry, start: int, route: Route) -> Finding:
    if entry.span is None:
        reference = Reference.parse_or_none(entry.text[start:].strip())
        standing: Standing = Fixed(reference, _ESCAPED) if reference else standing_at(file, entry.whole)
        return finding_at(file, name, entry.where, entry.whole, standing)
    span = Span(entry.span.start + start, entry.span.stop)
    standing = filled_in(file.slice(span)) or with_remark(file, standing_at(file, span), span)
    return replace(finding_at(file, name, entry.where, span, standing), standing=_accepted(standing, route))


def _accepted(standing: Standing, route: Route) -> Standing:
    if route.refused is None or not isinstance(standing, Writable):
        return standing
    if standing.reference.digest and not standing.reference.tag:
        return standing
    return Fixed(standing.reference, route.refused)
