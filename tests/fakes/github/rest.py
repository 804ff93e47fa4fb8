"""REST of the stand-in, as far as it is used; it refuses what GitHub refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

from tests.fakes.github.description import answer_of
from tests.fakes.github.state import EVERYTHING, Actor, Hub, Pull, Repo, Ticket

_DOCS = "https://docs.github.com/rest"
_INTEGRATION = "Resource not accessible by integration"
_NOT_COLLABORATORS = (
    "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a "
    "collaborator of the repository."
)
_MOST_BODY = 65_536
_LINKS = dict.fromkeys(("url", "html_url", "diff_url", "patch_url"), "https://elsewhere.invalid/pull")


@dataclass(frozen=True)
class Asked:
    """A request as it came; `path` is without the prefix of the API and without the query."""

    verb: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    accept: str = ""
    token: str = ""


class Refused(Exception):
    """An answer that is no."""

    def __init__(self, status: int, message: str, reason: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.headers = status, dict(headers or {})
        self.data: dict[str, Any] = {"message": message, "documentation_url": _DOCS}
        if reason:
            self.data["errors"] = [{"resource": "PullRequest", "code": "custom", "message": reason}]


def _invalid(reason: str) -> Refused:
    return Refused(422, "Validation Failed", reason)


def answer(hub: Hub, asked: Asked, base: str) -> tuple[int, Any]:
    """Return the status and the JSON (or text) for a request. Raises Refused."""
    is_of_app = asked.path == "/app" or asked.path.startswith("/app/installations/")
    if is_of_app or asked.path.endswith("/installation"):
        return _as_app(hub, asked)
    actor = hub.actor(asked.token)
    if actor is None:
        raise Refused(401, "Bad credentials")
    if asked.path in _OF_TOKENS:
        return 200, _OF_TOKENS[asked.path](hub, actor, asked)
    found = re.fullmatch(r"/repos/([^/]+/[^/]+)/(.+)", asked.path)
    repo = hub.named(found[1]) if found else None
    if found is None or repo is None or (actor.repositories is not None and repo.number not in actor.repositories):
        raise Refused(404, "Not Found")
    if repo.name.lower() != found[1].lower():
        location = f"{base}/repositories/{repo.number}/{found[2]}"
        raise Refused(301 if asked.verb == "GET" else 307, "Moved", headers={"Location": location})
    if asked.verb != "GET":
        _refuse_write(actor, repo)
    hub.refresh(repo)
    for verb, pattern, act in _ROUTES:
        if asked.verb == verb and (parts := re.fullmatch(pattern, found[2])):
            try:
                return act(_Call(hub, actor, repo, asked, *map(int, parts.groups())))
            except KeyError:
                break
    raise Refused(404, "Not Found")


def _refuse_write(actor: Actor, repo: Repo) -> None:
    if repo.is_archived:
        raise Refused(403, "Repository was archived so is read-only.")
    if not actor.may("pull_requests"):
        raise Refused(403, _INTEGRATION if actor.kind == "Bot" else "Resource not accessible by personal access token")


@dataclass(frozen=True)
class _Call:
    hub: Hub
    actor: Actor
    repo: Repo
    asked: Asked
    number: int = 0

    @property
    def pull(self) -> Pull:
        return self.repo.pull(self.number)


def _list_pulls(call: _Call) -> tuple[int, Any]:
    owner, _, branch = call.asked.query.get("head", "").partition(":")
    state = call.asked.query.get("state", "open")
    assert owner == call.repo.name.partition("/")[0], "GitHub passes over a head without the right owner"
    pulls = [p for p in call.repo.pulls if p.branch == branch and p.from_fork is None]
    pulls = [p for p in pulls if state == "all" or (p.state == "OPEN") == (state == "open")]
    return 200, [_told_pull(call.repo, p, "pull-request-simple") for p in _page(pulls[::-1], call.asked)]


def _open(call: _Call) -> tuple[int, Any]:
    given, repo = call.asked.body, call.repo
    branch, base = given["head"], given["base"]
    tip, base_tip = repo.heads.tip(branch), repo.heads.tip(base)
    if tip is None or base_tip is None:
        raise Refused(422, "Validation Failed", f"{'head' if tip is None else 'base'} invalid")
    if any(p.state == "OPEN" and (p.branch, p.base, p.from_fork) == (branch, base, None) for p in repo.pulls):
        raise _invalid(f"A pull request already exists for {repo.name.partition('/')[0]}:{branch}.")
    if not repo.heads.between(base_tip, tip):
        raise _invalid(f"No commits between {base} and {branch}")
    _refuse_long(given)
    pull = call.hub.open(
        repo, call.actor, branch, base, given["title"], given.get("body") or "", is_draft=given.get("draft", False)
    )
    return 201, _told_pull(repo, pull, "pull-request")


def _refuse_long(given: Mapping[str, Any]) -> None:
    if len(given.get("body") or "") > _MOST_BODY:
        raise _invalid("body is too long (maximum is 65536 characters)")
    if len(given.get("title") or "") > 256:
        raise _invalid("title is too long (maximum is 256 characters)")


def _show(call: _Call) -> tuple[int, Any]:
    if "diff" in call.asked.accept:
        base = call.repo.heads.tip(call.pull.base)
        assert base is not None
        return 200, call.repo.heads.diff(base, call.pull.head)
    return 200, _told_pull(call.repo, call.pull, "pull-request")


def _edit(call: _Call) -> tuple[int, Any]:
    given, pull = call.asked.body, call.pull
    _refuse_long(given)
    pull.title, pull.body = given.get("title", pull.title), given.get("body", pull.body)
    if "base" in given:
        if call.repo.heads.tip(given["base"]) is None:
            raise _invalid("base invalid")
        pull.base = given["base"]
    if given.get("state") == "closed" and pull.state == "OPEN":
        call.hub.close(call.repo, pull, "CLOSED", call.actor.login)
    call.hub.tell("edited", call.repo, pull, by=call.actor.login)
    return 200, _told_pull(call.repo, pull, "pull-request")


def _ask_reviews(call: _Call) -> tuple[int, Any]:
    people, teams = call.asked.body.get("reviewers", []), call.asked.body.get("team_reviewers", [])
    if call.pull.author.login in people:
        raise Refused(422, "Review cannot be requested from pull request author.")
    if not set(people) <= set(call.repo.collaborators) or not set(teams) <= set(call.repo.teams):
        raise Refused(422, _NOT_COLLABORATORS)
    call.pull.reviewers += [*people, *teams]
    return 201, _told_pull(call.repo, call.pull, "pull-request-simple")


def _list_issues(call: _Call) -> tuple[int, Any]:
    if not call.repo.has_issues:
        raise Refused(410, "Issues are disabled for this repo")
    creator = call.asked.query.get("creator")
    pulls = [{**_told_issue(p), "pull_request": _LINKS} for p in call.repo.pulls if creator in {None, p.author.login}]
    tickets = [_told_ticket(t) for t in call.repo.tickets if creator in {None, t.author.login}]
    found = sorted((*pulls, *tickets), key=lambda told: told["number"])
    return 200, _page(found if call.asked.query.get("direction") == "asc" else found[::-1], call.asked)


def _open_issue(call: _Call) -> tuple[int, Any]:
    if not call.repo.has_issues:
        raise Refused(410, "Issues are disabled for this repo")
    if not call.actor.may("issues"):
        raise Refused(403, _INTEGRATION)
    _refuse_long(call.asked.body)
    given = call.asked.body
    call.repo.tickets.append(Ticket(call.repo.next(), given["title"], given["body"], call.actor))
    call.hub.tell("issue opened", call.repo, by=call.actor.login)
    return 201, _told_ticket(call.repo.tickets[-1])


def _show_issue(call: _Call) -> tuple[int, Any]:
    if call.number in {ticket.number for ticket in call.repo.tickets}:
        return 200, _told_ticket(call.repo.ticket(call.number))
    return 200, _told_issue(call.pull)


def _edit_issue(call: _Call) -> tuple[int, Any]:
    given = call.asked.body
    _refuse_long(given)
    if call.number in {ticket.number for ticket in call.repo.tickets}:
        ticket = call.repo.ticket(call.number)
        ticket.title, ticket.body = given.get("title", ticket.title), given.get("body", ticket.body)
        call.hub.tell("issue edited", call.repo, by=call.actor.login)
        return 200, _told_ticket(ticket)
    pull = call.pull
    milestone = given.get("milestone")
    if milestone is not None and milestone > len(call.repo.milestones):
        raise _invalid("milestone invalid")
    if any(len(label) > 50 for label in given.get("labels", [])):
        raise _invalid("name is too long (maximum is 50 characters)")
    pull.title, pull.body = given.get("title", pull.title), given.get("body", pull.body)
    pull.labels = list(given.get("labels", pull.labels))
    pull.assignees = [a for a in given.get("assignees", pull.assignees) if a in call.repo.collaborators]
    pull.milestone = call.repo.milestones[milestone - 1] if milestone else pull.milestone
    call.hub.tell("edited", call.repo, pull, by=call.actor.login)
    return 200, _told_issue(pull)


def _comments(call: _Call) -> tuple[int, Any]:
    return 200, [_told_comment(*one) for one in _page(call.pull.comments, call.asked)]


def _comment(call: _Call) -> tuple[int, Any]:
    _refuse_long(call.asked.body)
    call.pull.comments.append((call.actor.login, call.asked.body["body"]))
    call.hub.tell("commented", call.repo, call.pull, by=call.actor.login)
    return 201, _told_comment(*call.pull.comments[-1])


def _milestones(call: _Call) -> tuple[int, Any]:
    told = [answer_of("milestone", {"number": i, "title": t}) for i, t in enumerate(call.repo.milestones, 1)]
    return 200, _page(told, call.asked)


_ROUTES: tuple[tuple[str, str, Callable[[_Call], tuple[int, Any]]], ...] = (
    ("GET", r"pulls", _list_pulls),
    ("POST", r"pulls", _open),
    ("GET", r"pulls/(\d+)", _show),
    ("PATCH", r"pulls/(\d+)", _edit),
    ("POST", r"pulls/(\d+)/requested_reviewers", _ask_reviews),
    ("GET", r"issues", _list_issues),
    ("POST", r"issues", _open_issue),
    ("GET", r"issues/(\d+)", _show_issue),
    ("PATCH", r"issues/(\d+)", _edit_issue),
    ("GET", r"issues/(\d+)/comments", _comments),
    ("POST", r"issues/(\d+)/comments", _comment),
    ("GET", r"milestones", _milestones),
)


def _as_app(hub: Hub, asked: Asked) -> tuple[int, Any]:
    try:
        claims = jwt.decode(asked.token, hub.app_key, algorithms=["RS256"], options={"verify_iat": False})
    except jwt.PyJWTError as error:
        raise Refused(401, f"A JSON web token could not be decoded: {type(error).__name__}") from None
    if claims["iss"] != hub.app_id:
        raise Refused(401, "Integration not found")
    if asked.path == "/app":
        return 200, answer_of("integration", {"slug": hub.app_slug})
    if not asked.path.endswith("/access_tokens"):
        account, may = answer_of("simple-user", {}), dict(hub.installation)
        return 200, answer_of("installation", {"id": 7, "account": account, "permissions": may})
    return 201, _token(hub, asked)


def _token(hub: Hub, asked: Asked) -> dict[str, Any]:
    wanted = asked.body.get("permissions") or EVERYTHING
    if any(hub.installation.get(k) not in {v, "write"} for k, v in wanted.items()):
        raise Refused(422, "The permissions requested are not granted to this installation.")
    ids = frozenset(asked.body["repository_ids"]) if "repository_ids" in asked.body else None
    if ids is not None and hub.installed_at is not None and not ids <= hub.installed_at:
        raise Refused(
            422,
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        )
    token, ends = hub.mint(ids, wanted)
    return answer_of("installation-token", {"token": token, "expires_at": ends.strftime("%Y-%m-%dT%H:%M:%SZ")})


def _installed(hub: Hub, actor: Actor, asked: Asked) -> dict[str, Any]:
    if actor.kind != "Bot":
        raise Refused(403, "You must authenticate with an installation access token")
    repos = [r for r in hub.repos if not r.is_gone and (actor.repositories is None or r.number in actor.repositories)]
    told = [
        answer_of(
            "repository",
            {
                "id": r.number,
                "node_id": r.id,
                "name": r.name.partition("/")[2],
                "full_name": r.name,
                "default_branch": r.default_branch,
                "topics": list(r.topics),
                "archived": r.is_archived,
                "fork": r.is_fork,
            },
        )
        for r in _page(repos, asked)
    ]
    return {"total_count": len(repos), "repositories": told}


def _limits(_hub: Hub, _actor: Actor, _asked: Asked) -> dict[str, Any]:
    left = {"limit": 5000, "used": 10, "remaining": 4990, "reset": 1_900_000_000}
    return {"resources": {"core": left, "search": left, "graphql": left}, "rate": left}


_OF_TOKENS: dict[str, Callable[[Hub, Actor, Asked], dict[str, Any]]] = {
    "/rate_limit": _limits,
    "/installation/repositories": _installed,
}


def _told_pull(repo: Repo, pull: Pull, component: str) -> dict[str, Any]:
    head_repo = {"id": pull.from_fork or repo.number}
    return answer_of(
        component,
        {
            "number": pull.number,
            "state": "open" if pull.state == "OPEN" else "closed",
            "title": pull.title,
            "body": pull.body,
            "draft": pull.is_draft,
            "user": answer_of("simple-user", {"login": pull.author.login, "type": pull.author.kind}),
            "head": {"ref": pull.branch, "sha": pull.head, "repo": answer_of("repository", head_repo)},
            "base": {"ref": pull.base, "repo": answer_of("repository", {"id": repo.number, "full_name": repo.name})},
            "labels": [_told_label(name) for name in pull.labels],
            "assignees": [answer_of("simple-user", {"login": a}) for a in pull.assignees],
            "requested_reviewers": [
                answer_of("simple-user", {"login": r}) for r in pull.reviewers if r in repo.collaborators
            ],
            "requested_teams": [answer_of("team", {"slug": r}) for r in pull.reviewers if r not in repo.collaborators],
            "created_at": pull.opened.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "closed_at": pull.closed.strftime("%Y-%m-%dT%H:%M:%SZ") if pull.closed else None,
            "merged_at": pull.closed.strftime("%Y-%m-%dT%H:%M:%SZ") if pull.closed and pull.state == "MERGED" else None,
        },
    )


def _told_label(name: str) -> dict[str, Any]:
    label = {"id": 1, "node_id": "L", "url": "https://elsewhere.invalid/label", "description": None, "color": "ededed"}
    return {**label, "name": name, "default": False}


def _told_issue(pull: Pull) -> dict[str, Any]:
    given = {
        "number": pull.number,
        "title": pull.title,
        "body": pull.body,
        "labels": [{"name": label} for label in pull.labels],
        "assignees": [answer_of("simple-user", {"login": a}) for a in pull.assignees],
    }
    return answer_of("issue", given)


def _told_ticket(ticket: Ticket) -> dict[str, Any]:
    given = {
        "number": ticket.number,
        "title": ticket.title,
        "body": ticket.body,
        "state": ticket.state.lower(),
        "user": answer_of("simple-user", {"login": ticket.author.login, "type": ticket.author.kind}),
    }
    return {key: value for key, value in answer_of("issue", given).items() if key != "pull_request"}


def _told_comment(login: str, body: str) -> dict[str, Any]:
    return answer_of("issue-comment", {"body": body, "user": answer_of("simple-user", {"login": login})})


def _page(items: list[Any], asked: Asked) -> list[Any]:
    size, page = int(asked.query.get("per_page", 30)), int(asked.query.get("page", 1))
    return items[(page - 1) * size : page * size]
