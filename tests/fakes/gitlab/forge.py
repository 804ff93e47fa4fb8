"""The fake GitLab itself: its routes, what it refuses, and the check of each request and answer.

What it refuses is what GitLab's source refuses (`lib/api/`): a second merge request for the same branches (409), writes
to archived projects (403), merges without a pipeline that could be waited for (405), and whoever has no token (401).
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote

from tests.fakes.bare import Bare
from tests.fakes.canary import canary
from tests.fakes.gitlab import graph
from tests.fakes.gitlab.answers import Json, Writer
from tests.fakes.gitlab.description import API, faults_of
from tests.fakes.gitlab.state import Issue, Note, Project, Pull, State, User
from tests.fakes.server import Reply, Seen, Server

_MAX_PAGE = 100
_WRITES = {"POST", "PATCH", "PUT", "DELETE"}
_PROJECT = re.compile(r"/projects/([^/]+)(/.*|)")
# What is under way, and may yet succeed.
_ACTIVE = {"created", "pending", "running"}


class Refusal(Exception):
    """An answer of an error."""

    def __init__(self, status: int, message: object = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class FakeGitLab:
    """A site with a group `acme` and an account `pinbot`, whose token is `token`; `base` is a path before all of it.

    Use it as a context manager: at its end it asserts that all that was asked and answered was as described. `most` is
    how many items of a list it gives at once. `lacks` are fields of GraphQL that an older version does not know.
    """

    def __init__(self, folder: Path, most: int = _MAX_PAGE, base: str = "", site: str = "") -> None:
        self.state = State()
        self.server = Server(self.reply)
        self.token = canary(self.server.host)
        self.server.owned = lambda: tuple(self.state.tokens)
        self.wrong: list[str] = []
        self.bot = self.state.user("pinbot")
        self.state.tokens[self.token] = self.bot
        self.state.groups.add("acme")
        # What stands before it: the first answer that is not 200 is sent, and nothing done.
        self.gates: list[Callable[[Seen], Reply]] = []
        self.lacks: list[str] = []
        self.scopes = ["api"]
        self.header = "private-token"
        self.base = base
        self.site = f"{site or self.server.url}{base}"
        self._writer = Writer(self.state, self.site)
        self._folder = folder
        self._most = most
        self._lock = threading.Lock()

    def project(self, name: str, namespace: str = "acme", git: Bare | None = None, **fields: Any) -> Project:
        """Add a project: with the git repository given, or a new one with one commit on `main`."""
        number = self.state.next()
        if git is None:
            git = Bare.create(self._folder / f"{number}.git")
            git.commit("main", {"Dockerfile": "FROM python:3.12\n"}, "first\n", [])
        self.state.projects[number] = Project(number, namespace, name, git, **fields)
        return self.state.projects[number]

    def pull(self, project: Project, branch: str, base: str, author: User, title: str = "t", **fields: Any) -> Pull:
        """Add a merge request, as the web page would."""
        source: Project = fields.pop("source", project)
        head, body = source.git.branches()[branch], str(fields.pop("body", ""))
        number = self.state.next()
        pull = Pull(number, project, source, branch, base, author, title, body, self.state.now(), head, **fields)
        if same := [p for p in self.state.pulls if p.state == "opened" and p.key == pull.key]:
            said = f"Another open merge request already exists for this source branch: !{same[0].number}"
            raise Refusal(409, [said])
        if source is not project:
            project.git.git("fetch", "-q", str(source.git.path), f"{head}:refs/merge-requests/{number}/head")
        project.git.keep(f"refs/merge-requests/{number}/head", head)
        self.state.pulls.append(pull)
        self.state.follow(project)
        pull.checked = (project.git.branches()[base], head)
        self.state.record(f"open {number}", author)
        return pull

    def issue(self, project: Project, author: User, title: str, body: str) -> Issue:
        """Add an issue."""
        issue = Issue(self.state.next(), project, author, title, body, self.state.now())
        self.state.issues.append(issue)
        return issue

    def end(self, pull: Pull, by: User, merged: bool = False) -> None:
        """Close a merge request, or merge it (with a commit on top of its base)."""
        self.state.follow(pull.project)
        if merged:
            git = pull.project.git
            head = git.read(pull.head)
            git.commit(pull.base, head.tree, "merged\n", [git.branches()[pull.base], pull.head])
        pull.state, pull.closed = "merged" if merged else "closed", self.state.now()
        pull.merging = None
        self.state.record(f"close {pull.number}", by)

    def move(self, project: Project, path: str) -> None:
        """Give a project another path; the old one leads to it."""
        project.was.append(project.path)
        project.namespace, _, project.name = path.rpartition("/")

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *failure: object) -> None:
        self.server.__exit__(*failure)
        for event in self.state.history:
            assert len(set(event.open)) == len(event.open), f"two merge requests for one branch after {event}"
        assert self.wrong == []

    def reply(self, seen: Seen) -> Reply:
        """Answer a request."""
        for gate in self.gates:
            if (reply := gate(seen)).status != 200:
                return reply
        with self._lock:
            reply = self._answer(seen)
        path = seen.path.removeprefix(self.base)
        if path.startswith(API):
            self.wrong += faults_of(seen, path.removeprefix(API), reply)
        return reply

    def _answer(self, seen: Seen) -> Reply:
        path = seen.path.removeprefix(self.base)
        try:
            user = self._user(seen)
            if path == "/api/graphql":
                asked = json.loads(seen.body)
                told = graph.answer(self._writer, user, asked["query"], asked["variables"], self.lacks)
                return _json(told)
            reply = self._route(seen, user, path.removeprefix(API))
        except Refusal as refusal:
            return _json({"message": refusal.message}, refusal.status)
        if seen.method in _WRITES and reply.status < 300:
            self.state.record(f"{seen.method} {path}", user)
        return reply

    def _user(self, seen: Seen) -> User:
        shown = seen.headers.get(self.header, "").removeprefix("Bearer ")
        if (user := self.state.tokens.get(shown)) is None:
            raise Refusal(401, "401 Unauthorized")
        return user

    def _route(self, seen: Seen, user: User, path: str) -> Reply:
        if path == "/user":
            return _json(self._writer.user(user))
        if path == "/users":
            wanted = seen.query["username"][0].lower()
            return _json([self._writer.user(u) for u in self.state.users.values() if u.username.lower() == wanted])
        if path == "/personal_access_tokens/self":
            return _json({"id": 1, "name": "t", "scopes": self.scopes, "active": True, "expires_at": "2026-11-30"})
        if found := re.fullmatch(r"/(groups|users)/([^/]+)/projects", path):
            return self._owned(seen, found[1], unquote(found[2]))
        if found := _PROJECT.fullmatch(path):
            return self._of_project(seen, user, unquote(found[1]), found[2])
        raise Refusal(404, "404 Not Found")

    def _owned(self, seen: Seen, kind: str, owner: str) -> Reply:
        known = self.state.groups if kind == "groups" else self.state.users
        if owner not in known:
            raise Refusal(404, f"404 {kind[:-1].title()} Not Found")
        below = seen.query.get("include_subgroups") == ["true"]
        return self._page(
            seen,
            [
                project
                for project in self.state.projects.values()
                if project.namespace == owner or (below and project.namespace.startswith(f"{owner}/"))
            ],
            self._writer.project,
        )

    def _of_project(self, seen: Seen, user: User, name: str, rest: str) -> Reply:
        if name.isdigit():
            project, is_old = self.state.projects.get(int(name)), False
        else:
            project, is_old = self.state.named(name)
        if project is None:
            raise Refusal(404, "404 Project Not Found")
        if is_old:
            return Reply(301, (("Location", f"{self.site}{API}/projects/{project.id}{rest}"),))
        if seen.method in _WRITES and project.is_archived:
            raise Refusal(403, "403 Forbidden")
        self.state.follow(project)
        for pattern, handler in self._routes().items():
            method, _, path = pattern.partition(" ")
            if method == seen.method and (found := re.fullmatch(path, rest)):
                return handler(seen, user, project, *found.groups())
        raise Refusal(404, "404 Not Found")

    def _routes(self) -> dict[str, Callable[..., Reply]]:
        write = self._writer
        number = "/merge_requests/([0-9]+)"
        return {
            "GET ": lambda seen, user, project: _json(write.project(project)),
            "GET /labels": lambda seen, user, project: self._page(
                seen, [{"id": n, "name": name} for n, name in enumerate(project.labels, 1)]
            ),
            "GET /milestones": self._milestones,
            "GET /repository/commits": self._commits,
            "GET /repository/commits/([0-9a-f]+)": lambda seen, user, project, sha: _json(
                write.commit(project.git.read(sha))
            ),
            "GET /repository/tree": self._tree,
            "GET /issues": self._issues,
            "POST /issues": self._open_issue,
            "GET /issues/([0-9]+)": lambda seen, user, project, n: _json(write.issue(self._issue(project, n))),
            "PUT /issues/([0-9]+)": self._edit_issue,
            "GET /merge_requests": self._pulls,
            "POST /merge_requests": self._open,
            f"GET {number}": self._look,
            f"PUT {number}": self._edit,
            f"PUT {number}/merge": self._merge,
            f"POST {number}/cancel_merge_when_pipeline_succeeds": self._cancel,
            f"GET {number}/diffs": self._diffs,
            f"GET {number}/notes": lambda seen, user, project, n: self._page(
                seen, self._pull(project, n).notes, write.note
            ),
            f"POST {number}/notes": self._note,
        }

    def _milestones(self, seen: Seen, user: User, project: Project) -> Reply:
        wanted = seen.query.get("title", [None])[0]
        return _json([{"id": n, "title": t} for t, n in project.milestones.items() if wanted in {None, t}])

    def _commits(self, seen: Seen, user: User, project: Project) -> Reply:
        since, _, head = seen.query["ref_name"][0].partition("..")
        known = project.git.branches()
        found = project.git.between(known.get(since, since), known.get(head, head))
        return self._page(seen, [project.git.read(sha) for sha in found], self._writer.commit)

    def _tree(self, seen: Seen, user: User, project: Project) -> Reply:
        lines = project.git.git("ls-tree", "-z", seen.query["ref"][0]).split("\0")[:-1]
        found = []
        for line in lines:
            (mode, kind, sha), name = line.split("\t")[0].split(" "), line.split("\t", 1)[1]
            found.append({"id": sha, "name": name, "type": kind, "path": name, "mode": mode})
        # Folders come first.
        return self._page(seen, sorted(found, key=lambda one: one["type"] != "tree"))

    def _issues(self, seen: Seen, user: User, project: Project) -> Reply:
        if not project.has_issues:
            raise Refusal(403, "403 Forbidden")
        author = int(seen.query.get("author_id", ["0"])[0])
        found = [i for i in self.state.issues if i.project is project and author in {0, i.author.id}]
        if seen.query.get("sort") != ["asc"]:
            found.reverse()
        return self._page(seen, found, self._writer.issue)

    def _open_issue(self, seen: Seen, user: User, project: Project) -> Reply:
        if not project.has_issues:
            raise Refusal(403, "403 Forbidden")
        form = json.loads(seen.body)
        self._check_text(form["description"])
        return _json(self._writer.issue(self.issue(project, user, form["title"], form["description"])), 201)

    def _edit_issue(self, seen: Seen, user: User, project: Project, number: str) -> Reply:
        issue, form = self._issue(project, number), json.loads(seen.body)
        issue.title, issue.body = form.get("title", issue.title), form.get("description", issue.body)
        self._check_text(issue.body)
        return _json(self._writer.issue(issue))

    def _pulls(self, seen: Seen, user: User, project: Project) -> Reply:
        found = self.state.pulls_of(project, seen.query.get("state", ["all"])[0])
        asked = {name: seen.query.get(name, [None])[0] for name in ("source_branch", "target_branch")}
        fitting = (
            p for p in found if asked["source_branch"] in {None, p.branch} and asked["target_branch"] in {None, p.base}
        )
        return self._page(seen, list(fitting), lambda pull: self._writer.pull(pull, whole=False))

    def _open(self, seen: Seen, user: User, project: Project) -> Reply:
        form = json.loads(seen.body)
        if not project.has_merge_requests:
            raise Refusal(403, "403 Forbidden")
        branches = project.git.branches()
        if form["source_branch"] == form["target_branch"]:
            raise Refusal(422, ["You can't use same project/branch for source and target"])
        for name in ("source_branch", "target_branch"):
            if form[name] not in branches:
                raise Refusal(400, {name: ["does not exist"]})
        if form.get("milestone_id", 0) and form["milestone_id"] not in project.milestones.values():
            raise Refusal(400, {"milestone_id": ["is invalid"]})
        self._check_text(form.get("description", ""))
        labels = [label for label in form.get("labels", "").split(",") if label]
        project.labels += [label for label in labels if label not in project.labels]
        people = {u.id: u for u in project.members}
        pull = self.pull(
            project,
            form["source_branch"],
            form["target_branch"],
            user,
            form["title"],
            body=form.get("description", ""),
            labels=labels,
            # Whoever is no member is left out, without a word.
            assignees=[people[n] for n in form.get("assignee_ids", []) if n in people],
            reviewers=[people[n] for n in form.get("reviewer_ids", []) if n in people],
            milestone=form.get("milestone_id"),
            squash=form.get("squash", False),
            removes_branch=form.get("remove_source_branch", False),
        )
        return _json(self._writer.pull(pull), 201)

    def _look(self, seen: Seen, user: User, project: Project, number: str) -> Reply:
        """Whoever looks at one lets GitLab find out whether it can be merged."""
        pull = self._pull(project, number)
        pull.checked = (project.git.branches().get(pull.base, ""), pull.head)
        return _json(self._writer.pull(pull))

    def _edit(self, seen: Seen, user: User, project: Project, number: str) -> Reply:
        pull, form = self._pull(project, number), json.loads(seen.body)
        pull.title, pull.body = form.get("title", pull.title), form.get("description", pull.body)
        self._check_text(pull.body)
        if form.get("target_branch"):
            if form["target_branch"] not in project.git.branches():
                raise Refusal(400, {"target_branch": ["does not exist"]})
            pull.base = form["target_branch"]
        if form.get("state_event") == "close" and pull.state == "opened":
            self.end(pull, user)
        return _json(self._writer.pull(pull))

    def _merge(self, seen: Seen, user: User, project: Project, number: str) -> Reply:
        """Merge at once what is green and, as of 18.11, what no pipeline checks."""
        pull, form = self._pull(project, number), json.loads(seen.body)
        if project.merger is not None:
            raise Refusal(project.merger, f"{project.merger} refused")
        if form.get("sha") not in {None, pull.head}:
            raise Refusal(409, f"SHA does not match HEAD of source branch: {pull.head}")
        status = pull.status
        if pull.state != "opened" or (status is not None and status not in _ACTIVE | {"success"}):
            raise Refusal(405, "405 Method Not Allowed")
        if form.get("auto_merge") and status in _ACTIVE:
            pull.merging = user
        else:
            self.end(pull, user, merged=True)
        return _json(self._writer.pull(pull))

    def _cancel(self, seen: Seen, user: User, project: Project, number: str) -> Reply:
        pull = self._pull(project, number)
        if pull.merging is None:
            raise Refusal(406, "406 Not Acceptable")
        pull.merging = None
        return _json(self._writer.pull(pull), 201)

    def _diffs(self, seen: Seen, user: User, project: Project, number: str) -> Reply:
        pull = self._pull(project, number)
        found = []
        for name in project.git.git("diff", "--name-only", "-z", f"{pull.since}..{pull.head}").split("\0")[:-1]:
            text = project.git.git("diff", f"{pull.since}..{pull.head}", "--", name)
            hunks = text[text.index("@@") :] if "@@" in text else ""
            found.append(
                {"old_path": name, "new_path": name, "diff": hunks, "new_file": False, "renamed_file": False,
                 "deleted_file": False, "collapsed": False, "too_large": len(hunks) > 100_000}
            )  # fmt: skip
        return self._page(seen, found)

    def _note(self, seen: Seen, user: User, project: Project, number: str) -> Reply:
        body = json.loads(seen.body)["body"]
        self._check_text(body)
        note = Note(self.state.next(), user, body, self.state.now())
        self._pull(project, number).notes.append(note)
        return _json(self._writer.note(note), 201)

    def _check_text(self, text: str) -> None:
        if found := re.search(r"^/[a-z_]+", text, re.MULTILINE):
            self.wrong.append(f"{found[0]!r} would be done")

    def _pull(self, project: Project, number: str) -> Pull:
        for pull in self.state.pulls_of(project, "all"):
            if pull.number == int(number):
                return pull
        raise Refusal(404, "404 Not found")

    def _issue(self, project: Project, number: str) -> Issue:
        for issue in self.state.issues:
            if issue.project is project and issue.number == int(number):
                return issue
        raise Refusal(404, "404 Not found")

    def _page(self, seen: Seen, items: Sequence[Any], write: Callable[[Any], Json] = lambda item: item) -> Reply:
        page = int(seen.query.get("page", ["1"])[0])
        size = min(int(seen.query.get("per_page", ["20"])[0]), self._most)
        more = str(page + 1) if page * size < len(items) else ""
        shown = [write(item) for item in items[(page - 1) * size : page * size]]
        return _json(shown, 200, ("X-Next-Page", more), ("X-Page", str(page)), ("X-Total", str(len(items))))


def _json(value: object, status: int = 200, *headers: tuple[str, str]) -> Reply:
    return Reply(status, (("Content-Type", "application/json"), *headers), json.dumps(value).encode())
