"""What holds for every format that there is: its example is what it says, and its name is its file's."""

from __future__ import annotations

import pytest

from pinbot import discovery
from pinbot import formats as room
from pinbot.formats._base import Format
from pinbot.source.finding import Writable
from tests.fakes.memory import PIN, run_once
from tests.formats._scanning import scanned

FORMATS = discovery.collect(room, "FORMAT", Format)
# Where a digest cannot be written at all, the example shows what is reported.
REPORTED_ONLY = {"other-yaml"}
# What holds no reference, but says something about those in other files.
RELATED_ONLY = {"helm-command"}


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_the_example_of_the_documentation_is_pinned(kind: Format) -> None:
    assert kind.about is not None
    done, _ = run_once({kind.about.path: kind.about.example.encode()}, FORMATS, PIN)
    own = [f for f in done.survey.findings if f.format == kind.name]
    if kind.name in RELATED_ONLY:
        assert scanned(kind.about.path, kind.about.example, formats=(kind,)).relations
        return
    assert own
    assert not done.survey.skips
    assert [f for f in own if isinstance(f.standing, Writable)] or kind.name in REPORTED_ONLY


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_a_format_is_described(kind: Format) -> None:
    assert kind.about is not None
    assert kind.about.url.startswith("https://")
    assert kind.about.places
    assert kind.about.example.endswith("\n")


def test_a_format_has_the_name_of_its_file() -> None:
    modules = sorted(name.replace("_", "-") for name in discovery._public_modules(room))
    assert sorted(kind.name for kind in FORMATS) == modules
