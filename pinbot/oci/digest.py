"""A digest: `algorithm:hex`, as in https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Self

from pinbot.errors import InvalidDigest

# The registered algorithms, with the number of hex digits each has.
_LENGTHS = {"sha256": 64, "sha512": 128}
_SHORT = 12


@dataclass(frozen=True, slots=True)
class Digest:
    """The name of some bytes; `str()` gives `sha256:…` back."""

    algorithm: str
    hex: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `algorithm:hex`.

        Raises InvalidDigest for an unknown algorithm, a wrong length, or hex that is not lower case.
        """
        algorithm, colon, hexadecimal = text.partition(":")
        length = _LENGTHS.get(algorithm)
        if not colon or length is None:
            raise InvalidDigest(f"{text!r}: not a digest; sha256: or sha512: and lower-case hex is expected")
        if len(hexadecimal) != length:
            raise InvalidDigest(f"{text!r}: {algorithm} has {length} hex digits, this has {len(hexadecimal)}")
        if not re.fullmatch(r"[0-9a-f]+", hexadecimal):
            raise InvalidDigest(f"{text!r}: only lower-case hex digits may follow {algorithm}:")
        return cls(algorithm, hexadecimal)

    @classmethod
    def of(cls, content: bytes, algorithm: str = "sha256") -> Self:
        """Return the digest of `content`; `algorithm` is one of the registered ones."""
        return cls(algorithm, hashlib.new(algorithm, content).hexdigest())

    @property
    def short(self) -> str:
        """The first twelve hex digits: enough for a person to tell two digests apart."""
        return self.hex[:_SHORT]

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"
