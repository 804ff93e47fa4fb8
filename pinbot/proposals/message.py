"""The message of a commit: a subject and the list of changes, in which forges see no mention, issue or trailer.

Unlike the text of a pull request it knows no code spans: GitHub looks for `@name` and `closes #1` in all of it. So a
path is quoted as git quotes paths (core.quotePath), and `@`, `#` and spaces with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pinbot.oci.reference import Reference
from pinbot.planning.outcome import Change
from pinbot.proposals._markdown import clean
from pinbot.proposals.templates import filled

_LISTED = 200
_PATH = 300
_SUBJECT = 120
_ODD = re.compile(r"[^A-Za-z0-9._/+=,~%(){}\[\]-]")


def message(template: str, fields: Mapping[str, str], changes: Iterable[Change]) -> str:
    """Return the message by its template (see `templates`), without trailers; the first line is the subject."""
    text = filled(template, {**fields, "changes": listed(changes)})
    subject, _, rest = text.strip().partition("\n")
    return "\n".join((clean(subject, _SUBJECT), rest)).strip() if rest else clean(subject, _SUBJECT)


def listed(changes: Iterable[Change]) -> str:
    """Return the changes as a list, those beyond 200 counted."""
    lines = [
        f"- {_quoted(c.finding.path)}:{c.finding.position.line}: {_named(c.old)} -> {_named(c.new)}" for c in changes
    ]
    if len(lines) > _LISTED:
        lines = [*lines[:_LISTED], f"- and {len(lines) - _LISTED} more"]
    return "\n".join(lines)


def _named(reference: Reference) -> str:
    """Return a reference without its `@`, which behind a dash would be a mention."""
    tagged = f"{reference.name}:{reference.tag}" if reference.tag else reference.name
    return f"{tagged} {reference.digest}" if reference.digest else tagged


def _quoted(path: str) -> str:
    if _ODD.search(path) is None and len(path) <= _PATH:
        return path
    shown = path if len(path) <= _PATH else f"{path[:_PATH]}..."
    return f'"{_ODD.sub(_octal, shown)}"'


def _octal(found: re.Match[str]) -> str:
    return "".join(f"\\{byte:03o}" for byte in found[0].encode("utf-8", "surrogateescape"))
