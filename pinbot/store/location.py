"""Where a ledger is: a file of SQLite, or a database of Postgres by URL, whose password is never shown.

https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from pinbot.errors import UsageError
from pinbot.secret import Secret

_POSTGRES = {"postgresql", "postgres", "postgresql+psycopg"}
_FORMS = "A ledger is the path of a file, sqlite:///PATH or postgresql://USER@HOST/DATABASE"


@dataclass(frozen=True, slots=True)
class Location:
    """A file of SQLite, or what it takes to reach a database of Postgres; `str()` shows no password."""

    file: Path | None = None
    url: Secret | None = None
    password: Secret | None = None
    shown: str = ""

    @classmethod
    def parse(cls, text: str, password: Secret | None = None) -> Self:
        """Read a path or URL; `password` is that of a URL that names none. Raises UsageError."""
        scheme, separator, rest = text.partition("://")
        if not text or "\0" in text:
            raise UsageError(f"{_FORMS}; this one is empty or holds a NUL.")
        if not separator:
            return cls(file=Path(text).absolute(), shown=text)
        if scheme == "sqlite":
            # Three slashes begin a relative path, four an absolute one, as everywhere else.
            path = unquote(rest.partition("?")[0])[1:]
            if not path or path == ":memory:":
                raise UsageError(f"{_FORMS}; one in memory would be forgotten at once.")
            return cls(file=Path(path).absolute(), shown=path)
        if scheme not in _POSTGRES:
            raise UsageError(f"{_FORMS}; {scheme[:40]!r} is none of them.")
        return cls(url=Secret(f"postgresql+psycopg://{rest}"), password=password, shown=_shown(rest))

    @property
    def holds_password(self) -> bool:
        """Whether a password stands in the URL itself."""
        return self.url is not None and _holds_password(self.url.reveal())

    def __str__(self) -> str:
        return self.shown


def _shown(rest: str) -> str:
    """Return a URL without its password and query, which may hold one as well."""
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    return f"postgresql://{user.partition(':')[0]}{at}{host}{slash}{path.partition('?')[0]}"


def _holds_password(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    return parts.password is not None or "password=" in parts.query
