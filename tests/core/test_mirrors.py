"""Mirrors: which of two registries is asked for what, what is held, and what is written by whose name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinbot.formats._claims import Claims
from pinbot.formats.dockerfile import FORMAT
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Index
from pinbot.oci.mirrors import Mirror, Mirrors, Mode
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Answer, Facts, Failed, Question
from pinbot.planning.declined import Closed, Declined
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.policy import Policy, Terms
from pinbot.planning.result import Check
from pinbot.planning.rules import Denied, Rulebook
from pinbot.proposals.declined import covers
from pinbot.run import Doors, Scope, check
from tests.core.days import Days, Shelf
from tests.core.examples import found
from tests.core.policies import policy
from tests.core.test_digest_days import changed, current
from tests.fakes.memory import BUMP, PIN

HUB = Mirror("docker.io", "registry.corp", "hub")
ALIAS = "registry.corp/hub/library/nginx"


@dataclass
class Both(Shelf):
    """The upstream, and beside it what its mirror has; `trouble` is what either answers to everything."""

    mirror: Shelf = field(default_factory=Shelf)
    trouble: dict[str, Failed] = field(default_factory=dict)

    def answer(self, questions: Collection[Question]) -> Facts:
        self.asked += questions
        return {q: self._of(q) for q in questions}

    def _of(self, question: Question) -> Answer:
        if (failed := self.trouble.get(question.registry)) is not None:
            return failed
        if question.registry == HUB.registry:
            assert question.path in {"hub/library/nginx", "hub/nginx"}, question
            return self.mirror.answer([question])[question]
        assert (question.registry, question.path) == ("docker.io", "library/nginx"), question
        return self._answer(question)


class Copied(Days):
    """An upstream and its mirror, which has what `sync` brought there."""

    shelf: Both

    def __init__(
        self, reference: str = "nginx:1.27", mode: Mode = "verify", mirror: Mirror = HUB, **given: object
    ) -> None:
        super().__init__(reference, **given)
        self.shelf = Both()
        self.book = Rulebook(mirrors=Mirrors((replace(mirror, mode=mode),)))

    def sync(self, tag: str) -> Digest:
        """Let the mirror have what the upstream's tag names now."""
        digest = self.shelf.tags[tag]
        self.shelf.mirror.tags[tag] = digest
        content = self.shelf.contents[digest]
        children = [c.digest for c in content.images] if isinstance(content, Index) else []
        for one in (digest, *children):
            self.shelf.mirror.contents[one] = self.shelf.contents[one]
        self.shelf.mirror.configs |= self.shelf.configs
        return digest

    def synced(self, tag: str, images: str) -> Digest:
        """Push, and let the mirror have it."""
        self.push(tag, images)
        return self.sync(tag)

    def hosts(self) -> list[str]:
        """Return which registries the last run asked."""
        return sorted({q.registry for q in self.shelf.asked})

    def write(self, reference: str) -> None:
        """Let the file name this."""
        self.workspace.files["Dockerfile"] = f"FROM {reference}\n".encode()

    def check(self) -> Check:
        """Judge the reference."""
        terms = Terms(Policy(self.values, organisation=self.book), self.now)
        return check(self.workspace, Scope(Claims([FORMAT])), Doors(self.shelf, self.ledger), terms)


def held(decision: Change | Kept) -> Kept:
    assert isinstance(decision, Kept), decision
    assert decision.outcome == "held", decision.reason
    return decision


PLACES = {
    "a short name": ("nginx", "docker.io/library/nginx", "registry.corp/hub/library/nginx", False),
    "a full name": ("docker.io/bitnami/redis", "docker.io/bitnami/redis", "registry.corp/hub/bitnami/redis", False),
    "an alias": ("registry.corp/hub/a/b", "docker.io/a/b", "registry.corp/hub/a/b", True),
    "an alias of an official image": (ALIAS, "docker.io/library/nginx", ALIAS, True),
    "an alias with a short name": (
        "registry.corp/hub/nginx",
        "docker.io/library/nginx",
        "registry.corp/hub/nginx",
        True,
    ),
    "the longest prefix counts": ("registry.corp/hub/quay/a/b", "quay.io/a/b", "registry.corp/hub/quay/a/b", True),
    "another registry without a prefix": ("mirror.corp:5000/a", "ghcr.io/a", "mirror.corp:5000/a", True),
    "hosts have no case": ("Registry.Corp/hub/a/b", "docker.io/a/b", "registry.corp/hub/a/b", True),
}
ALL = Mirrors((HUB, Mirror("quay.io", "registry.corp", "hub/quay"), Mirror("ghcr.io", "mirror.corp:5000")))


