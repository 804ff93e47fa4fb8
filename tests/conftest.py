"""What all tests share: no secret in a strange log, and hypothesis without deadlines (a busy machine is no defect)."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.fakes.canary import strange_canaries
from tests.fakes.server import take_opened

settings.register_profile("here", deadline=None)
# The same examples in every run of CI: a red build is a change's fault, never a lucky draw's.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(autouse=True)
def _no_server_was_shown_the_secret_of_another() -> Iterator[None]:
    yield
    shown = {server.url: strange for server in take_opened() if (strange := strange_canaries(server))}
    assert shown == {}
