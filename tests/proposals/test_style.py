"""To whom pull requests are offered (semantics "6. Pull requests")."""

from __future__ import annotations

import pytest

from pinbot.proposals.repository import Repository
from pinbot.proposals.style import Grants, Style

SHOP = Repository("1", "acme/shop", "main", topics=("critical",))
ALL = [Repository(str(number), f"acme/{number}", "main") for number in range(2_000)]


@pytest.mark.parametrize(
    ("grants", "why"),
    [
        pytest.param(Grants(), None, id="nothing is granted by default"),
        pytest.param(Grants("propose"), "all repositories", id="a mode for all"),
        pytest.param(Grants(repositories=("acme/*",)), "its name", id="a glob"),
        pytest.param(Grants(repositories=("ACME/Shop",)), "its name", id="names have no case"),
        pytest.param(Grants(repositories=("acme",)), None, id="a glob is for the whole name"),
        pytest.param(Grants(repositories=("*",)), None, id="a star does not cross a slash"),
        pytest.param(Grants(topics=("crit*",)), "its topic critical", id="a topic"),
        pytest.param(Grants(topics=("other",)), None, id="another topic"),
        pytest.param(Grants(percentage=100), "being among 100 %", id="all of them"),
        pytest.param(Grants(percentage=0), None, id="none of them"),
    ],
)
def test_one_grant_is_enough(grants: Grants, why: str | None) -> None:
    assert grants.to(SHOP) == why


def test_raising_the_percentage_only_adds_repositories() -> None:
    before: set[str] = set()
    for percentage in (0.5, 1, 5, 20, 50, 99, 100):
        granted = {one.id for one in ALL if Grants(percentage=percentage).to(one)}
        assert before <= granted
        assert abs(len(granted) / len(ALL) * 100 - percentage) < 3
        before = granted


def test_the_percentage_goes_by_the_id_and_not_by_the_name() -> None:
    half = Grants(percentage=50)
    renamed = [Repository(one.id, f"other/{one.name}", "trunk") for one in ALL]
    assert [half.to(one) for one in ALL] == [half.to(one) for one in renamed]


def test_the_default_branch_is_the_base_where_no_other_is_named() -> None:
    assert Style().bases_of(SHOP) == ("main",)
    assert Style(bases=("release", "main", "release")).bases_of(SHOP) == ("release", "main")
