"""Which keys of a mapping in Helm values name an image: the habits of charts, as tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from pinbot.formats._yaml_nodes import is_null, is_scalar, pairs
from pinbot.formats._yaml_split import Keys

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import MappingNode, ScalarNode

Certainty = Literal["image", "ends", "begins", "listed"]
"""How much a key says: `image` itself or a mapping in parts, `…Image`, `image…`, an entry of `images`."""

_REPOSITORY = ("repository", "repo", "imagerepository", "imagerepo", "imagename")
_REGISTRY = ("registry", "imageregistry", "hub")
_TAG = ("tag", "imagetag")
_DIGEST = ("digest", "imagedigest")
# Digests without `sha256:` before them, by the habit of charts that write `@sha256:{{ .Values.image.sha }}`.
_BARE = ("sha", "sha256", "imagesha")
_POLICY = ("pullpolicy", "imagepullpolicy")
# Ends of keys for the name of an image, the longest first; what stands before them is the stem of its other keys.
_NAME_ENDS = ("imagerepository", "imagerepo", "imagename", "image")
# Stems and words of keys that speak of something else: sources of code, charts, where to pull from and how.
_OTHER_STEMS = re.compile(r".*(?:git|chart|helm|source|maven|npm|apt|yum)")
_OTHER_WORDS = re.compile(r".*(?:registry|policy|secret|credential|host|url|server|endpoint|tag|version|digest|sha)s?")
_IMAGE = re.compile(r".*images?")


@dataclass(frozen=True, slots=True)
class Named:
    """A key that names an image, with its scalar.

    `keys` are the keys of a reference in parts, without a name where only a tag stands there; None for a reference
    that may stand whole. `beside` is a second key that holds a part of the name. `whole_mapping` says that the mapping
    is one image, not one of several keys.
    """

    key: str
    node: ScalarNode
    certainty: Certainty
    keys: Keys | None = None
    beside: str = ""
    takes_registry: bool = False
    whole_mapping: bool = False


@lru_cache(maxsize=4096)
def normal(key: str) -> str:
    """Return a key without its spelling: `fooImageTag`, `foo_image_tag` and `FOO-IMAGE-TAG` are one."""
    return key.replace("_", "").replace("-", "").lower()


def named_images(mapping: MappingNode, under: str, listed: bool) -> Iterator[Named]:
    """Yield what names an image in a mapping that stands under the key `under`, among `images` where `listed`."""
    scalars: dict[str, tuple[str, ScalarNode]] = {}
    for key, value in pairs(mapping):
        if is_scalar(key) and is_scalar(value):
            scalars.setdefault(normal(key.value), (key.value, value))
    if not scalars:
        return
    own = _own(scalars, _IMAGE.fullmatch(under) is not None, listed)
    taken = set[str]()
    if own is not None:
        yield own
        taken = {own.key, own.beside}
    for name, (written, node) in scalars.items():
        if written not in taken and not is_null(node):
            yield from _flat(scalars, name, written, node, listed)


def _own(scalars: dict[str, tuple[str, ScalarNode]], image: bool, listed: bool) -> Named | None:
    """Return the image that the mapping is as a whole, None where it is none."""
    keys = _keys(scalars, "", image)
    name = next((one for one in ("repository", "repo") if _says(scalars, one)), None)
    parts = _present(scalars, _DIGEST + _BARE + _REGISTRY + _POLICY)
    tagged = any(one in scalars for one in _TAG)
    if name == "repository" and (tagged or image or listed or parts):
        return _of(scalars, name, keys, _second(scalars, name) if image else "")
    if name == "repo" and image and (tagged or parts):
        return _of(scalars, name, keys, "")
    tag = next((one for one in _TAG if _says(scalars, one)), None)
    versioned = bool(keys.tag and _present(scalars, (*_TAG, "version"))) or bool(parts)
    if (
        _says(scalars, "name")
        and not _says(scalars, "image")
        and (image or (listed and versioned))
        and (versioned or len(scalars) == 1)
    ):
        return _of(scalars, "name", keys, "")
    if image and tag and not _names_something(scalars):
        return Named(*scalars[tag], "image", Keys(name=()), whole_mapping=True)
    return None


def _of(scalars: dict[str, tuple[str, ScalarNode]], name: str, keys: Keys, beside: str) -> Named:
    key, node = scalars[name]
    return Named(key, node, "image", replace(keys, name=(key,)), beside, takes_registry=True, whole_mapping=True)


def _second(scalars: dict[str, tuple[str, ScalarNode]], name: str) -> str:
    """Return the key beside a repository that seems to hold the last part of the name, nothing where there is none."""
    repository = scalars[name][1].value
    for other in ("name", "image"):
        if _says(scalars, other):
            key, node = scalars[other]
            if "/" not in node.value and repository.rpartition("/")[2].partition(":")[0] != node.value:
                return key
    return ""


def _names_something(scalars: dict[str, tuple[str, ScalarNode]]) -> bool:
    return any(_says(scalars, name) for name in (*_REPOSITORY, "name", "image", "path"))


def _flat(
    scalars: dict[str, tuple[str, ScalarNode]], name: str, key: str, node: ScalarNode, listed: bool
) -> Iterator[Named]:
    """Yield the image that one key of a mapping names, with its tag in a key beside it or whole."""
    end = next((end for end in _NAME_ENDS if name.endswith(end)), None)
    stem = name.removesuffix(end) if end else ""
    if end is None and name.endswith(("repository", "repo")):
        stem = name.removesuffix("repository").removesuffix("repo")
        if stem and not _OTHER_STEMS.fullmatch(stem) and _says(scalars, f"{stem}tag"):
            yield Named(key, node, "ends", replace(_keys(scalars, stem, image=False), name=(key,)))
        return
    if end is not None:
        keys = _keys(scalars, stem, image=True)
        certainty: Certainty = "image" if name == "image" else "ends"
        if _present(scalars, _tags(stem, image=True)) and not _has_tag(node.value):
            yield Named(key, node, certainty, replace(keys, name=(key,)), takes_registry=bool(keys.registry))
        else:
            yield Named(key, node, certainty)
    elif _OTHER_WORDS.fullmatch(name) is None:
        if name.startswith("image"):
            yield Named(key, node, "begins")
        elif listed:
            yield Named(key, node, "listed")


def _has_tag(written: str) -> bool:
    return "@" in written or ":" in written.rpartition("/")[2]


def _tags(stem: str, image: bool) -> tuple[str, ...]:
    return (f"{stem}tag", f"{stem}imagetag", *([f"{stem}version", f"{stem}imageversion"] if image else []))


def _keys(scalars: dict[str, tuple[str, ScalarNode]], stem: str, image: bool) -> Keys:
    """Return the keys of the parts as they are spelled here; first of the digests the one to be written."""
    tag = _spelled(scalars, _tags(stem, image)) or ("tag",)
    digest = _spelled(scalars, tuple(f"{stem}{one}" for one in _DIGEST))
    bare = _spelled(scalars, tuple(f"{stem}{one}" for one in _BARE))
    return Keys(
        name=(),
        registry=_spelled(scalars, tuple(f"{stem}{one}" for one in _REGISTRY)),
        tag=tag,
        digest=digest or (_digest_beside(tag[0]),),
        bare=bare,
    )


def _digest_beside(tag: str) -> str:
    """Return the key of a digest, spelled like that of its tag."""
    if "TAG" in tag:
        return tag.replace("TAG", "DIGEST")
    if "Tag" in tag:
        return tag.replace("Tag", "Digest")
    return tag.replace("tag", "digest") if "tag" in tag else "digest"


def _spelled(scalars: dict[str, tuple[str, ScalarNode]], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(scalars[name][0] for name in names if name in scalars)


def _present(scalars: dict[str, tuple[str, ScalarNode]], names: tuple[str, ...]) -> bool:
    return any(name in scalars for name in names)


def _says(scalars: dict[str, tuple[str, ScalarNode]], name: str) -> bool:
    return name in scalars and not is_null(scalars[name][1])
