"""The order in which sources are asked, and that each knows who it is."""

from __future__ import annotations

import asyncio

from pinbot.discovery import collect
from pinbot.net.credential import Secret
from pinbot.registry import credentials
from pinbot.registry.credentials import settings
from pinbot.registry.credentials._base import Anonymous, Login, Wanted, Who
from pinbot.registry.credentials._source import Source, first_answer
from tests.registry.credentials.asking import Asked, wanted

# As docs/credentials.md has it.
ORDER = ("settings", "AWS", "Google", "Azure", "credential helpers", "docker config", "credentials store",
         "containers auth", "GitHub Actions", "GitLab CI")  # fmt: skip


def test_the_sources_are_asked_in_this_order() -> None:
    found = sorted(collect(credentials, "SOURCE", Source), key=lambda source: source.rank)
    assert tuple(source.name for source in found) == ORDER
    assert len({source.rank for source in found}) == len(found)


def test_nothing_is_found_where_nothing_may_be_looked_at() -> None:
    for source in collect(credentials, "SOURCE", Source):
        asked = Asked(source)
        for registry in ("docker.io", "ghcr.io", "gcr.io", "a.azurecr.io", "public.ecr.aws"):
            assert asked.who(wanted(registry)) is None
        assert asked.warnings == []


def test_the_first_answer_wins_and_anonymous_is_an_answer() -> None:
    asked: list[str] = []

    def source(name: str, answer: Who | None) -> object:
        async def lookup(_wanted: Wanted) -> Who | None:
            asked.append(name)
            return answer

        return lookup

    login = Login("u", Secret("p"))
    lookups = [source("a", None), source("b", login), source("c", Anonymous())]
    assert asyncio.run(first_answer(lookups, wanted("ghcr.io"))) == login  # type: ignore[arg-type] # `object` above
    assert asked == ["a", "b"]
    assert asyncio.run(first_answer(lookups[2:], wanted("ghcr.io"))) == Anonymous()  # type: ignore[arg-type] # likewise
    assert asyncio.run(first_answer([], wanted("ghcr.io"))) == Anonymous()


def test_the_settings_are_for_the_registry_by_its_exact_name_also_at_an_endpoint() -> None:
    asked = Asked(settings.SOURCE, settings={"ghcr.io": Login("robot$a+b", Secret("p"))})
    assert asked.secret("ghcr.io") == "p"
    assert asked.secret("ghcr.io.evil.example") is None
    assert isinstance(asked.who(wanted("ghcr.io", endpoint="https://mirror.example")), Login)
    assert asked.who(wanted("mirror.example")) is None
