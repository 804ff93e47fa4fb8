"""The state of a fake Forgejo as its API writes it (`services/convert/`)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from tests.fakes.bare import Read, Who
from tests.fakes.gitea.state import Comment, Pull, Repo, State, Ticket, User

Json = dict[str, Any]


class Writer:
    """Writes values as the API does, for a server at `site`."""

    def __init__(self, state: State, site: str) -> None:
        self._state = state
        self._site = site

    def user(self, user: User) -> Json:
        """Return an account."""
        return {"id": user.id, "login": user.login, "full_name": "", "email": f"{user.login}@noreply.localhost"}

    def repo(self, repo: Repo) -> Json:
        """Return a repository."""
        return {
            "id": repo.id,
            "owner": self.user(repo.owner),
            "name": repo.name,
            "full_name": repo.full_name,
            "empty": repo.is_empty,
            "fork": repo.fork_of is not None,
            "parent": None,
            "html_url": f"{self._site}/{repo.full_name}",
            "clone_url": f"{self._site}/{repo.full_name}.git",
            "open_pr_counter": sum(1 for _ in self._state.pulls_of(repo)),
            "default_branch": repo.default_branch,
            "archived": repo.is_archived,
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-11-20T00:00:00Z",
            "archived_at": "1970-01-01T00:00:00Z",
            "object_format_name": "sha1",
            "topics": list(repo.topics) or None,
            "has_issues": repo.has_issues,
            "default_merge_style": "merge",
        }

    def label(self, name: str, number: int) -> Json:
        """Return a label."""
        return {"id": number, "name": name, "color": "00aabb", "exclusive": False, "is_archived": False}

    def milestone(self, title: str, number: int) -> Json:
        """Return an open milestone."""
        return {"id": number, "title": title, "state": "open", "closed_at": None}

    def comment(self, comment: Comment) -> Json:
        """Return a comment."""
        return {
            "id": comment.id,
            "user": self.user(comment.author),
            "body": comment.body,
            "created_at": _written(comment.at),
            "updated_at": _written(comment.at),
            "assets": [],
        }

    def issue(self, repo: Repo, ticket: Ticket) -> Json:
        """Return an issue."""
        return {
            "id": ticket.number,
            "number": ticket.number,
            "html_url": f"{self._site}/{repo.full_name}/issues/{ticket.number}",
            "user": self.user(ticket.author),
            "title": ticket.title,
            "body": ticket.body,
            "state": ticket.state,
            "pull_request": None,
        }

    def event(self, kind: str, user: User) -> Json:
        """Return an event of a timeline."""
        return {"id": 1, "type": kind, "user": self.user(user), "body": ""}

    def branch(self, repo: Repo, name: str, sha: str) -> Json:
        """Return a branch: its commit without tree and parents, as they are here."""
        commit = repo.git.read(sha)
        author = {"name": commit.author.name, "email": commit.author.email, "username": ""}
        return {
            "name": name,
            "commit": {"id": sha, "message": commit.message, "url": "", "author": author, "committer": author},
            "protected": bool(repo.checks),
            "enable_status_check": bool(repo.checks),
            "status_check_contexts": list(repo.checks),
        }

    def commit(self, commit: Read) -> Json:
        """Return a commit; the tree's name is the commit's own, as Gitea and Forgejo have it."""
        return {
            "sha": commit.sha,
            "url": "",
            "created": _dated(commit.committer),
            "commit": {
                "message": commit.message,
                "author": _person(commit.author),
                "committer": _person(commit.committer),
                "tree": {"sha": commit.sha, "url": "", "created": _dated(commit.committer)},
                "verification": {"verified": False, "reason": "gpg.error.not_signed_commit", "payload": ""},
            },
            "author": None,
            "committer": None,
            "parents": [{"sha": parent, "url": "", "created": "0001-01-01T00:00:00Z"} for parent in commit.parents],
            "files": None,
        }

    def pull(self, pull: Pull) -> Json:
        """Return a pull request (`ToAPIPullRequest`)."""
        git = pull.repo.git
        base = git.branches().get(pull.base, "")
        head_repo = pull.head_repo
        has_branch = head_repo is not None and pull.branch in head_repo.git.branches()
        is_draft = pull.title.upper().startswith(("WIP:", "[WIP]"))
        numbers = {number: name for name, number in pull.repo.labels.items()}
        numbers |= {n: name for name, n in self._state.org_labels.get(pull.repo.owner.login, {}).items()}
        milestones = {number: title for title, number in pull.repo.milestones.items()}
        return {
            "id": pull.number,
            "number": pull.number,
            "url": f"{self._site}/{pull.repo.full_name}/pulls/{pull.number}",
            "html_url": f"{self._site}/{pull.repo.full_name}/pulls/{pull.number}",
            "user": self.user(pull.author),
            "title": pull.title,
            "body": pull.body,
            "labels": [self.label(numbers[n], n) for n in pull.labels],
            "milestone": self.milestone(milestones[pull.milestone], pull.milestone) if pull.milestone else None,
            "assignee": self.user(pull.assignees[0]) if pull.assignees else None,
            "assignees": [self.user(u) for u in pull.assignees] or None,
            "requested_reviewers": [self.user(u) for u in pull.reviewers],
            "requested_reviewers_teams": [{"name": name} for name in pull.teams],
            "state": pull.state,
            "draft": is_draft,
            "comments": len(pull.comments),
            "mergeable": not is_draft and pull.state == "open" and bool(base) and git.merges(base, pull.head),
            "merged": pull.merged,
            "merged_at": _written(pull.closed) if pull.merged and pull.closed else None,
            "base": {
                "label": pull.base, "ref": pull.base, "sha": base,
                "repo_id": pull.repo.id, "repo": self.repo(pull.repo),
            },
            "head": {
                "label": pull.branch,
                "ref": pull.branch if has_branch else f"refs/pull/{pull.number}/head",
                "sha": pull.head,
                "repo_id": head_repo.id if head_repo else -1,
                "repo": self.repo(head_repo) if head_repo else None,
            },
            "merge_base": git.merge_base(base, pull.head) if base else "",
            "created_at": _written(pull.opened),
            "updated_at": _written(pull.closed or pull.opened),
            "closed_at": _written(pull.closed) if pull.closed else None,
        }  # fmt: skip


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _person(who: Who) -> Json:
    return {"name": who.name, "email": who.email, "date": _dated(who)}


def _dated(who: Who) -> str:
    seconds, _, offset = who.when.partition(" ")
    minutes = int(f"{offset[0]}{int(offset[1:3]) * 60 + int(offset[3:5])}")
    moment = datetime.fromtimestamp(int(seconds), timezone(timedelta(minutes=minutes)))
    return moment.isoformat().replace("+00:00", "Z")
