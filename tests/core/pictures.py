"""Facts about images, from a few words: an index over platforms, with configurations and statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import OCI_INDEX, OCI_MANIFEST, Descriptor, Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Answer, Attested, Config, Content, ImageConfig, Question, Runtime
from pinbot.oci.statement import ATTESTATION_MANIFEST, REFERENCE_DIGEST, REFERENCE_TYPE, Package, Provenance, Statements
from pinbot.planning.evidence import Evidence, gather
from pinbot.planning.known import Known, awaited

AMD, ARM = Platform("linux", "amd64"), Platform("linux", "arm64", "v8")
NGINX = Reference.parse("nginx:1.27")
LABEL = "org.opencontainers.image."
_NO_SETTINGS = Runtime()


def packages(**versions: str) -> tuple[Package, ...]:
    """Return packages of Debian by their names and versions."""
    return tuple(sorted(Package(name, version, "deb") for name, version in versions.items()))


@dataclass(frozen=True)
class Picture:
    """An image as it is to be: its index digest follows from its name."""

    name: str
    platforms: tuple[Platform, ...] = (AMD, ARM)
    created: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    runtime: Runtime = _NO_SETTINGS
    runtimes: Mapping[Platform, Runtime] = field(default_factory=dict)
    layers: tuple[tuple[str, int], ...] = (("base", 1000), ("own", 500))
    packages: tuple[Package, ...] | None = None
    provenance: Provenance | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    single: bool = False

    @property
    def digest(self) -> Digest:
        """What a tag names: the index, or the image where it is single."""
        return self.child(self.platforms[0]) if self.single else Digest.of(self.name.encode())

    def child(self, platform: Platform) -> Digest:
        """Return the image for a platform."""
        return Digest.of(f"{self.name} {platform}".encode("utf-8", "surrogatepass"))

    def facts(self, reference: Reference = NGINX) -> dict[Question, Answer]:
        """Return all that a registry answers about it."""
        place = reference.registry, reference.path
        found: dict[Question, Answer] = {}
        children: list[Descriptor] = []
        for platform in self.platforms:
            digest = self.child(platform)
            layers = tuple(Descriptor("layer", Digest.of(name.encode()), size) for name, size in self.layers)
            config = Descriptor("config", Digest.of(f"{digest} config".encode()), 24)
            found[Content(*place, digest)] = Manifest(OCI_MANIFEST, digest, config, layers)
            found[Config(*place, digest)] = ImageConfig(
                platform, self.created, self.labels, self.runtimes.get(platform, self.runtime)
            )
            children.append(Descriptor(OCI_MANIFEST, digest, 7, platform, self.annotations))
            if self.packages is not None or self.provenance or self.problems:
                about = Digest.of(f"{digest} statements".encode())
                remarks = {REFERENCE_TYPE: ATTESTATION_MANIFEST, REFERENCE_DIGEST: str(digest)}
                children.append(Descriptor(OCI_MANIFEST, about, 7, Platform("unknown", "unknown"), remarks))
                found[Attested(*place, about, digest)] = Statements(self.packages, self.provenance, self.problems)
        if not self.single:
            found[Content(*place, self.digest)] = Index(OCI_INDEX, self.digest, tuple(children))
        return found


def evidence(
    old: Picture | None, new: Picture, declared: Iterable[Platform] = (), reference: Reference = NGINX
) -> Evidence:
    """Return the evidence about two pictures."""
    facts = {**(old.facts(reference) if old else {}), **new.facts(reference)}
    return gather(Known(facts, reference), old.digest if old else None, new.digest, declared)


def rounds(facts: Mapping[Question, Answer], old: Digest | None, new: Digest) -> list[set[Question]]:
    """Return what is asked, round by round; what `facts` lack stays unanswered for ever, so they must have all."""
    known: dict[Question, Answer] = {}
    asked: list[set[Question]] = []

    def decide() -> Evidence:
        return gather(Known(known, NGINX), old, new)

    while questions := awaited(decide):
        asked.append(set(questions))
        known.update({question: facts[question] for question in questions})
    return asked
