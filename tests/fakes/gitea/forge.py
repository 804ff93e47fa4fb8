"""The fake Forgejo itself: its routes, what it refuses, and the check of each request and answer.

What it refuses is what Forgejo's source refuses (`routers/api/v1/`): duplicates (409), missing branches (404), writes
to archived repositories (423), and whoever has no token (401).
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Sequence
from math import ceil
from pathlib import Path
from typing import Any, Self

from tests.fakes.bare import Bare
from tests.fakes.canary import canary
from tests.fakes.gitea.answers import Json, Writer
from tests.fakes.gitea.description import BASE, faults_of
from tests.fakes.gitea.state import Comment, Pull, Repo, State, Ticket, User
from tests.fakes.server import Reply, Seen, Server

_MAX_PAGE = 50
_WRITES = {"POST", "PATCH", "PUT", "DELETE"}
_REPO = re.compile(r"/repos/([^/]+)/([^/]+)(/.*|)")


class Refusal(Exception):
    """An answer of an error."""

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class FakeGitea:
    """A server with an organisation `acme` and an account `pinbot`, whose token is `token`.

    Use it as a context manager: at its end it asserts that all that was asked and answered was as described.
    `most` is how many items of a list it gives at once (MAX_RESPONSE_ITEMS).
    """

    def __init__(self, folder: Path, most: int = _MAX_PAGE) -> None:
        self.state = State()
        self.server = Server(self._reply)
        self.token = canary(self.server.host)
        self.server.owned = lambda: tuple(self.state.tokens)
        self.wrong: list[str] = []
        self.bot = self.state.user("pinbot")
        self.state.tokens[self.token] = self.bot
        self.state.user("acme", is_organisation=True)
        # What stands before it: the first answer that is not 200 is sent, and nothing done.
        self.gates: list[Callable[[Seen], Reply]] = []
        self._writer = Writer(self.state, self.server.url)
        self._folder = folder
        self._most = most
        self._lock = threading.Lock()

    def repo(self, name: str, owner: str = "acme", git: Bare | None = None, **fields: Any) -> Repo:
        """Add a repository: with the git repository given, or a new one with one commit on `main`."""
        number = self.state.next()
        if git is None:
            git = Bare.create(self._folder / f"{number}.git")
            git.commit("main", {"Dockerfile": "FROM python:3.12\n"}, "first\n", [])
        repo = Repo(number, self.state.user(owner), name, git, **fields)
        self.state.repos[number] = repo
        return repo

    def pull(self, repo: Repo, branch: str, base: str, author: User, title: str = "t", **fields: Any) -> Pull:
        """Add a pull request, as the web page would."""
        head_repo: Repo = fields.pop("head_repo", repo)
        head = head_repo.git.branches()[branch]
        body: str = fields.pop("body", "")
        number = self.state.next()
        pull = Pull(number, repo, head_repo, branch, base, author, title, body, self.state.now(), head, **fields)
        if any(p.key == pull.key for p in self.state.pulls if p.state == "open"):
            raise Refusal(409, f"pull request already exists for these targets [id: 1, head_branch: {branch}]")
        if head_repo is not repo:
            repo.git.git("fetch", "-q", str(head_repo.git.path), f"{head}:refs/pull/{number}/head")
        repo.git.keep(f"refs/pull/{number}/head", head)
        self.state.pulls.append(pull)
        self.state.record(f"open {number}", author)
        return pull

    def end(self, pull: Pull, by: User, merged: bool = False) -> None:
        """Close a pull request, or merge it (with a commit on top of its base)."""
        if merged:
            git = pull.repo.git
            head = git.read(pull.head)
            git.commit(pull.base, head.tree, "merged\n", [git.branches()[pull.base], pull.head])
        pull.state, pull.merged, pull.closed = "closed", merged, self.state.now()
        self.state.record(f"close {pull.number}", by)

    def rename(self, repo: Repo, name: str) -> None:
        """Give a repository another name; the old one leads to it."""
        repo.was.append(repo.full_name)
        repo.name = name

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *failure: object) -> None:
        self.server.__exit__(*failure)
        for event in self.state.history:
            assert len(set(event.open)) == len(event.open), f"two pull requests for one branch after {event}"
        assert self.wrong == []

    def _reply(self, seen: Seen) -> Reply:
        for gate in self.gates:
            if (reply := gate(seen)).status != 200:
                return reply
        with self._lock:
            reply = self._answer(seen)
        self.wrong += faults_of(seen, reply)
        return reply

    def _answer(self, seen: Seen) -> Reply:
        try:
            user = self._user(seen)
            reply = self._route(seen, user)
        except Refusal as refusal:
            return _json({"message": refusal.message, "url": f"{self.server.url}/api/swagger"}, refusal.status)
        if seen.method in _WRITES and reply.status < 300:
            self.state.record(f"{seen.method} {seen.path}", user)
        return reply

    def _user(self, seen: Seen) -> User:
        scheme, _, token = seen.headers.get("authorization", "").partition(" ")
        user = self.state.tokens.get(token)
        if scheme != "token" or user is None:
            raise Refusal(401, "user does not exist [uid: 0, name: ]" if token else "token is required")
        return user

    def _route(self, seen: Seen, user: User) -> Reply:
        path = seen.path.removeprefix(BASE)
        if path == "/user":
            return _json(self._writer.user(user))
        if found := re.fullmatch(r"/(?:orgs|users)/([^/]+)/repos", path):
            return self._owned(seen, found[1])
        if found := re.fullmatch(r"/orgs/([^/]+)/labels", path):
            if found[1] not in self.state.users or not self.state.users[found[1]].is_organisation:
                raise Refusal(404, "org does not exist")
            labels = self.state.org_labels.get(found[1], {})
            return self._page(seen, [self._writer.label(name, number) for name, number in labels.items()])
        if found := re.fullmatch(r"/repositories/([0-9]+)", path):
            if int(found[1]) not in self.state.repos:
                raise Refusal(404)
            return _json(self._writer.repo(self.state.repos[int(found[1])]))
        if found := _REPO.fullmatch(path):
            return self._of_repo(seen, user, *found.groups())
        raise Refusal(404)

    def _owned(self, seen: Seen, owner: str) -> Reply:
        if owner not in self.state.users:
            raise Refusal(404, "user redirect does not exist")
        repos = [r for r in self.state.repos.values() if r.owner.login == owner]
        return self._page(seen, repos, self._writer.repo)

    def _of_repo(self, seen: Seen, user: User, owner: str, name: str, rest: str) -> Reply:
        repo, is_old = self.state.named(owner, name)
        if repo is None:
            raise Refusal(404, "The target couldn't be found.")
        if is_old:
            target = seen.target.replace(f"/{owner}/{name}", f"/{repo.full_name}", 1)
            return Reply(307, (("Location", target),))
        if seen.method in _WRITES and repo.is_archived:
            raise Refusal(423, f"{repo.full_name} is archived")
        self.state.follow(repo)
        for pattern, handler in self._routes().items():
            method, _, path = pattern.partition(" ")
            if method == seen.method and (found := re.fullmatch(path, rest)):
                return handler(seen, user, repo, *found.groups())
        raise Refusal(404)

    def _routes(self) -> dict[str, Callable[..., Reply]]:
        write = self._writer
        number = "/pulls/([0-9]+)"
        return {
            "GET ": lambda seen, user, repo: _json(write.repo(repo)),
            "GET /branches": lambda seen, user, repo: self._page(
                seen, [write.branch(repo, *item) for item in repo.git.branches().items()]
            ),
            "GET /branches/(.+)": self._branch,
            "GET /git/commits/([0-9a-f]+)": lambda seen, user, repo, sha: _json(write.commit(repo.git.read(sha))),
            "GET /labels": lambda seen, user, repo: self._page(
                seen, [write.label(*item) for item in repo.labels.items()]
            ),
            "GET /milestones": lambda seen, user, repo: self._page(
                seen, [write.milestone(*item) for item in repo.milestones.items()]
            ),
            "GET /(?:assignees|reviewers)": lambda seen, user, repo: _json([write.user(u) for u in repo.members]),
            "GET /teams": lambda seen, user, repo: _json([{"id": 1, "name": name} for name in repo.teams]),
            "GET /pulls": self._pulls,
            "POST /pulls": self._open,
            f"GET {number}": lambda seen, user, repo, n: _json(write.pull(self._pull(repo, n))),
            f"PATCH {number}": self._edit,
            rf"GET {number}\.diff": lambda seen, user, repo, n: _diff(self._pull(repo, n)),
            f"GET {number}/commits": self._commits,
            f"POST {number}/requested_reviewers": self._reviewers,
            "GET /issues/([0-9]+)/comments": lambda seen, user, repo, n: _json(
                [write.comment(c) for c in self._pull(repo, n).comments]
            ),
            "POST /issues/([0-9]+)/comments": self._comment,
            "GET /issues": self._issues,
            "POST /issues": self._open_issue,
            "GET /issues/([0-9]+)": lambda seen, user, repo, n: _json(write.issue(repo, self._issue(repo, n))),
            "PATCH /issues/([0-9]+)": self._edit_issue,
            "GET /issues/([0-9]+)/timeline": lambda seen, user, repo, n: self._page(
                seen, [write.event(*event) for event in self._pull(repo, n).events]
            ),
            f"POST {number}/merge": self._merge,
            f"DELETE {number}/merge": self._stop_merging,
        }

    def _issues(self, seen: Seen, user: User, repo: Repo) -> Reply:
        assert seen.query["type"] == ["issues"], "pull requests are issues as well"
        by = seen.query.get("created_by", [None])[0]
        found = [ticket for ticket in reversed(repo.tickets) if by in {None, ticket.author.login}]
        return self._page(seen, found, lambda ticket: self._writer.issue(repo, ticket))

    def _open_issue(self, seen: Seen, user: User, repo: Repo) -> Reply:
        if not repo.has_issues:
            raise Refusal(404, "The target couldn't be found.")
        form = json.loads(seen.body)
        repo.tickets.append(Ticket(self.state.next(), user, form["title"], form["body"]))
        return _json(self._writer.issue(repo, repo.tickets[-1]), 201)

    def _edit_issue(self, seen: Seen, user: User, repo: Repo, number: str) -> Reply:
        ticket, form = self._issue(repo, number), json.loads(seen.body)
        ticket.title, ticket.body = form.get("title") or ticket.title, form.get("body", ticket.body)
        return _json(self._writer.issue(repo, ticket), 201)

    def _issue(self, repo: Repo, number: str) -> Ticket:
        for ticket in repo.tickets:
            if ticket.number == int(number):
                return ticket
        raise Refusal(404, "The target couldn't be found.")

    def _merge(self, seen: Seen, user: User, repo: Repo, number: str) -> Reply:
        """Merge when checks succeed; at once where none are required, as the source has it."""
        pull, form = self._pull(repo, number), json.loads(seen.body)
        if pull.merged:
            raise Refusal(405)
        if pull.title.upper().startswith("WIP:"):
            raise Refusal(405, "Work in progress PRs cannot be merged")
        if pull.merging is not None:
            raise Refusal(409, "pull request is already scheduled to auto merge when checks succeed")
        if not (form.get("merge_when_checks_succeed") and repo.checks):
            self.end(pull, user, merged=True)
            return Reply(200)
        pull.merging = user
        pull.events.append(("pull_scheduled_merge", user))
        return Reply(201)

    def _stop_merging(self, seen: Seen, user: User, repo: Repo, number: str) -> Reply:
        pull = self._pull(repo, number)
        if pull.merging is None:
            raise Refusal(404)
        if pull.merging is not user:  # and is no administrator of the repository
            raise Refusal(403, "user has no permission to cancel the scheduled auto merge")
        pull.merging = None
        pull.events.append(("pull_cancel_scheduled_merge", user))
        return Reply(204)

    def _branch(self, seen: Seen, user: User, repo: Repo, name: str) -> Reply:
        sha = repo.git.branches().get(name)
        if sha is None:
            raise Refusal(404, f"branch does not exist [repo_id: {repo.id} name: {name}]")
        return _json(self._writer.branch(repo, name, sha))

    def _pulls(self, seen: Seen, user: User, repo: Repo) -> Reply:
        poster = seen.query.get("poster", [None])[0]
        found = self.state.pulls_of(repo, seen.query.get("state", ["open"])[0])
        return self._page(seen, [p for p in found if poster in {None, p.author.login}], self._writer.pull)

    def _commits(self, seen: Seen, user: User, repo: Repo, number: str) -> Reply:
        pull = self._pull(repo, number)
        git = repo.git
        base = git.read(git.branches()[pull.base]).parents[0] if pull.merged else git.branches()[pull.base]
        return self._page(seen, git.between(base, pull.head), lambda sha: self._writer.commit(git.read(sha)))

    def _open(self, seen: Seen, user: User, repo: Repo) -> Reply:
        form = json.loads(seen.body)
        if form["head"] == form["base"]:
            raise Refusal(422, "Invalid PullRequest: There are no changes between the head and the base")
        branches = repo.git.branches()
        if form["base"] not in branches or form["head"] not in branches:
            raise Refusal(404, "The target couldn't be found.")
        known = [*repo.labels.values(), *self.state.org_labels.get(repo.owner.login, {}).values()]
        if form.get("milestone", 0) and form["milestone"] not in repo.milestones.values():
            raise Refusal(404)
        pull = self.pull(
            repo,
            form["head"],
            form["base"],
            user,
            form["title"],
            body=form.get("body", ""),
            labels=[n for n in form.get("labels", []) if n in known],
            assignees=[self._member(repo, name, "Assignee") for name in form.get("assignees", [])],
            milestone=form.get("milestone"),
        )
        return _json(self._writer.pull(pull), 201)

    def _edit(self, seen: Seen, user: User, repo: Repo, number: str) -> Reply:
        pull, form = self._pull(repo, number), json.loads(seen.body)
        pull.title, pull.body = form.get("title") or pull.title, form.get("body", pull.body)
        if form.get("state"):
            if pull.merged:
                raise Refusal(412, "cannot change state of this pull request, it was already merged")
            if form["state"] != pull.state:
                self.end(pull, user)
        if form.get("base") and form["base"] != pull.base:
            if form["base"] not in repo.git.branches():
                raise Refusal(404, f"new base '{form['base']}' not exist")
            pull.base = form["base"]
        return _json(self._writer.pull(pull), 201)

    def _reviewers(self, seen: Seen, user: User, repo: Repo, number: str) -> Reply:
        pull, form = self._pull(repo, number), json.loads(seen.body)
        people = [self._member(repo, name, "reviewer", 404) for name in form.get("reviewers", [])]
        if pull.author in people:
            raise Refusal(422, "poster of pr can't be reviewer")
        if strange := set(form.get("team_reviewers", [])) - set(repo.teams):
            raise Refusal(404, f"team does not exist [name: {strange}]")
        pull.reviewers += [p for p in people if p not in pull.reviewers]
        pull.teams += [t for t in form.get("team_reviewers", []) if t not in pull.teams]
        return _json([], 201)

    def _comment(self, seen: Seen, user: User, repo: Repo, number: str) -> Reply:
        comment = Comment(self.state.next(), user, json.loads(seen.body)["body"], self.state.now())
        self._pull(repo, number).comments.append(comment)
        return _json(self._writer.comment(comment), 201)

    def _pull(self, repo: Repo, number: str) -> Pull:
        for pull in self.state.pulls_of(repo, "all"):
            if pull.number == int(number):
                return pull
        raise Refusal(404, "The target couldn't be found.")

    def _member(self, repo: Repo, login: str, what: str, status: int = 422) -> User:
        for user in repo.members:
            if user.login == login:
                return user
        raise Refusal(status, f"{what} does not exist: [name: user does not exist [uid: 0, name: {login}]]")

    def _page(self, seen: Seen, items: Sequence[Any], write: Callable[[Any], Json] = lambda item: item) -> Reply:
        page = int(seen.query.get("page", ["1"])[0])
        size = min(int(seen.query.get("limit", ["30"])[0]), self._most)
        headers = [("X-Total-Count", str(len(items)))]
        if page < ceil(len(items) / size):
            headers.append(("Link", f'<{self.server.url}{seen.path}?page={page + 1}>; rel="next"'))
        return _json([write(item) for item in items[(page - 1) * size : page * size]], 200, *headers)


def _diff(pull: Pull) -> Reply:
    git = pull.repo.git
    text = git.diff(git.branches()[pull.base], pull.head)
    return Reply(200, (("Content-Type", "text/plain; charset=utf-8"),), text.encode("utf-8", "surrogateescape"))


def _json(value: object, status: int = 200, *headers: tuple[str, str]) -> Reply:
    return Reply(status, (("Content-Type", "application/json;charset=utf-8"), *headers), json.dumps(value).encode())
