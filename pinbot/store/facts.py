"""What digests hold, as JSON and back: exactly what the registry answered, or a ValueError.

What comes back was written by us, or by whoever edited the database: every type is checked again.

A kind says which fields are kept. The first ones kept fewer: a "manifest" had no annotations, a "config" nothing on how
the image is run. That would pass for an image without a user, so such facts are not used, but asked for again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Literal

from pinbot.errors import InvalidDigest
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Descriptor, Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import Config, Content, ImageConfig, Question, Runtime

Kind = Literal["manifest/2", "index", "config/2"]
OLD_KINDS = frozenset({"manifest", "config"})
Known = Manifest | Index | ImageConfig
# A hundred platforms with long annotations have 50 KB; what has more is asked for again instead of being kept.
MOST_CHARACTERS = 128 * 1024

_KINDS: dict[type, Kind] = {Manifest: "manifest/2", Index: "index", ImageConfig: "config/2"}
_Object = dict[str, Any]


def kind_of(answer: object) -> Kind | None:
    """Return the kind of an answer that holds for ever; None for all others."""
    return _KINDS.get(type(answer))


def kinds_for(question: Question) -> tuple[Kind, ...]:
    """Return the kinds of fact that answer a question; none where it is not about content."""
    match question:
        case Content():
            return "manifest/2", "index"
        case Config():
            return ("config/2",)
        case _:
            return ()


def written(answer: Known) -> _Object:
    """Return an answer as JSON values; what is None or empty is left out."""
    match answer:
        case Manifest():
            layers = [_descriptor(d) for d in answer.layers]
            annotations = {"annotations": dict(answer.annotations)} if answer.annotations else {}
            return {**_head(answer), "config": _descriptor(answer.config), "layers": layers, **annotations}
        case Index():
            return {**_head(answer), "manifests": [_descriptor(d) for d in answer.manifests]}
        case ImageConfig():
            created = {"created": answer.created.isoformat()} if answer.created else {}
            labels = {"labels": dict(answer.labels)} if answer.labels else {}
            runtime = {"runtime": found} if (found := _runtime(answer.runtime)) else {}
            return {"platform": _platform(answer.platform), **created, **labels, **runtime}


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
    """Return the answer that `written` was given, for the digest it was asked by. Raises ValueError.

    One of an old kind comes back as far as it was kept.
    """
    if kind in {"config/2", "config"}:
        labels, created, runtime = value.get("labels", {}), value.get("created"), value.get("runtime", {})
        platform = _read_platform(value.get("platform"))
        return ImageConfig(platform, _created(created), _strings(labels), _read_runtime(runtime))
    named, media_type = _read_digest(value.get("digest")), _typed(value.get("media_type"), str)
    if named.algorithm == digest.algorithm and named != digest:
        raise ValueError("the facts are those of another digest")
    if kind == "index":
        return Index(media_type, named, tuple(map(_read_descriptor, _typed(value.get("manifests"), list))))
    if kind in {"manifest/2", "manifest"}:
        layers = tuple(map(_read_descriptor, _typed(value.get("layers"), list)))
        annotations = _strings(value.get("annotations", {}))
        return Manifest(media_type, named, _read_descriptor(value.get("config")), layers, annotations)
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


def _runtime(one: Runtime) -> _Object:
    values = {f.name: getattr(one, f.name) for f in fields(one)}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items() if v}


def _read_runtime(value: object) -> Runtime:
    one = _object(value)
    kinds = {f.name: type(f.default) for f in fields(Runtime)}
    if not one.keys() <= kinds.keys():
        raise ValueError("an unknown setting of how an image is run")
    found: _Object = {name: _words(v) if kinds[name] is tuple else _typed(v, str) for name, v in one.items()}
    return Runtime(**found)


def _words(value: object) -> tuple[str, ...]:
    if not all(isinstance(word, str) for word in _typed(value, list)):
        raise ValueError("words are text")
    return tuple(_typed(value, list))


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
