"""What the facts say of a full version whose digest moved: the evidence for `rebuilds` and `collisions`, gathered."""

from __future__ import annotations

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Index, Manifest
from pinbot.oci.resolution import ImageConfig, Served
from pinbot.planning.case import Case
from pinbot.planning.collisions import collision
from pinbot.planning.labels import Labels, labels
from pinbot.planning.platforms import beside, telling
from pinbot.planning.rebuilds import Rebuild, compare
from pinbot.planning.versions import is_full


def rebuild(case: Case, old: Served, new: Served) -> Rebuild | None:
    """Judge the move of a full version to another digest; None for a tag that is expected to move."""
    immutable = case.values("refresh").immutable
    if immutable or not is_full(case.reference.tag or ""):
        return compare(None, None, immutable=True) if immutable else None
    case.known.need(case.known.content_question(old.digest), case.known.content_question(new.digest))
    manifests = [_telling(case, old.digest), _telling(case, new.digest)]
    case.known.need(*(case.known.config_question(m) for m in manifests if m is not None))
    before, after = (_labels(case, *pair) for pair in zip((old.digest, new.digest), manifests, strict=True))
    return compare(before, after, immutable=False)


def collided(case: Case, tag: str, digest: Digest) -> str | None:
    """Return another full version that has come to name the digest as well."""
    if not is_full(tag):
        return None
    heads = {name: served.digest for name, served in case.known.heads().items()}
    held = [(tag, case.reference.digest)] if case.reference.digest else []
    return collision(tag, digest, heads, case.known.memory(), held)


def _telling(case: Case, digest: Digest) -> Digest | None:
    content = case.known.content(digest)
    return telling(content, case.finding.platform) if isinstance(content, Index | Manifest) else None


def _labels(case: Case, digest: Digest, manifest: Digest | None) -> Labels | None:
    config = case.known.config(manifest) if manifest else None
    said = beside(case.known.content(digest), manifest)
    return labels(config, said) if isinstance(config, ImageConfig) else None
