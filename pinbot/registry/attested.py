"""What is attached to an image: which statements of an attestation manifest are fetched, and what they say together.

https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from pinbot.errors import AnswerTooLarge, DigestMismatch, NotFound, UnsupportedManifest
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Descriptor, Manifest
from pinbot.oci.statement import Package, Provenance, Statements
from pinbot.registry.statements import ENVELOPE, STATEMENT, Said, Unsaid, is_known, is_list, read_statement

# Of BuildKit's there are two for an image, and one more for each stage that was looked into.
MOST_STATEMENTS = 8
# All statements about an image together. The lists of packages of large images, with a line for each file, have 5 to
# 20 MB; what is read takes up to five times its size in memory, which for more is not worth it.
MOST_BYTES = 32 * 1024 * 1024

# BuildKit's, and cosign's.
_TYPES = ("in-toto.io/predicate-type", "predicateType")

Fetch = Callable[[Digest, int], Awaitable[bytes]]


@dataclass(slots=True)
class _Heard:
    """What the statements have said so far; `packages` are None while there is no list."""

    packages: set[Package] | None = None
    provenance: Provenance | None = None
    problems: list[str] = field(default_factory=list)
    _lacks_packages: bool = False

    def told(self) -> Statements:
        """Return it. A list of which a part could not be read is none: what it lacks would look as if it were gone."""
        packages = None if self.packages is None or self._lacks_packages else _sorted(self.packages)
        return Statements(packages, self.provenance, tuple(dict.fromkeys(self.problems)))

    def notes(self, layer: Descriptor, what: str) -> None:
        """Note a problem with a statement, as the end of a sentence."""
        self.problems.append(f"{_name(layer)} {what}.")

    def misses(self, layer: Descriptor, why: str) -> None:
        """Note that a statement could not be read, which may have listed packages."""
        self.notes(layer, why)
        self._lacks_packages |= _is_list(layer) or _type(layer) is None


def _sorted(packages: Iterable[Package]) -> tuple[Package, ...]:
    return tuple(sorted(packages, key=lambda one: (one.name, one.version, one.kind)))


async def read_statements(manifest: Manifest, image: Digest, fetch: Fetch) -> Statements:
    """Return what the statements of an attestation manifest say about an image.

    `fetch` returns the bytes of a blob, at most as many as it is told. What cannot be read is a problem, and so is what
    the registry does not have; raises what `fetch` raises where it is not the content that is at fault.
    """
    heard, rest = _Heard(), MOST_BYTES
    statements = _statements(manifest.layers)
    for number, layer in enumerate(statements):
        if number >= MOST_STATEMENTS:
            heard.misses(layer, f"was not read, since there are more than {MOST_STATEMENTS} statements")
        elif not 0 <= layer.size <= rest:
            heard.misses(layer, f"was not read, since statements about an image have {MOST_BYTES:,} bytes at most")
        else:
            rest -= layer.size
            await _hear(heard, layer, image, fetch)
    return heard.told()


def _statements(layers: Sequence[Descriptor]) -> list[Descriptor]:
    """Return the layers that may say something: of types that are known, or that say nothing of their type."""
    typed = (layer for layer in layers if layer.media_type in {STATEMENT, ENVELOPE})
    return [layer for layer in typed if (told := _type(layer)) is None or is_known(told)]


def _type(layer: Descriptor) -> str | None:
    return next((layer.annotations[key] for key in _TYPES if key in layer.annotations), None)


async def _hear(heard: _Heard, layer: Descriptor, image: Digest, fetch: Fetch) -> None:
    try:
        said = read_statement(layer.media_type, await fetch(layer.digest, layer.size), image)
    except UnsupportedManifest as error:
        heard.misses(layer, str(error))
    except NotFound:
        heard.misses(layer, "is not in the registry")
    except DigestMismatch:
        heard.misses(layer, "does not hash to its digest")
    except AnswerTooLarge:
        heard.misses(layer, "is larger than its manifest says")
    else:
        _add(heard, layer, said)


def _add(heard: _Heard, layer: Descriptor, said: Said | Unsaid) -> None:
    match said:
        case frozenset():
            heard.packages = (heard.packages or set()) | said
        case Provenance():
            if heard.provenance not in {None, said}:
                heard.notes(layer, "contradicts the one before it, which counts")
            heard.provenance = heard.provenance or said
        case "is about another image":
            heard.notes(layer, said)
        case "is of another kind":
            if _is_list(layer):
                heard.misses(layer, "is not one")


def _is_list(layer: Descriptor) -> bool:
    return is_list(_type(layer) or "")


def _name(layer: Descriptor) -> str:
    what = "list of packages" if _is_list(layer) else "statement of provenance" if _type(layer) else "statement"
    return f"The {what} {layer.digest.algorithm}:{layer.digest.hex[:12]}"
