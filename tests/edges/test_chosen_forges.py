"""Which forges and repositories a run is about: --repo narrows the settings and never widens them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pinbot.config.secrets import SecretSource
from pinbot.config.sweeping import AppSettings, ForgeSettings, GitlabSettings
from pinbot.errors import UsageError
from pinbot.proposals.repository import Selection
from pinbot.wiring.chosen import chosen_forges, shares

TOKEN = SecretSource(env="T")
GITHUB = ForgeSettings("github", token=TOKEN, owners=(("organisation", "Acme"), ("user", "jane")))
ENTERPRISE = replace(GITHUB, url="https://api.acme.example/")
GITEA = ForgeSettings("gitea", url="https://forge.example:3000", token=TOKEN, owners=(("organisation", "acme"),))
GITLAB = ForgeSettings("gitlab", token=TOKEN, owners=(("group", "Acme/platform"), ("user", "jane")))
GIT = ForgeSettings("git", remotes=("https://git.example/Acme/api.git", "/srv/git/acme/shop.git"))
APP = replace(GITHUB, token=None, app=AppSettings(5, TOKEN))


def _names(*named: str, forges: tuple[ForgeSettings, ...], beyond: bool = False) -> list[tuple[str, ...]]:
    return [one.remotes or one.selection.names for one in chosen_forges(forges, named, beyond)]


def test_without_names_all_forges_are_meant_as_they_are() -> None:
    assert list(chosen_forges((GITHUB, GIT), (), beyond=False)) == [GITHUB, GIT]


@pytest.mark.parametrize(
    ("name", "forge", "found"),
    [
        pytest.param("github.com/acme/api", GITHUB, "acme/api", id="of an organisation, whatever the case"),
        pytest.param("GitHub.com/Jane/x.git", GITHUB, "jane/x", id="of a user, with .git"),
        pytest.param("acme.example/acme/api", ENTERPRISE, "acme/api", id="on a server of one's own"),
        pytest.param("forge.example:3000/acme/api", GITEA, "acme/api", id="with a port"),
        pytest.param("gitlab.com/acme/platform/api", GITLAB, "acme/platform/api", id="of a group in a group"),
        pytest.param("gitlab.com/acme/platform/a/b/api", GITLAB, "acme/platform/a/b/api", id="of a group below that"),
        pytest.param("gitlab.com/jane/api", GITLAB, "jane/api", id="of a user of GitLab"),
        pytest.param("git.example/acme/api", GIT, "https://git.example/Acme/api.git", id="a remote by its host"),
        pytest.param("acme/api", GIT, "https://git.example/Acme/api.git", id="a remote as reports name it"),
        pytest.param("/srv/git/acme/shop.git", GIT, "/srv/git/acme/shop.git", id="a folder"),
        pytest.param("/srv/git/acme/shop", GIT, "/srv/git/acme/shop.git", id="a folder without .git"),
    ],
)
def test_a_repository_is_named(name: str, forge: ForgeSettings, found: str) -> None:
    assert _names(name, forges=(forge,)) == [(found,)]


def test_only_the_forges_that_have_one_of_the_names_are_asked() -> None:
    assert _names("acme/shop", "github.com/acme/a", forges=(GITHUB, GITEA, GIT)) == [
        ("acme/a",),
        ("/srv/git/acme/shop.git",),
    ]


@pytest.mark.parametrize(
    ("name", "selection"),
    [
        pytest.param("github.com/other/api", Selection(), id="of somebody else"),
        pytest.param("gitlab.com/acme/api", Selection(), id="on another host"),
        pytest.param("acme/api", Selection(), id="without its host"),
        pytest.param("github.com/acme/api", Selection(names=("acme/shop",)), id="beside the list"),
        pytest.param("github.com/acme/old-api", Selection(exclude=("Acme/old-*",)), id="left out"),
        pytest.param("github.com/acme/api", Selection(include=("acme/team-*",)), id="not put in"),
    ],
)
def test_what_the_settings_leave_out_cannot_be_named(name: str, selection: Selection) -> None:
    forge = replace(GITHUB, selection=selection)
    with pytest.raises(UsageError, match="no forge of the settings has that repository"):
        _names(name, forges=(forge,))


@pytest.mark.parametrize(
    ("name", "forge"),
    [
        pytest.param("gitlab.com/acme/api", GITLAB, id="of the group above"),
        pytest.param("gitlab.com/acme/platform2/api", GITLAB, id="of a group that begins alike"),
        pytest.param("gitlab.com/jane/x/api", GITLAB, id="no user has groups"),
        pytest.param("github.com/acme/platform/api", GITLAB, id="on another host"),
        pytest.param(
            "gitlab.com/acme/platform/a/api",
            replace(GITLAB, gitlab=GitlabSettings(subgroups=False)),
            id="below a group without what is below it",
        ),
        pytest.param("github.com/acme/sub/api", GITHUB, id="GitHub has no groups"),
    ],
)
def test_a_group_has_what_lies_below_it_and_nothing_else(name: str, forge: ForgeSettings) -> None:
    with pytest.raises(UsageError, match="no forge of the settings has that repository"):
        _names(name, forges=(forge,))


def test_an_installation_may_have_anybodys() -> None:
    forge = replace(APP, owners=(("installation", ""),))
    assert _names("github.com/other/api", forges=(forge,)) == [("other/api",)]


def test_the_ledger_may_be_beyond_what_is_swept_and_never_on_another_host() -> None:
    forge = replace(GITHUB, selection=Selection(exclude=("acme/state",)))
    assert _names("github.com/acme/state", forges=(forge,), beyond=True) == [("acme/state",)]
    with pytest.raises(UsageError):
        _names("gitlab.com/acme/state", forges=(forge,), beyond=True)


class TestShares:
    def test_a_token_asks_for_named_repositories_at_once(self) -> None:
        forge = replace(GITHUB, selection=Selection(names=("acme/a", "jane/b")))
        assert list(shares(forge)) == [("organisation", "", forge.selection)]

    def test_each_owner_is_listed_by_itself(self) -> None:
        assert [(kind, name) for kind, name, _ in shares(APP)] == [("organisation", "Acme"), ("user", "jane")]

    def test_an_app_asks_for_named_repositories_by_their_owners(self) -> None:
        forge = replace(APP, selection=Selection(names=("acme/a", "jane/b", "acme/c", "other/d"), exclude=("x/*",)))
        assert [(kind, name, one.names, one.exclude) for kind, name, one in shares(forge)] == [
            ("organisation", "acme", ("acme/a", "acme/c"), ("x/*",)),
            ("user", "jane", ("jane/b",), ("x/*",)),
            ("organisation", "other", ("other/d",), ("x/*",)),
        ]

    def test_an_app_whose_installation_is_given_asks_at_once(self) -> None:
        app = AppSettings(5, TOKEN, 7)
        forge = replace(APP, app=app, selection=Selection(names=("acme/a", "jane/b")))
        assert list(shares(forge)) == [("organisation", "", forge.selection)]
