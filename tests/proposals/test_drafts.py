"""From what a run decided to the pull requests that should be open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from pinbot.formats._claims import Claims
from pinbot.formats.compose import FORMAT as COMPOSE
from pinbot.formats.dockerfile import FORMAT as DOCKERFILE
from pinbot.formats.github_actions import FORMAT as ACTIONS
from pinbot.oci.resolution import Alive, Answer, Dead, Question
from pinbot.planning.outcome import Kept
from pinbot.planning.patch import Rescan
from pinbot.planning.policy import Asked, Policy, Terms
from pinbot.planning.result import Update
from pinbot.proposals.declined import covers, declined
from pinbot.proposals.drafts import Destination, Drafts, Proof, drafts
from pinbot.proposals.grouping import WORKFLOWS
from pinbot.proposals.news import Told
from pinbot.proposals.repository import Repository
from pinbot.proposals.style import Style
from pinbot.run import Doors, Scope, rescan, update
from pinbot.source.finding import Finding
from tests.core.policies import policy
from tests.fakes.memory import BUMP, NOW, MemoryResolver, MemoryWorkspace, digest_of
from tests.proposals.examples import A
from tests.proposals.scenes import our_commit, pull

SCOPE = Scope(Claims((DOCKERFILE, COMPOSE, ACTIONS)))
SHOP = Repository("1", "acme/shop", "main")
MAIN = Destination(SHOP, "main")
FILES = {
    "Dockerfile": f"FROM python:3.12\nFROM redis:7@{A}\n".encode(),
    "web/Dockerfile": b"FROM nginx:1.27\n",
    f"{WORKFLOWS}ci.yml": b"jobs:\n  a:\n    runs-on: x\n    container: node:20\n",
}
NOTHING = Told()


def decided(
    files: Mapping[str, bytes],
    terms: Terms | None = None,
    answers: Mapping[Question, Answer] | None = None,
) -> Update:
    """Decide about files, without writing any."""
    workspace, doors = MemoryWorkspace(files), Doors(MemoryResolver(answers))
    return update(workspace, SCOPE, doors, BUMP, terms or Terms(Policy(), NOW), write=False)


def drafted(
    done: Update,
    style: Style | None = None,
    scene: Destination = MAIN,
    rules: Policy | None = None,
    again: Rescan | None = None,
) -> Drafts:
    texts = {path: file.text for path, file in done.survey.files.items()}
    proof = Proof(texts, again or rescan(SCOPE), done.survey.readers)
    return drafts(done, proof, rules or Policy(), style or Style(), scene, NOTHING)


def test_each_group_becomes_a_pull_request_with_its_own_patch() -> None:
    found = drafted(decided(FILES))
    assert [(p.branch, p.title, [x.path for x in p.patches]) for p in found.proposals] == [
        ("pinbot/pin", "Pin 2 images", ["Dockerfile", "web/Dockerfile"]),
        ("pinbot/workflows-pin", "Pin node:20 in workflows", [f"{WORKFLOWS}ci.yml"]),
        ("pinbot/refresh", "Refresh redis:7", ["Dockerfile"]),
    ]
    assert found.refused == ()
    pins, _, refreshes = found.proposals
    seven, python = digest_of("docker.io", "library/redis", "7"), digest_of("docker.io", "library/python", "3.12")
    assert pins.patches[0].after == f"FROM python:3.12@{python}\nFROM redis:7@{A}\n"
    assert refreshes.patches[0].after == f"FROM python:3.12\nFROM redis:7@{seven}\n"


def test_nothing_to_do_is_no_pull_request() -> None:
    assert drafted(decided({"Dockerfile": b"FROM scratch\n"})) == Drafts(())


def test_the_same_decision_makes_the_same_pull_requests() -> None:
    first, second = drafted(decided(FILES)), drafted(decided(dict(reversed(FILES.items()))))
    assert first == second
    assert [p.fingerprint for p in first.proposals] == [p.fingerprint for p in second.proposals]


def test_another_base_has_other_branches_and_says_so() -> None:
    found = drafted(decided(FILES), scene=Destination(SHOP, "release/1.x")).proposals
    assert {p.base for p in found} == {"release/1.x"}
    assert all(p.branch.startswith("pinbot/on-release--1.x-") for p in found)
    assert all(p.title.endswith("(release/1.x)") for p in found)
    assert not {p.branch for p in found} & {p.branch for p in drafted(decided(FILES)).proposals}


def _blind_to(image: str) -> Rescan:
    """Scan as usual, but lose sight of an image once it is pinned: as a format with a fault would."""
    usual: Callable[..., tuple[Finding, ...]] = rescan(SCOPE)

    def again(path: str, texts: Mapping[str, str]) -> tuple[Finding, ...]:
        return tuple(f for f in usual(path, texts) if not f.text.startswith(f"{image}@"))

    return again


def test_what_cannot_be_proved_is_refused_and_stops_no_other() -> None:
    found = drafted(decided(FILES), again=_blind_to("nginx:1.27"))
    assert [p.title for p in found.proposals] == ["Pin python:3.12", "Pin node:20 in workflows", "Refresh redis:7"]
    assert found.proposals[0].covers == covers(found.proposals[0].changes)
    assert [c.finding.text for c in found.proposals[0].changes] == ["python:3.12"]
    assert [(k.finding.text, k.outcome) for k in found.refused] == [("nginx:1.27", "refused")]
    for one in found.proposals:
        assert "1 refused" in one.body
        assert "would not read as intended" in one.body


def test_a_group_of_which_nothing_can_be_proved_is_no_pull_request() -> None:
    found = drafted(decided({"Dockerfile": b"FROM nginx:1.27\n"}), again=_blind_to("nginx:1.27"))
    assert found.proposals == ()
    assert len(found.refused) == 1


def test_what_was_held_or_refused_is_in_every_text() -> None:
    done = decided(FILES)
    held = Kept(done.survey.findings[0], "held", "first seen today", NOW + timedelta(days=3))
    found = drafted(replace(done, kept=(held,)))
    assert all("1 held" in p.body and "24 Nov 2026, 12:00 UTC" in p.body for p in found.proposals)


def test_dead_digests_and_what_is_asked_for_now_wait_for_nothing() -> None:
    gone: dict[Question, Answer] = {Alive("docker.io", "library/redis", A): Dead("gone")}
    found = drafted(decided(FILES, answers=gone))
    assert [(p.branch, p.exempt) for p in found.proposals] == [
        ("pinbot/dead", True),
        ("pinbot/pin", False),
        ("pinbot/workflows-pin", False),
    ]
    urgent = Policy(asked=Asked(now=("nginx",)))
    assert [p.exempt for p in drafted(decided(FILES), rules=urgent).proposals] == [True, False, False]


def test_what_was_closed_is_refused_by_the_next_run() -> None:
    proposals = drafted(decided(FILES)).proposals
    opened = {p.branch: pull(our_commit(p), number=n, branch=p.branch) for n, p in enumerate(proposals, 1)}
    for closed in proposals:
        no = declined(replace(one, state="closed") for b, one in opened.items() if b == closed.branch)
        after = decided(FILES, Terms(Policy(), NOW, no))
        found = drafted(after)
        assert [p.branch for p in found.proposals] == [p.branch for p in proposals if p is not closed]
        refused = [k for k in after.kept if k.outcome == "refused"]
        assert len(refused) == len(closed.changes)
        assert all(f"pull request #{opened[closed.branch].number}" in k.reason for k in refused)
        assert all(p.fingerprint == q.fingerprint for p in found.proposals for q in proposals if p.branch == q.branch)


def test_labels_come_from_the_settings_and_from_the_rules_for_the_changes() -> None:
    rules = policy(
        "rules:\n- {match: {image: nginx}, set: {labels: [web, deps]}}\n- {match: {kind: refresh}, set: {labels: [x]}}"
    )
    found = drafted(decided(FILES), Style(labels=("deps", "bot")), rules=rules).proposals
    assert [p.dressing.labels for p in found] == [("deps", "bot", "web"), ("deps", "bot"), ("deps", "bot", "x")]


@pytest.mark.parametrize(
    ("reviewers", "expected"),
    [
        pytest.param((), [(), (), ()], id="nobody"),
        pytest.param(("acme/all",), [("acme/all",)] * 3, id="those who are named"),
        pytest.param(("codeowners",), [("jane", "joe"), ("acme/ci",), ("joe",)], id="the owners of the files"),
        pytest.param(("joe", "codeowners"), [("joe", "jane"), ("joe", "acme/ci"), ("joe",)], id="both, each once"),
    ],
)
def test_reviewers(reviewers: tuple[str, ...], expected: list[tuple[str, ...]]) -> None:
    owned = {"CODEOWNERS": "* @joe\n/web/ @jane\n/.github/ @acme/ci\n"}
    found = drafted(decided(FILES), Style(reviewers=reviewers), Destination(SHOP, "main", owned)).proposals
    assert [p.dressing.reviewers for p in found] == expected


def test_everything_else_is_as_the_settings_say() -> None:
    style = Style(
        branch_prefix="bot-", prefix="chore(deps): ", assignees=("jane",), milestone="1.0", draft=True, groups="all"
    )
    every, workflows = drafted(decided(FILES), style).proposals
    assert (every.key, every.branch) == ("all", "bot-all")
    assert workflows.branch == "bot-workflows-all"
    assert every.title == "chore(deps): update 3 images"
    assert every.message.startswith(
        "chore(deps): update 3 images\n\n- Dockerfile:1: python:3.12 -> python:3.12 sha256:"
    )
    assert every.dressing.is_draft
    assert (every.dressing.assignees, every.dressing.milestone) == (("jane",), "1.0")


def test_two_readers_of_one_value_are_proved_together() -> None:
    compose = b"services:\n  a:\n    image: nginx:${V}\n"
    files = {"a/compose.yml": compose, "a/compose.override.yml": compose, "a/.env": b"V=1.27\n"}
    done = decided(files)
    found = drafted(done, Style(groups="directory"))
    assert found.refused == ()
    assert [c.finding.path for p in found.proposals for c in p.changes] == [c.finding.path for c in done.changes]


def test_a_file_is_read_again_when_another_that_it_draws_from_has_changed() -> None:
    again, text = rescan(SCOPE), "services:\n  a:\n    image: nginx:${TAG}\n"
    found = [again("compose.yaml", {"compose.yaml": text, ".env": f"TAG={tag}\n"}) for tag in ("1", "2", "2")]
    assert [str(one.reference) for (one,) in found] == ["nginx:1", "nginx:2", "nginx:2"]
    assert found[1] is found[2]
    (alone,) = again("compose.yaml", {"compose.yaml": text})
    assert alone.reference is None
