"""What a format is, and the words that all formats share for what they find."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pinbot.errors import InvalidReference
from pinbot.oci.reference import Reference
from pinbot.source.directive import Directive
from pinbot.source.finding import Aside, Finding, Slot, Standing, Writable, Yield
from pinbot.source.text import SourceFile, Span

# A bundle of custom resource definitions reaches 5 MB; nothing that people write by hand comes near.
MAX_BYTES = 8 * 1024 * 1024

Scan = Callable[[SourceFile, "Companions"], Iterator[Yield]]
Companions = Callable[[str], SourceFile | None]
"""Reads another file of the repository by its path; None where there is none (a compose project's `.env`)."""


# How objects of Kubernetes begin; files of other tools may hold some in a text, which is indented.
OBJECT = b"apiVersion:"
Needle = bytes | tuple[bytes, ...]
"""What must stand in the bytes of a file; of several, one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a user should know of a format: a section of `docs/formats.md`, which is made from these.

    `files` says in words which files are read, `places` where references stand in them, `limits` what is not read
    or not written, and why. `example` is the text of a file at `path`, in which something can be pinned.
    """

    title: str
    url: str
    files: str
    places: tuple[str, ...]
    path: str
    example: str
    limits: tuple[str, ...] = ()


def any_path(_path: str) -> bool:
    """Claim every file, of whatever name."""
    return True


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file.

    `claims` decides by the path alone (relative to the repository, with `/`), and is asked only for names that end
    in one of `endings` (lower case, behind the last dot; none: all names). Every one of `needles` must stand in the
    bytes of the file before it is decoded or parsed (what most files lack comes first), and no line may begin with one
    of `never`. `scan` yields what the file holds; it raises nothing: what cannot be read is a Skip. A file of more than
    `max_bytes` is not read. A `general` format comes after the others: where both find a reference, the other one names
    it. A `fallback` is only asked about files that no other format knows by their path, and in which none finds
    anything, no `fallback` before it either. `about` is None for one that `_mapped` stands in for.
    """

    name: str
    scan: Scan
    about: About | None
    claims: Callable[[str], bool] = any_path
    endings: frozenset[str] = frozenset()
    needles: tuple[Needle, ...] = ()
    never: tuple[bytes, ...] = ()
    max_bytes: int = MAX_BYTES
    general: bool = False
    fallback: bool = False

    @property
    def is_everywhere(self) -> bool:
        """Whether it looks into files of every kind, for what a person has put there for pinbot."""
        return self.general and not self.endings

    @property
    def knows_by_path(self) -> bool:
        """Whether the path alone tells that a file is of this format."""
        return self.claims is not any_path and not self.general


def standing_at(file: SourceFile, span: Span) -> Standing:
    """Return the standing of a reference that is written, whole and literally, at `span`."""
    text = file.slice(span)
    try:
        reference = Reference.parse(text)
    except InvalidReference as error:
        return Aside("invalid", str(error))
    return Writable(reference, *slots_within(text, reference, span.start), name_within(reference, span.start))


def slots_within(text: str, reference: Reference, start: int) -> tuple[Slot, Slot]:
    """Return the slots (digest, tag) of a reference whose text begins at offset `start`.

    A part that is not written has an empty slot where it would stand, with the lead that it needs.
    """
    name_end = start + len(reference.name)
    tag_end = name_end + (1 + len(reference.tag) if reference.tag else 0)
    tag = Slot(Span(name_end + 1, tag_end)) if reference.tag else Slot(Span(name_end, name_end), lead=":")
    end = start + len(text)
    digest = Slot(Span(tag_end + 1, end)) if reference.digest else Slot(Span(end, end), lead="@")
    return digest, tag


def name_within(reference: Reference, start: int, first: int = 0) -> Slot | None:
    """Return the slot of the name of a reference that begins at offset `start`, None where that is before `first`."""
    return Slot(Span(start, start + len(reference.name))) if start >= first else None


def finding_at(
    file: SourceFile,
    format_name: str,
    where: str,
    span: Span,
    standing: Standing,
    directives: tuple[Directive, ...] = (),
) -> Finding:
    """Return the finding for the text at `span`."""
    return Finding(
        path=file.path,
        format=format_name,
        where=where,
        span=span,
        position=file.position(span.start),
        text=file.slice(span),
        standing=standing,
        directives=directives,
    )
