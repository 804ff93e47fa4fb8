"""What people have said no to by closing pull requests, as short stable tokens, and what a decision may ask of that.

A token names what was offered, not how: it stays the same when lines move and files are reformatted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from pinbot.oci.digest import Digest
from pinbot.oci.reference import Reference
from pinbot.source.finding import Finding

# Hex digits of a token: 48 bits, so that the few thousand of one repository are different.
_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Closed:
    """The closed pull request that speaks against something: its number and its address."""

    number: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """What was declined, by token; the answers are sentences, or None where nobody said no."""

    closed: Mapping[str, Closed] = field(default_factory=dict)

    def pin(self, finding: Finding) -> str | None:
        """Say that the first pin of a reference was declined, at this path."""
        reference = finding.reference
        if not self.closed or reference is None:
            return None
        return self._said(pin_token(finding.path, reference), "pinning it", reference)

    def name(self, finding: Finding) -> str | None:
        """Say that writing the name of a reference in full was declined, at this path."""
        reference = finding.reference
        if not self.closed or reference is None:
            return None
        return self._said(name_token(finding.path, reference), "its name in full", reference)

    def digest(self, reference: Reference, digest: Digest | None) -> str | None:
        """Say that this digest of the image was declined."""
        if not self.closed or digest is None:
            return None
        return self._said(digest_token(reference, digest), f"the digest {digest.short}", reference)

    def tag(self, reference: Reference, tag: str) -> str | None:
        """Say that this tag of the image was declined."""
        return self._said(tag_token(reference, tag), f"the tag {tag}", reference) if self.closed else None

    def _said(self, token: str, what: str, reference: Reference) -> str | None:
        closed = self.closed.get(token)
        if closed is None:
            return None
        return (
            f"pull request #{closed.number} with {what} was closed without merging;"
            f" reopen it, or run with `--now {reference.name}`, to have it again"
        )


def pin_token(path: str, reference: Reference) -> str:
    """Return the token of the first pin of a reference in a file; its digest is no part of it."""
    return _token("pin", path, f"{_image(reference)}:{reference.tag or 'latest'}")


def name_token(path: str, reference: Reference) -> str:
    """Return the token of a name that is written in full."""
    return _token("name", path, _image(reference))


def digest_token(reference: Reference, digest: Digest) -> str:
    """Return the token of a digest of an image, whatever its tag."""
    return _token("digest", _image(reference), str(digest))


def tag_token(reference: Reference, tag: str) -> str:
    """Return the token of a tag of an image, whatever its digest."""
    return _token("tag", _image(reference), tag)


def _image(reference: Reference) -> str:
    return f"{reference.registry}/{reference.path}"


def _token(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:_LENGTH]
