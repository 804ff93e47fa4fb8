"""What closing a pull request refuses, and how that is known again from the forge alone (semantics "6.")."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pinbot.oci.reference import Reference
from pinbot.planning.outcome import Change
from pinbot.proposals.declined import covers, declined
from pinbot.proposals.pull import WITHDRAWN, Commit, PullRequest, State
from tests.proposals.examples import A, B, bump, change, dead, found, pin, refresh
from tests.proposals.scenes import OPENED, changed_since, draft, our_commit, pull, their_commit

NGINX = Reference.parse(f"nginx:1.27@{A}")
TOKENS = covers([refresh("nginx:1.27")])
COMMIT = our_commit(draft(covers=TOKENS))


def closed(*commits: Commit, state: State = "closed", number: int = 7, **given: object) -> PullRequest:
    opened = OPENED + timedelta(hours=number)
    return replace(pull(*(commits or (COMMIT,)), number=number, **given), state=state, opened=opened)  # type: ignore[arg-type] # keywords of pull


def says_no(*pulls: PullRequest) -> str | None:
    return declined(pulls).digest(NGINX, B)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        pytest.param(pin("nginx:1.27"), pin("nginx:1.27", line=9), True, id="a pin, wherever it stands in its file"),
        pytest.param(pin("nginx"), pin("nginx:latest"), True, id="a pin, with the tag left out"),
        pytest.param(pin("nginx:1.27"), pin("docker.io/library/nginx:1.27"), True, id="a pin, in another spelling"),
        pytest.param(pin("nginx:1.27"), pin("nginx:1.27", "web/Dockerfile"), False, id="a pin in another file"),
        pytest.param(pin("nginx:1.27"), pin("nginx:1.28"), False, id="a pin of another tag"),
        pytest.param(
            refresh("nginx:1.27"), refresh("nginx:1.28", "x"), True, id="a digest, whatever its tag and place"
        ),
        pytest.param(refresh("nginx:1.27"), refresh("redis:1.27"), False, id="a digest of another image"),
        pytest.param(refresh("nginx:1.27"), dead("nginx:1.27"), True, id="a digest in place of a dead one"),
        pytest.param(bump("nginx", "1", "2"), bump("nginx", "1.5", "2", path="x"), True, id="a tag, wherever from"),
        pytest.param(bump("nginx", "1", "2"), bump("nginx", "1", "3"), False, id="another tag"),
        pytest.param(
            change(f"nginx:1@{A}", f"nginx:1.27@{A}", "replace"), bump("nginx", "1", "1.27"), True, id="a better tag"
        ),
        pytest.param(
            change(f"nginx:1@{A}", f"docker.io/library/nginx:1@{A}", "replace"),
            change(f"nginx:1@{B}", f"docker.io/library/nginx:1@{B}", "replace"),
            True,
            id="a name in full, whatever the digest",
        ),
    ],
)
def test_closing_refuses_the_thing_and_not_the_text(one: Change, other: Change, alike: bool) -> None:
    assert (covers([one]) == covers([other])) is alike


def test_the_decision_finds_what_was_covered() -> None:
    changes = [pin("nginx:1.27"), refresh("redis:7"), bump("node", "20", "22"), dead("python:3")]
    changes.append(change(f"go:1@{A}", f"docker.io/library/go:1@{A}", "replace"))
    no = declined([closed(our_commit(draft(covers=covers(changes))))])
    assert no.pin(found("nginx:1.27"))
    assert no.digest(Reference.parse("redis:7"), B)
    assert no.tag(Reference.parse("node:20"), "22")
    assert no.digest(Reference.parse("python:3"), B)
    assert no.name(found(f"go:1@{A}"))
    assert not no.digest(Reference.parse("redis:7"), A)


def test_the_reason_names_the_pull_request_and_the_way_back() -> None:
    assert says_no(closed()) == (
        f"pull request #7 with the digest {B.short} was closed without merging; reopen it, or run with `--now nginx`, "
        "to have it again"
    )


@pytest.mark.parametrize(
    ("pulls", "refused"),
    [
        pytest.param([], False, id="nothing was ever opened"),
        pytest.param([closed()], True, id="closed without merging"),
        pytest.param([closed(state="merged")], False, id="merged"),
        pytest.param([closed(state="open")], False, id="reopened"),
        pytest.param([closed(), closed(state="open", number=9)], False, id="a later one is open"),
        pytest.param([closed(state="merged", number=9), closed()], False, id="a later one was merged"),
        pytest.param([closed(state="merged"), closed(number=9)], True, id="an earlier one was merged"),
        pytest.param([closed(), closed(number=9, body=WITHDRAWN)], True, id="pinbot closed the later one"),
        pytest.param([closed(body=f"text\n{WITHDRAWN}")], False, id="pinbot closed it"),
        pytest.param([closed(by_us=False)], False, id="opened by somebody else"),
        pytest.param([closed(in_repository=False)], False, id="from a fork"),
        pytest.param([closed(their_commit())], False, id="no commit of ours"),
        pytest.param([closed(COMMIT, their_commit())], True, id="a person went on from ours"),
        pytest.param([closed(changed_since(COMMIT))], True, id="rebased by a person"),
        pytest.param([closed(our_commit(draft()), COMMIT)], True, id="the latest commit of ours counts"),
        pytest.param([closed(COMMIT, our_commit(draft()))], False, id="and not one before it"),
    ],
)
def test_what_people_closed_is_declined(pulls: list[PullRequest], refused: bool) -> None:
    assert bool(says_no(*pulls)) is refused


def test_thousands_of_references_fit_into_the_trailer() -> None:
    tokens = covers(pin(f"acme/image-{n}:1") for n in range(3_000))
    assert len(tokens) == 3_000
    commit = our_commit(draft(covers=tokens))
    assert commit.covers == set(tokens)
