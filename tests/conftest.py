"""What all tests share: no secret in a strange log, and hypothesis without deadlines (a busy machine is no defect)."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.fakes.canary import strange_secrets

settings.register_profile("here", deadline=None)
# The same examples in every run of CI: a red build is a change's fault, never a lucky draw's.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let pages that are compared as a whole be written anew."""
    parser.addoption("--write-bodies", action="store_true", help="write the texts of pull requests anew")


@pytest.fixture(autouse=True)
def _no_server_was_shown_the_secret_of_another() -> Iterator[None]:
    yield
    assert strange_secrets() == {}


@pytest.fixture(autouse=True, scope="session")
def _no_server_was_shown_one_at_the_end_either() -> Iterator[None]:
    """Look again when the servers that outlive tests have been stopped: some write their logs late."""
    yield
    assert strange_secrets() == {}
