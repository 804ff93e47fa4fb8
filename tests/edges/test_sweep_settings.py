"""The settings of a pass over repositories: each key read to its value, each mistake named with its place."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pinbot.config.load import load, parse
from pinbot.config.repository import parse as parse_repository
from pinbot.config.secrets import SecretSource
from pinbot.config.settings import LedgerSettings
from pinbot.config.sweeping import AppSettings, ForgeSettings, GitlabSettings, Signing, SweepSettings
from pinbot.errors import SettingsError
from pinbot.proposals.repository import Selection
from pinbot.proposals.style import Dashboards, Grants, Limits, Style
from pinbot.proposals.window import Window

GITHUB = "forges:\n  - github:\n      token: {env: T}\n"
GITEA = "forges:\n  - gitea:\n      url: https://forge.example\n      token: {env: T}\n"
GITLAB = "forges:\n  - gitlab:\n      token: {env: T}\n"
GIT = "forges:\n  - git:\n"


def _sweep(text: str) -> SweepSettings:
    settings = parse("/etc/pinbot/s.yaml", text.encode()).sweep
    assert settings is not None
    return settings


def _style(text: str) -> Style:
    return _sweep(f"pull-requests: {{{text}}}").style


class TestForges:
    def test_every_key_of_github_is_read(self) -> None:
        text = """
forges:
  - github:
      url: https://github.example/api/v3
      app: {id: 5, private-key: {file: key.pem}, installation: 7}
      organisations: [acme]
      users: jane
      installation: true
      include: ["acme/*"]
      exclude: ["acme/old-*"]
      topics: [containers]
      forks: true
      ca-file: company.pem
      allow-http: true
      commits: api
      paced: false
