"""What a registry tells of one digest: its platforms, sizes, configuration, labels, and what is attached to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Descriptor, Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import Attested, Barred, Failed, ImageConfig, Question, Runtime
from pinbot.oci.statement import Statements, statements_about
from pinbot.planning.known import Known
from pinbot.planning.labels import NO_LABELS, Labels, labels, made
from pinbot.planning.platforms import child_for

# A publisher may write anything for a number; no layer has a petabyte.
_LARGEST = 1 << 50
_NO_IMAGE = "the index has no image for a platform that counts"


@dataclass(frozen=True, slots=True)
class Image:
    """What is known of one digest.

    `platforms` are all that it is for. `platform` is the one of which configuration, labels and statements are;
    `manifests` are of that and of some others, and so are `runtimes` where they were asked for. `statements` are None
    where nobody asked for them, or there is no answer. `problems` are sentences on what could not be looked up.
    """

    digest: Digest
    platforms: tuple[Platform, ...] = ()
    platform: Platform | None = None
    manifests: Mapping[Platform, Manifest] = field(default_factory=dict)
    config: ImageConfig | None = None
    runtimes: Mapping[Platform, Runtime] = field(default_factory=dict)
    labels: Labels = NO_LABELS
    created: datetime | None = None
    statements: Statements | None = None
    problems: tuple[str, ...] = ()

    @property
    def manifest(self) -> Manifest | None:
        """The manifest of the image that is looked into."""
        return self.manifests.get(self.platform) if self.platform else None

    def size(self, platform: Platform) -> int | None:
        """Return how many bytes are downloaded for a platform, as its manifest has it; None where that is unknown."""
        manifest = self.manifests.get(platform)
        parts = [part.size for part in (*manifest.layers, manifest.config)] if manifest else []
        return sum(parts) if parts and all(0 <= size < _LARGEST for size in parts) else None


def platforms_of(known: Known, digest: Digest) -> tuple[Platform, ...]:
    """Return for which platforms an index has images, each once; none for what is no index."""
    content = known.content(digest)
    if not isinstance(content, Index):
        return ()
    return tuple(dict.fromkeys(child.platform.normal() for child in content.images if child.platform))


def questions(known: Known, digest: Digest, order: Sequence[Platform], *, compared: bool) -> tuple[Question, ...]:
    """Return what is to be asked about a digest whose content is known, for `image`."""
    looked = _looked_into(known, digest, order)
    found: list[Question] = [known.content_question(manifest) for manifest, _ in looked]
    found += [known.config_question(manifest) for manifest, _ in looked]
    statement = _statement(known, digest, looked) if compared else None
    return (*found, statement) if statement else tuple(found)


def image(known: Known, digest: Digest, order: Sequence[Platform], *, compared: bool) -> Image:
    """Return what the answers say of a digest: of the first platform in `order` in full, of others size and settings.

    A single image is what it is, whatever the order says. `compared` is whether it is beside another: else nobody needs
    its statements, nor the settings of other platforms.
    """
    looked = _looked_into(known, digest, order)
    if not looked:
        content = known.content(digest)
        problem = content.reason if isinstance(content, Barred | Failed) else _NO_IMAGE
        return Image(digest, platforms_of(known, digest), problems=(problem,))
    configs = [known.config(manifest) for manifest, _ in looked]
    statement = _statement(known, digest, looked) if compared else None
    answers = [known.content(manifest) for manifest, _ in looked]
    said = known.attested(statement) if statement else None
    settings = configs[0] if isinstance(configs[0], ImageConfig) else None
    manifests = _by_platform(looked, answers, settings)
    first = looked[0][1]
    beside = [one.annotations for one in (first, answers[0]) if isinstance(one, Descriptor | Manifest)]
    return Image(
        digest,
        platforms_of(known, digest) or tuple(manifests),
        next(iter(manifests), None) if isinstance(answers[0], Manifest) else _platform(first, settings),
        manifests,
        settings,
        _runtimes(looked, configs),
        labels(settings, beside),
        made(settings, beside),
        said if isinstance(said, Statements) else Statements() if compared and not statement else None,
        tuple(_problems(*configs, *answers, said)),
    )


# The digest of a manifest, and its entry in the index; None where it is no index.
_Looked = tuple[Digest, Descriptor | None]


def _looked_into(known: Known, digest: Digest, order: Sequence[Platform]) -> list[_Looked]:
    """Return the manifests that are read, the one that is looked into first."""
    content = known.content(digest)
    match content:
        case Manifest():
            return [(digest, None)]
        case Index():
            children = (child_for(platform, content) for platform in order)
            return [(child.digest, child) for child in children if child]
        case _:
            return []


def _runtimes(looked: Iterable[_Looked], configs: Iterable[object]) -> dict[Platform, Runtime]:
    pairs = ((child, config) for (_, child), config in zip(looked, configs, strict=True))
    found = ((_platform(child, one), one.runtime) for child, one in pairs if isinstance(one, ImageConfig))
    return {platform: runtime for platform, runtime in found if platform}


def _statement(known: Known, digest: Digest, looked: Sequence[_Looked]) -> Attested | None:
    """Return the question about what is attached to the image that is looked into; None where nothing is."""
    content = known.content(digest)
    about = statements_about(looked[0][0], content) if looked and isinstance(content, Index) else None
    return known.attested_question(about.digest, looked[0][0]) if about else None


def _by_platform(
    looked: Iterable[_Looked], answers: Iterable[object], config: ImageConfig | None
) -> dict[Platform, Manifest]:
    pairs = [(_platform(child, config), answer) for (_, child), answer in zip(looked, answers, strict=True)]
    return {platform: answer for platform, answer in pairs if platform and isinstance(answer, Manifest)}


def _platform(child: Descriptor | None, config: ImageConfig | None) -> Platform | None:
    if child is not None and child.platform:
        return child.platform.normal()
    return config.platform.normal() if config else None


def _problems(*answers: object) -> Iterable[str]:
    for answer in answers:
        if isinstance(answer, Barred | Failed):
            yield answer.reason
        elif isinstance(answer, Statements):
            yield from answer.problems