@pytest.mark.parametrize(("text", "upstream", "copy", "is_alias"), PLACES.values(), ids=PLACES)
def test_a_repository_has_two_places(text: str, upstream: str, copy: str, is_alias: bool) -> None:
    found = ALL.of(Reference.parse(text))
    assert found is not None
    assert (str(found.upstream), str(found.copy), found.is_alias) == (upstream, copy, is_alias)


@pytest.mark.parametrize(
    "text",
    ["registry.corp/hubs/a", "registry.corp/hub", "registry.corp/other/a", "public.ecr.aws/a/b", "mirror.corp/a"],
)
def test_what_is_no_mirrors_has_none(text: str) -> None:
    assert ALL.of(Reference.parse(text)) is None


@pytest.mark.parametrize("reference", ["nginx:1.27", f"{ALIAS}:1.27", "registry.corp/hub/nginx:1.27"])
def test_a_pin_is_the_upstreams_digest_which_the_mirror_serves(reference: str) -> None:
    days = Copied(reference)
    digest = days.synced("1.27", "a")
    changed(days.bump(PIN), "pin")
    assert days.reference == f"{reference}@{digest}"
    assert days.hosts() == ["docker.io", "registry.corp"]
    current(days.bump())


@pytest.mark.parametrize("reference", ["nginx:1.27", f"{ALIAS}:1.27"])
def test_a_digest_that_the_mirror_does_not_serve_yet_is_held(reference: str) -> None:
    days = Copied(reference)
    digest = days.push("1.27", "a")
    kept = held(days.bump())
    assert f"does not serve sha256:{digest.short}… yet" in kept.reason
    assert kept.reason.startswith("registry.corp/hub/library/nginx")
    days.sync("1.27")
    changed(days.bump(), "pin")


def test_an_old_pin_stays_until_the_mirror_has_the_new_one() -> None:
    days = Copied()
    old = days.synced("1.27", "a")
    changed(days.bump(), "pin")
    days.push("1.27", "b")
    held(days.bump())
    assert days.reference.endswith(str(old))
    new = days.sync("1.27")
    changed(days.bump())
    assert days.reference.endswith(str(new))


def test_a_digest_between_is_taken_where_the_mirror_has_no_newer_one() -> None:
    days = Copied()
    days.synced("1.27", "a")
    changed(days.bump(), "pin")
    days.pass_by(days=1)
    between = days.synced("1.27", "b")
    days.values = replace(days.values, mode="watch")
    days.bump()  # sees it, and leaves it
    days.pass_by(days=1)
    days.push("1.27", "c")
    days.values = replace(days.values, mode="bump")
    assert changed(days.bump()).new.digest == between
    held(days.bump())


def looked_at(days: Copied) -> None:
    """Let a run see what is there, and leave it."""
    values = days.values
    days.values = replace(values, mode="watch")
    days.bump()
    days.values = values


def test_a_first_pin_takes_what_the_mirror_has_of_the_upstreams() -> None:
    days = Copied()
    own = days.synced("1.27", "a")
    looked_at(days)
    days.push("1.27", "b")
    change = changed(days.bump(), "pin")
    assert change.new.digest == own
    assert change.reason.startswith("what registry.corp/hub has of 1.27; ")
    held(days.bump())


def test_a_first_pin_takes_nothing_that_the_upstream_was_never_seen_to_name_so() -> None:
    # The mirror could call any old release by this tag.
    days = Copied()
    days.synced("1.27", "a")
    days.push("1.27", "b")
    held(days.bump())


def test_a_first_pin_takes_nothing_that_the_upstream_does_not_have() -> None:
    days = Copied()
    foreign = days.synced("1.27", "a")
    looked_at(days)
    days.push("1.27", "b")
    days.delete(foreign)
    held(days.bump())


def test_a_first_pin_takes_no_denied_digest_from_the_mirror() -> None:
    days = Copied()
    own = days.synced("1.27", "a")
    looked_at(days)
    days.push("1.27", "b")
    days.book = replace(days.book, denied=(Denied(own, "x"),))
    held(days.bump())


