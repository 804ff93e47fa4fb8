"""What a pass over repositories needs beside its forges: the rules of each, a ledger in a ref, failpoints."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pinbot.config.repository import read
from pinbot.config.settings import Settings
from pinbot.errors import BranchMoved, GitError, SourceError, StoreError, UsageError
from pinbot.formats._base import Format
from pinbot.formats._claims import Claims
from pinbot.oci.history import Observation
from pinbot.oci.resolution import Facts, Question
from pinbot.planning.globs import chooser
from pinbot.planning.matching import CodeRepository
from pinbot.planning.policy import Asked, assembled
from pinbot.ports import Checkout
from pinbot.proposals.repository import Repository
from pinbot.run import Scope
from pinbot.store.lines import LinesLedger, loaded
from pinbot.sweep.tools import Rules
from pinbot.workspace.checkouts import GitCheckouts

LEDGER_REF, LEDGER_FILE = "refs/pinbot/ledger", "ledger.jsonl"
FAILPOINT = "PINBOT_FAILPOINT"
_ANY = "any"
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files of every repository count, by the settings and the command line together."""

    formats: tuple[Format, ...]
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    everything: bool = False


def rules_of(settings: Settings, wanted: Wanted, asked: Asked) -> Callable[[Repository, Checkout], Rules]:
    """Return what tells the rules of a repository: the settings, narrowed by what it says of itself.

    What that returns raises SettingsError.
    """
    claims = Claims(wanted.formats)
    counts = chooser(wanted.include, wanted.exclude)

    def rules(repository: Repository, checkout: Checkout) -> Rules:
        own = read(lambda path: _content(checkout, path))
        code = CodeRepository(repository.name, repository.topics)
        policy = assembled(settings.rulebook, own.rulebook, asked, code, unattended=True)
        stays = chooser((), own.exclude)
        return Rules(policy, Scope(claims, lambda path: counts(path) and stays(path), wanted.everything))

    return rules


def _content(checkout: Checkout, path: str) -> bytes | None:
    if path not in set(checkout.paths()):
        return None
    try:
        return checkout.read(path)
    except GitError as error:
        raise SourceError(str(error)) from error


def failpoints(environ: Mapping[str, str]) -> Callable[[str], None]:
    """Return what kills this process at the point that PINBOT_FAILPOINT names: `after-push`, or `after-push:2`.

    `any:7` is the seventh of all points. For the tests of crash safety. Raises UsageError.
    """
    said = environ.get(FAILPOINT)
    if not said:
        return lambda _name: None
    name, _, count = said.partition(":")
    if count and not count.isdecimal():
        raise UsageError(f"{FAILPOINT}={said}: a point is NAME or NAME:COUNT, such as after-push:2")
    left = int(count or 1)

    def passing(point: str) -> None:
        nonlocal left
        if name in {point, _ANY}:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return passing


class RefLedger:
    """A ledger that lives in a ref of a repository: read when it is opened, written back when it is closed.

    For runs that keep no disk. Where another run has written meanwhile, both are merged. `known` and `record` raise
    nothing; `warnings` says what could not be read or written.
    """

    def __init__(self, checkouts: GitCheckouts, repository: Repository, now: datetime, *, write: bool) -> None:
        self._checkouts, self._repository, self._now, self._write = checkouts, repository, now, write
        self.warnings: list[str] = []
        self._ledger = LinesLedger()
        self._tip: str | None = None
        self._before = b""

    def known(self, questions: Collection[Question]) -> Facts:
        """Return answers from earlier runs."""
        return self._ledger.known(questions)

    def record(self, observations: Collection[Observation], facts: Facts) -> None:
        """Remember, until it is written back."""
        self._ledger.record(observations, facts)

    def __enter__(self) -> Self:
        try:
            self._load()
        except (GitError, StoreError) as error:
            self.warnings.append(f"The ledger in {self._where} cannot be read: {error}. This run remembers nothing.")
            self._write = False
        return self

    def __exit__(self, *_: object) -> None:
        if not self._write:
            return
        try:
            self._save()
        except (GitError, StoreError) as error:
            self.warnings.append(f"The ledger in {self._where} cannot be written: {error}. What was seen is forgotten.")

    @property
    def _where(self) -> str:
        return f"{LEDGER_REF} of {self._repository.name}"

    def _load(self) -> None:
        kept = self._checkouts.read_ref(self._repository, LEDGER_REF, LEDGER_FILE)
        self._tip = kept.tip if kept else None
        self._before = kept.data if kept else b""
        if self._before:
            self._ledger.merge(loaded(self._before, self._now))

    def _save(self) -> None:
        for _ in range(_TRIES):
            data = self._ledger.dumps()
            if data == self._before:
                return
            try:
                self._checkouts.write_ref(self._repository, LEDGER_REF, LEDGER_FILE, data, self._tip)
            except BranchMoved:
                self._load()  # somebody else was faster: take in what they have seen
                continue
            return
        raise GitError("other runs write to it all the time")


__all__: Sequence[str] = ("FAILPOINT", "RefLedger", "Wanted", "failpoints", "rules_of")
