"""An owner of a forge whose repositories are swept by `pinbot sweep` as a process, and what people do in between.

world.image("nginx", "1.27", "a")
repo = world.add("api", {"Dockerfile": world.dockerfile("nginx:1.27")})
run = world.sweep()
assert run.does == {"api": ["open pinbot/pin"]}
"""

from __future__ import annotations

import copy
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.fakes.github.heads import DiskHeads
from tests.fakes.github.server import is_write
from tests.fakes.github.state import Pull, Repo, Ticket
from tests.live.site import OTHER_APIS, TOKEN, Site, changes
from tests.live.starter import Ended, wait
from tests.process import Outcome, environment
from tests.real.git_server import BareRepository, Content
from tests.real.pushing import Pusher

_LIMIT_SECONDS = 300
# What pinbot keeps on its disk.
_PARTS = ("cache", "ledger.db", "ledger.db-wal", "ledger.db-shm")
Files = Mapping[str | bytes, Content | None]


@dataclass(frozen=True)
class Run:
    """What one pass did: its outcome, the kinds of requests that it made, and whether it was killed.

    `api` is how many requests went to the forge's API, and `writes` how many of them change something there. `fetches`
    is how often git asked for refs or objects, and `pushes` how often it pushed; `cpu_seconds` are those of pinbot and
    its git.
    """

    outcome: Outcome
    api: int
    writes: int
    fetches: int
    pushes: int
    seconds: float
    cpu_seconds: float
    memory_mib: float

    @property
    def is_killed(self) -> bool:
        """Whether it was killed."""
        return self.outcome.code == -9

    @property
    def visits(self) -> dict[str, Any]:
        """What became of each repository, by its name without the owner."""
        return {visit["repository"].partition("/")[2]: visit for visit in self.outcome.json["repositories"]}

    @property
    def does(self) -> dict[str, list[str]]:
        """What was done, or was to be done, by repository: `open pinbot/pin`."""
        return {
            name: [f"{deed['action']} {deed['branch']}" for deed in visit["pull_requests"]]
            for name, visit in self.visits.items()
        }

    @property
    def errors(self) -> list[str]:
        """All that failed."""
        said = [visit["error"] for visit in self.visits.values()]
        said += [deed["error"] for visit in self.visits.values() for deed in visit["pull_requests"]]
        return [one for one in said if one]


@dataclass
class Held:
    """A repository at the forge, and its git."""

    repo: Repo
    git: BareRepository

    @property
    def open(self) -> list[Pull]:
        """The pull requests that are open."""
        return [pull for pull in self.repo.pulls if pull.state == "OPEN"]

    def text(self, branch: str, path: str = "Dockerfile") -> str:
        """Return a file of a branch."""
        return self.git.show(self.git.tip(branch) or "", path).decode()

    @property
    def branches(self) -> dict[str, str]:
        """The trees of the branches."""
        told = self.git.git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)^{tree}", "refs/heads").decode()
        names = dict(line.split(" ", 1) for line in told.splitlines())
        return {name: self.git.git("rev-parse", tree).decode().strip() for name, tree in names.items()}


