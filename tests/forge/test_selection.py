"""Which of the listed repositories count."""

from __future__ import annotations

import pytest

from pinbot.forge._base import chooser
from pinbot.proposals.repository import Repository, Selection

PLAIN = Repository("1", "Acme/Api", "main", topics=("Go", "prod"))
ARCHIVED = Repository("2", "acme/old", "main", is_archived=True)
FORK = Repository("3", "acme/nginx", "main", is_fork=True)
ALL = (PLAIN, ARCHIVED, FORK)


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        pytest.param(Selection(), [PLAIN], id="no archived ones and no forks"),
        pytest.param(Selection(archived=True, forks=True), list(ALL), id="all where they are asked for"),
        pytest.param(Selection(include=("acme/*",)), [PLAIN], id="case does not matter"),
        pytest.param(Selection(include=("*",)), [], id="a star does not cross a slash"),
        pytest.param(Selection(include=("acme/*",), exclude=("*/api",)), [], id="exclude wins"),
        pytest.param(Selection(topics=("go", "rust")), [PLAIN], id="one of the topics is enough"),
        pytest.param(Selection(topics=("rust",)), [], id="none of the topics"),
        pytest.param(Selection(names=("ACME/old", "acme/nginx")), [ARCHIVED, FORK], id="what is named counts"),
        pytest.param(Selection(names=("acme/old",), exclude=("acme/o*",)), [], id="unless it is excluded"),
    ],
)
def test_a_selection_chooses(selection: Selection, chosen: list[Repository]) -> None:
    counts = chooser(selection)
    assert [r for r in ALL if counts(r)] == chosen
