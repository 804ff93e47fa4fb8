"""The programs of Debian that the real tests run, and the image tools as functions."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGES = {
    "docker-registry": "docker-registry",
    "skopeo": "skopeo",
    "umoci": "umoci",
    "buildah": "buildah",
    "htpasswd": "apache2-utils",
}


def missing_packages() -> list[str]:
    """Return the Debian packages that are not installed here."""
    return [package for program, package in PACKAGES.items() if shutil.which(program) is None]


class Failed(RuntimeError):
    """A program that did not do what it was asked for; the text holds what it said."""


@dataclass(frozen=True)
class Tools:
    """skopeo, umoci and buildah, as root or not, without a daemon; everything they keep stays in `folder`."""

    folder: Path

    def push_image(self, name: str, content: str) -> str:
        """Push an image with one layer that holds `content` to `name` (`host/path:tag`), and return its digest."""
        layout, data = self._scratch("layout"), self.data(content)
        self.run("umoci", "init", "--layout", str(layout))
        self.run("umoci", "new", "--image", f"{layout}:it")
        self.run("umoci", "insert", "--rootless", "--image", f"{layout}:it", str(data), "/data")
        self.run(
            "skopeo",
            "--insecure-policy",
            "copy",
            "--quiet",
            "--dest-tls-verify=false",
            f"oci:{layout}:it",
            f"docker://{name}",
        )
        return self.digest(name)

    def push_index(self, name: str, content: str, platforms: Sequence[str] = ("linux/amd64", "linux/arm64")) -> str:
        """Push a multi-platform index whose images hold `content`, and return its digest."""
        index = self.buildah("manifest", "create", f"index-{os.urandom(4).hex()}")
        for platform in platforms:
            system, architecture = platform.split("/")
            container = self.buildah("from", "scratch")
            self.buildah("copy", "-q", container, str(self.data(content)), "/data")
            self.buildah("config", "--os", system, "--arch", architecture, container)
            image = self.buildah("commit", "-q", container)
            self.buildah("rm", container)
            self.buildah("manifest", "add", index, image)
        self.buildah("manifest", "push", "-q", "--all", "--tls-verify=false", index, f"docker://{name}")
        return self.digest(name)

    def raw(self, name: str, credentials: str | None = None) -> bytes:
        """Return the very bytes that skopeo gets for `name`."""
        return self._skopeo_inspect("--raw", name, credentials)

    def digest(self, name: str, credentials: str | None = None) -> str:
        """Return the digest of the bytes that skopeo gets for `name`: an oracle that is not pinbot."""
        return f"sha256:{hashlib.sha256(self.raw(name, credentials)).hexdigest()}"

    def _skopeo_inspect(self, how: str, name: str, credentials: str | None) -> bytes:
        login = ["--creds", credentials] if credentials else ["--no-creds"]
        return self.run("skopeo", "--insecure-policy", "inspect", "--tls-verify=false", *login, how, f"docker://{name}")

    def buildah(self, *arguments: str) -> str:
        """Run buildah on a store of these tests' own, and return what it says."""
        store = [
            "--root",
            str(self.folder / "store"),
            "--runroot",
            str(self.folder / "runroot"),
            "--storage-driver",
            "vfs",
        ]
        return self.run("buildah", *store, *arguments).decode().strip()

    def run(self, *command: str) -> bytes:
        """Run a program and return its standard output."""
        home = self._scratch("home", keep=True)
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home),
            "BUILDAH_ISOLATION": "chroot",
        }
        done = subprocess.run(
            command, env=env, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        if done.returncode != 0:
            raise Failed(f"{' '.join(command)}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def data(self, content: str, size: int = 0) -> Path:
        """Return a new folder with a file that holds `content`, and so many bytes behind it that no packing shrinks."""
        folder = self._scratch("data")
        folder.mkdir()
        filler = random.Random(content).randbytes(size)
        (folder / "content").write_bytes(content.encode() + filler)
        return folder

    def _scratch(self, name: str, keep: bool = False) -> Path:
        path = self.folder / (name if keep else f"{name}-{os.urandom(4).hex()}")
        if keep:
            path.mkdir(exist_ok=True)
        return path
