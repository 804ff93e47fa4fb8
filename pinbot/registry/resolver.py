"""The Resolver: questions of the pure floors, asked of the registries, each once and many at a time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Self

from pinbot import errors
from pinbot.errors import DigestMismatch, PinbotError, UnsupportedManifest
from pinbot.net.address import ONE_SHOT, AddressPolicy
from pinbot.net.backend import CONNECT_SECONDS
from pinbot.net.client import DEADLINE_SECONDS, Client
from pinbot.net.proxy import Proxies
from pinbot.net.retry import RetryPolicy
from pinbot.net.site import Surroundings
from pinbot.net.transport import CONNECTIONS_PER_HOST
from pinbot.oci.digest import Digest
from pinbot.oci.history import Memory
from pinbot.oci.manifest import Index, Manifest
from pinbot.oci.resolution import (
    Alive,
    Answer,
    Attested,
    Barred,
    Config,
    Content,
    Failed,
    Head,
    ImageConfig,
    Pushed,
    Question,
    Remembered,
    Tags,
)
from pinbot.oci.statement import Statements
from pinbot.registry.attested import read_statements
from pinbot.registry.client import RegistryClient
from pinbot.registry.credentials._base import Ambient, Who
from pinbot.registry.decode import read_manifest
from pinbot.registry.flights import Flights
from pinbot.registry.image_config import read_config
from pinbot.registry.options import RegistryOptions
from pinbot.registry.registries import Registries
from pinbot.registry.slots import Slots

_JOBS = 16
# How long a registry that has never answered is waited for: as long as a connection may take.
SILENCE_SECONDS = CONNECT_SECONDS
# How long a request keeps others from beginning: one registry that is silent, or asks to be left alone for a minute,
# must not hold up the others. Whoever has not answered yet is trusted less.
_SLOT_SECONDS, _FIRST_SLOT_SECONDS = 1.0, 0.1

_PULL_LIMIT = "pull-limit"
# The word for reports, by what happened.
_STATUSES: tuple[tuple[type[PinbotError], str], ...] = (
    (errors.NotFound, "404"),
    (errors.Unauthorized, "401"),
    (errors.Forbidden, "403"),
    (errors.PullLimitReached, _PULL_LIMIT),
    (errors.RateLimited, "429"),
    (errors.Unavailable, "5xx"),
    (errors.NotARegistry, "not-a-registry"),
    (errors.AddressRefused, "blocked"),
    (errors.RedirectRefused, "redirect"),
    (errors.CannotResolveName, "dns"),
    (errors.LeftAlone, "left-alone"),
    (errors.CannotConnect, "refused"),
    (errors.TlsFailed, "tls"),
    (errors.TimedOut, "timeout"),
    (errors.AnswerTooLarge, "too-large"),
    (errors.BrokenAnswer, "broken"),
    (errors.UsageError, "settings"),
)


class RegistryResolver:
    """Answers questions by asking registries; use it as a context manager, or call `close`.

    `options` are by registry name, as references have it (`docker.io`). `ambient` is what of this machine may be looked
    at for credentials, nothing by default. `jobs` requests begin together at most, eight for one host.
    `progress` is told (answered, asked) after each answer. `warnings` are sentences for the user.

    Raises UsageError for options that cannot be used.
    """

    def __init__(
        self,
        options: Mapping[str, RegistryOptions] | None = None,
        *,
        ambient: Ambient | None = None,
        jobs: int = _JOBS,
        proxies: Proxies | None = None,
        addresses: AddressPolicy = ONE_SHOT,
        retries: RetryPolicy | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
        progress: Callable[[int, int], None] | None = None,
        world: Surroundings | None = None,
    ) -> None:
        self.warnings: list[str] = []
        world = world or Surroundings()
        self._registries = Registries(
            options or {},
            lambda rules: Client(
                addresses=addresses,
                rules=rules,
                proxies=proxies,
                retries=retries,
                deadline_seconds=deadline_seconds,
                silence_seconds=silence_seconds,
                world=world,
            ),
            ambient or Ambient(),
            self._warn,
            world.clock,
            world.now,
        )
        self._jobs = max(1, jobs)
        self._progress = progress or (lambda _answered, _asked: None)
        self._answers: dict[Question, Answer] = {}
        self._met: set[str] = set()
        self._contents: Flights[tuple[str, str, Digest], Manifest | Index] = Flights()
        self._reading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        # One loop for all rounds, so that connections and tokens outlive each.
        self._runner = asyncio.Runner()

    def answer(self, questions: Collection[Question]) -> Mapping[Question, Answer]:
        """Return an answer for every question, a failure where there is no other; each is asked once in a run."""
        new = [q for q in dict.fromkeys(questions) if q not in self._answers]
        if new:
            self._runner.run(self._answer_all(new))
        return {q: self._answers[q] for q in questions}

    @property
    def thrifty(self) -> Thrifty:
        """What asks the same registries, and takes no pull that a decision may need."""
        return Thrifty(self._answer_thriftily)

    def who(self, registry: str, path: str = "") -> Who:
        """Return as whom a repository is asked, with who gave these credentials. Raises AddressRefused."""
        return self._runner.run(self._registries.who(registry, path))

    def close(self) -> None:
        """Close all connections; nothing can be asked any more."""
        self._runner.run(self._registries.close())
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def _answer_thriftily(self, questions: Collection[Question]) -> Mapping[Question, Answer]:
        """Return answers while half of each pull limit is left; what fails for that alone may be asked again."""
        self._registries.thrift.is_on = True
        try:
            found = self.answer(questions)
        finally:
            self._registries.thrift.is_on = False
        for question, answer in found.items():
            if isinstance(answer, Failed) and answer.status == _PULL_LIMIT:
                self._answers.pop(question, None)
                if isinstance(question, Content | Config | Attested):
                    self._contents.forget((question.registry, question.path, question.digest), lambda _good: False)
        return found

    async def _answer_all(self, questions: Sequence[Question]) -> None:
        asked = len(self._answers) + len(questions)
        slots = Slots(self._jobs)

        async def work(registry: str, queue: Iterable[Question]) -> None:
            for question in queue:
                async with slots.one(registry, _SLOT_SECONDS):
                    self._answers[question] = await self._answer(question)
                self._progress(len(self._answers), asked)

        async def ask(registry: str, lane: Sequence[Question]) -> None:
            queue = iter(lane)
            if registry not in self._met and any(not isinstance(q, Pushed | Remembered) for q in lane):
                async with slots.one(registry, _FIRST_SLOT_SECONDS):
                    await self._meet(registry)
            async with asyncio.TaskGroup() as lanes:
                for _ in range(min(CONNECTIONS_PER_HOST, self._jobs, len(lane))):
                    lanes.create_task(work(registry, queue))

        # Each registry has lanes of its own, so that a slow one does not hold up the others.
        async with asyncio.TaskGroup() as group:
            for registry, lane in _by_registry(questions).items():
                group.create_task(ask(registry, lane))

    async def _meet(self, registry: str) -> None:
        """Greet a registry; where it does not answer, each question learns so without a request of its own."""
        self._met.add(registry)
        with suppress(PinbotError):
            await self._registries.named(registry).greet()

    async def _answer(self, question: Question) -> Answer:
        try:
            registry = self._registries.named(question.registry)
            match question:
                case Head(path=path, tag=tag):
                    return await registry.head(path, tag)
                case Alive(path=path, digest=digest):
                    return await registry.alive(path, digest)
                case Content() | Config() | Attested():
                    return await self._inside(registry, question)
                case Tags(path=path):
                    return await registry.tags(path)
                case Pushed(path=path, tag=tag):
                    return await self._registries.push_dates(question.registry).ask(path, tag)
                case Remembered():
                    return Memory()
        except (DigestMismatch, UnsupportedManifest) as error:
            return Barred(str(error))
        except PinbotError as error:
            return Failed(word_for(error), str(error))

    async def _inside(self, registry: RegistryClient, asked: Content | Config | Attested) -> Answer:
        """Return what is inside a digest, which no later answer changes."""
        match asked:
            case Content(path=path, digest=digest):
                return await self._content(registry, asked.registry, path, digest)
            case Config(path=path, digest=digest):
                return await self._config(registry, asked.registry, path, digest)
            case Attested():
                return await self._attested(registry, asked)

    async def _content(self, client: RegistryClient, registry: str, path: str, digest: Digest) -> Manifest | Index:
        async def fetch() -> Manifest | Index:
            media_type, body = await client.manifest(path, digest)
            return read_manifest(media_type, body, f"{registry}/{path}@{digest}")

        return await self._contents.get((registry, path, digest), fetch)

    async def _config(self, client: RegistryClient, registry: str, path: str, digest: Digest) -> ImageConfig | Failed:
        manifest = await self._content(client, registry, path, digest)
        what = f"{registry}/{path}@{digest}"
        if isinstance(manifest, Index):
            return Failed("index", f"{what}: an index over several images has no configuration of its own")
        return read_config(await client.blob(path, manifest.config.digest), what)

    async def _attested(self, client: RegistryClient, asked: Attested) -> Statements:
        try:
            manifest = await self._content(client, asked.registry, asked.path, asked.digest)
        except (DigestMismatch, UnsupportedManifest) as error:
            return Statements(problems=(f"The statements cannot be read: {error}.",))
        if isinstance(manifest, Index):
            return Statements(problems=("The statements cannot be read: there is an index in their place.",))
        # One at a time from each registry: those of eight would have half a gigabyte where somebody is out for that.
        async with self._reading[asked.registry]:
            return await read_statements(manifest, asked.subject, partial(client.blob, asked.path))


@dataclass(frozen=True, slots=True)
class Thrifty:
    """A Resolver for what is good to know, and decides nothing."""

    answer: Callable[[Collection[Question]], Mapping[Question, Answer]]


def _by_registry(questions: Iterable[Question]) -> dict[str, list[Question]]:
    lanes: defaultdict[str, list[Question]] = defaultdict(list)
    for question in questions:
        lanes[question.registry].append(question)
    return dict(lanes)


def word_for(error: PinbotError) -> str:
    """Return the word by which reports call what happened, such as `401` or `dns`."""
    return next((word for kind, word in _STATUSES if isinstance(error, kind)), "error")
