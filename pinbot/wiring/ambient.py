"""What of this machine may be looked at for credentials: files of its user, helpers, the environment of a job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pinbot.config.settings import Settings
from pinbot.listing import top_of
from pinbot.registry.credentials._base import Ambient


def ambient(chosen: Settings, environ: Mapping[str, str], scanned: str | None, unattended: bool) -> Ambient:
    """Return what the sources of credentials may look at. `scanned` is the folder whose references are looked up.

    Helpers run for a person (None: whichever there are), and for nobody else unless the settings list them.
    """
    helpers = chosen.credential_helpers
    return Ambient(
        environ,
        _docker_config(environ) if chosen.docker_config else None,
        tuple(_containers_auth(environ)) if chosen.containers_auth else (),
        () if helpers is None and unattended else helpers,
        tuple(dict.fromkeys(_foreign(environ, scanned))),
        unattended,
    )


def _docker_config(environ: Mapping[str, str]) -> Path | None:
    folder = environ.get("DOCKER_CONFIG") or (f"{environ['HOME']}/.docker" if environ.get("HOME") else None)
    return Path(folder, "config.json") if folder else None


def _containers_auth(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files of Podman and its kin, in their order; the one that is named stands alone."""
    if named := environ.get("REGISTRY_AUTH_FILE"):
        yield Path(named)
        return
    if environ.get("XDG_RUNTIME_DIR"):
        yield Path(environ["XDG_RUNTIME_DIR"], "containers/auth.json")
    if base := environ.get("XDG_CONFIG_HOME") or (f"{environ['HOME']}/.config" if environ.get("HOME") else None):
        yield Path(base, "containers/auth.json")


def _foreign(environ: Mapping[str, str], scanned: str | None) -> Iterator[Path]:
    """Yield the folders whose files others may have written: checkouts, and where pinbot stands or looks.

    The home folder is its user's own, also for who stands in it or above; a checkout is not, wherever it lies.
    """
    home = Path(environ["HOME"]).absolute() if environ.get("HOME") else None
    for folder in (Path.cwd(), *([Path(scanned).absolute()] if scanned else [])):
        if top := top_of(folder):
            yield top
        elif home is None or not home.is_relative_to(folder):
            yield folder
