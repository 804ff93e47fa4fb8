"""What changed in one image, in two minutes: a table of facts, the packages, and what could not be looked up."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import chain

from pinbot.oci.platform import Platform
from pinbot.oci.statement import Provenance
from pinbot.planning.evidence import Evidence
from pinbot.planning.images import Image
from pinbot.planning.labels import normal
from pinbot.planning.packages import PackageDiff
from pinbot.planning.settings_diff import SettingChange
from pinbot.proposals._markdown import code, folded, prose, row, table
from pinbot.proposals._tables import NOTHING, within
from pinbot.proposals.concerns import platforms
from pinbot.proposals.news import News
from pinbot.proposals.rows import NAME, Line, date, growth, packages, seen, size, tagged

# How much of the room the facts and the packages of one image may take, in characters.
_FACTS, _PACKAGES = 5_000, 6_000
_PROBLEMS = 5
_VALUE = 200
# Of a commit so many digits are enough for people.
_COMMIT = re.compile(r"^([0-9a-f]{12})[0-9a-f]+$")
_BUILT = {"builder": "built by", "source": "built from", "revision": "at revision"}

Fact = tuple[str, str, str]


def details(line: Line, news: News) -> str:
    """Return what changed in an image, folded; empty where nobody looked, or there is nothing to compare it with."""
    found = news.evidence
    if found is None or found.old is None:
        return ""
    known = within((row(*fact) for fact in facts(news, found)), _FACTS)
    parts = [table(("", "Before", "After"), known), *changed_packages(found.packages), *problems(found)]
    return folded(f"<code>{html.escape(tagged(line.change))}</code>: {summary(found)}", "\n\n".join(parts))


PIN_HEADS = ("Image", "Version", "Source", "Revision", "User", "Platforms", "Not looked up")


def pin_cells(line: Line, news: News) -> tuple[str, ...] | None:
    """Return what is known of an image that is pinned for the first time, under PIN_HEADS; None where nobody looked."""
    found = news.evidence
    if found is None or found.old is not None:
        return None
    new, said = found.new, found.new.labels
    # Windows has images whose user is not the administrator though none is named.
    usual = "" if new.platform and new.platform.os == "windows" else "root"
    user = code(new.config.runtime.user or usual, _VALUE) or NOTHING if new.config else NOTHING
    return (
        code(tagged(line.change), NAME),
        code(said.version) or NOTHING,
        code(said.source) or NOTHING,
        code(_COMMIT.sub(r"\1", said.revision)) or NOTHING,
        user,
        prose(platforms(new.platforms)) or NOTHING,
        code(found.problems[0], 300) if found.problems else NOTHING,
    )


def summary(found: Evidence) -> str:
    """Say in a few words of ours what changed in an image."""
    layers, settings, diff = found.layers, found.settings, found.packages
    parts = []
    if diff is not None:
        parts.append(f"packages: {packages(diff)}" if len(diff) else "the same packages")
    if layers is not None:
        base = "same base" if layers.same_base else "another base"
        parts.append(f"{base}, {layers.kept} of {layers.new} layers kept")
    if settings is not None:
        parts.append(f"{', '.join(one.name for one in settings)} changed" if settings else "the same settings")
    return "; ".join(parts) or "what is known of it"


def facts(news: News, found: Evidence) -> Iterator[Fact]:
    """Yield what is known of two images: the name of a fact, what it was and what it is, in Markdown."""
    yield from _time(news, found)
    yield from _origin(found)
    yield from _shape(found)
    yield from (_setting(one, found) for one in found.settings or ())
    yield from _built_by(found)


def _setting(one: SettingChange, found: Evidence) -> Fact:
    old, new = code(one.old, _VALUE), code(one.new, _VALUE)
    if one.is_set:
        return one.name, f"{old} gone" if old else "", f"{new} added" if new else ""
    if one.name == "user" and found.becomes_root:
        return one.name, old or NOTHING, f"**{new or code('root')}**"
    return one.name, old or NOTHING, new or NOTHING


def _time(news: News, found: Evidence) -> Iterator[Fact]:
    before, after = _built(found.old), _built(found.new)
    if {before, after} != {NOTHING}:
        yield "built", before, after
    if news.since is not None:
        left = f"left {date(news.left)}" if news.left else NOTHING
        yield "named by the tag", left, seen(news.since, news.pushed)


def _origin(found: Evidence) -> Iterator[Fact]:
    for name in ("version", "source", "revision"):
        old, new = (getattr(one.labels, name) if one else "" for one in (found.old, found.new))
        if old or new:
            same = found.old is not None and normal(old) == normal(new)
            old, new = (_COMMIT.sub(r"\1", value) for value in (old, new))
            link = f" [compare]({found.comparison})" if name == "revision" and found.comparison else ""
            yield name, "the same" if same else code(old) or NOTHING, f"{code(new) or NOTHING}{link}"
    bases = [_base(one) for one in (found.old, found.new)]
    if any(bases):
        yield "base image", "the same" if bases[0] == bases[1] else bases[0] or NOTHING, bases[1] or NOTHING


def _base(image: Image | None) -> str:
    if image is None:
        return ""
    digest = image.labels.base_digest.rpartition(":")[2][:12]
    return " ".join(code(part) for part in (image.labels.base_name, digest) if part)


def _shape(found: Evidence) -> Iterator[Fact]:
    if looked := found.looked_into:
        before, after = (code(str(one)) if one else NOTHING for one in looked)
        yield "looked into", before, after
    if found.added or found.gone:
        yield "platforms", _named(found.gone, "gone"), _named(found.added, "added")
    for platform, old, new in found.sizes:
        by = growth(old, new) if old is not None and new is not None else ""
        after = f"{size(new)} ({by})" if new is not None and by else NOTHING if new is None else size(new)
        yield f"size {code(str(platform))}", NOTHING if old is None else size(old), after
    if (layers := found.layers) is not None:
        kept = f"{layers.new}, {layers.kept} of them kept"
        yield "layers", str(layers.old), f"{kept}, on {'the same' if layers.same_base else 'another'} base"


def _named(some: tuple[Platform, ...], what: str) -> str:
    return prose(f"{platforms(some)} {what}") if some else ""


def _built_by(found: Evidence) -> Iterator[Fact]:
    before, after = (_provenance(one) for one in (found.old, found.new))
    for name in ("builder", "source", "revision"):
        old, new = (getattr(one, name) if one else "" for one in (before, after))
        if old or new:
            shown = "the same" if old == new else code(_COMMIT.sub(r"\1", old)) or NOTHING
            new = _COMMIT.sub(r"\1", new)
            yield _BUILT[name], shown, code(new) or NOTHING


def _provenance(image: Image | None) -> Provenance | None:
    return image.statements.provenance if image and image.statements else None


def _built(image: Image | None) -> str:
    return date(image.created) if image and image.created else NOTHING


def changed_packages(diff: PackageDiff | None) -> Iterator[str]:
    """Yield a table of the packages that differ, as many as there is room for, and how many others there are."""
    if diff is None or not len(diff):
        return
    # Of tens of thousands a hundred are shown; nothing is written for the others.
    rows = chain(
        (row(code(one.name), code(one.old), code(one.new)) for one in diff.changed),
        (row(code(one.name), NOTHING, code(one.version) or "added") for one in diff.added),
        (row(code(one.name), code(one.version) or "removed", NOTHING) for one in diff.removed),
    )
    fitting = within(rows, _PACKAGES)
    yield table(("Package", "Before", "After"), fitting)
    if more := len(diff) - len(fitting):
        yield f"… and {more} more packages."


def problems(found: Evidence) -> Iterator[str]:
    """Yield what could not be looked up, where there is anything."""
    shown = [code(problem, 300) for problem in found.problems[:_PROBLEMS]]
    if shown:
        more = len(found.problems) - len(shown)
        yield f"Not looked up: {', '.join(shown)}{f' and {more} more' if more else ''}."
