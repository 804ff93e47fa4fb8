"""The state of a fake GitLab as its REST API writes it (`lib/api/entities/`)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from tests.fakes.bare import Read, Who
from tests.fakes.gitlab.state import Issue, Note, Project, Pull, State, User

Json = dict[str, Any]
_DRAFT = re.compile(r"\s*(?:\[draft\]|\(draft\)|draft:)", re.IGNORECASE)


class Writer:
    """Writes values as the API does, for a site at `site`."""

    def __init__(self, state: State, site: str) -> None:
        self.state = state
        self.site = site

    def user(self, user: User) -> Json:
        """Return an account."""
        return {"id": user.id, "username": user.username, "name": user.username, "state": "active"}

    def project(self, project: Project) -> Json:
        """Return a project."""
        origin = self.state.projects.get(project.fork_of or 0)
        return {
            "id": project.id,
            "name": project.name,
            "path": project.name,
            "path_with_namespace": project.path,
            "default_branch": None if project.is_empty else project.default_branch,
            "topics": list(project.topics),
            "tag_list": list(project.topics),
            "archived": project.is_archived,
            "empty_repo": project.is_empty,
            "web_url": self.web(project),
            "http_url_to_repo": f"{self.web(project)}.git",
            "merge_requests_access_level": "enabled" if project.has_merge_requests else "disabled",
            "issues_access_level": "enabled" if project.has_issues else "disabled",
            # Only of a project that was forked from another.
            **({"forked_from_project": {"id": project.fork_of, "name": origin.name if origin else "gone"}}
               if project.fork_of else {}),
        }  # fmt: skip

    def web(self, project: Project) -> str:
        """Return the address of a project for people."""
        return f"{self.site}/{project.path}"

    def pull(self, pull: Pull, whole: bool = True) -> Json:
        """Return a merge request; `whole` as it is alone, else as a list has it."""
        milestones = {number: title for title, number in pull.project.milestones.items()}
        found = {
            "id": pull.number + 1000,
            "iid": pull.number,
            "project_id": pull.project.id,
            "title": pull.title,
            "description": pull.body,
            "state": pull.state,
            "draft": is_draft(pull),
            "created_at": written(pull.opened),
            "updated_at": written(pull.closed or pull.opened),
            "merged_at": written(pull.closed) if pull.closed and pull.state == "merged" else None,
            "closed_at": written(pull.closed) if pull.closed and pull.state == "closed" else None,
            "target_branch": pull.base,
            "source_branch": pull.branch,
            "source_project_id": pull.source.id if pull.source else None,
            "target_project_id": pull.project.id,
            "author": self.user(pull.author),
            "assignee": self.user(pull.assignees[0]) if pull.assignees else None,
            "assignees": [self.user(user) for user in pull.assignees],
            "reviewers": [self.user(user) for user in pull.reviewers],
            "labels": list(pull.labels),
            "milestone": {"id": pull.milestone, "title": milestones[pull.milestone]} if pull.milestone else None,
            "merge_when_pipeline_succeeds": pull.merging is not None,
            "merge_user": self.user(pull.merging) if pull.merging else None,
            "detailed_merge_status": "mergeable" if self.merges(pull) else "conflict",
            "sha": pull.head,
            "squash": pull.squash,
            "should_remove_source_branch": None,
            "force_remove_source_branch": pull.removes_branch,
            "has_conflicts": not self.merges(pull),
            "web_url": f"{self.web(pull.project)}/-/merge_requests/{pull.number}",
        }
        if whole:
            sha, ref, status = pull.head, pull.branch, pull.project.pipeline(pull.head)
            if pull.result is not None:
                (sha, status), ref = pull.result, f"refs/merge-requests/{pull.number}/merge"
            pipeline = {"id": 1, "iid": 1, "project_id": pull.project.id, "sha": sha, "ref": ref,
                        "status": status} if status else None  # fmt: skip
            found |= {
                "subscribed": True,
                "head_pipeline": pipeline,
                "diff_refs": {"base_sha": pull.since, "head_sha": pull.head, "start_sha": pull.since},
            }
        return found

    def merges(self, pull: Pull) -> bool:
        """Return whether a merge request has no conflicts."""
        base = pull.project.git.branches().get(pull.base)
        return base is None or pull.state != "opened" or pull.project.git.merges(base, pull.head)

    def note(self, note: Note) -> Json:
        """Return a comment."""
        return {
            "id": note.id,
            "body": note.body,
            "author": self.user(note.author),
            "created_at": written(note.at),
            "updated_at": written(note.at),
            "system": False,
        }

    def issue(self, issue: Issue) -> Json:
        """Return an issue."""
        return {
            "id": issue.number + 1000,
            "iid": issue.number,
            "project_id": issue.project.id,
            "title": issue.title,
            "description": issue.body,
            "state": issue.state,
            "created_at": written(issue.opened),
            "author": self.user(issue.author),
            "web_url": f"{self.web(issue.project)}/-/issues/{issue.number}",
        }

    def commit(self, commit: Read) -> Json:
        """Return a commit: without its tree, and with the times as git has them."""
        return {
            "id": commit.sha,
            "short_id": commit.sha[:8],
            "title": commit.message.split("\n")[0],
            "message": commit.message,
            "parent_ids": list(commit.parents),
            "author_name": commit.author.name,
            "author_email": commit.author.email,
            "authored_date": dated(commit.author),
            "committer_name": commit.committer.name,
            "committer_email": commit.committer.email,
            "committed_date": dated(commit.committer),
        }


def is_draft(pull: Pull) -> bool:
    """Return whether the title says so."""
    return _DRAFT.match(pull.title) is not None


def written(moment: datetime) -> str:
    """Return a moment as the API writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def dated(who: Who) -> str:
    """Return when somebody did something, in the time zone of the commit."""
    seconds, _, offset = who.when.partition(" ")
    minutes = int(f"{offset[0]}{int(offset[1:3]) * 60 + int(offset[3:5])}")
    return datetime.fromtimestamp(int(seconds), timezone(timedelta(minutes=minutes))).isoformat(timespec="milliseconds")


def stored(who: Who) -> str:
    """Return when somebody did something as the database has it: in UTC."""
    return datetime.fromtimestamp(int(who.when.split(" ")[0]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
