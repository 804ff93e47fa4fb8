"""Any history of people, registries and settings, with passes in between: what never happens, and where it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import given, settings

from pinbot.oci.digest import Digest
from pinbot.planning.policy import Asked, Values
from pinbot.proposals.pull import PullRequest
from pinbot.proposals.style import Dashboards, Limits
from tests.fakes.forge import repository
from tests.sweeps.passing import Killed, Passing

PLACES = ("Dockerfile", "b/Dockerfile", ".github/workflows/ci.yml")
IMAGES = ("nginx:1.27", "nginx:1.26", "redis:7")
TAGS = ("1.27", "1.26", "1.28", "7")
Event = tuple[str, int, int]
NAMES = (
    "sweep", "sweep", "sweep", "killed", "push", "push", "gone", "back", "write", "write", "merge", "close",
    "close and keep", "reopen", "commit", "merge base", "rebase", "amend", "undo", "retarget", "open", "fork", "rival",
    "day", "week", "emergency", "observe", "limits", "level", "group", "dashboard", "tick", "tick", "scribble",
    "shut",
)  # fmt: skip
EVENTS = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 7), st.integers(0, 7)), min_size=4, max_size=40)


def _content(place: str, image: str) -> bytes:
    if place.startswith(".github"):
        return f"jobs:\n  a:\n    runs-on: x\n    container: {image}\n".encode()
    return f"FROM {image}\nRUN true\n".encode()


class World:
    """A repository and all that may happen to it; `theirs` are the commits of persons on branches of ours."""

    def __init__(self) -> None:
        self.passing = Passing(repository("acme/api", {PLACES[0]: _content(PLACES[0], IMAGES[0])}))
        for number, tag in enumerate(TAGS):
            self.passing.registry.push(tag, f"first {number}")
        self.held = self.passing.repository
        self.pushed = 0
        self.lost: dict[str, Digest] = {}
        self.declined: set[str] = set()

    def happen(self, event: Event) -> None:
        name, one, other = event
        getattr(self, name.replace(" ", "_"))(one, other)
        self.check()

    def check(self) -> None:
        """Whatever happens: one pull request for each branch, and all commits of people where they were."""
        assert len(self.held.issues) <= 1
        opened = Counter(p.branch for p in self.passing.open if p.by_us)
        assert max(opened.values(), default=0) <= 1, opened

    # What pinbot does

    def sweep(self, *_: int) -> None:
        self._heard(self.passing.sweep)

    def killed(self, one: int, _: int) -> None:
        left = [one + 1]

        def dies(_name: str) -> None:
            left[0] -= 1
            if not left[0]:
                raise Killed

        def run() -> None:
            try:
                self.passing.sweep(dies)
            except Killed:
                return

        self._heard(run)

    def _heard(self, run: Callable[[], object]) -> None:
        """Run; what is asked for on the dashboard may be offered though it was declined."""
        before, shut = self._offered(), {n: issue for n, issue in self.held.issues.items() if not issue.is_open}
        asks = any("- [x]" in issue.body for issue in self.held.issues.values())
        self._run(run, is_urgent=asks)
        assert {n: self.held.issues[n] for n in shut} == shut
        if asks:
            self.declined -= set().union(*(covers for tip, covers in self._offered().items() if tip not in before))

    def emergency(self, one: int, other: int) -> None:
        image = ("nginx", "redis")[one % 2]
        self.passing.asked = Asked(now=(image,)) if other % 2 else Asked()
        self.passing.is_meant = lambda reference: reference.path.endswith(image)
        if self.passing.asked.now:
            before = self._offered()
            self._run(self.passing.sweep, is_urgent=True)
            self.declined -= set().union(*(covers for tip, covers in self._offered().items() if tip not in before))
        else:
            self.sweep()
        self.passing.asked, self.passing.is_meant = Asked(), None

    def observe(self, *_: int) -> None:
        self.passing.write = False
        before = dict(self.held.branches), dict(self.held.pulls), dict(self.held.issues)
        self.sweep()
        assert (self.held.branches, self.held.pulls, self.held.issues) == before
        self.passing.write = True

    def _offered(self) -> dict[str, frozenset[str]]:
        """Return what each open pull request of ours offers, by the commit that does."""
        ours = [c for p in self.passing.open if p.by_us for c in p.commits if c.author == "pinbot"]
        return {commit.sha: commit.covers for commit in ours}

    def _run(self, run: Callable[[], object], *, is_urgent: bool = False) -> None:
        offered = self._offered()
        before = {name: self._theirs(name) for name in self.held.branches}
        others = {n: p for n, p in self.held.pulls.items() if not p.by_us}
        closed = {n for n, p in self.held.pulls.items() if p.state != "open"}
        run()
        for name, commits in before.items():
            if commits:
                assert name in self.held.branches, f"{name} is gone, with {commits}"
                assert commits <= self._theirs(name), f"{name} lost commits"
        assert {n: p for n, p in self.held.pulls.items() if not p.by_us} == others
        assert all(self.held.pulls[n].state != "open" for n in closed)
        if not is_urgent:
            again = {tip: covers & self.declined for tip, covers in self._offered().items() if tip not in offered}
            assert not any(again.values()), f"{again} was declined"

    def _theirs(self, branch: str) -> set[str]:
        """Return the commits of persons that only this branch has; merges of the base are none."""
        base = set(self.held._reachable(self.held.branches["main"])) if branch != "main" else set()
        mine = set(self.held._reachable(self.held.branches[branch])) - base
        return {sha for sha in mine if self.held.commits[sha].message.startswith(("By hand", "Undo", "Amend"))}

    # What registries and time do

    def push(self, one: int, _: int) -> None:
        self.pushed += 1
        self.passing.registry.push(TAGS[one % len(TAGS)], f"content {self.pushed}")

    def gone(self, one: int, _: int) -> None:
        tag = TAGS[one % len(TAGS)]
        if tag in self.passing.registry.shelf.tags:
            self.lost[tag] = self.passing.registry.shelf.tags.pop(tag)

    def back(self, *_: int) -> None:
        for tag, digest in self.lost.items():
            self.passing.registry.shelf.tags.setdefault(tag, digest)
        self.lost.clear()

    def day(self, *_: int) -> None:
        self.passing.pass_by(days=1)

    def week(self, *_: int) -> None:
        self.passing.pass_by(days=8)

    # What settings do

    def limits(self, one: int, other: int) -> None:
        self.passing.allow(limits=Limits(one or None, other or None))

    def level(self, one: int, other: int) -> None:
        level = ("digest", "minor", "major")[one % 3]
        self.passing.values = Values(level=level, cooldown=timedelta(days=other % 4))  # type: ignore[arg-type]  # a level

    def group(self, one: int, _: int) -> None:
        self.passing.allow(groups=("default", "default", "all", "directory", "registry")[one % 5])

    def dashboard(self, one: int, _: int) -> None:
        self.passing.allow(dashboards=Dashboards(everywhere=one % 4 > 0))

    # What people do

    def tick(self, one: int, _: int) -> None:
        for number, issue in self.held.issues.items():
            boxes = [at for at in range(len(issue.body)) if issue.body.startswith("- [ ] <!-- pinbot:", at)]
            if boxes:
                at = boxes[one % len(boxes)]
                body = f"{issue.body[:at]}- [x]{issue.body[at + 5 :]}"
                self.held.issues[number] = replace(issue, body=body)

    def scribble(self, one: int, _: int) -> None:
        for number, issue in self.held.issues.items():
            lines = issue.body.splitlines()
            extra = ("- [x] <!-- pinbot:now=* -->", "- [x] <!-- pinbot:open=main -->", "words", "")[one % 4]
            at = one % len(lines) + 1
            self.held.issues[number] = replace(issue, body="\n".join([*lines[:at], extra, *lines[at:]]))

    def shut(self, *_: int) -> None:
        for number, issue in self.held.issues.items():
            self.held.issues[number] = replace(issue, is_open=not issue.is_open)

    def write(self, one: int, other: int) -> None:
        place = PLACES[one % len(PLACES)]
        content = _content(place, IMAGES[other % len(IMAGES)]) if other < 6 else b"# nothing\n"
        self.held.person_commits("main", {place: content}, "Work\n")

    def _ours(self, one: int) -> PullRequest | None:
        pulls = [p for p in self.passing.open if p.by_us and p.branch in self.held.branches and p.commits]
        return pulls[one % len(pulls)] if pulls else None

    def merge(self, one: int, _: int) -> None:
        if pull := self._ours(one):
            self.declined -= _covers(pull)
            self.held.person_merges(pull.number)

    def close(self, one: int, _: int) -> None:
        self._close(one, deletes=True)

    def close_and_keep(self, one: int, _: int) -> None:
        self._close(one, deletes=False)

    def _close(self, one: int, deletes: bool) -> None:
        if pull := self._ours(one):
            if not pull.is_withdrawn:
                self.declined |= _covers(pull)
            self.held.person_closes(pull.number, deletes=deletes)

    def reopen(self, *_: int) -> None:
        for number, pull in reversed(self.held.pulls.items()):
            is_free = not any(p.branch == pull.branch for p in self.passing.open)
            if pull.state == "closed" and pull.by_us and is_free and pull.commits:
                self.held.branches.setdefault(pull.branch, pull.commits[-1].sha)
                self.held.pulls[number] = replace(pull, state="open", closed=None, commits=())
                self.declined -= _covers(pull)
                return

    def commit(self, one: int, other: int) -> None:
        if pull := self._ours(one):
            self.held.person_commits(pull.branch, {f"README{other}": b"mine\n"})

    def merge_base(self, one: int, _: int) -> None:
        if pull := self._ours(one):
            self.held.person_merges_base(pull.number)

    def rebase(self, one: int, other: int) -> None:
        if pull := self._ours(one):
            self._replay(pull, drop=False, first=bool(other % 2))

    def undo(self, one: int, _: int) -> None:
        if pull := self._ours(one):
            self._replay(pull, drop=True, first=False)

    def amend(self, one: int, _: int) -> None:
        if pull := self._ours(one):
            head = pull.commits[-1]
            files = {**self.held.trees[head.tree], "amended": b"mine\n"}
            made = self.held.commit(self.held.tree(files), head.parents, head.message, "Jane")
            self.held.branches[pull.branch] = made.sha

    def _replay(self, pull: PullRequest, drop: bool, first: bool) -> None:
        """Put the commits of a branch on the base as it is, theirs first or not at all."""
        at = self.held.commits[self.held.branches["main"]]
        commits = [c for c in pull.commits if len(c.parents) == 1]
        is_mine = [c.claimed_fingerprint is not None for c in commits]
        listed = [c for c, mine in zip(commits, is_mine, strict=True) if mine or not drop]
        if first:
            listed.sort(key=lambda c: c.claimed_fingerprint is not None)
        for commit in listed:
            before = self.held.trees[self.held.commits[commit.parents[0]].tree]
            after = self.held.trees[commit.tree]
            changed = {path: data for path, data in after.items() if before.get(path) != data}
            tree = self.held.tree({**self.held.trees[at.tree], **changed})
            at = self.held.commit(tree, [at.sha], commit.message, commit.author)
        self.held.branches[pull.branch] = at.sha

    def retarget(self, one: int, _: int) -> None:
        if pull := self._ours(one):
            self.held.branches.setdefault("other", self.held.branches["main"])
            self.held.pulls[pull.number] = replace(self.held.pulls[pull.number], base="other")

    def open(self, one: int, _: int) -> None:
        branch = ("pinbot/pin", "pinbot/refresh", "feature")[one % 3]
        if branch not in self.held.branches:
            self.held.branches[branch] = self.held.branches["main"]
            self.held.person_commits(branch, {"feature": b"1\n"})
        if not any(p.branch == branch for p in self.passing.open):
            self.held.person_opens(branch)

    def fork(self, one: int, _: int) -> None:
        self.held.person_opens(("pinbot/pin", "pinbot/refresh", "renovate/x")[one % 3], in_repository=False)

    def rival(self, one: int, other: int) -> None:
        branch = f"renovate/{one}"
        if branch in self.held.branches:
            return
        self.held.branches[branch] = self.held.branches["main"]
        place = PLACES[other % len(PLACES)]
        if place in self.held.files("main"):
            self.held.person_commits(branch, {place: b"# theirs\n"})
            self.held.person_opens(branch, "renovate[bot]")


def _covers(pull: PullRequest) -> frozenset[str]:
    return next((c.covers for c in reversed(pull.commits) if c.claimed_fingerprint), frozenset())


@given(EVENTS)
@settings(max_examples=100, deadline=None)
def test_after_any_history_two_passes_bring_rest(events: list[Event]) -> None:
    world = World()
    for event in events:
        world.happen(event)
    for _ in range(2):
        world.sweep()
        world.check()
    state = dict(world.held.branches), dict(world.held.pulls), list(world.held.comments), dict(world.held.issues)
    world.sweep()
    assert world.passing.forge.writes == 0, world.passing.forge.calls
    after = dict(world.held.branches), dict(world.held.pulls), list(world.held.comments), dict(world.held.issues)
    assert after == state
