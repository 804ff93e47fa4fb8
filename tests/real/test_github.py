"""The forge against an emulation of GitHub that others wrote, for what it has: REST around pull requests.

It knows no issue by the number of a pull request, so labels and assignees are left to the stand-in of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from pinbot.errors import ForgeError
from pinbot.forge._base import Owner
from pinbot.forge._pace import UNPACED
from pinbot.forge.github import GitHub, Options
from pinbot.proposals.repository import Repository
from pinbot.secret import Secret
from tests.forge.hubs import proposal
from tests.real.emulation import TOKEN, Emulation, Missing, running

REPOSITORY = Repository("R", "acme/api", "main")


@pytest.fixture(scope="module", name="emulation")
def _emulation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulation]:
    try:
        with running(tmp_path_factory.mktemp("emulate")) as made:
            yield made
    except Missing as missing:
        pytest.skip(f"NOT TESTED on an emulation of GitHub: {missing}")


@pytest.fixture(name="forge")
def _forge(emulation: Emulation) -> GitHub:
    return GitHub(Options(Secret(TOKEN), emulation.url, Owner("organisation", "acme"), pace=UNPACED, warn=pytest.fail))


def _branch(emulation: Emulation, name: str) -> None:
    """Make a branch with a commit of its own."""
    tip = emulation.call("GET", "/repos/acme/api/branches/main")["commit"]["sha"]
    tree = emulation.call("GET", f"/repos/acme/api/git/commits/{tip}")["tree"]["sha"]
    blob = {"path": name, "mode": "100644", "type": "blob", "content": name}
    made = emulation.call("POST", "/repos/acme/api/git/trees", {"base_tree": tree, "tree": [blob]})["sha"]
    body = {"message": f"Add {name}", "tree": made, "parents": [tip]}
    commit = emulation.call("POST", "/repos/acme/api/git/commits", body)["sha"]
    emulation.call("POST", "/repos/acme/api/git/refs", {"ref": f"refs/heads/{name}", "sha": commit})


def test_a_pull_request_is_opened_edited_commented_on_and_closed(emulation: Emulation, forge: GitHub) -> None:
    _branch(emulation, "pinbot/whole")
    wanted = proposal(branch="pinbot/whole")
    pull = forge.open(REPOSITORY, wanted)
    path = f"/repos/acme/api/issues/{pull.number}"
    assert (pull.branch, pull.base, pull.author, pull.by_us) == ("pinbot/whole", "main", "bot", True)
    assert pull.body == "Pins alpine."
    forge.edit(REPOSITORY, pull, replace(wanted, title="Pin 2 images"))
    for _ in range(2):
        forge.comment(REPOSITORY, pull, "Left alone.")
    forge.withdraw(REPOSITORY, pull, "Nothing is left to pin.")
    forge.close(REPOSITORY, pull)
    there = emulation.call("GET", f"/repos/acme/api/pulls/{pull.number}")
    said = [comment["body"].split("\n")[0] for comment in emulation.call("GET", f"{path}/comments")]
    assert (there["title"], there["state"]) == ("Pin 2 images", "closed")
    assert said == ["Left alone.", "Nothing is left to pin."]


def test_what_is_not_there_is_told(forge: GitHub) -> None:
    with pytest.raises(ForgeError, match="404"):
        forge.open(replace(REPOSITORY, name="acme/none"), proposal())
