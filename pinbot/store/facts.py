"""What digests hold, as JSON and back: exactly what the registry answered, or a ValueError.

What comes back was written by us, or by whoever edited the database: every type is checked again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pinbot.errors import InvalidDigest
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Descriptor, Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import Config, Content, ImageConfig, Question

Kind = Literal["manifest", "index", "config"]
Known = Manifest | Index | ImageConfig
# A hundred platforms with long annotations have 50 KB; what has more is asked for again instead of being kept.
MOST_CHARACTERS = 128 * 1024

_KINDS: dict[type, Kind] = {Manifest: "manifest", Index: "index", ImageConfig: "config"}
_Object = dict[str, Any]


def kind_of(answer: object) -> Kind | None:
    """Return the kind of an answer that holds for ever; None for all others."""
    return _KINDS.get(type(answer))


def kinds_for(question: Question) -> tuple[Kind, ...]:
    """Return the kinds of fact that answer a question; none where it is not about content."""
    match question:
        case Content():
            return "manifest", "index"
        case Config():
            return ("config",)
        case _:
            return ()


def written(answer: Known) -> _Object:
    """Return an answer as JSON values; what is None or empty is left out."""
    match answer:
        case Manifest():
            layers = [_descriptor(d) for d in answer.layers]
            return {**_head(answer), "config": _descriptor(answer.config), "layers": layers}
        case Index():
            return {**_head(answer), "manifests": [_descriptor(d) for d in answer.manifests]}
        case ImageConfig():
            created = {"created": answer.created.isoformat()} if answer.created else {}
            labels = {"labels": dict(answer.labels)} if answer.labels else {}
            return {"platform": _platform(answer.platform), **created, **labels}


def text_of(value: object) -> str:
    """Return JSON on one line, the same for equal values, in ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def value_of(text: object) -> _Object:
    """Return the object that a text holds. Raises ValueError."""
    if not isinstance(text, str) or len(text) > 8 * MOST_CHARACTERS:
        raise ValueError("no JSON of a fitting length")
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return _object(value)


def read(kind: object, digest: Digest, value: _Object) -> Known:
    """Return the answer that `written` was given, for the digest it was asked by. Raises ValueError."""
    if kind == "config":
        labels = value.get("labels", {})
        created = value.get("created")
        return ImageConfig(_read_platform(value.get("platform")), _created(created), _strings(labels))
    named, media_type = _read_digest(value.get("digest")), _typed(value.get("media_type"), str)
    if named.algorithm == digest.algorithm and named != digest:
        raise ValueError("the facts are those of another digest")
    if kind == "index":
        return Index(media_type, named, tuple(map(_read_descriptor, _typed(value.get("manifests"), list))))
    if kind == "manifest":
        layers = tuple(map(_read_descriptor, _typed(value.get("layers"), list)))
        return Manifest(media_type, named, _read_descriptor(value.get("config")), layers)
    raise ValueError("an unknown kind of facts")


def _head(answer: Manifest | Index) -> _Object:
    return {"media_type": answer.media_type, "digest": str(answer.digest)}


def _descriptor(one: Descriptor) -> _Object:
    return {
        "media_type": one.media_type,
        "digest": str(one.digest),
        "size": one.size,
        **({"platform": _platform(one.platform)} if one.platform else {}),
        **({"annotations": dict(one.annotations)} if one.annotations else {}),
    }


def _platform(one: Platform) -> _Object:
    optional = {"variant": one.variant, "os_version": one.os_version}
    return {"os": one.os, "architecture": one.architecture, **{k: v for k, v in optional.items() if v is not None}}


def _read_descriptor(value: object) -> Descriptor:
    one = _object(value)
    size = one.get("size")
    if type(size) is not int:
        raise ValueError("a size is a whole number")
    platform = _read_platform(one["platform"]) if "platform" in one else None
    digest, media_type = _read_digest(one.get("digest")), _typed(one.get("media_type"), str)
    return Descriptor(media_type, digest, size, platform, _strings(one.get("annotations", {})))


def _read_platform(value: object) -> Platform:
    one = _object(value)
    words = [_typed(one.get(key), str) for key in ("os", "architecture")]
    optional = [None if one.get(key) is None else _typed(one[key], str) for key in ("variant", "os_version")]
    return Platform(words[0], words[1], optional[0], optional[1])


def _read_digest(value: object) -> Digest:
    try:
        return Digest.parse(_typed(value, str))
    except InvalidDigest as error:
        raise ValueError(str(error)) from error


def _created(value: object) -> datetime | None:
    if value is None:
        return None
    at = datetime.fromisoformat(_typed(value, str))
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time beyond the calendar") from error


def _strings(value: object) -> Mapping[str, str]:
    one = _object(value)  # the names of a JSON object are text always
    if not all(isinstance(v, str) for v in one.values()):
        raise ValueError("values are text")
    return one


def _object(value: object) -> _Object:
    one: _Object = _typed(value, dict)
    return one


def _typed(value: object, kind: type) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{kind.__name__} was expected")  # noqa: TRY004 # one kind of error for whatever is wrong
    return value
