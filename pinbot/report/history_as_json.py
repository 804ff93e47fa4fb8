"""The ledger's answer as JSON, `pinbot.history/1`: every stretch with all that is known, whatever was asked."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from pinbot.planning.past import Past, Stretch


def history(past: Past) -> str:
    """Return `pinbot.history/1`."""
    document = {
        "schema": "pinbot.history/1",
        "reference": past.text,
        "ledger": past.ledger,
        "sightings": [_stretch(one) for one in past.stretches],
    }
    return json.dumps(document, indent=1) + "\n"


def _stretch(one: Stretch) -> dict[str, Any]:
    return {
        "registry": one.registry,
        "repository": one.path,
        "tag": one.tag,
        "digest": str(one.sighting.digest),
        "first": _time(one.sighting.first),
        "last": _time(one.sighting.last),
        "source": one.sighting.source,
        "media_type": one.media_type,
        "platforms": [str(p) for p in one.platforms],
        "created": _time(one.created) if one.created else None,
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
