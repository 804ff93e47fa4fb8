"""Cuts what GitLab's own client in Go says of requests and answers down to what pinbot uses.

    python -m tests.fakes.gitlab.prune FOLDER

FOLDER is the module `gitlab.com/gitlab-org/api/client-go` as `go mod download` unpacks it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

WANTED = (
    "User PersonalAccessToken Project MergeRequest BasicMergeRequest MergeRequestDiff Note Label Milestone Commit"
    " TreeNode Issue ListUsersOptions ListGroupProjectsOptions ListProjectsOptions GetProjectOptions"
    " ListProjectMergeRequestsOptions CreateMergeRequestOptions GetMergeRequestsOptions UpdateMergeRequestOptions"
    " AcceptMergeRequestOptions ListMergeRequestDiffsOptions ListMergeRequestNotesOptions"
    " CreateMergeRequestNoteOptions ListLabelsOptions ListMilestonesOptions ListCommitsOptions ListTreeOptions"
    " ListProjectIssuesOptions CreateIssueOptions UpdateIssueOptions"
)
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^\s+\w+\s+(\S+)\s+`[^`]*?(?:json|url):\"([\w\[\].]+)[^`]*`")
_EMBEDDED = re.compile(r"^\s+\*?(\w+)$")
_ALIAS = re.compile(r"^type (\w+) (\[\]\w+|string|int64|bool)$", re.MULTILINE)
_HERE = Path(__file__).parent


def main(folder: Path) -> None:
    """Write what is used into `client-go.json`."""
    text = "\n".join(p.read_text("utf-8") for p in sorted(folder.glob("*.go")) if not p.name.endswith("_test.go"))
    structs = dict(_STRUCT.findall(text))
    aliases = dict(_ALIAS.findall(text))
    found: dict[str, Mapping[str, str]] = {}
    left = WANTED.split()
    while left:
        name = left.pop()
        if name in found or name not in structs:
            continue
        found[name] = dict(_fields(structs, aliases, structs[name]))
        left += [re.sub(r"[\[\]*]", "", kind) for kind in found[name].values()]
    ordered = {name: found[name] for name in sorted(found)}
    _HERE.joinpath("client-go.json").write_text(json.dumps(ordered, indent=1) + "\n")


def _fields(structs: Mapping[str, str], aliases: Mapping[str, str], body: str) -> Iterator[tuple[str, str]]:
    for line in body.split("\n"):
        if found := _FIELD.match(line):
            kind = found[1].removeprefix("*")
            yield found[2].removesuffix("[]"), aliases.get(kind, kind)
        elif (found := _EMBEDDED.match(line)) and found[1] in structs:
            yield from _fields(structs, aliases, structs[found[1]])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
