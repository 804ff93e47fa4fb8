"""Names of branches: short, readable, flat below their prefix, valid everywhere, and different where the groups are.

What git takes is in https://git-scm.com/docs/git-check-ref-format; forges and file systems that tell no case apart take
less. A name depends on its own group alone, so that it stays when others join.
"""

from __future__ import annotations

import hashlib
import re

# Letters, digits and what image names are made of; everything else is written as a dash, and told apart by a hash.
_STRANGE = re.compile(r"[^a-z0-9._-]+")
_DOTS = re.compile(r"\.{2,}")
_SLASH = "--"
_LONGEST = 60
_HASH = 6
# How the keys of groups begin that are not for the default branch; no first word is this one.
_ON = "on-"


def branch(prefix: str, key: str) -> str:
    """Return the branch of a group, by its key (see `key`)."""
    return f"{prefix}{key}"


def key(*words: str, base: str | None = None) -> str:
    """Return the key of a group: its first word is ours, the others may be any texts. `base` is set where not default.

    A key is unique: what had to be changed or cut ends with a hash of what it was.
    """
    first, *others = words
    named = "-".join((first, *map(slug, others)))
    return f"{_on(base)}{named}"


def within(name: str, prefix: str, base: str | None) -> str | None:
    """Return what the key of a branch says beside its base; None where the branch is none of a group for `base`."""
    named = name.removeprefix(prefix)
    if not name.startswith(prefix) or (base is None and named.startswith(_ON)) or not named.startswith(_on(base)):
        return None
    return named.removeprefix(_on(base))


def slug(text: str) -> str:
    """Return a text as a part of a branch's name: `ghcr.io/acme/api` becomes `ghcr.io--acme--api`."""
    cleaned = _cleaned(text)
    return cleaned if cleaned.replace(_SLASH, "/") == text and _is_plain(cleaned) else f"{cleaned}-{_hash(text)}"


def _on(base: str | None) -> str:
    return f"{_ON}{_cleaned(base)}-{_hash(base)}-" if base is not None else ""


def _is_plain(cleaned: str) -> bool:
    """Whether nothing has to come behind it: no name may end like git's own lock files, or like a hash of ours."""
    return not cleaned.endswith((".lock", ".")) and not re.search(rf"(?:^|-)[0-9a-f]{{{_HASH}}}$", cleaned)


def _cleaned(text: str) -> str:
    flat = text.lower().replace("/", _SLASH)
    return _DOTS.sub(".", _STRANGE.sub("-", flat))[:_LONGEST].lstrip("-").rstrip("-.") or "x"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:_HASH]
