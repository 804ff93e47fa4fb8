"""The gate: what `check` finds wrong, and what it could not look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pinbot.oci.digest import Digest
from pinbot.oci.history import History, Memory, Sighting, Source
from pinbot.oci.manifest import OCI_INDEX, OCI_MANIFEST, Descriptor, Index
from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import (
    Alive,
    Answer,
    Barred,
    Config,
    Content,
    Dead,
    Failed,
    Head,
    ImageConfig,
    Question,
    Remembered,
    Served,
)
from pinbot.planning.lint import Verdict, added, judge, missing
from pinbot.planning.policy import Policy, Terms, Values
from pinbot.planning.problem import Gate
from pinbot.source.finding import Aside, Finding, Lapse
from tests.core.examples import (
    NEW,
    NEW_CONTENT,
    OLD,
    OLD_ALIVE,
    OTHER,
    TAG,
    aside,
    fixed,
    found,
    image,
    index,
    index_of,
)

Facts = dict[Question, Answer]

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
GATE = Gate(Terms(Policy(), NOW))
SHA512 = Digest("sha512", "a" * 128)
PINNED = found(f"nginx:1.27@{OLD}")
FULL = found(f"nginx:1.27.3@{OLD}")
DOWN = Failed("503", "docker.io has trouble")
GONE = Failed("404", "no such repository")
BARRED = Barred("schema 1")
DEAD = Dead("the digest is gone")
MOVED: Facts = {TAG: index(NEW), OLD_ALIVE: index(OLD)}
FULL_TAG = Head("docker.io", "library/nginx", "1.27.3")
FULL_MOVED: Facts = {FULL_TAG: index(NEW), OLD_ALIVE: index(OLD)}
LEDGER = Remembered("docker.io", "library/nginx")
OLD_CONTENT = Content("docker.io", "library/nginx", OLD)
AMD, ARM, S390 = Platform("linux", "amd64"), Platform("linux", "arm64"), Platform("linux", "s390x")
CHILDREN = {platform: Digest.of(str(platform).encode()) for platform in (AMD, ARM, S390)}
NOTES = Platform("unknown", "unknown")


def alive(digest: Digest, repository: str = "library/nginx") -> Alive:
    return Alive("docker.io", repository, digest)


def platforms(digest: Digest, *children: tuple[Platform, Digest]) -> Index:
    return Index(OCI_INDEX, digest, tuple(Descriptor(OCI_MANIFEST, d, 7, p) for p, d in children))


SEVERAL = platforms(OLD, *CHILDREN.items(), (NOTES, OTHER))
AS_INDEX: Facts = {TAG: index(OLD), OLD_CONTENT: SEVERAL}


def seen(*stretches: tuple[Digest, int, int], source: Source = "seen") -> History:
    """Return a history of stretches, in days before now."""
    return History(tuple(Sighting(d, NOW - timedelta(a), NOW - timedelta(b), source) for d, a, b in stretches))


def remembered(**histories: History) -> Facts:
    return {LEDGER: Memory({tag.strip("v").replace("_", "."): history for tag, history in histories.items()})}


def both(*histories: History) -> History:
    return History(tuple(s for h in histories for s in h.sightings))


def judged(findings: list[Finding], facts: Facts, gate: Gate = GATE) -> tuple[Verdict, list[Question]]:
    """Ask until nothing is missing; what the table does not answer is answered as a registry without news would."""
    known: Facts = {}
    while asked := missing(findings, known, gate):
        known |= {q: facts.get(q) or _usual(q) for q in asked}
    return judge(findings, known, gate), list(known)


def _usual(question: Question) -> Answer:
    match question:
        case Remembered():
            return Memory()
        case Content(digest=digest):
            return index_of(digest)
        case Alive(digest=digest):
            return image(digest)
        case Config():
            return Failed("404", "no configuration")
        case _:
            raise AssertionError(f"nobody expected {question}")


class Rules(Policy):
    """A policy that says the same of every reference."""

    def __init__(self, values: Values | None = None, denial: str | None = None, distrust: str | None = None) -> None:
        super().__init__()
        object.__setattr__(self, "told", (values or Values(), denial, distrust))

    told: tuple[Values, str | None, str | None]

    def of(self, finding: Finding, kind: Any = None) -> Values:
        return self.told[0]

    def denial(self, reference: Reference) -> str | None:
        return self.told[1] if reference.digest else None

    def distrust(self, reference: Reference) -> str | None:
        return self.told[2]


def gate(policy: Policy | None = None, lag: int | None = None, builds: tuple[Platform, ...] | None = None) -> Gate:
    return Gate(Terms(policy or Policy(), NOW), timedelta(lag) if lag is not None else None, builds)


def config(source: str, version: str, created: datetime | None = None) -> ImageConfig:
    prefix = "org.opencontainers.image."
    return ImageConfig(AMD, created, {f"{prefix}source": source, f"{prefix}version": version})


def labelled(before: ImageConfig, after: ImageConfig) -> Facts:
    """Say that the full version moved from an index of one image to another, with these configurations."""
    old, new = Digest.of(b"old child"), Digest.of(b"new child")
    return FULL_MOVED | {
        OLD_CONTENT: platforms(OLD, (AMD, old)),
        NEW_CONTENT: platforms(NEW, (AMD, new)),
        Config("docker.io", "library/nginx", old): before,
        Config("docker.io", "library/nginx", new): after,
    }


SAME = labelled(config("git", "1.27.3"), config("git", "1.27.3"))
EVIL = labelled(config("git", "1.27.3"), config("evil", "1.27.3"))
BUILT_IN_OCTOBER = Config("docker.io", "library/nginx", OLD)


@pytest.mark.parametrize(
    ("finding", "facts", "rule", "says", "remedy"),
    [
        pytest.param(found("nginx:1.27"), {}, "unpinned", "no digest", "pinbot pin", id="no digest"),
        pytest.param(fixed("nginx:1.27"), {}, "unpinned", "cannot write", "by hand", id="none can be written"),
        pytest.param(aside("invalid"), {}, "invalid", "because", "correct", id="no reference"),
        pytest.param(PINNED, MOVED | {OLD_ALIVE: DEAD}, "dead-digest", "gone", "bump", id="a dead digest"),
        pytest.param(PINNED, {TAG: DOWN, OLD_ALIVE: DEAD}, "dead-digest", "gone", "bump", id="dead, its tag unknown"),
        pytest.param(
            found(f"nginx@{OLD}"), {OLD_ALIVE: DEAD}, "dead-digest", "gone", "pinbot pin", id="a dead bare digest"
        ),
        pytest.param(
            PINNED,
            AS_INDEX | {alive(CHILDREN[ARM]): DEAD},
            "dead-digest",
            "1 of the 3 images that count are gone: linux/arm64 (404 twice)",
            "the tag itself is broken",
            id="a dead image of the index that the tag names",
        ),
        pytest.param(PINNED, MOVED, "outdated", "the ledger does not know since when", "bump", id="the tag moved"),
        pytest.param(
            PINNED,
            MOVED | remembered(v1_27=seen((OLD, 40, 20), (NEW, 18, 1))),
            "outdated",
            "left the pinned digest by 2026-11-03 (18 days ago, says the ledger)",
            "bump",
            id="the ledger saw the tag move",
        ),
        pytest.param(
            PINNED,
            MOVED | remembered(v1_27=seen((OLD, 40, 20))),
            "outdated",
            "still named the pinned digest on 2026-11-01",
            "bump",
            id="this run is the first to see it",
        ),
        pytest.param(
            PINNED,
            MOVED | remembered(v1_27=both(seen((OLD, 9, 1), source="file"), seen((NEW, 9, 1)))),
            "outdated",
            "at the latest by 2026-11-12",
            "bump",
            id="only files ever had the pair",
        ),
        pytest.param(
            PINNED,
            {TAG: index(NEW), OLD_ALIVE: image(OLD), NEW_CONTENT: index_of(NEW, OTHER)},
            "outdated",
            "now names",
            "bump",
            id="one image of an older index",
        ),
        pytest.param(FULL, SAME, "outdated", "rebuilt: same source git", "bump", id="a full version was rebuilt"),
        pytest.param(FULL, FULL_MOVED, "outdated", "unverified: both images", "bump", id="nobody can tell what it was"),
        pytest.param(FULL, EVIL, "replaced-tag", "from git to evil", "keep the digest", id="another source"),
        pytest.param(
            FULL,
            FULL_MOVED | remembered(v1_27_3=seen((OLD, 9, 2)), v1_27_4=seen((NEW, 9, 1))),
            "replaced-tag",
            "the image of 1.27.4",
            "keep the digest",
            id="it ran into another version",
        ),
        pytest.param(
            FULL,
            FULL_MOVED | remembered(v1_27_3=seen((NEW, 9, 2)), v1_26_0=seen((OLD, 9, 1))),
            "mismatch",
            "the digest is that of 1.26.0",
            "correct the tag",
            id="the digest of another version",
        ),
        pytest.param(
            PINNED,
            {TAG: index(NEW), OLD_ALIVE: image(OLD), NEW_CONTENT: platforms(NEW, (AMD, OLD), (ARM, OTHER))},
            "child-digest",
            "the image for linux/amd64 alone",
            "name the platform",
            id="one image of the present index",
        ),
        pytest.param(
            replace(
                PINNED,
                lapsed=(Lapse("the `pinbot: ignore` remark expired: it was to count until 2026-01-01", expired=True),),
            ),
            {TAG: image(OLD)},
            "expired-ignore",
            "until 2026-01-01",
            "new day",
            id="a remark that expired",
        ),
        pytest.param(
            replace(PINNED, lapsed=(Lapse("the settings do not permit a `pinbot: ignore` remark", expired=False),)),
            {TAG: image(OLD)},
            "ignore-not-permitted",
            "do not permit",
            "remove it",
            id="a remark that is not permitted",
        ),
        pytest.param(
            replace(found(f"nginx:latest@{OLD}"), stage="final"),
            {Head("docker.io", "library/nginx", "latest"): image(OLD)},
            "latest",
            "the tag is latest",
            "name a version",
            id="latest in what is shipped, pinned",
        ),
    ],
)
def test_finds_what_is_wrong(finding: Finding, facts: Facts, rule: str, says: str, remedy: str) -> None:
    verdict, _ = judged([finding], facts)
    [problem] = verdict.problems
    assert problem.rule == rule
    assert says in problem.message
    assert remedy in problem.remedy
    assert not verdict.unchecked


LONG_AGO = remembered(v1_27=both(seen((OLD, 60, 0), source="file"), seen((NEW, 60, 0))))


@pytest.mark.parametrize(
    ("finding", "facts", "gate", "rules"),
    [
        pytest.param(
            replace(found("nginx"), stage="final"), {}, GATE, ["unpinned", "latest"], id="no tag in the image"
        ),
        pytest.param(replace(found("nginx"), stage="builder"), {}, GATE, ["unpinned"], id="no tag in a builder"),
        pytest.param(found("nginx"), {}, GATE, ["unpinned"], id="no tag outside of builds"),
        pytest.param(
            replace(found(f"nginx@{OLD}"), stage="final"), {}, GATE, [], id="a bare digest in the image is no latest"
        ),
        pytest.param(found("nginx:1.27"), {}, gate(Rules(Values(mode="ignore"))), [], id="ignored by a rule"),
        pytest.param(found("nginx:1.27"), {}, gate(Rules(Values(mode="watch"))), ["unpinned"], id="watched by a rule"),
        pytest.param(PINNED, MOVED, gate(Rules(Values(mode="watch"))), ["outdated"], id="watched and outdated"),
        pytest.param(
            PINNED, {TAG: image(OLD)}, gate(Rules(denial="known as bad")), ["denied-digest"], id="a denied digest"
        ),
        pytest.param(
            PINNED,
            {},
            gate(Rules(Values(mode="ignore"), "bad")),
            ["denied-digest"],
            id="denied, though a rule ignores it",
        ),
        pytest.param(
            found("x", Aside("ignored", "because", Reference.parse(f"nginx:1.27@{OLD}"))),
            {},
            gate(Rules(denial="bad", distrust="bad")),
            ["denied-digest"],
            id="denied, though a remark ignores it",
        ),
        pytest.param(
            found("nginx:1.27"), {}, gate(Rules(distrust="no")), ["untrusted-registry", "unpinned"], id="distrusted"
        ),
        pytest.param(
            PINNED, {TAG: image(OLD)}, gate(Rules(distrust="no")), ["untrusted-registry"], id="distrusted and pinned"
        ),
        pytest.param(aside("local"), {}, gate(Rules(distrust="no")), [], id="what is local needs no trust"),
        pytest.param(
            PINNED, MOVED | remembered(v1_27=seen((OLD, 60, 40), (NEW, 31, 1))), gate(lag=30), ["stale"], id="stale"
        ),
        pytest.param(
            PINNED,
            MOVED | remembered(v1_27=seen((OLD, 60, 40), (NEW, 29, 1))),
            gate(lag=30),
            ["outdated"],
            id="not yet",
        ),
        pytest.param(PINNED, MOVED, gate(lag=0), ["outdated"], id="the ledger knows nothing, so nothing is stale"),
        pytest.param(
            PINNED, MOVED | remembered(v1_27=seen((NEW, 90, 1))), gate(lag=30), ["outdated"], id="never seen with it"
        ),
        pytest.param(
            FULL,
            EVIL | remembered(v1_27_3=seen((OLD, 60, 40), (NEW, 31, 1))),
            gate(lag=30),
            ["replaced-tag"],
            id="held",
        ),
        pytest.param(FULL, SAME, gate(Rules(Values(immutable=True))), ["replaced-tag"], id="declared immutable"),
        pytest.param(
            PINNED, MOVED, gate(Rules(Values(immutable=True))), ["replaced-tag"], id="immutable, whatever it is"
        ),
        pytest.param(
            FULL,
            FULL_MOVED | remembered(v1_27_3=seen((OLD, 30, 2)), v1_26_0=seen((OLD, 9, 1))),
            GATE,
            ["outdated"],
            id="the digest of two versions, one of them this",
        ),
        pytest.param(
            PINNED,
            MOVED | remembered(v1_27_3=seen((OLD, 9, 1))),
            GATE,
            ["outdated"],
            id="the digest of its own release",
        ),
        pytest.param(
            PINNED, MOVED | remembered(vlatest=seen((OLD, 9, 1))), GATE, ["outdated"], id="the digest of a word"
        ),
        pytest.param(
            found(f"nginx:24.3.5@{OLD}"),
            {Head("docker.io", "library/nginx", "24.3.5"): index(NEW), OLD_ALIVE: index(OLD)}
            | {LEDGER: Memory({"2024.1.2": seen((OLD, 9, 1))})},
            GATE,
            ["outdated"],
            id="a release that is numbered twice",
        ),
        pytest.param(
            found(f"nginx:1.27.3@{OLD}"),
            FULL_MOVED | {LEDGER: Memory({"1.26.0-alpine": seen((OLD, 9, 1))})},
            GATE,
            ["outdated"],
            id="another variant's digest is not judged",
        ),
        pytest.param(
            PINNED,
            MOVED
            | LONG_AGO
            | {OLD_CONTENT: index_of(OLD, OLD), BUILT_IN_OCTOBER: config("a", "b", NOW - timedelta(40))},
            GATE,
            ["outdated", "unknown-digest"],
            id="built while the ledger watched, and never seen",
        ),
        pytest.param(
            PINNED,
            MOVED
            | LONG_AGO
            | {OLD_CONTENT: index_of(OLD, OLD), BUILT_IN_OCTOBER: config("a", "b", NOW - timedelta(90))},
            GATE,
            ["outdated"],
            id="older than the ledger",
        ),
        pytest.param(
            PINNED,
            MOVED | LONG_AGO | {OLD_CONTENT: index_of(OLD, OLD), BUILT_IN_OCTOBER: config("a", "b")},
            GATE,
            ["outdated"],
            id="nobody knows when it was built",
        ),
    ],
)
def test_each_rule_has_its_bounds(finding: Finding, facts: Facts, gate: Gate, rules: list[str]) -> None:
    verdict, _ = judged([finding], facts, gate)
    assert [p.rule for p in verdict.problems] == rules
    assert not verdict.unchecked


CHILD: Facts = {
    TAG: index(NEW),
    alive(CHILDREN[ARM]): image(CHILDREN[ARM]),
    NEW_CONTENT: platforms(NEW, *CHILDREN.items()),
}
PINS_ARM = found(f"nginx:1.27@{CHILDREN[ARM]}")


@pytest.mark.parametrize(
    ("finding", "gate", "noted"),
    [
        pytest.param(PINS_ARM, GATE, True, id="nothing says that one platform is meant"),
        pytest.param(replace(PINS_ARM, platform=ARM), GATE, False, id="the line says it"),
        pytest.param(PINS_ARM, gate(Rules(Values(platforms=(ARM,)))), False, id="the settings say it"),
        pytest.param(PINS_ARM, gate(Rules(Values(platforms=(ARM, AMD)))), True, id="the settings say two"),
        pytest.param(PINS_ARM, gate(builds=(ARM,)), False, id="the repository builds for just that one"),
        pytest.param(PINS_ARM, gate(builds=(AMD,)), True, id="the repository builds for another one"),
        pytest.param(PINS_ARM, gate(builds=(AMD, ARM)), True, id="the repository builds for several"),
    ],
)
def test_a_pin_of_one_image_is_noted_where_more_may_be_meant(finding: Finding, gate: Gate, noted: bool) -> None:
    verdict, _ = judged([finding], CHILD, gate)
    assert [p.rule for p in verdict.problems] == (["child-digest"] if noted else [])


@pytest.mark.parametrize(
    ("finding", "gate", "asked"),
    [
        pytest.param(PINNED, GATE, [AMD, ARM, S390], id="all but attestations"),
        pytest.param(replace(PINNED, platform=ARM), GATE, [ARM], id="that of the line"),
        pytest.param(PINNED, gate(Rules(Values(platforms=(AMD, ARM)))), [AMD, ARM], id="those of the settings"),
        pytest.param(
            replace(PINNED, platform=S390),
            gate(Rules(Values(platforms=(AMD,)))),
            [AMD],
            id="the settings win over the line",
        ),
        pytest.param(
            PINNED, gate(Rules(Values(platforms=(Platform("linux", "arm64", "v8"),)))), [ARM], id="another spelling"
        ),
    ],
)
def test_only_the_images_that_count_are_asked_for(finding: Finding, gate: Gate, asked: list[Platform]) -> None:
    _, questions = judged([finding], AS_INDEX, gate)
    assert set(questions[:3]) == {TAG, LEDGER, OLD_CONTENT}
    assert set(questions[3:]) == {alive(CHILDREN[p]) for p in asked}


def test_one_problem_names_all_the_images_that_are_gone_and_what_could_be_judged_is() -> None:
    facts = AS_INDEX | {alive(CHILDREN[AMD]): DEAD, alive(CHILDREN[S390]): DEAD, alive(CHILDREN[ARM]): DOWN}
    verdict, _ = judged([PINNED], facts)
    assert [p.message for p in verdict.problems] == [
        "the pinned index is there, but 2 of the 3 images that count are gone: linux/amd64, linux/s390x (404 twice)"
    ]
    assert [u.reason for u in verdict.unchecked] == [
        "the image for linux/arm64 could not be looked up: docker.io has trouble"
    ]


def test_an_index_of_thousands_costs_a_hundred_questions() -> None:
    many = platforms(OLD, *((AMD, Digest.of(b"%d" % n)) for n in range(3000)))
    _, questions = judged([PINNED], {TAG: index(OLD), OLD_CONTENT: many})
    assert len(questions) == 103


@pytest.mark.parametrize(
    ("finding", "facts", "cost"),
    [
        pytest.param(found("nginx:1.27"), {}, [], id="nothing, unpinned"),
        pytest.param(PINNED, {TAG: image(OLD)}, [TAG, LEDGER], id="the tag, where it still names the image"),
        pytest.param(PINNED, {TAG: image(NEW)}, [TAG, LEDGER, OLD_ALIVE], id="and the digest, where it does not"),
        pytest.param(found(f"nginx@{OLD}"), {}, [OLD_ALIVE], id="the digest alone, where there is no tag"),
    ],
)
def test_asks_no_more_than_it_needs(finding: Finding, facts: Facts, cost: list[Question]) -> None:
    _, questions = judged([finding], facts)
    assert set(questions) == set(cost)


@pytest.mark.parametrize(
    "elsewhere", [pytest.param("redis:7", id="another image"), pytest.param("a/b:1", id="any name")]
)
def test_a_dead_digest_that_another_repository_serves_is_a_mismatch(elsewhere: str) -> None:
    other = found(f"{elsewhere}@{OLD}", path="b.yml")
    name = other.reference.path if other.reference else ""
    tag = Head("docker.io", name, other.reference.tag or "") if other.reference else TAG
    verdict, _ = judged([PINNED, other], {TAG: index(NEW), OLD_ALIVE: DEAD, tag: image(OLD)})
    assert [(p.rule, p.finding) for p in verdict.problems] == [("dead-digest", PINNED), ("mismatch", PINNED)]
    assert f"docker.io/{name}, which serves it (b.yml:1 has it)" in verdict.problems[1].message


@pytest.mark.parametrize(
    ("other", "answer"),
    [
        pytest.param("mirror.example/hub/nginx:1.27", image(OLD), id="a mirror that still has it"),
        pytest.param("redis:7", DEAD, id="dead there as well"),
        pytest.param("redis:7", DOWN, id="nobody knows there"),
    ],
)
def test_a_dead_digest_is_no_mismatch_without_proof(other: str, answer: Answer) -> None:
    reference = Reference.parse(f"{other}@{OLD}")
    facts: Facts = {
        TAG: index(NEW),
        OLD_ALIVE: DEAD,
        Head(reference.registry, reference.path, reference.tag or ""): DOWN,
        Alive(reference.registry, reference.path, OLD): answer,
    }
    verdict, _ = judged([PINNED, found(str(reference), path="b.yml")], facts)
    assert "mismatch" not in [p.rule for p in verdict.problems]


KNOWN = remembered(v1_27=seen((OLD, 9, 1)))


@pytest.mark.parametrize(
    ("finding", "facts", "noted"),
    [
        pytest.param(PINNED, KNOWN | {TAG: GONE, OLD_ALIVE: GONE}, True, id="the ledger knew it"),
        pytest.param(PINNED, {TAG: GONE, OLD_ALIVE: GONE}, False, id="the ledger never saw it"),
        pytest.param(PINNED, KNOWN | {TAG: GONE, OLD_ALIVE: image(OLD)}, False, id="only the tag is gone"),
        pytest.param(PINNED, KNOWN | {TAG: DOWN, OLD_ALIVE: GONE}, False, id="the registry has trouble"),
        pytest.param(PINNED, KNOWN | {TAG: DOWN, OLD_ALIVE: Failed("redirect", "it redirects")}, True, id="a redirect"),
        pytest.param(found(f"nginx@{OLD}"), KNOWN | {OLD_ALIVE: GONE}, True, id="a bare digest"),
        pytest.param(PINNED, KNOWN | {TAG: BARRED, OLD_ALIVE: BARRED}, False, id="something that must not be pinned"),
    ],
)
def test_a_repository_that_is_gone_is_noted_and_stays_unchecked(finding: Finding, facts: Facts, noted: bool) -> None:
    verdict, _ = judged([finding], facts)
    assert [p.rule for p in verdict.problems] == (["moved-repository"] if noted else [])
    assert len(verdict.unchecked) == 1


@pytest.mark.parametrize(
    ("finding", "facts"),
    [
        pytest.param(PINNED, {TAG: image(OLD)}, id="the tag still names the digest"),
        pytest.param(PINNED, AS_INDEX, id="all the images of the index are there"),
        pytest.param(
            found(f"nginx:1.27@{SHA512}"),
            {TAG: index(NEW), alive(SHA512): Served(SHA512, OCI_MANIFEST), NEW_CONTENT: index_of(NEW)},
            id="pinned by another algorithm than the registry names the tag by",
        ),
        pytest.param(found(f"nginx@{OLD}"), {OLD_ALIVE: index(OLD)}, id="a bare digest that is served"),
        *(pytest.param(aside(status), {}, id=status) for status in ("local", "variable", "ignored")),
    ],
)
def test_finds_nothing_wrong(finding: Finding, facts: Facts) -> None:
    verdict, _ = judged([finding], facts)
    assert not verdict.problems
    assert not verdict.unchecked


def test_offline_only_files_and_settings_are_judged() -> None:
    strict = gate(Rules(denial="bad", distrust="no"))
    verdict = judge([PINNED, found("nginx:1.27")], None, strict)
    assert [p.rule for p in verdict.problems] == [
        "denied-digest",
        "untrusted-registry",
        "untrusted-registry",
        "unpinned",
    ]


@pytest.mark.parametrize(
    ("finding", "facts", "rules", "why"),
    [
        pytest.param(PINNED, {TAG: DOWN, OLD_ALIVE: image(OLD)}, [], DOWN.reason, id="the tag"),
        pytest.param(PINNED, {TAG: image(NEW), OLD_ALIVE: DOWN}, ["outdated"], DOWN.reason, id="the digest"),
        pytest.param(PINNED, {TAG: DOWN, OLD_ALIVE: DOWN}, [], DOWN.reason, id="both, named once"),
        pytest.param(found(f"nginx@{OLD}"), {OLD_ALIVE: DOWN}, [], DOWN.reason, id="a bare digest"),
        pytest.param(PINNED, {TAG: BARRED}, [], BARRED.reason, id="the tag now names what nobody may pin"),
        pytest.param(
            found(f"nginx@{OLD}"),
            {OLD_ALIVE: BARRED},
            [],
            BARRED.reason,
            id="the registry gives other bytes for a digest",
        ),
        pytest.param(
            PINNED,
            {TAG: index(OLD), OLD_CONTENT: DOWN},
            [],
            "the pinned index could not be read: docker.io has trouble",
            id="the pinned index",
        ),
        pytest.param(
            PINNED,
            {TAG: index(NEW), OLD_ALIVE: image(OLD), NEW_CONTENT: DOWN},
            [],
            "the index that the tag names could not be read: docker.io has trouble",
            id="the index that may hold the pinned image",
        ),
    ],
)
def test_names_what_it_could_not_check(finding: Finding, facts: Facts, rules: list[str], why: str) -> None:
    verdict, _ = judged([finding], facts)
    assert [p.rule for p in verdict.problems] == rules
    assert [(u.finding, u.reason) for u in verdict.unchecked] == [(finding, why)]


@pytest.mark.parametrize(
    ("before", "now", "touched"),
    [
        pytest.param([], ["a:1"], [0], id="a reference of a new file"),
        pytest.param(["a:1"], ["a:1"], [], id="what was there"),
        pytest.param(["a:1", "b:1"], ["b:1", "a:1"], [], id="what only moved"),
        pytest.param(["a:1"], ["a:2"], [0], id="another tag"),
        pytest.param(["a:1"], ["a:1", "a:1"], [1], id="a second one of the same"),
        pytest.param(["a:1", "a:1"], ["a:1", "a:1", "a:1"], [2], id="a third one of the same"),
        pytest.param(["a:1", "b:1"], ["b:1"], [], id="the rest after a removal"),
    ],
)
def test_added_tells_what_a_change_touched(before: list[str], now: list[str], touched: list[int]) -> None:
    findings = [found(text) for text in now]
    new = added(findings, [found(text) for text in before])
    assert [id(f) for f in new] == [id(findings[n]) for n in touched]


def test_a_value_that_changed_elsewhere_touches_the_reference() -> None:
    before, now = (replace(found(f"redis:{tag}"), text="redis:${V}") for tag in "78")
    assert added([now], [before]) == (now,)


def test_the_same_reference_in_another_file_is_added() -> None:
    here = found("redis:7")
    assert added([here], [replace(here, path="elsewhere")]) == (here,)


def test_what_is_no_reference_is_compared_by_its_text() -> None:
    assert added([aside("variable")], [aside("variable")]) == ()