def test_a_newer_tag_is_taken_when_the_mirror_serves_it() -> None:
    days = Copied("nginx:1.27.1", level="patch")
    days.synced("1.27.1", "a")
    changed(days.bump(), "pin")
    days.synced("1.27.2", "b")
    days.push("1.27.3", "c")
    assert changed(days.bump(), "patch").new.tag == "1.27.2"
    assert "1.27.3" in held(days.bump()).reason
    days.sync("1.27.3")
    assert changed(days.bump(), "patch").new.tag == "1.27.3"


def test_one_image_of_an_index_is_taken_when_the_mirror_serves_that_image() -> None:
    days = Copied()
    index = days.push("1.27", {"linux/amd64": "a", "linux/arm64": "a"})
    days.sync("1.27")
    child = days.shelf.contents[index]
    assert isinstance(child, Index)
    days.workspace.files["Dockerfile"] = f"FROM nginx:1.27@{child.images[0].digest}\n".encode()
    current(days.bump())
    days.pass_by(days=1)
    days.push("1.27", {"linux/amd64": "b", "linux/arm64": "b"})
    held(days.bump())
    days.sync("1.27")
    changed(days.bump())


def test_an_outage_of_the_mirror_is_no_missing_digest() -> None:
    days = Copied()
    days.synced("1.27", "a")
    days.shelf.trouble["registry.corp"] = Failed("503", "registry.corp has trouble")
    kept = days.bump()
    assert isinstance(kept, Kept)
    assert (kept.outcome, kept.status) == ("lookup-failed", "503")
    assert "the mirror" in kept.reason


def test_what_is_pinned_by_the_mirrors_name_lives_as_long_as_the_mirror_has_it() -> None:
    days = Copied(f"{ALIAS}:1.27", cooldown=timedelta(days=3))
    old = days.synced("1.27", "a")
    changed(days.bump(), "pin")
    days.pass_by(days=1)
    days.synced("1.27", "b")
    days.delete(old)
    assert held(days.bump()).until is not None, "no rescue: it can still be pulled"
    del days.shelf.mirror.contents[old]
    assert changed(days.bump(), "replace").rescues


def test_a_mirror_that_does_not_answer_has_not_lost_what_the_upstream_lacks() -> None:
    days = Copied(f"{ALIAS}:1.27", cooldown=timedelta(days=3))
    old = days.synced("1.27", "a")
    changed(days.bump(), "pin")
    days.pass_by(days=1)
    days.synced("1.27", "b")
    days.delete(old)
    days.shelf.trouble["registry.corp"] = Failed("503", "registry.corp has trouble")
    kept = days.bump()
    assert isinstance(kept, Kept)
    assert kept.outcome in {"lookup-failed", "held"}
    assert not [problem for problem in days.check().problems if problem.rule == "dead-digest"]


def test_what_the_mirror_has_lost_is_not_called_current_by_its_name() -> None:
    days = Copied(f"{ALIAS}:1.27")
    digest = days.synced("1.27", "a")
    changed(days.bump(), "pin")
    del days.shelf.mirror.contents[digest]
    assert "does not serve" in held(days.bump()).reason
    (problem,) = days.check().problems
    assert (problem.rule, problem.level) == ("dead-digest", "error")


@pytest.mark.parametrize("mode", ["verify", "resolve"])
def test_pin_asks_nobody_about_what_is_pinned(mode: Mode) -> None:
    days = Copied(f"{ALIAS}:1.27", mode, replace(HUB, rewrite=True))
    days.synced("1.27", "a")
    changed(days.bump(PIN), "pin")
    current(days.bump(PIN))
    assert days.hosts() == []


def test_the_history_of_an_alias_is_that_of_its_upstream() -> None:
    days = Copied(f"{ALIAS}:1.27", cooldown=timedelta(days=3))
    days.synced("1.27", "a")
    changed(days.bump(), "pin")
    days.pass_by(days=1)
    days.synced("1.27", "b")
    held(days.bump())
    assert {key[:2] for key in days.ledger.histories} == {("docker.io", "library/nginx")}
    days.pass_by(days=3)
    changed(days.bump())


def test_a_push_date_of_the_upstream_releases_what_the_mirror_names() -> None:
    days = Copied(f"{ALIAS}:1.27", "resolve", cooldown=timedelta(days=3))
    days.synced("1.27", "a")
    changed(days.bump(), "pin")
    days.pass_by(days=10)
    days.synced("1.27", "b")
    days.shelf.pushed["1.27"] = days.now - timedelta(days=5)
    days.values = replace(days.values, mode="watch")
    assert "only watched" in held(days.bump()).reason
    # The run that only looked has seen the digest, which does not make it younger.
    days.values = replace(days.values, mode="bump")
    days.pass_by(minutes=1)
    changed(days.bump())
    current(days.bump())


