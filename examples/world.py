"""The images of the demo: what its registry serves, and which builds of a tag there have been.

Every digest is made from these words alone, so the pins that the sample files already carry are known for good.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.fakes.registry import FakeRegistry

REGISTRIES = ("docker.io", "ghcr.io", "quay.io")
EVERYWHERE = ("linux/amd64", "linux/arm64/v8")
MANY = (*EVERYWHERE, "linux/arm/v7", "linux/s390x")


@dataclass(frozen=True)
class Image:
    """A repository in the registry; the last of `builds` is what its tags name now."""

    path: str
    tags: tuple[str, ...]
    platforms: tuple[str, ...] = EVERYWHERE
    builds: tuple[str, ...] = ("2026-11-16",)


IMAGES = (
    Image("docker/dockerfile", ("1", "latest")),
    Image("library/node", ("22-alpine", "22", "latest"), MANY),
    Image("library/python", ("3.12-slim", "3.12", "latest"), MANY),
    Image("library/nginx", ("1.27", "latest"), MANY, ("2026-09-02", "2026-11-12")),
    Image("library/postgres", ("16", "16.5", "latest"), MANY, ("2026-08-13", "2026-11-14")),
    Image("library/redis", ("7", "latest"), MANY),
    Image("library/adminer", ("4", "latest"), MANY),
    Image("library/busybox", ("1.36", "latest"), MANY),
    Image("library/debian", ("bookworm-slim", "latest"), MANY),
    Image("axllent/mailpit", ("v1.20", "latest")),
    Image("grafana/grafana", ("11.3.0", "latest")),
    Image("acme/api", ("1.4", "latest"), EVERYWHERE, ("2026-10-01", "2026-11-18")),
    Image("acme/worker", ("1.4", "latest")),
    Image("astral-sh/uv", ("0.5", "latest")),
    Image("prometheus/prometheus", ("v2.55.0", "latest"), MANY, ("2026-10-22", "2026-11-19")),
)


def fill(registry: FakeRegistry) -> dict[tuple[str, str], str]:
    """Push every build of every image, and return the digests by repository and build."""
    digests: dict[tuple[str, str], str] = {}
    for image in IMAGES:
        for build in image.builds:
            digests[image.path, build] = registry.push_image(
                image.path,
                tags=image.tags,
                platforms=image.platforms,
                created=f"{build}T06:00:00Z",
                content_seed=build,
            )
    return digests


def settings(registry: FakeRegistry) -> str:
    """Return the settings that send every public name to the demo's registry instead of the internet."""
    return "registries:\n" + "".join(f"  {name}:\n    endpoint: {registry.url}\n" for name in REGISTRIES)
