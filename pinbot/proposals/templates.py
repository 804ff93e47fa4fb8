"""Templates of the settings: text with `{fields}`, and nothing that could be reached through one."""

from __future__ import annotations

import re
from collections.abc import Mapping

TITLE_FIELDS = frozenset({"prefix", "title", "group", "images", "count", "repository", "base"})
MESSAGE_FIELDS = TITLE_FIELDS | {"changes"}
_FIELD = re.compile(r"\{\{|\}\}|\{([a-z]+)\}")


def filled(template: str, fields: Mapping[str, str]) -> str:
    """Return a template with its fields; `{{` and `}}` are braces, and a field that is not known stays as it is."""

    def one(found: re.Match[str]) -> str:
        name = found[1]
        return found[0][0] if name is None else fields.get(name, found[0])

    return _FIELD.sub(one, template)


def unknown(template: str, known: frozenset[str]) -> tuple[str, ...]:
    """Return the fields of a template that are not known, for an error in the settings."""
    return tuple(found[1] for found in _FIELD.finditer(template) if found[1] and found[1] not in known)