@pytest.mark.parametrize("reference", ["nginx:1.27", f"{ALIAS}:1.27"])
def test_a_mirror_that_is_asked_says_what_tags_name(reference: str) -> None:
    days = Copied(reference, "resolve", replace(HUB, stale_after=None))
    mine = days.synced("1.27", "a")
    days.push("1.27", "b")
    changed(days.bump(), "pin")
    assert days.reference.endswith(str(mine))
    assert days.hosts() == ["registry.corp"], "nobody asks the upstream whether the mirror is behind"
    current(days.bump())
    assert {key[:2] for key in days.ledger.histories} == {("registry.corp", "hub/library/nginx")}


def test_a_mirror_that_is_behind_for_too_long_is_named() -> None:
    days = Copied(mode="resolve")
    days.synced("1.27", "a")
    changed(days.bump(), "pin")
    days.pass_by(hours=1)
    days.push("1.27", "b")
    assert "behind" not in current(days.bump()).reason
    assert days.check().problems == ()
    days.pass_by(hours=25)
    assert "the mirror registry.corp/hub is behind: docker.io/library/nginx names" in current(days.bump()).reason
    assert [(p.rule, p.level) for p in days.check().problems] == [("stale-mirror", "note")]
    days.sync("1.27")
    changed(days.bump())
    assert days.check().problems == ()


def test_an_upstream_that_cannot_be_asked_does_not_hinder_its_mirror() -> None:
    days = Copied(mode="resolve")
    days.synced("1.27", "a")
    days.shelf.trouble["docker.io"] = Failed("timeout", "docker.io is silent")
    changed(days.bump(), "pin")
    assert "behind" not in current(days.bump()).reason
    done = days.check()
    assert (done.problems, done.unchecked) == ((), ())


def test_a_check_names_what_the_mirror_lacks() -> None:
    days = Copied()
    days.synced("1.27", "a")
    changed(days.bump(), "pin")
    assert days.check().problems == ()
    days.shelf.mirror.contents.clear()
    assert [(p.rule, p.level) for p in days.check().problems] == [("stale-mirror", "note")]
    days.shelf.trouble["registry.corp"] = Failed("503", "registry.corp has trouble")
    done = days.check()
    assert (done.problems, len(done.unchecked)) == ((), 1)


@pytest.mark.parametrize("mode", ["verify", "resolve"])
def test_a_name_is_rewritten_only_when_asked_to_and_never_twice(mode: Mode) -> None:
    days = Copied(mode=mode)
    digest = days.synced("1.27", "a")
    changed(days.bump(), "pin")
    current(days.bump())
    days.book = Rulebook(mirrors=Mirrors((replace(HUB, mode=mode, rewrite=True),)))
    assert days.check().problems == ()
    changed(days.bump(), "replace")
    assert days.reference == f"{ALIAS}:1.27@{digest}"
    current(days.bump())
    assert days.reference == f"{ALIAS}:1.27@{digest}"


def test_a_first_pin_is_written_by_the_mirrors_name_at_once() -> None:
    days = Copied(mirror=replace(HUB, rewrite=True), qualify=True)
    digest = days.synced("1.27", "a")
    changed(days.bump(PIN), "pin")
    assert days.reference == f"{ALIAS}:1.27@{digest}"


def test_a_newer_tag_and_the_mirrors_name_are_one_change() -> None:
    days = Copied("nginx:1.27.1", mirror=replace(HUB, rewrite=True), level="patch")
    days.synced("1.27.1", "a")
    new = days.synced("1.27.2", "b")
    days.bump()
    assert days.reference == f"{ALIAS}:1.27.2@{new}"
    current(days.bump())


def test_a_rule_against_other_names_holds_for_those_that_come_with_a_digest() -> None:
    days = Copied()
    days.synced("1.27", "a")
    mirror = "registries: {docker.io: {mirror: {at: registry.corp/hub, rewrite: true}}}\n"
    rules = "rules: [{match: {kind: replace}, set: {mode: ignore}}]\n"
    days.book = policy(mirror + rules).organisation
    changed(days.bump(), "pin")
    assert days.reference.startswith("nginx:1.27@")