"""
        assert _sweep(text).forges == (
            ForgeSettings(
                "github",
                url="https://github.example/api/v3",
                app=AppSettings(5, SecretSource(file="/etc/pinbot/key.pem"), 7),
                owners=(("organisation", "acme"), ("user", "jane"), ("installation", "")),
                selection=Selection(("acme/*",), ("acme/old-*",), ("containers",), forks=True),
                ca_file="/etc/pinbot/company.pem",
                allow_http=True,
                commits="api",
                paced=False,
            ),
        )

    def test_little_has_to_be_said(self) -> None:
        (forge,) = _sweep(f"{GITHUB}      repositories: [acme/api]").forges
        assert forge == ForgeSettings("github", token=SecretSource("T"), selection=Selection(names=("acme/api",)))
        assert (forge.commits, forge.paced, forge.allow_http) == ("git", True, False)

    def test_every_key_of_gitea_is_read(self) -> None:
        more = ("organisations: [acme]", "users: [jane]", "repositories: [acme/api]", "paced: false")
        text = GITEA + "".join(f"      {line}\n" for line in more)
        assert _sweep(text).forges == (
            ForgeSettings(
                "gitea",
                url="https://forge.example",
                token=SecretSource("T"),
                owners=(("organisation", "acme"), ("user", "jane")),
                selection=Selection(names=("acme/api",)),
                paced=False,
            ),
        )

    def test_every_key_of_gitlab_is_read(self) -> None:
        more = (
            "url: https://gitlab.example/tools",
            "token-kind: oauth",
            "groups: [acme, acme/platform/images]",
            "users: [jane]",
            "subgroups: false",
            "include: ['acme/**']",
            "exclude: ['acme/*/old-*']",
            "topics: [containers]",
            "forks: true",
            "ca-file: company.pem",
            "allow-http: true",
            "squash: false",
            "remove-source-branch: false",
            "paced: false",
        )
        text = GITLAB + "".join(f"      {line}\n" for line in more)
        assert _sweep(text).forges == (
            ForgeSettings(
                "gitlab",
                url="https://gitlab.example/tools",
                token=SecretSource("T"),
                owners=(("group", "acme"), ("group", "acme/platform/images"), ("user", "jane")),
                selection=Selection(("acme/**",), ("acme/*/old-*",), ("containers",), forks=True),
                ca_file="/etc/pinbot/company.pem",
                allow_http=True,
                paced=False,
                gitlab=GitlabSettings("oauth", subgroups=False, squash=False, remove_source_branch=False),
            ),
        )

    def test_little_has_to_be_said_of_gitlab(self) -> None:
        (forge,) = _sweep(f"{GITLAB}      repositories: [acme/platform/images/api]").forges
        names = Selection(names=("acme/platform/images/api",))
        assert forge == ForgeSettings("gitlab", token=SecretSource("T"), selection=names)
        assert forge.gitlab == GitlabSettings("access", subgroups=True, squash=None, remove_source_branch=True)

    def test_every_key_of_git_is_read(self) -> None:
        text = f"""{GIT}
      repositories: [https://git.example/acme/api.git, /srv/git/shop.git, beside/web.git]
      username: bot
      password: {{env: P}}
      ca-file: /ca.pem
      allow-http: true
      flow: merge-request
"""
        assert _sweep(text).forges == (
            ForgeSettings(
                "git",
                token=SecretSource("P"),
                username="bot",
                remotes=(
                    "https://git.example/acme/api.git",
                    "/srv/git/shop.git",
                    "/etc/pinbot/beside/web.git",
                ),
                ca_file="/ca.pem",
                allow_http=True,
                flow="merge-request",
            ),
        )

    def test_every_key_of_local_is_read(self) -> None:
        text = "forges: [{local: {repositories: ../a/b, folder: patches}}]"
        assert _sweep(text).forges == (
            ForgeSettings("local", remotes=("/etc/pinbot/../a/b",), folder="/etc/pinbot/patches"),
        )

    def test_folders_are_whole_even_where_the_settings_are_named_by_half(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "s.yaml").write_text("forges: [{local: {repositories: [a/b]}}]")
        monkeypatch.chdir(tmp_path)
        sweep = load("s.yaml").sweep
        assert sweep is not None
        assert sweep.forges[0].remotes == (f"{tmp_path}/a/b",)

    def test_there_may_be_several_and_they_keep_their_order(self) -> None:
        others = "  - local: {repositories: [/x/y]}\n  - github: {token: {file: t}, users: [b]}"
        text = f"{GITHUB}      users: [a]\n{others}"
        assert [forge.kind for forge in _sweep(text).forges] == ["github", "local", "github"]

    def test_settings_that_say_nothing_of_it_have_none(self) -> None:
        assert parse("x", b"jobs: 1\nforges:\npull-requests:\ncache:\n").sweep is None


class TestPullRequests:
    def test_nothing_is_written_unless_it_is_granted(self) -> None:
        assert _sweep("cache: c").style == Style(grants=Grants("observe"))

    def test_every_key_is_read(self) -> None:
        text = """
pull-requests:
  mode: propose
  propose: {repositories: ["acme/*"], topics: [pinned], percent: 12.5}
  limits: {open-per-repository: 0, new-per-run: false}
  refresh-every: 12h
  window: {days: [monday, friday], from: "22:00", to: "6:30", zone: Europe/Berlin}
  group: directory
  branch-prefix: bot-pins/
  labels: [containers, needs review]
  reviewers: [CodeOwners, "@jane", acme/team]
  assignees: "@joe"
  draft: true
  milestone: "2.0"
  prefix: "chore(deps): "
  title: "{prefix}{title} ({count})"
  commit-message: "{prefix}{title}\\n\\n{changes}"
  sign-off: true
  branches: [main, release/1.x]
  dashboard: {repositories: ["acme/*"], topics: [pinned], title: Images}
  author: {name: Acme Bot, email: bot@acme.example}
  sign: {ssh-key: keys/id}
"""
        found = _sweep(text)
        assert found.style == Style(
            branch_prefix="bot-pins/",
            grants=Grants("propose", ("acme/*",), ("pinned",), 12.5),
            limits=Limits(0, None),
            refresh_every=timedelta(hours=12),
            window=Window((0, 4), time(22), time(6, 30), ZoneInfo("Europe/Berlin")),
            groups="directory",
            labels=("containers", "needs review"),
            reviewers=("codeowners", "jane", "acme/team"),
            assignees=("joe",),
            draft=True,
            milestone="2.0",
            prefix="chore(deps): ",
            title="{prefix}{title} ({count})",
            message="{prefix}{title}\n\n{changes}",
            sign_off="Acme Bot <bot@acme.example>",
            bases=("main", "release/1.x"),
            dashboards=Dashboards(False, ("acme/*",), ("pinned",), "Images"),
        )
        assert (found.author_name, found.author_email) == ("Acme Bot", "bot@acme.example")
        assert found.signing == Signing(ssh_key_file="/etc/pinbot/keys/id")

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("", Limits(3, 30), id="the usual ones"),
            pytest.param("limits: {}", Limits(3, 30), id="nothing in it"),
            pytest.param("limits: {open-per-repository: 5}", Limits(5, 30), id="one of the two"),
            pytest.param("limits: {open-per-repository: false, new-per-run: false}", Limits(None, None), id="none"),
            pytest.param("limits: {open-per-repository: 0, new-per-run: 0}", Limits(0, 0), id="nothing new at all"),
        ],
    )
    def test_limits(self, text: str, expected: Limits) -> None:
        assert _style(text).limits == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("", Dashboards(), id="none unless something else is said"),
            pytest.param("dashboard: false", Dashboards(), id="none"),
            pytest.param("dashboard: true", Dashboards(everywhere=True), id="all"),
            pytest.param("dashboard: {title: Our images}", Dashboards(True, title="Our images"), id="with a title"),
            pytest.param("dashboard: {topics: images}", Dashboards(False, topics=("images",)), id="those with a topic"),
        ],
    )
    def test_dashboards(self, text: str, expected: Dashboards) -> None:
        assert _style(text).dashboards == expected

    @pytest.mark.parametrize(
        ("text", "days"),
        [("", 7), ("refresh-every: 30d", 30), ("refresh-every: 2w", 14), ("refresh-every: 0", 0)],
        ids=["a week unless something else is said", "days", "weeks", "at once"],
    )
    def test_the_rhythm_of_refreshes(self, text: str, days: int) -> None:
        assert _style(text).refresh_every == timedelta(days=days)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("{}", Window(), id="always"),
            pytest.param("{days: sunday}", Window((6,)), id="one day"),
            pytest.param("{from: 08:00, to: 8:30}", Window(start=time(8), end=time(8, 30)), id="times without quotes"),
            pytest.param("{from: '22:00'}", Window(start=time(22)), id="until midnight"),
            pytest.param("{zone: America/New_York}", Window(zone=ZoneInfo("America/New_York")), id="a zone"),
        ],
    )
    def test_the_window(self, text: str, expected: Window) -> None:
        assert _style(f"window: {text}").window == expected

    def test_a_sign_off_is_the_authors(self) -> None:
        assert _style("sign-off: true").sign_off == "pinbot <pinbot@users.noreply.localhost>"
        assert _style("sign-off: false").sign_off is None

    def test_commits_are_signed_with_a_gpg_key_as_well(self) -> None:
        assert _sweep("pull-requests: {sign: {gpg-key: /k}}").signing == Signing(gpg_key_file="/k")


def test_the_cache_is_a_folder_beside_the_settings_or_a_whole_path() -> None:
    assert (_sweep("cache: c").cache, _sweep("cache: /var/c").cache) == ("/etc/pinbot/c", "/var/c")


@pytest.mark.parametrize("name", ["github.com/acme/ledger", "forge.example:3000/a/b", "/srv/git/ledger.git"])
def test_a_ledger_may_be_kept_in_a_repository(name: str) -> None:
    assert parse("x", f"ledger: {{repository: '{name}'}}".encode()).ledger == LedgerSettings(repository=name)


FORGE_MISTAKES = [
    pytest.param("forges: x", ":1:1: forges must be a list of mappings", id="a word for a list"),
    pytest.param("forges: {github: {}}", ":1:1: forges must be a list of mappings", id="a mapping for a list"),
    pytest.param("forges: [github]", ":1:10: an item of forges must be a mapping", id="a word for a forge"),
    pytest.param(
        "forges:\n  - {}", ":2:5: an item of forges is one of github, gitlab, gitea, git, local", id="an empty"
    ),
    pytest.param("forges:\n  - gitlab: {}", ":2:5: gitlab needs a `token`", id="a GitLab that nobody asks"),
    pytest.param(
        GITLAB, ":2:5: gitlab needs to know whose repositories are meant: `groups`, `users` or `rep", id="no groups"
    ),
    pytest.param(f"{GITLAB}      organisations: [a]", ":4:7: unknown key 'organisations' in gitlab", id="no group"),
    pytest.param(f"{GITLAB}      groups: [a//b]", ":4:16: 'a//b' is not the path of a group", id="no path of a group"),
    pytest.param(f"{GITLAB}      groups: ['a/*']", ":4:16: 'a/*' is not the path of a group", id="a glob for a group"),
    pytest.param(f"{GITLAB}      token-kind: job", ":4:7: token-kind must be one of access, oauth", id="a job's token"),
    pytest.param(f"{GITLAB}      squash: always", ":4:7: squash must be true or false", id="a word for squash"),
    pytest.param(
        f"{GITLAB}      users: [a]\n      app: {{}}", ":5:7: unknown key 'app' in gitlab", id="gitlab: an app"
    ),
    pytest.param(f"{GITEA}      squash: true", ":5:7: unknown key 'squash' in gitea", id="gitea: squash"),
    pytest.param("forges:\n  - forgejo: {}", "for forgejo it is gitea", id="another name for Gitea"),
    pytest.param("forges:\n  - bitbucket: {}", ":2:5: an item of forges is one of", id="a forge that nobody knows"),
    pytest.param("forges:\n  - git: {}\n    local: {}", ":2:5: an item of forges is one of", id="two in one item"),
    pytest.param(
        f"{GITHUB}      users: [a]\n    pacing: off", ":5:5: an item of forges is one of", id="a key on the wrong line"
    ),
    pytest.param("forges:\n  - github:", ":2:5: github needs keys that say which", id="nothing below a forge"),
    pytest.param("forges:\n  - github: {}", ":2:5: github needs `token` or `app`, one of", id="an empty forge"),
    pytest.param("forges:\n  - local: {}", ":2:5: local needs `repositories`", id="no folders"),
    pytest.param("forges:\n  - github: acme", ":2:5: github of an item of forges must be a mapping", id="a word"),
    pytest.param(
        "forges:\n  - github: {organisations: [a]}", ":2:5: github needs `token` or `app`", id="nobody who asks"
    ),
    pytest.param(
        f"{GITHUB}      app: {{id: 1, private-key: {{env: K}}}}\n      users: [a]",
        ":3:7: github needs `token` or `app`, one of the two",
        id="two that ask",
    ),
    pytest.param(
        "forges:\n  - github:\n      token: hunter2",
        ":3:7: token of github of an item of forges must be a mapping",
        id="a token in the clear",
    ),
    pytest.param(
        GITHUB, ":2:5: github needs to know whose repositories are meant: `organisations`, `users`, `inst", id="nobody"
    ),
    pytest.param(
        GITEA, ":2:5: gitea needs to know whose repositories are meant: `organisations`, `users`, or `r", id="nobody's"
    ),
    pytest.param(
        f"{GITHUB}      organizations: [a]", ":4:7: unknown key 'organizations' in github of", id="another spelling"
    ),
    pytest.param(f"{GITHUB}      users: [5]", ":4:7: users must be a string or a list", id="a number for a name"),
    pytest.param(f"{GITHUB}      users: ['']", ":4:15: '' is not the name of an account", id="an empty name"),
    pytest.param(f"{GITHUB}      users: [a/b]", ":4:15: 'a/b' is not the name of an account", id="a repository's name"),
    pytest.param(f"{GITHUB}      users: ['a*']", ":4:15: 'a*' is not the name of an acc", id="a glob for an account"),
    pytest.param(
        f"{GITHUB}      repositories: [api]", ":4:22: 'api' is not `owner/name`; globs go into", id="half a name"
    ),
    pytest.param(
        f"{GITHUB}      repositories:\n      - a/b\n      - acme/*",
        ":6:9: 'acme/*' is not `owner/name`; globs go into `include`",
        id="a glob for a name",
    ),
    pytest.param(f"{GITHUB}      users: [a]\n      topics: 5", ":5:7: topics must be a string or a list", id="topics"),
    pytest.param(f"{GITHUB}      users: [a]\n      forks: perhaps", ":5:7: forks must be true or false", id="forks"),
    pytest.param(f"{GITHUB}      commits: hub", ":4:7: commits must be one of git, api, not 'hub'", id="who commits"),
    pytest.param(f"{GITHUB}      url: github.example", ":4:7: url must be a URL that begins", id="no scheme"),
    pytest.param(
        f"{GITHUB}      url: https://me:hunter2@github.example",
        ":4:7: url: https://github.example: a URL with a user name or password in it is never asked",
        id="a password in the URL of a forge",
    ),
    pytest.param(f"{GITHUB}      url: https://", ":4:7: url: https:", id="a URL of nobody"),
    pytest.param(
        f"{GITHUB}      url: https://github.example/?x=1",
        ":4:7: url is the address of the forge",
        id="a query in a URL",
    ),
    pytest.param(f"{GITHUB}      ca-file: ''", ":4:7: ca-file must be a path written in full", id="no path"),
    pytest.param(f"{GITHUB}      ca-file: ~/ca", ":4:7: ca-file must be a path written in full", id="a home folder"),
    pytest.param(f"{GITHUB}      paced: 1", ":4:7: paced must be true or false", id="a number for a flag"),
    pytest.param(
        f"{GITHUB}      installation: true", ":4:7: only an `app` has an installation", id="a token's installation"
    ),
    pytest.param(
        "forges:\n  - github:\n      app: {private-key: {env: K}}",
        ":3:7: an app needs its `id`",
        id="an app without id",
    ),
    pytest.param("forges:\n  - github:\n      app: {id: 1}", ":3:13: an app needs its `id` and its", id="without key"),
    pytest.param(
        "forges:\n  - github:\n      app: {id: '1'}", ":3:13: id must be a whole number", id="an id in quotes"
    ),
    pytest.param("forges:\n  - github:\n      app: {id: 0}", ":3:13: id must be a whole number from 1", id="id 0"),
    pytest.param(
        "forges:\n  - gitea:\n      token: {env: T}\n      users: [a]", ":2:5: gitea needs the `url`", id="url"
    ),
    pytest.param("forges:\n  - gitea: {url: https://g, users: [a]}", ":2:5: gitea needs a `token`", id="gitea: nobody"),
    pytest.param(
        f"{GITEA}      app: {{}}", ":5:7: unknown key 'app' in gitea of an item of forges", id="gitea: an app"
    ),
    pytest.param(f"{GITEA}      commits: api", ":5:7: unknown key 'commits' in gitea", id="gitea: who commits"),
    pytest.param(f"{GIT}      flow: agit", ":2:5: git needs `repositories`, a list of URLs or folders", id="git: none"),
    pytest.param(
        f"{GIT}      repositories: [/a]\n      username: u", ":4:7: username and password go together", id="git: half"
    ),
    pytest.param(
        f"{GIT}      repositories: [/a]\n      password: {{env: P}}",
        ":4:7: username and password go together",
        id="git: the other half",
    ),
    pytest.param(
        f"{GIT}      repositories: ['https://bot:hunter2@git.example/a/b']",
        ":3:22: a user name or password stands in no URL: 'https://git.example/a/b'",
        id="a password in the URL of a remote",
    ),
    pytest.param(f"{GIT}      repositories: ['']", ":3:22: '' is neither https://HOST/PATH nor", id="an empty URL"),
    pytest.param(
        f"{GIT}      repositories: ['git@git.example:a/b']",
        ":3:22: 'git@git.example:a/b' is neither",
        id="ssh in short",
    ),
    pytest.param(f"{GIT}      repositories: ['ssh://git@g/a/b']", "ssh is not spoken yet", id="ssh in full"),
    pytest.param(f"{GIT}      repositories: [~/a/b]", ":3:22: '~/a/b' is neither", id="git: a home folder"),
    pytest.param(f"{GIT}      flow: gerrit", ":3:7: flow must be one of branch, merge-request, agit", id="a flow"),
    pytest.param(f"{GIT}      folder: x", ":3:7: unknown key 'folder' in git", id="git: a folder"),
    pytest.param("forges:\n  - local:\n      flow: agit", ":3:7: unknown key 'flow' in local", id="local: a flow"),
    pytest.param("cache: 5", ":1:1: cache must be a string", id="a number for the cache"),
    pytest.param("cache: ''", ":1:1: cache must be a path written in full", id="an empty cache"),
    pytest.param("ledger: {}", ":1:1: url must be that of a database", id="an empty ledger"),
    *(
        pytest.param(f"ledger: {{repository: '{name}'}}", ":1:10: repository is HOST/OWNER/NAME or a folder", id=said)
        for name, said in (
            ("acme/x", "a ledger without a host"),
            ("https://github.com/acme/x", "a URL for a ledger"),
            ("a.example/b c/d", "a space in it"),
        )
    ),
    pytest.param("ledger: {repository: a.b/c/d, url: x}", ":1:10: repository is HOST", id="two places for a ledger"),
]

PULL_REQUEST_MISTAKES = [
    pytest.param("mode: proposal", ":2:3: mode must be one of observe, propose, not 'proposal'", id="a mode"),
    pytest.param("mode: true", ":2:3: mode must be a string", id="a flag for a mode"),
    pytest.param("propose: acme/*", ":2:3: propose of pull-requests must be a mapping", id="a glob for a grant"),
    pytest.param("propose: {percent: 101}", ":2:13: percent must be a number from 0 to 100", id="more than all"),
    pytest.param("propose: {percent: -0.1}", ":2:13: percent must be a number from 0 to 100", id="less than none"),
    pytest.param("propose: {percent: .nan}", ":2:13: percent must be a number from 0 to 100", id="no number"),
    pytest.param("propose: {percent: '5'}", ":2:13: percent must be a number from 0 to 100", id="a word for a number"),
    pytest.param("propose: {percent: true}", ":2:13: percent must be a number from 0 to 100", id="a flag for it"),
    pytest.param("propose: {percentage: 5}", ":2:13: unknown key 'percentage' in propose of", id="another word"),
    pytest.param("limits: 3", ":2:3: limits of pull-requests must be a mapping", id="a number for limits"),
    pytest.param("limits: {new-per-run: -1}", ":2:12: new-per-run must be a whole number from 0", id="less than 0"),
    pytest.param("limits: {new-per-run: many}", ":2:12: new-per-run must be a whole number", id="a word for a limit"),
    pytest.param("limits: {new-per-run: true}", ":2:12: new-per-run must be a whole number from 0", id="true"),
    pytest.param("refresh-every: weekly", ":2:3: refresh-every must be a time with its unit", id="a word for a time"),
    pytest.param("refresh-every: 7", ":2:3: refresh-every must be a time with its unit", id="a time without unit"),
    pytest.param("window: {days: [mon]}", ":2:19: days must be of monday, tuesday", id="half a day's name"),
    pytest.param("window: {days: []}", ":2:12: days: without any there is never a pull request", id="no days"),
    pytest.param("window: {from: '25:00'}", ":2:12: from must be a time of the day in quotes", id="an hour too many"),
    pytest.param("window: {to: 8}", ":2:12: to must be a time of the day in quotes", id="an hour alone"),
    pytest.param("window: {zone: Europe/Berln}", ":2:12: 'Europe/Berln' is not a time zone", id="a zone"),
    pytest.param("window: {zone: ../../etc/passwd}", ":2:12: '../../etc/passwd' is not a time zone", id="a path"),
    pytest.param("window: {zone: ''}", ":2:12: '' is not a time zone, such as Europe/Berlin", id="an empty zone"),
    pytest.param("window: {until: '8:00'}", ":2:12: unknown key 'until' in window of pull-requests", id="until"),
    pytest.param("group: image", ":2:3: group must be one of default, directory, registry, all", id="a group"),
    pytest.param("branch-prefix: pinbot", ":2:3: branch-prefix must be a word and a slash", id="no slash"),
    pytest.param("branch-prefix: ''", ":2:3: branch-prefix must be a word and a slash", id="no prefix"),
    pytest.param("branch-prefix: a..b/", ":2:3: branch-prefix: git takes no branch below 'a..b/'", id="two dots"),
    pytest.param("branch-prefix: a.lock/", ":2:3: branch-prefix: git takes no branch below", id="a lock"),
    pytest.param("labels: [1]", ":2:3: labels must be a string or a list", id="a number for a label"),
    pytest.param("labels: [a, '']", ":2:15: '' is not one line", id="an empty label"),
    pytest.param('labels: ["a\\nb"]', ":2:12: 'a\\nb' is not one line", id="two lines for a label"),
    pytest.param("reviewers: [jane doe]", ":2:15: 'jane doe' is not a name, or `org/team`", id="two words"),
    pytest.param("assignees: [a@b.example, ]", ":2:15: 'a@b.example' is not a name", id="an address"),
    pytest.param("draft: 1", ":2:3: draft must be true or false", id="a number for a flag"),
    pytest.param("dashboard: yes", ":2:3: dashboard of pull-requests must be a mapping", id="a word for a flag"),
    pytest.param("dashboard: {title: ''}", ":2:15: title must be one line", id="a dashboard without a title"),
    pytest.param("dashboard: {where: [a]}", ":2:15: unknown key 'where' in dashboard", id="a key of no dashboard"),
    pytest.param("milestone: ''", ":2:3: milestone must be one line", id="an empty milestone"),
    pytest.param('prefix: "a\\nb"', ":2:3: prefix must be one line", id="two lines for a prefix"),
    pytest.param("title: '{version}'", ":2:3: title: there is no field {version}; there are {base}, ", id="a field"),
    pytest.param("title: '{changes}'", ":2:3: title: there is no field {changes}", id="a field of messages"),
    pytest.param("title: ''", ":2:3: title must not be empty", id="an empty title"),
    pytest.param('title: "a\\nb"', ":2:3: title must be one line of at most 200 characters", id="two lines"),
    pytest.param("commit-message: ' '", ":2:3: commit-message must not be empty", id="an empty message"),
    pytest.param("sign-off: yes", ":2:3: sign-off must be true or false", id="yes, which YAML 1.2 takes for a word"),
    pytest.param("author: {}", ":2:3: an author has a `name` and an `email`", id="nobody"),
    pytest.param("author: {name: a}", ":2:12: an author has a `name` and an `email`", id="half an author"),
    pytest.param("author: {name: a <b, email: a@b}", ":2:12: name must be a name on one line", id="a name"),
    pytest.param("author: {name: a, email: b}", ":2:21: email must be an e-mail address", id="an address of nobody"),
    pytest.param("branches: [5]", ":2:3: branches must be a string or a list", id="a number for a branch"),
    pytest.param("branches: ['']", ":2:14: '': not the name of a branch", id="an empty branch"),
    pytest.param("branches: ['release-*']", ":2:14: 'release-*': not the name of a branch; `branches` are", id="globs"),
    pytest.param("branches: [refs/heads/a]", ":2:14: 'refs/heads/a': `branches` are names, without", id="a full ref"),
    pytest.param("sign: {}", ":2:3: commits are signed with an `ssh-key` or a `gpg-key`", id="no key"),
    pytest.param("sign: {ssh-key: a, gpg-key: b}", ":2:10: commits are signed with an `ssh-key` or", id="two keys"),
    pytest.param("base: main", ":2:3: unknown key 'base' in pull-requests; known are assignees,", id="another word"),
]


@pytest.mark.parametrize(("text", "message"), FORGE_MISTAKES)
def test_a_mistake_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse("x", text.encode())
    said = str(caught.value)
    assert said.startswith("x:")
    assert message in said
    assert "hunter2" not in said


@pytest.mark.parametrize(("text", "message"), PULL_REQUEST_MISTAKES)
def test_a_mistake_about_pull_requests_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse("x", f"pull-requests:\n {{{text}}}".encode())
    assert str(caught.value).startswith(f"x{message}")


def test_a_time_that_yaml_1_1_takes_for_a_number_is_a_mistake_and_no_other_time() -> None:
    text = "%YAML 1.1\n---\npull-requests: {window: {from: 22:00}}\n"
    with pytest.raises(SettingsError, match=r"x:3:26: from must be a time of the day in quotes"):
        parse("x", text.encode())


@pytest.mark.parametrize("key", ["forges", "cache", "ledger", "pull-requests"])
def test_a_repository_says_none_of_it(key: str) -> None:
    with pytest.raises(SettingsError, match=rf"\.pinbot\.yaml:2:1: {key} belongs in the settings of whoever runs pinb"):
        parse_repository(".pinbot.yaml", f"exclude: [a]\n{key}: {{}}\n".encode())
