"""From bytes to how an image is configured; the bytes are a stranger's.

https://github.com/opencontainers/image-spec/blob/main/config.md#properties, read as Docker reads it: what it would run
is what is said here (https://pkg.go.dev/encoding/json#Unmarshal for names in any case, nulls and broken surrogates,
https://pkg.go.dev/github.com/docker/docker/api/types/strslice for a text where a list belongs).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pinbot.errors import UnsupportedManifest
from pinbot.oci.moment import moment
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import ImageConfig, Runtime
from pinbot.registry._cut import cut, told_apart

# A process gets 128 KiB for one argument, and honest images have some twenty variables; what is more is for nobody's
# eyes, and a configuration of 1 MiB may have 200,000 of them.
MOST_ENTRIES, MOST_CHARACTERS = 256, 4096

_Object = Mapping[str, Any]


class _Repeating(dict[str, Any]):
    """An object in which a name stands twice."""


def read_config(body: bytes, what: str) -> ImageConfig:
    """Read an image's configuration. Raises UnsupportedManifest for what is none.

    One that names a field twice is none: Go merges the two, others take the last, and so it would be two images.
    """
    try:
        whole = _fields(json.loads(body.decode(), object_pairs_hook=_object))
        settings = _fields(whole.get("config"))
        return ImageConfig(
            _platform(whole),
            moment(_text(whole.get("created"))),
            {_whole(name): _whole(value or "") for name, value in _mapping(settings.get("labels"), str).items()},
            _runtime(settings),
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise UnsupportedManifest(f"{what}: its configuration is not an image's") from error


def _platform(whole: _Object) -> Platform:
    os, architecture, *rest = (_text(whole.get(key)) for key in ("os", "architecture", "variant", "os.version"))
    return Platform(os, architecture, rest[0] or None, rest[1] or None)


def _runtime(settings: _Object) -> Runtime:
    return Runtime(
        user=_text(settings.get("user")),
        entrypoint=_capped(_words(settings.get("entrypoint"))),
        command=_capped(_words(settings.get("cmd"))),
        shell=_capped(_words(settings.get("shell"))),
        healthcheck=_capped(_list(_fields(settings.get("healthcheck")).get("test"))),
        environment=_capped(_names(_list(settings.get("env")))),
        ports=_capped(sorted(_mapping(settings.get("exposedports"), dict))),
        volumes=_capped(sorted(_mapping(settings.get("volumes"), dict))),
        directory=_text(settings.get("workingdir")),
        stop_signal=_text(settings.get("stopsignal")),
    )


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else _Repeating(made)


def _fields(value: object) -> _Object:
    """Return the fields of an object by their names in lower case; of null there are none."""
    found = _mapping(value, object)
    folded = {name.casefold(): one for name, one in found.items()}
    if isinstance(found, _Repeating) or len(folded) < len(found):
        raise ValueError("a field is named twice")
    return folded


def _mapping(value: object, kind: type) -> _Object:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(one is None or isinstance(one, kind) for one in value.values()):
        raise TypeError("an object was expected")
    return value


def _words(value: object) -> list[str]:
    """Return the words of a command, which may be a single text."""
    return [value] if isinstance(value, str) else _list(value)


def _list(value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(one is None or isinstance(one, str) for one in value):
        raise TypeError("a list of texts was expected")
    return [one or "" for one in value]


def _names(environment: Iterable[str]) -> list[str]:
    """Return the names of variables, each once, without the values, which may be secret."""
    named = (one[: one.find("=", 1)] if "=" in one[1:] else one for one in environment)
    return list(dict.fromkeys(name for name in named if name))


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return _cut(value)


def _capped(words: Sequence[str]) -> tuple[str, ...]:
    """Return words within the limits; where some are left out the last one says how many, and tells them apart."""
    if len(words) <= MOST_ENTRIES:
        return tuple(map(_cut, words))
    kept = MOST_ENTRIES - 1
    rest = told_apart("\0".join(words[kept:]))
    return *map(_cut, words[:kept]), f"… and {len(words) - kept:,} more ({rest})"


def _cut(text: str) -> str:
    return cut(_whole(text), MOST_CHARACTERS)


def _whole(text: str) -> str:
    """Return a text that can be encoded: half a surrogate pair becomes U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
