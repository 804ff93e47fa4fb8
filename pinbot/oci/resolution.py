"""Questions to registries, and their answers. Pure code poses them; a Resolver answers each once in a run.

A failure is an answer too: it becomes the outcome of every reference that asked, and the others go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pinbot.oci.digest import Digest
from pinbot.oci.history import Memory
from pinbot.oci.manifest import INDEX_TYPES, Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.statement import Statements


@dataclass(frozen=True, slots=True)
class Head:
    """Which digest does this tag name now?"""

    registry: str
    path: str
    tag: str


@dataclass(frozen=True, slots=True)
class Alive:
    """Does the registry still serve this digest?"""

    registry: str
    path: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class Content:
    """What is inside this digest?"""

    registry: str
    path: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class Config:
    """How is the image of this manifest configured? (`digest` is the manifest's, not the configuration's.)"""

    registry: str
    path: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class Attested:
    """What is said about the image `subject` in the attestation manifest `digest` (see `statement`)?"""

    registry: str
    path: str
    digest: Digest
    subject: Digest


@dataclass(frozen=True, slots=True)
class Tags:
    """Which tags does this repository have?"""

    registry: str
    path: str


@dataclass(frozen=True, slots=True)
class Pushed:
    """When was this tag last pushed, and with which digest, in the registry's own books?"""

    registry: str
    path: str
    tag: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """What has been seen of this repository in earlier runs? (The ledger answers, not the registry.)"""

    registry: str
    path: str


Question = Head | Alive | Content | Config | Attested | Tags | Pushed | Remembered


# Clocks that nobody sets are off by hours, by days where it is bad.
_BELIEVED = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Served:
    """The registry serves this digest (the answer to Head and to Alive)."""

    digest: Digest
    media_type: str
    # The registry's clock when it answered; a second witness beside this machine's, which may be wrong.
    date: datetime | None = field(default=None, compare=False)

    @property
    def is_index(self) -> bool:
        """Whether it is an index over several images."""
        return self.media_type in INDEX_TYPES

    def clock(self, now: datetime) -> datetime:
        """Return the registry's clock, `now` where it has none, and never more than 14 days from `now`.

        What it says beyond that is not believed: a year 9999 in the ledger would let nothing ever grow old enough, and
        so would a clock of 1970. So a clock that is wrong, or a lie, delays by two weeks what has a cooldown, and never
        for ever. It is not passed over altogether: it still stands up for a machine whose own clock ran ahead.
        """
        if self.date is None:
            return now
        return max(min(self.date, _later(now, _BELIEVED)), _later(now, -_BELIEVED))


def _later(at: datetime, span: timedelta) -> datetime:
    """Return a time by a span later; at the ends of the calendar the time itself."""
    try:
        return at + span
    except OverflowError:
        return at


@dataclass(frozen=True, slots=True)
class TagList:
    """Tags in the registry's order; what is not `complete` says nothing about tags that are not in it.

    `reason` is why it is not complete.
    """

    tags: tuple[str, ...]
    complete: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PushDate:
    """The registry's own date of the last push of a tag, and the digest that was pushed."""

    at: datetime
    digest: Digest


@dataclass(frozen=True, slots=True)
class Runtime:
    """How a container of an image is run (https://github.com/opencontainers/image-spec/blob/main/config.md#properties).

    Of the environment only the names are kept, as values may be secret. `ports` and `volumes` are sorted. `healthcheck`
    is Docker's extension, the command with its first word (`CMD`, `CMD-SHELL`, `NONE`); empty where there is none.
    """

    user: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    shell: tuple[str, ...] = ()
    healthcheck: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    directory: str = ""
    stop_signal: str = ""


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """What an image's configuration says of it; `created` is the publisher's word, None where it says nothing."""

    platform: Platform
    created: datetime | None
    labels: Mapping[str, str] = field(default_factory=dict)
    runtime: Runtime = Runtime()


@dataclass(frozen=True, slots=True)
class Dead:
    """The registry answered 404 for the digest twice while the repository itself answers."""

    reason: str


@dataclass(frozen=True, slots=True)
class Barred:
    """The registry answered, and what it answered must not be written (schema 1, bytes that do not hash)."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """There is no answer; `status` is a word or an HTTP status for reports, `reason` a sentence."""

    status: str
    reason: str


Answer = Served | Dead | Barred | Failed | Manifest | Index | ImageConfig | Statements | TagList | PushDate | Memory
Facts = Mapping[Question, Answer]
