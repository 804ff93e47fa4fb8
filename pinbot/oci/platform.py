"""A platform: `os/architecture[/variant]`, as in the image index
(https://github.com/opencontainers/image-spec/blob/main/image-index.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

# A variant that is the same as none, or a missing one that has a usual value (containerd's normalisation).
_NORMAL_VARIANTS = {("arm64", "v8"): None, ("amd64", "v1"): None, ("arm", None): "v7"}
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class Platform:
    """What an image runs on; `str()` gives `linux/arm64/v8`."""

    os: str
    architecture: str
    variant: str | None = None
    os_version: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read `os/architecture[/variant]`; None where `text` is something else, such as a variable."""
        parts = text.split("/")
        if not 2 <= len(parts) <= 3 or not all(part.replace("_", "").isalnum() for part in parts):
            return None
        return cls(*parts)

    def normal(self) -> Self:
        """Return the same platform in its one spelling, so that equal platforms compare equal.

        `arm64/v8` is `arm64`, `arm` is `arm/v7`, `amd64/v1` is `amd64`; of an os version only
        major.minor.build counts (the fourth number is Windows' monthly patch).
        """
        architecture = _ARCHITECTURES.get(self.architecture, self.architecture)
        variant = _NORMAL_VARIANTS.get((architecture, self.variant or None), self.variant or None)
        version = ".".join(self.os_version.split(".")[:3]) if self.os_version else None
        return replace(self, architecture=architecture, variant=variant, os_version=version)

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)
