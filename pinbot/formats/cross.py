"""Cross, which builds Rust for other platforms: https://github.com/cross-rs/cross/blob/main/docs/config_file.md."""

from __future__ import annotations

from pinbot.formats._base import About
from pinbot.formats._claims import named
from pinbot.formats._toml import Route, toml_format


def _whole(text: str) -> int | None:
    """Return where a reference begins; `:edge` and `@sha256:…` alone only change the version of the usual image."""
    return None if text.startswith((":", "@")) else 0


_PLACES = ("target.*.image", "target.*.image.name")

FORMAT = toml_format(
    "cross",
    about=About(
        title="Cross (Rust)",
        url="https://github.com/cross-rs/cross/blob/main/docs/config_file.md",
        files="`Cross.toml`, and `Cargo.toml` with `[package.metadata.cross]` or `[workspace.metadata.cross]`",
        places=("`image` of a target, and its `name` where that is a table",),
        path="Cross.toml",
        example="""\
[target.aarch64-unknown-linux-gnu]
image = "ghcr.io/cross-rs/aarch64-unknown-linux-gnu:0.2.5"
""",
        limits=("an image that is only a tag (`:edge`) or a digest changes the usual one and is left alone",),
    ),
    claims=named(r"cross(?:[._-].+)?\.toml|cargo\.toml"),
    needles=("image", "target"),
    routes=tuple(
        Route(f"{lead}{place}", _whole)
        for lead in ("", "package.metadata.cross.", "workspace.metadata.cross.")
        for place in _PLACES
    ),
)
