"""What publishers write about their images: in labels of the configuration, and in annotations of manifests.

https://github.com/opencontainers/image-spec/blob/main/annotations.md#pre-defined-annotation-keys, and their forerunners
(http://label-schema.org/rc1/). All of it is the publisher's word. Docker's official images have annotations alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pinbot.oci.moment import moment
from pinbot.oci.resolution import ImageConfig

_OCI, _OLD = "org.opencontainers.image.", "org.label-schema."
_SOURCE = (f"{_OCI}source", f"{_OLD}vcs-url")
_VERSION = (f"{_OCI}version", f"{_OLD}version")
_REVISION = (f"{_OCI}revision", f"{_OLD}vcs-ref")
_BASE_NAME, _BASE_DIGEST = (f"{_OCI}base.name",), (f"{_OCI}base.digest",)
_CREATED = f"{_OCI}created"
# Builds that are to be reproducible say the epoch, or a day near it (ko, apko, Bazel).
_UNKNOWN_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_REPOSITORY = re.compile(r"https://(?P<host>[a-z0-9.-]{1,100})(?P<path>(?:/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}){2,8})")
# What stands between the name of a repository and its comparisons, by forge; only these are linked to.
_COMPARISONS = {"github.com": "/compare", "gitlab.com": "/-/compare", "codeberg.org": "/compare"}


@dataclass(frozen=True, slots=True)
class Labels:
    """What is said of one image; empty where nothing is. `base_name` and `base_digest` are of the image below it."""

    source: str = ""
    version: str = ""
    revision: str = ""
    base_name: str = ""
    base_digest: str = ""


NO_LABELS = Labels()


def labels(config: ImageConfig | None, annotations: Iterable[Mapping[str, str]] = ()) -> Labels:
    """Return what an image's labels say and, of what they do not, the annotations, the first first."""
    said = [config.labels if config else {}, *annotations]

    def first(names: tuple[str, ...]) -> str:
        return next((value for one in said for name in names if (value := one.get(name, "").strip())), "")

    return Labels(*map(first, (_SOURCE, _VERSION, _REVISION, _BASE_NAME, _BASE_DIGEST)))


def made(config: ImageConfig | None, annotations: Iterable[Mapping[str, str]] = ()) -> datetime | None:
    """Return when an image was made, in its publisher's words; None where it does not say, or says the epoch.

    What stands beside it counts before its configuration: that may be the one that the build began with.
    """
    said = next(
        (at for one in annotations if (at := moment(one.get(_CREATED, "")))), config.created if config else None
    )
    return said if said is not None and said >= _UNKNOWN_BEFORE else None


def normal(value: str) -> str:
    """Return one spelling of a source or a version: hosts ignore case, `.git` and a leading `v` say nothing.

    Docker's official images have a revision and a folder behind it (`….git#5bcb:bookworm`), of which the folder counts.
    """
    plain, _, rest = value.lower().partition("#")
    plain = plain.removesuffix("/").removesuffix(".git")
    for scheme in ("git+https://", "https://", "http://", "git://", "ssh://git@"):
        plain = plain.removeprefix(scheme)
    plain = plain[1:] if plain[:1] == "v" and plain[1:2].isdigit() else plain
    folder = rest.partition(":")[2]
    return f"{plain}#{folder}" if folder else plain


def comparison(source: str, old: str, new: str) -> str | None:
    """Return the address where a forge compares two revisions; None for a forge that is not known, or no commits."""
    if not (_COMMIT.fullmatch(old) and _COMMIT.fullmatch(new)) or old == new:
        return None
    found = _REPOSITORY.fullmatch(source.partition("#")[0].removeprefix("git+").removesuffix("/").removesuffix(".git"))
    if found is None or found["host"] not in _COMPARISONS:
        return None
    # Only GitLab has groups in groups; elsewhere what follows the repository is a folder.
    path = found["path"] if found["host"] == "gitlab.com" else "/".join(found["path"].split("/")[:3])
    return f"https://{found['host']}{path}{_COMPARISONS[found['host']]}/{old}...{new}"