class World:
    """One owner at the fake GitHub; `style` is the text of `pull-requests`, `more` of other settings."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site, self.folder = site, folder
        self.owner = f"acme-{next(site.owners)}"
        self.held: dict[str, Held] = {}
        self.style = "  mode: propose\n  refresh-every: 0\n"
        self.forge = ""
        self.more = "defaults: {cooldown: 0}\n"
        self.environ: dict[str, str] = {}
        self._stack = ExitStack()
        self._pushers: dict[str, Pusher] = {}

    def add(self, name: str, files: Files | None, branch: str = "main", **more: Any) -> Held:
        """Add a repository to GitHub, with one commit, or without any."""
        git = self.bare(name, files, branch)
        repo = self.site.hub.add(f"{self.owner}/{name}", DiskHeads(git.folder), default_branch=branch, **more)
        self.held[name] = Held(repo, git)
        return self.held[name]

    def bare(self, name: str, files: Files | None, branch: str = "main") -> BareRepository:
        """Add a repository to the git server alone."""
        made = self.site.git.repository(files, branch=branch, name=f"{self.owner}/{name}.git")
        return BareRepository(made.folder, f"{self.site.origin}/{self.owner}/{name}.git")

    def image(self, name: str, tag: str, content: str) -> str:
        """Let a tag name an image with that content, and return its digest."""
        if name not in self._pushers:
            path = self.path(name)
            self._pushers[name] = self._stack.enter_context(Pusher(self.site.registry.host, path))
        return self._pushers[name].image(tag, content)

    def path(self, name: str) -> str:
        """Return the repository of an image: each world has its own."""
        return f"{self.owner}/{name}"

    def dockerfile(self, *images: str) -> bytes:
        """Return a Dockerfile that names images, `nginx:1.27`."""
        return "".join(f"FROM {self.owner}/{image}\n" for image in images).encode()

    def settings(self) -> Path:
        """Write the settings, and return their file."""
        forge = self.forge or self._github(f"organisations: [{self.owner}]")
        path = self.folder / "settings.yaml"
        path.write_text(
            f"registries:\n  docker.io:\n    endpoint: {self.site.registry.url}\n    push-dates: false\n"
            f"{self.more}cache: {self.folder}/cache\nforges:\n{forge}pull-requests:\n{self.style}"
        )
        return path

    def sweep(
        self,
        *arguments: str,
        form: str = "json",
        env: Mapping[str, str] | None = None,
        fresh: bool = False,
        waits: bool = True,
    ) -> Run:
        """Run once, as a process of its own; it is the one that a kill of the site is for.

        `fresh` starts the interpreter anew, as a user does; else the process is a fork of a warm one. `waits` is for
        git, which may be at work still where the run was killed.
        """
        words = ["sweep", "--config", str(self.settings()), *([f"--format={form}"] if form else []), *arguments]
        environ = self._environ(env)
        before, logged = len(self.site.github.asked), len(self.site.requests())
        started = time.monotonic()
        ended = self._run(words, environment(self.folder, environ), fresh=fresh)
        seconds = time.monotonic() - started
        if waits:
            self._wait_for_orphans()
        outcome = Outcome(ended.code, (self.folder / "out").read_text(), (self.folder / "err").read_text())
        assert "Traceback" not in outcome.stderr, outcome.stderr
        asked, log = self.site.github.asked[before:], self.site.requests()[logged:]
        other = [r for r in log if r.path.startswith(OTHER_APIS)]
        writes = sum(map(is_write, asked)) + sum(changes(r.method, r.path) for r in other)
        fetches = sum("info/refs?service=git-upload-pack" in r.path and r.status == 200 for r in log)
        pushes = sum(r.path.endswith("/git-receive-pack") for r in log)
        return Run(
            outcome, len(asked) + len(other), writes, fetches, pushes, seconds, ended.cpu_seconds, ended.memory_mib
        )

    def quiet(self, *arguments: str) -> Run:
        """Run once more; nothing must be written, and nothing fetched."""
        run = self.sweep(*arguments)
        assert run.outcome.code == 0, run.outcome.stderr
        assert (run.writes, run.fetches, run.pushes) == (0, 0, 0), run.does
        return run

    def person_commits(self, name: str, files: Files, branch: str = "main", message: str = "Mine") -> str:
        """Let a person push a commit."""
        made = self.held[name].git.commit(files, branch, message)
        self.site.github.pushed(self.held[name].repo)
        return made

    def person_merges_base(self, name: str, branch: str) -> str:
        """Let a person merge the default branch into another, as the button "Update branch" does."""
        held = self.held[name]
        heads, base = held.repo.heads, held.git.tip(held.repo.default_branch)
        tip = held.git.tip(branch)
        tree = held.git.git("merge-tree", "--write-tree", tip or "", base or "").decode().strip()
        made = held.git.git("commit-tree", tree, "-p", tip or "", "-p", base or "", stdin=b"Merge main\n").decode()
        heads.move(branch, made.strip())
        self.site.github.pushed(held.repo)
        return made.strip()

    def person_merges(self, name: str, number: int, deletes: bool = True) -> None:
        """Let a person merge a pull request (as one commit), and delete its branch."""
        held = self.held[name]
        pull = held.repo.pull(number)
        self.site.hub.close(held.repo, pull, "MERGED", "ann")
        base = held.git.tip(pull.base) or ""
        tree = held.git.git("merge-tree", "--write-tree", base, pull.head).decode().strip()
        made = held.git.git("commit-tree", tree, "-p", base, stdin=b"Merged\n").decode().strip()
        held.repo.heads.move(pull.base, made)
        if deletes:
            held.repo.heads.move(pull.branch, None)

    def person_closes(self, name: str, number: int, deletes: bool = True) -> None:
        """Let a person close a pull request, and delete its branch."""
        held = self.held[name]
        pull = held.repo.pull(number)
        self.site.hub.close(held.repo, pull, "CLOSED", "ann")
        if deletes:
            held.repo.heads.move(pull.branch, None)

    def person_checks(self, name: str, marker: str) -> None:
        """Let a person check a box of the dashboard, by its hidden marker."""
        (ticket,) = self.held[name].repo.tickets
        assert f"- [ ] <!-- pinbot:{marker} -->" in ticket.body, ticket.body
        ticket.body = ticket.body.replace(f"- [ ] <!-- pinbot:{marker} -->", f"- [x] <!-- pinbot:{marker} -->")

    def rename(self, name: str, to: str) -> None:
        """Give a repository another name, at the forge and on its disk."""
        held = self.held.pop(name)
        self.site.hub.rename(held.repo, f"{self.owner}/{to}")
        folder = held.git.folder.with_name(f"{to}.git")
        held.git.folder.rename(folder)
        held.repo.heads = DiskHeads(folder)
        self.held[to] = Held(held.repo, BareRepository(folder, f"{self.site.origin}/{self.owner}/{to}.git"))

    def rename_branch(self, name: str, to: str) -> None:
        """Give the default branch of a repository another name: what is open goes to that, as at GitHub."""
        held = self.held[name]
        before, tip = held.repo.default_branch, held.git.tip(held.repo.default_branch)
        held.repo.heads.move(to, tip)
        for pull in held.open:
            pull.base = to if pull.base == before else pull.base
        held.repo.default_branch = to
        held.git.git("symbolic-ref", "HEAD", f"refs/heads/{to}")
        held.repo.heads.move(before, None)

    def named(self, *names: str) -> None:
        """Let the settings name repositories instead of their owner."""
        self.forge = self._github(f"repositories: [{', '.join(f'{self.owner}/{name}' for name in names)}]")

    def commits_by_api(self) -> None:
        """Let the forge make the commits."""
        self.forge = self._github(f"organisations: [{self.owner}]\n      commits: api")

    def forget(self) -> None:
        """Remove all that pinbot keeps on its disk."""
        for part in _PARTS:
            _remove(self.folder / part)

    def state(self) -> object:
        """Return all that a person can see at the forge: pull requests with all they have, and branches with trees."""
        return {
            name: (
                [
                    (
                        p.number,
                        p.state,
                        p.branch,
                        p.base,
                        p.title,
                        p.body,
                        p.labels,
                        p.reviewers,
                        p.assignees,
                        p.comments,
                        p.merged_by is not None,
                    )
                    for p in held.repo.pulls
                ],
                held.branches,
                [(t.number, t.state, t.title, t.body) for t in held.repo.tickets],
            )
            for name, held in self.held.items()
        }

    def most_open(self) -> int:
        """Return how many pull requests were ever open from one branch of ours at the same time."""
        numbers = {held.repo.number for held in self.held.values()}
        now: Counter[tuple[int, str]] = Counter()
        worst = 0
        for event in self.site.hub.history:
            if event.repository in numbers and event.kind.startswith("pull "):
                now[event.repository, event.branch] += 1 if event.kind == "pull opened" else -1
                worst = max(worst, *now.values())
        return worst

    def keep(self) -> Kept:
        """Return everything as it is, to come back to."""
        place = self.folder / "kept"
        shutil.rmtree(place, ignore_errors=True)
        for name, held in self.held.items():
            shutil.copytree(held.git.folder, place / "git" / name)
        for part in _PARTS:
            if (self.folder / part).exists():
                _copy(self.folder / part, place / part)
        repos = {name: held.repo for name, held in self.held.items()}
        pulls = {name: copy.deepcopy(repo.pulls) for name, repo in repos.items()}
        return Kept(place, pulls, {name: copy.deepcopy(repo.tickets) for name, repo in repos.items()})

    def back(self, kept: Kept) -> None:
        """Let everything be as it was; the history goes on, told as closings and openings by nobody."""
        for name, held in self.held.items():
            for pull in held.open:
                self.site.hub.close(held.repo, pull, "CLOSED", "")
            shutil.rmtree(held.git.folder)
            shutil.copytree(kept.place / "git" / name, held.git.folder)
            held.repo.pulls = copy.deepcopy(kept.pulls[name])
            held.repo.tickets = copy.deepcopy(kept.tickets[name])
            for pull in held.open:
                self.site.hub.tell("pull opened", held.repo, pull)
        for part in _PARTS:
            _remove(self.folder / part)
            if (kept.place / part).exists():
                _copy(kept.place / part, self.folder / part)

    def start(self, *arguments: str, name: str = "run") -> subprocess.Popen[bytes]:
        """Start a run as a user does, and do not wait for it; its output is in NAME.out and NAME.err."""
        words = ["sweep", "--config", str(self.settings()), *arguments]
        return self._popen(words, environment(self.folder, self._environ()), f"{name}.out", f"{name}.err")

    def _github(self, whose: str) -> str:
        return (
            f"  - github:\n      url: {self.site.origin}/api/v3\n      token: {{env: FORGE_TOKEN}}\n"
            f"      {whose}\n      paced: false\n"
        )

    def _environ(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        (self.folder / "tmp").mkdir(exist_ok=True)
        ours = {
            "FORGE_TOKEN": TOKEN,
            "PINBOT_LEDGER": str(self.folder / "ledger.db"),
            "TMPDIR": str(self.folder / "tmp"),
            **self.environ,
            **(more or {}),
        }
        return {key: value for key, value in ours.items() if value}

    def _run(self, words: list[str], env: Mapping[str, str], *, fresh: bool) -> Ended:
        def started(pid: int) -> None:
            self.site.reaper.pid = pid
            stack.enter_context(_killed_at_last(pid))

        with ExitStack() as stack:
            return self._ended(words, env, started, fresh=fresh)

    def _ended(self, words: list[str], env: Mapping[str, str], started: Callable[[int], None], *, fresh: bool) -> Ended:
        if not fresh:
            return self.site.starter.run(words, self.folder, env, started)
        process = self._popen(words, env, "out", "err")
        started(process.pid)
        ended = wait(process.pid)
        process.returncode = ended.code
        return ended

    def _popen(self, words: list[str], env: Mapping[str, str], out: str, err: str) -> subprocess.Popen[bytes]:
        with (self.folder / out).open("wb") as output, (self.folder / err).open("wb") as errors:
            return subprocess.Popen(
                [sys.executable, "-m", "pinbot", *words],
                cwd=self.folder, env=dict(env), stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
            )  # fmt: skip

    def _wait_for_orphans(self) -> None:
        """Wait until git, which a killed run leaves behind, has ended: it is asked for by its working folder."""
        give_up = time.monotonic() + 20
        while time.monotonic() < give_up and _has_git_below(str(self.folder)):
            time.sleep(0.01)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        for held in self.held.values():
            held.repo.is_gone = True


@dataclass(frozen=True)
class Kept:
    """What was kept of a world."""

    place: Path
    pulls: Mapping[str, list[Pull]] = field(repr=False)
    tickets: Mapping[str, list[Ticket]] = field(repr=False)


def commands() -> list[str]:
    """Return the argument lists of all processes of this machine that may be seen."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
    return found


@contextmanager
def _killed_at_last(pid: int) -> Iterator[None]:
    """Let no test wait for ever."""
    timer = threading.Timer(_LIMIT_SECONDS, os.kill, (pid, signal.SIGKILL))
    timer.start()
    yield
    timer.cancel()


def _has_git_below(folder: str) -> bool:
    return any(command.startswith(("git ", "/usr/lib/git-core/")) and folder in command for command in commands())


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
