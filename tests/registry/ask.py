"""Asks a fake registry with a real resolver, in surroundings where pauses cost nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pinbot.oci.digest import Digest
from pinbot.oci.resolution import Alive, Answer, Config, Content, Head, Question
from pinbot.registry.options import RegistryOptions
from pinbot.registry.resolver import RegistryResolver
from pinbot.secret import Secret
from tests.fakes.server import Server
from tests.net.world import Time, patient

HUB = "docker.io"
PATH = "library/nginx"
TAG = "1.27"


def resolver(server: Server, time: Time | None = None, **options: Any) -> RegistryResolver:
    """Return a resolver for which `server` stands for docker.io; `options` are RegistryOptions."""
    return RegistryResolver({HUB: RegistryOptions(endpoint=server.url, **options)}, world=patient(time))


def login(username: str, password: str) -> dict[str, Any]:
    """Return the options that log in."""
    return {"username": username, "password": Secret(password)}


def ask(server: Server, *questions: Question, **options: Any) -> list[Answer]:
    """Return the answers to questions, in their order."""
    with resolver(server, **options) as asked:
        answers = asked.answer(questions)
        return [answers[question] for question in questions]


def head(tag: str = TAG, path: str = PATH) -> Head:
    """Return the question which digest a tag names."""
    return Head(HUB, path, tag)


def alive(digest: str, path: str = PATH) -> Alive:
    """Return the question whether a digest is served."""
    return Alive(HUB, path, Digest.parse(digest))


def content(digest: str, path: str = PATH) -> Content:
    """Return the question what is inside a digest."""
    return Content(HUB, path, Digest.parse(digest))


def config(digest: str, path: str = PATH) -> Config:
    """Return the question how an image is configured."""
    return Config(HUB, path, Digest.parse(digest))


def answer_of(asked: RegistryResolver, question: Question) -> Answer:
    """Return the answer to one question."""
    return asked.answer([question])[question]


def heads(count: int, path: str = PATH) -> Collection[Head]:
    """Return that many questions about tags named by numbers."""
    return [head(f"1.{n}", path) for n in range(count)]
