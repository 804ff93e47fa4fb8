"""Credentials that know the one origin they may go to.

Basic: https://www.rfc-editor.org/rfc/rfc7617; Bearer: https://www.rfc-editor.org/rfc/rfc6750#section-2.1.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Self

from pinbot.net.origin import Origin
from pinbot.secret import Secret


@dataclass(frozen=True, slots=True)
class Credential:
    """The value of an Authorization header, bound to an origin: the client asks it where it may go."""

    origin: Origin
    value: Secret

    @classmethod
    def basic(cls, origin: Origin, username: str, password: Secret) -> Self:
        """Return a user name and password for that origin."""
        pair = f"{username}:{password.reveal()}".encode()
        return cls(origin, Secret(f"Basic {base64.b64encode(pair).decode()}"))

    @classmethod
    def bearer(cls, origin: Origin, token: Secret) -> Self:
        """Return a token for that origin."""
        return cls(origin, Secret(f"Bearer {token.reveal()}"))

    def header_for(self, origin: Origin) -> str | None:
        """Return the header's value for a request to `origin`; None for any origin but its own."""
        return self.value.reveal() if origin == self.origin else None