def test_no_name_is_rewritten_to_a_mirror_that_lacks_the_digest() -> None:
    days = Copied()
    digest = days.synced("1.27", "a")
    changed(days.bump(), "pin")
    days.shelf.mirror.contents.clear()
    days.book = Rulebook(mirrors=Mirrors((replace(HUB, rewrite=True),)))
    held(days.bump())
    assert days.reference == f"nginx:1.27@{digest}"


def test_rules_speak_of_an_alias_by_its_upstreams_name() -> None:
    mirror = "registries: {docker.io: {mirror: {at: registry.corp/hub}}}\n"
    rule = "rules: [{match: {image: nginx}, set: {level: minor}}]\ntrusted-registries: [docker.io/library]\n"
    with_mirror, without = policy(mirror + rule), policy(rule)
    alias, other = found(f"{ALIAS}:1.27"), found("registry.corp/hub/evil/nginx:1")
    assert (with_mirror.of(alias).level, without.of(alias).level) == ("minor", "digest")
    assert with_mirror.distrust(Reference.parse(ALIAS)) is None
    assert without.distrust(Reference.parse(ALIAS)) is not None
    assert with_mirror.of(other).level == "digest"
    assert with_mirror.distrust(Reference.parse("registry.corp/hub/evil/nginx")) is not None


@pytest.mark.parametrize("level", ["digest", "patch"])
def test_what_was_declined_stays_so_where_the_name_is_rewritten_as_well(level: str) -> None:
    days = Copied("nginx:1.27.1", mirror=replace(HUB, rewrite=True), level=level)
    old = days.synced("1.27.1", "a")
    days.write(f"nginx:1.27.1@{old}")
    days.synced("1.27.2" if level == "patch" else "1.27.1", "b")
    offered = days.bump(BUMP)
    assert isinstance(offered, Change)
    assert offered.new.name == ALIAS
    days.write(f"nginx:1.27.1@{old}")
    days.declined = Declined({token: Closed(7) for token in covers([offered])})
    decision = days.bump()
    assert str(decision.new if isinstance(decision, Change) else days.reference).endswith(str(old))


STEPS = st.sampled_from(["push", "push another", "sync", "lose", "delete", "day", "newer", "sync newer"])


@settings(max_examples=150, deadline=None)
@given(
    steps=st.lists(STEPS, max_size=12),
    mode=st.sampled_from(["verify", "resolve"]),
    alias=st.booleans(),
    rewrite=st.booleans(),
    cooldown=st.sampled_from([timedelta(0), timedelta(days=2)]),
)
def test_nothing_is_ever_written_that_the_mirror_does_not_serve(
    steps: list[str], mode: Mode, alias: bool, rewrite: bool, cooldown: timedelta
) -> None:
    days = Copied(
        f"{ALIAS if alias else 'nginx'}:1.27.1",
        mode,
        replace(HUB, rewrite=rewrite),
        level="patch",
        cooldown=cooldown,
    )
    days.synced("1.27.1", "first")
    for number, step in enumerate(steps):
        happened(days, step, number)
        before = days.reference
        decision = days.bump()
        if isinstance(decision, Change) and decision.new.digest != decision.old.digest:
            assert decision.new.digest in days.shelf.mirror.contents, (before, decision.reason)
        again = days.bump()
        assert isinstance(again, Kept), (before, again.old, again.new, again.reason)
        assert days.reference.count("hub/") <= 1, "no name is rewritten twice"


def happened(days: Copied, step: str, number: int) -> None:
    """Let something happen to the upstream or to its mirror."""
    match step:
        case "push" | "push another":
            days.push("1.27.1", f"{step} {number}")
        case "newer":
            days.push("1.27.2", f"newer {number}")
        case "sync":
            days.sync("1.27.1")
        case "sync newer" if "1.27.2" in days.shelf.tags:
            days.sync("1.27.2")
        case "lose" if len(days.shelf.mirror.contents) > 1:
            named = set(days.shelf.mirror.tags.values())
            lost = [d for d in days.shelf.mirror.contents if d not in named]
            for digest in lost[:1]:
                del days.shelf.mirror.contents[digest]
        case "delete":
            named = set(days.shelf.tags.values())
            for digest in [d for d in days.shelf.contents if d not in named][:1]:
                days.delete(digest)
        case "day":
            days.pass_by(days=1)
        case _:
            pass
