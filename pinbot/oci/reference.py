"""An image reference: `[registry/]path[:tag][@algorithm:hex]`.

The grammar is distribution/reference (https://github.com/distribution/reference/blob/main/reference.go);
the defaults are Docker's. Both tag and digest are kept, and so is what the user wrote: the canonical name
is derived for requests and reports; into a file a full name is written only where the policy asks for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Self

from pinbot.errors import InvalidReference
from pinbot.oci.digest import Digest

DEFAULT_REGISTRY = "docker.io"
DEFAULT_TAG = "latest"

# Names under which Docker Hub is written; all of them mean docker.io.
_HUB = {"docker.io", "index.docker.io", "registry-1.docker.io"}

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])"
_REGISTRY = re.compile(rf"{_HOST}(?::[0-9]+)?")
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_IDENTIFIER = re.compile(r"[a-f0-9]{64}")
_PATH_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Reference:
    """What an image is called.

    `registry` and `path` are the names after Docker's defaults (`docker.io`, `library/nginx`), `tag` and
    `digest` are None where nothing is written; `name` is the name as the user wrote it (`nginx`).
    """

    registry: str
    path: str
    tag: str | None
    digest: Digest | None
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a reference.

        Raises InvalidReference (InvalidDigest where the digest is at fault) with what is wrong.
        """
        rest, at, digest_text = text.partition("@")
        name, tag = _split_tag(rest)
        registry, path = _split_name(name)
        _check(text, name, registry, path, tag)
        digest = Digest.parse(digest_text) if at else None
        return cls(*_with_defaults(registry, path), tag, digest, name)

    @classmethod
    def parse_or_none(cls, text: str) -> Self | None:
        """Read a reference; None where `text` is none, for those to whom it does not matter why."""
        try:
            return cls.parse(text)
        except InvalidReference:
            return None

    @property
    def effective_tag(self) -> str | None:
        """The tag that a container engine would ask for: `latest` when neither tag nor digest is written."""
        return self.tag or (None if self.digest else DEFAULT_TAG)

    @property
    def canonical(self) -> str:
        """The full name, `docker.io/library/nginx:1.27@sha256:…`."""
        return self._joined(f"{self.registry}/{self.path}")

    @property
    def identity(self) -> tuple[str, str, str | None, Digest | None]:
        """What an engine would ask for: equal for all spellings of one image."""
        return self.registry, self.path, self.effective_tag, self.digest

    def pinned_to(self, digest: Digest) -> Self:
        """Return this reference with that digest; a name without a tag gets `latest`, so that it stays known."""
        return replace(self, tag=self.effective_tag, digest=digest)

    def qualified(self) -> Self:
        """Return this reference with its name in full: `docker.io/library/nginx:1.27` for `nginx:1.27`.

        A registry that is written stays as it is written, `index.docker.io` too: it leaves nothing to a default, and
        there are tools that reach Docker Hub under that name only (rules_oci).
        """
        host = _split_name(self.name)[0] or self.registry
        return replace(self, name=f"{host}/{self.path}")

    def _joined(self, name: str) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{name}{tag}{digest}"

    def __str__(self) -> str:
        return self._joined(self.name)


def _split_tag(text: str) -> tuple[str, str | None]:
    """Split at the colon of a tag; a colon before a slash belongs to a port."""
    name, colon, tag = text.rpartition(":")
    if not colon or "/" in tag or text.endswith("]"):
        return text, None
    return name, tag


def _split_name(name: str) -> tuple[str | None, str]:
    first, slash, rest = name.partition("/")
    looks_like_host = "." in first or ":" in first or first == "localhost" or first != first.lower()
    return (first, rest) if slash and looks_like_host else (None, name)


def _check(text: str, name: str, registry: str | None, path: str, tag: str | None) -> None:
    if not name:
        raise InvalidReference(f"{text!r}: no image name")
    if registry is not None and not _REGISTRY.fullmatch(registry):
        raise InvalidReference(f"{text!r}: {registry!r} is not a registry host")
    if not _PATH.fullmatch(path):
        raise InvalidReference(
            f"{text!r}: {path!r} is not a repository; lower-case words, digits, '._-' and '/' make one"
        )
    if len(path) > _PATH_LIMIT:
        raise InvalidReference(f"{text[:40]!r}…: a repository has at most {_PATH_LIMIT} characters")
    if registry is None and _IDENTIFIER.fullmatch(name):
        raise InvalidReference(f"{text!r}: 64 hex digits are an image id, not a name")
    if name == "sha256" and tag is not None and _IDENTIFIER.fullmatch(tag):
        raise InvalidReference(f"{text!r}: a digest alone is an image id, not a name")
    if tag is not None and not _TAG.fullmatch(tag):
        raise InvalidReference(f"{text!r}: {tag!r} is not a tag")


def _with_defaults(registry: str | None, path: str) -> tuple[str, str]:
    if registry is not None and registry not in _HUB:
        return registry, path
    return DEFAULT_REGISTRY, path if "/" in path else f"library/{path}"
