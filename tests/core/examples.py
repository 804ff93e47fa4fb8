"""Short words for the values that the tables are made of."""

from __future__ import annotations

import re

from pinbot.formats._base import finding_at, standing_at
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, Descriptor, Index
from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Alive, Content, Head, Served
from pinbot.source.finding import Aside, AsideStatus, Finding, Fixed, Standing, Writable
from pinbot.source.text import SourceFile, Span

OLD = Digest.of(b"old")
NEW = Digest.of(b"new")
OTHER = Digest.of(b"other")

TAG = Head("docker.io", "library/nginx", "1.27")
OLD_ALIVE = Alive("docker.io", "library/nginx", OLD)
NEW_CONTENT = Content("docker.io", "library/nginx", NEW)

_LINE = re.compile(r"(?m)^image: *(\S+)")


def found(text: str, standing: Standing | None = None, path: str = "a.yml") -> Finding:
    """Return a finding whose text is `text`; writable where nothing else is said."""
    file, span = SourceFile(path, text), Span(0, len(text))
    return finding_at(file, "table", "image", span, standing or standing_at(file, span))


def fixed(text: str, reason: str = "it is shared") -> Finding:
    """Return a finding that is known but cannot be changed."""
    return found(text, Fixed(Reference.parse(text), reason))


def aside(status: AsideStatus, reason: str = "because") -> Finding:
    """Return a finding that is no image to pin."""
    return found("x", Aside(status, reason))


def writable(text: str) -> Writable:
    """Return a standing for `text` whose slots stand at its own offsets."""
    standing = found(text).standing
    assert isinstance(standing, Writable)
    return standing


def lines(path: str, text: str) -> tuple[Finding, ...]:
    """Scan the smallest format there is: every `image: …` at the start of a line is a reference."""
    file = SourceFile(path, text)
    return tuple(
        finding_at(file, "table", f"image {number}", span, standing_at(file, span))
        for number, match in enumerate(_LINE.finditer(text))
        for span in [Span(*match.span(1))]
    )


def image(digest: Digest) -> Served:
    """Say that the digest is one image."""
    return Served(digest, OCI_MANIFEST)


def docker_image(digest: Digest) -> Served:
    """Say that the digest is one image in Docker's own media type."""
    return Served(digest, DOCKER_MANIFEST)


def index(digest: Digest) -> Served:
    """Say that the digest is an index."""
    return Served(digest, OCI_INDEX)


def index_of(digest: Digest, *children: Digest) -> Index:
    """Return an index with these children, all for linux/amd64."""
    amd64 = Platform("linux", "amd64")
    return Index(OCI_INDEX, digest, tuple(Descriptor(OCI_MANIFEST, child, 7, amd64) for child in children))
