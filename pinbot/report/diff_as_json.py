"""Two images beside each other as JSON, `pinbot.diff/1`: all that is known, whole, and null where nothing is."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from pinbot.oci.statement import Statements
from pinbot.planning.evidence import Evidence
from pinbot.planning.images import Image
from pinbot.planning.sides import Side, Sides
from pinbot.report._objects import Object, dumped, time


def diff(found: Sides) -> str:
    """Return `pinbot.diff/1`."""
    evidence = found.evidence
    document = {
        "schema": "pinbot.diff/1",
        "old": _side(found.old, evidence.old if evidence else None),
        "new": _side(found.new, evidence.new if evidence else None),
        "differ": found.differ,
        "changes": _changes(evidence) if evidence else None,
        "problems": [*(evidence.problems if evidence else found.errors)],
    }
    return dumped(document)


def _side(side: Side, image: Image | None) -> Object:
    reference = side.reference
    return {
        "reference": str(reference),
        "registry": reference.registry,
        "repository": reference.path,
        "tag": reference.effective_tag,
        "digest": str(side.digest) if side.digest else None,
        "media_type": side.media_type,
        "error": side.error,
        "image": _image(image) if image else None,
    }


def _image(image: Image) -> Object:
    runtime = image.config.runtime if image.config else None
    return {
        "platforms": [str(one) for one in image.platforms],
        "platform": str(image.platform) if image.platform else None,
        "sizes": {str(one): image.size(one) for one in image.manifests},
        "created": _time(image.created),
        "labels": {name: value or None for name, value in asdict(image.labels).items()},
        "settings": asdict(runtime) if runtime else None,
        "packages": _count(image.statements),
        "provenance": _provenance(image.statements),
    }


def _changes(found: Evidence) -> Object:
    return {
        "platforms_added": [str(one) for one in found.added],
        "platforms_gone": [str(one) for one in found.gone],
        "layers": asdict(found.layers) if found.layers else None,
        "settings": None
        if found.settings is None
        else [{"name": s.name, "old": s.old, "new": s.new} for s in found.settings],
        "becomes_root": found.becomes_root,
        "packages": asdict(found.packages) if found.packages is not None else None,
        "same_source": found.same_source,
        "same_builder": found.same_builder,
        "older": found.is_backward,
        "compare": found.comparison,
    }


def _count(statements: Statements | None) -> int | None:
    return None if statements is None or statements.packages is None else len(statements.packages)


def _provenance(statements: Statements | None) -> Object | None:
    return asdict(statements.provenance) if statements and statements.provenance else None


def _time(moment: datetime | None) -> str | None:
    return time(moment) if moment else None
