"""Pull requests opened, edited, closed and commented on: never twice, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from pinbot.errors import ForgeBusy, ForgeError, ForgeForbids
from pinbot.forge._pace import paced_seconds
from pinbot.proposals.proposal import Dressing
from pinbot.proposals.pull import PENDING
from tests.fakes.github.server import Fault, is_write
from tests.fakes.github.state import Actor
from tests.forge.hubs import BRANCH, DRESSED, TOKEN, Bench, bench, proposal


@pytest.fixture(name="at")
def _at() -> Iterator[Bench]:
    with bench() as made:
        made.push()
        yield made


def test_a_bare_pull_request_is_one_write(at: Bench) -> None:
    pull = at.forge().open(at.repository(), proposal())
    assert (pull.number, pull.by_us, pull.in_repository, pull.state, pull.is_pending) == (1, True, True, "open", False)
    assert (pull.author, pull.branch, pull.body) == ("pinner", BRANCH, "Pins alpine.")
    assert pull.url == f"{at.server.web}/acme/api/pull/1"
    assert at.server.count() == 1


def test_a_dressed_one_is_three_writes_and_ends_with_all_that_it_is_to_have(at: Bench) -> None:
    forge = at.forge()
    pull = forge.open(at.repository(), proposal(dressing=DRESSED))
    there = at.repo.pull(1)
    assert (there.labels, there.assignees, there.milestone) == (["images"], ["bob"], "Images")
    assert there.reviewers == ["ann", "images"]
    assert there.body == pull.body == "Pins alpine."
    assert (forge.writes, len(at.server.writes())) == (3, 3)
    assert at.pull().is_pending is False


def test_a_draft_is_opened_as_one(at: Bench) -> None:
    assert at.forge().open(at.repository(), proposal(dressing=Dressing(is_draft=True))).is_draft


def test_until_its_last_write_it_says_that_it_is_being_opened(at: Bench) -> None:
    at.server.faults.append(Fault("PATCH", "/issues/1", 403))
    with pytest.raises(ForgeForbids):
        at.forge().open(at.repository(), proposal(dressing=DRESSED))
    assert at.pull().is_pending
    at.repo.pull(1).labels = ["by-a-person"]
    at.forge().edit(at.repository(), at.pull(), proposal(dressing=DRESSED))
    there = at.repo.pull(1)
    assert (there.labels, there.milestone) == (["by-a-person", "images"], "Images")
    assert PENDING not in there.body


def test_one_that_is_there_is_returned(at: Bench) -> None:
    first = at.forge().open(at.repository(), proposal())
    second = at.forge().open(at.repository(), proposal(title="Another"))
    assert (second.number, second.title, second.by_us) == (first.number, first.title, True)


def test_one_of_somebody_else_on_our_branch_is_returned_as_theirs(at: Bench) -> None:
    at.hub.open(at.repo, Actor("ann"), BRANCH, "main", "Mine", PENDING)
    pull = at.forge().open(at.repository(), proposal(dressing=DRESSED))
    assert (pull.by_us, pull.author, at.repo.pull(1).labels) == (False, "ann", [])


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault("POST", "/pulls", 502, after=True), id="it says 502 after doing it"),
        pytest.param(Fault("POST", "/pulls", None, after=True), id="it hangs up after doing it"),
        pytest.param(
            Fault("POST", "/pulls", 503, after=True, headers={"Retry-After": "1"}), id="it says 503 with a wait"
        ),
        pytest.param(Fault("POST", "/pulls", 504, after=True, body="<html>"), id="a gateway loses patience"),
    ],
)
def test_an_answer_that_does_not_come_is_looked_for(at: Bench, fault: Fault) -> None:
    at.server.faults.append(fault)
    pull = at.forge().open(at.repository(), proposal(dressing=DRESSED))
    assert (pull.number, pull.by_us, at.repo.pull(1).labels) == (1, True, ["images"])
    assert at.server.count("POST", "/pulls") - at.server.count("POST", "/requested_reviewers") == 1


@pytest.mark.parametrize("after", [False, True], ids=["before it happens", "after it happened"])
@pytest.mark.parametrize("lost", range(3), ids=["the opening", "the reviewers", "the rest"])
@pytest.mark.parametrize("status", [None, 500], ids=["silence", "500"])
def test_whichever_write_is_lost_the_next_run_ends_where_one_without_loss_does(
    at: Bench, after: bool, lost: int, status: int | None
) -> None:
    wanted = proposal(dressing=DRESSED)
    path = ("/acme/api/pulls", "/requested_reviewers", "/issues/1")[lost]
    at.server.faults.append(Fault("", path, status, after=after, only=is_write, times=1))
    with suppress(ForgeError):
        at.forge().open(at.repository(), wanted)
    forge = at.forge()
    pulls = at.standing(forge).pulls
    if pulls:
        forge.edit(at.repository(), pulls[0], wanted)
    else:
        forge.open(at.repository(), wanted)
    (there,) = at.repo.pulls
    assert (there.labels, there.assignees, there.milestone) == (["images"], ["bob"], "Images")
    assert (there.title, there.body) == ("Pin 1 image", "Pins alpine.")
    assert there.reviewers == ["ann", "images"]


def test_a_write_in_doubt_that_is_not_there_is_not_repeated(at: Bench) -> None:
    at.server.faults.append(Fault("POST", "/pulls", 502))
    with pytest.raises(ForgeError, match="may or may not"):
        at.forge().open(at.repository(), proposal())
    assert at.server.count("POST", "/pulls") == 1
    assert at.forge().open(at.repository(), proposal()).number == 1


@pytest.mark.parametrize(
    ("status", "headers", "body", "waited"),
    [
        pytest.param(
            403, {"Retry-After": "7"}, '{"message": "You have exceeded a secondary rate limit"}', 60, id="told 7 s"
        ),
        pytest.param(429, {"Retry-After": "90"}, "{}", 90, id="told 90 s"),
        pytest.param(403, {}, '{"message": "You have exceeded a secondary rate limit"}', 60, id="not told"),
        pytest.param(
            403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795003230"}, "{}", 30, id="the primary limit"
        ),
        pytest.param(
            429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "10413792000"}, "{}", 60, id="until the year 2300"
        ),
        pytest.param(403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, "{}", 1, id="until the past"),
    ],
)
def test_a_limit_is_waited_for_and_the_write_done_once(
    at: Bench, status: int, headers: dict[str, str], body: str, waited: int
) -> None:
    at.server.faults.append(Fault("POST", "/pulls", status, headers, body))
    assert at.forge().open(at.repository(), proposal()).number == 1
    assert sum(at.time.slept) == waited
    assert at.server.count("POST", "/pulls") == 2


def test_a_limit_that_is_far_away_ends_the_writing_and_says_until_when(at: Bench) -> None:
    at.server.faults.append(Fault("POST", "/pulls", 403, {"Retry-After": "1000"}))
    forge = at.forge()
    with pytest.raises(ForgeBusy) as raised:
        forge.open(at.repository(), proposal())
    assert raised.value.until is not None
    assert (raised.value.until - at.time.now()).total_seconds() == 1000
    with pytest.raises(ForgeBusy):
        forge.standings([at.repository()])
    assert at.server.count() == 1


def test_a_limit_that_goes_on_is_waited_for_twice_and_longer(at: Bench) -> None:
    secondary = '{"message": "You have exceeded a secondary rate limit"}'
    at.server.faults.append(Fault("POST", "/pulls", 403, body=secondary, times=9))
    with pytest.raises(ForgeBusy):
        at.forge().open(at.repository(), proposal())
    assert at.time.slept == [60, 120]


def test_refused_reviewers_do_not_hold_the_rest(at: Bench) -> None:
    dressing = Dressing(labels=("images",), reviewers=("ann", "acme/nobody", "pinner"))
    forge = at.forge()
    forge.open(at.repository(), proposal(dressing=dressing))
    there = at.repo.pull(1)
    assert (there.reviewers, there.labels, PENDING in there.body) == (["ann"], ["images"], False)
    assert forge.writes == 4
    assert ["collaborators" in warning for warning in at.warnings] == [True]


def test_refused_labels_and_an_unknown_milestone_do_not_leave_it_pending(at: Bench) -> None:
    forge = at.forge()
    forge.open(at.repository(), proposal(dressing=Dressing(labels=("x" * 60,), milestone="v9")))
    assert (at.repo.pull(1).body, forge.writes) == ("Pins alpine.", 3)
    assert len(at.warnings) == 2


def test_a_missing_branch_and_one_without_changes_are_told(at: Bench) -> None:
    at.repo.heads.move("pinbot/empty", at.repo.heads.tip("main"))
    with pytest.raises(ForgeError, match="head invalid"):
        at.forge().open(at.repository(), proposal(branch="pinbot/gone"))
    with pytest.raises(ForgeError, match="No commits between main and pinbot/empty"):
        at.forge().open(at.repository(), proposal(branch="pinbot/empty"))


def test_an_archived_repository_is_told(at: Bench) -> None:
    at.repo.is_archived = True
    with pytest.raises(ForgeForbids, match="archived"):
        at.forge().open(at.repository(), proposal())


def test_a_token_that_may_only_read_is_told_with_the_way_out(at: Bench) -> None:
    at.hub.tokens[TOKEN] = Actor("pinner", permissions={"metadata": "read", "pull_requests": "read"})
    with pytest.raises(ForgeForbids, match=r"fine-grained token Contents and Pull requests \(write\)"):
        at.forge().open(at.repository(), proposal())


def test_a_wrong_token_is_told_and_not_shown(at: Bench) -> None:
    del at.hub.tokens[TOKEN]
    with pytest.raises(ForgeForbids, match="the token is wrong") as raised:
        at.forge().open(at.repository(), proposal())
    assert TOKEN not in str(raised.value)


def test_an_error_that_quotes_the_token_is_shown_without_it(at: Bench) -> None:
    at.server.faults.append(Fault("POST", "/pulls", 422, body=f'{{"message": "no: {TOKEN}"}}'))
    with pytest.raises(ForgeError, match=r"no: \*\*\*") as raised:
        at.forge().open(at.repository(), proposal())
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize("status", [301, 302, 303, 304])
def test_what_leads_on_is_no_success(at: Bench, status: int) -> None:
    at.server.faults.append(Fault("POST", "/pulls", status, {"Location": f"{at.server.url}/repos/acme/api/pulls"}))
    with pytest.raises(ForgeError):
        at.forge().open(at.repository(), proposal())
    assert at.repo.pulls == []


@pytest.mark.parametrize(
    "location",
    [
        pytest.param("https://elsewhere.invalid/repositories/1000/pulls", id="another host"),
        pytest.param("/repositories/1000/pulls", id="no host"),
        pytest.param("{url}/../../admin", id="out of the API"),
        pytest.param("", id="nowhere"),
    ],
)
def test_nothing_is_followed_to_elsewhere(at: Bench, location: str) -> None:
    led = location.replace("{url}", at.server.url)
    at.server.faults.append(Fault("POST", "/pulls", 307, {"Location": led}))
    with pytest.raises(ForgeError, match="leads elsewhere"):
        at.forge().open(at.repository(), proposal())
    assert at.server.count() == 1


def test_a_circle_ends(at: Bench) -> None:
    here = {"Location": f"{at.server.url}/repos/acme/api/pulls"}
    at.server.faults.append(Fault("POST", "/pulls", 307, here, times=99))
    with pytest.raises(ForgeError, match="307"):
        at.forge().open(at.repository(), proposal())
    assert at.server.count() == 4


def test_a_pull_request_opened_under_an_old_name_is_opened_once(at: Bench) -> None:
    asked = at.repository()
    at.hub.rename(at.repo, "acme/renamed")
    assert at.forge().open(asked, proposal(dressing=DRESSED)).number == 1
    assert at.repo.pull(1).labels == ["images"]


def test_what_does_not_change_is_not_written(at: Bench) -> None:
    at.forge().open(at.repository(), proposal())
    forge = at.forge()
    forge.edit(at.repository(), at.pull(), proposal(body="Pins alpine.  \r\n"))
    assert forge.writes == 0
    forge.edit(at.repository(), at.pull(), proposal(title="Pin 2 images", base="main"))
    assert (forge.writes, at.repo.pull(1).title) == (1, "Pin 2 images")


def test_an_edit_in_doubt_that_happened_is_fine_and_one_that_did_not_is_told(at: Bench) -> None:
    at.forge().open(at.repository(), proposal())
    at.server.faults += [Fault("PATCH", "/pulls/1", None, after=True), Fault("PATCH", "/pulls/1", 500)]
    at.forge().edit(at.repository(), at.pull(), proposal(title="Pin 2 images"))
    with pytest.raises(ForgeError, match="may or may not"):
        at.forge().edit(at.repository(), at.pull(), proposal(title="Pin 3 images"))


def test_a_new_default_branch_becomes_the_base(at: Bench) -> None:
    at.forge().open(at.repository(), proposal())
    at.repo.heads.move("trunk", at.repo.heads.tip("main"))
    at.forge().edit(at.repository(), at.pull(), proposal(base="trunk"))
    assert at.repo.pull(1).base == "trunk"


def test_closing_says_why_and_closes(at: Bench) -> None:
    at.forge().open(at.repository(), proposal())
    pull, forge = at.pull(), at.forge()
    forge.withdraw(at.repository(), pull, "Nothing is left to pin.")
    forge.close(at.repository(), pull)
    there = at.repo.pull(1)
    assert (there.state, forge.writes) == ("CLOSED", 3)
    assert there.comments[0][1].startswith("Nothing is left to pin.\n\n<!-- pinbot: said ")
    (closed,) = forge.closed(at.repository(), [BRANCH])
    assert (closed.is_withdrawn, closed.body.split("\n")[0]) == (True, "Pins alpine.")


def test_one_that_a_person_closed_stays_theirs(at: Bench) -> None:
    at.forge().open(at.repository(), proposal())
    pull = at.pull()
    at.hub.close(at.repo, at.repo.pull(1), "CLOSED", "ann")
    at.forge().withdraw(at.repository(), pull, "Nothing is left to pin.")
    at.forge().close(at.repository(), pull)
    (closed,) = at.forge().closed(at.repository(), [BRANCH])
    assert not closed.is_withdrawn


def test_the_same_is_said_once_and_another_thing_again(at: Bench) -> None:
    at.forge().open(at.repository(), proposal())
    pull, forge = at.pull(), at.forge()
    at.repo.pull(1).comments += [("ann", "me too")] * 150
    for text in ("Left alone.", "Left alone.", "Left alone!"):
        forge.comment(at.repository(), pull, text)
    assert [c.split("\n")[0] for _, c in at.repo.pull(1).comments[150:]] == ["Left alone.", "Left alone!"]


def test_a_comment_in_doubt_is_looked_for(at: Bench) -> None:
    at.forge().open(at.repository(), proposal())
    pull = at.pull()
    at.server.faults += [Fault("POST", "/comments", 502, after=True), Fault("POST", "/comments", 502)]
    at.forge().comment(at.repository(), pull, "Left alone.")
    assert len(at.repo.pull(1).comments) == 1
    with pytest.raises(ForgeError, match="may or may not"):
        at.forge().comment(at.repository(), pull, "Another.")


def test_texts_that_are_too_long_are_cut(at: Bench) -> None:
    long = proposal(title="x" * 400, body="line\n" * 20_000, dressing=DRESSED)
    forge = at.forge()
    forge.open(at.repository(), long)
    forge.comment(at.repository(), at.pull(), "y" * 70_000)
    assert len(at.repo.pull(1).title) == 256
    forge.edit(at.repository(), at.pull(), long)
    assert forge.writes == 4


def test_reads_are_tried_again(at: Bench) -> None:
    at.server.faults.append(Fault("POST", "/graphql", 502, times=3))
    assert at.standing().head
    at.server.faults.append(Fault("POST", "/graphql", None, times=3))
    assert at.standing().head


def test_writes_are_paced_and_the_time_they_take_is_known_before(at: Bench) -> None:
    forge = at.forge()
    forge.open(at.repository(), proposal(dressing=DRESSED))
    assert sum(at.time.slept) == 2
    assert paced_seconds(3) == 2
    assert paced_seconds(1000) > 3600
