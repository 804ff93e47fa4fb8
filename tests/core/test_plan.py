"""The decision: what becomes of a reference, which facts it needs, and what it says."""

from __future__ import annotations

import pytest

from pinbot.oci.digest import Digest
from pinbot.oci.history import Memory
from pinbot.oci.manifest import OCI_MANIFEST, Descriptor, Manifest
from pinbot.oci.platform import Platform
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
)
from pinbot.planning.outcome import Change, Intent, Kept
from pinbot.planning.plan import decide, missing
from pinbot.source.finding import Finding
from tests.core.examples import (
    NEW,
    NEW_CONTENT,
    OLD,
    OLD_ALIVE,
    OTHER,
    TAG,
    aside,
    docker_image,
    fixed,
    found,
    image,
    index,
    index_of,
)
from tests.fakes.memory import TERMS

PIN = Intent(pin=True, refresh=False)
BUMP = Intent(pin=True, refresh=True)
PINNED_ONLY = Intent(pin=False, refresh=True)

UNPINNED = found("nginx:1.27")
PINNED = found(f"nginx:1.27@{OLD}")
DIGEST_ONLY = found(f"nginx@{OLD}")

_SHA512 = Digest.of(b"old", "sha512")
LONG = found(f"nginx:1.27@{_SHA512}")
LONG_ALIVE = Alive("docker.io", "library/nginx", _SHA512)

DEAD = Dead("nginx: the digest is gone")
DOWN = Failed("503", "docker.io has trouble")
GONE = Failed("404", "nginx:1.27: no such tag")
SCHEMA_1 = Barred("schema 1 is not pinned")
MANIFEST = Manifest(OCI_MANIFEST, NEW, Descriptor("application/json", OTHER, 2))

Known = dict[Question, Answer]
OLD_CONTENT = Content("docker.io", "library/nginx", OLD)
CONTENTS: Known = {OLD_CONTENT: index_of(OLD, Digest.of(b"old child")), NEW_CONTENT: index_of(NEW, OTHER)}
MOVED: Known = {TAG: index(NEW), OLD_ALIVE: index(OLD), **CONTENTS}

CHANGES = [
    pytest.param(UNPINNED, BUMP, {TAG: index(NEW)}, "pin", f"nginx:1.27@{NEW}", id="unpinned becomes pinned"),
    pytest.param(UNPINNED, PIN, {TAG: image(NEW)}, "pin", f"nginx:1.27@{NEW}", id="pin pins"),
    pytest.param(
        found("nginx"),
        PIN,
        {Head("docker.io", "library/nginx", "latest"): index(NEW)},
        "pin",
        f"nginx:latest@{NEW}",
        id="no tag becomes latest",
    ),
    pytest.param(
        PINNED,
        BUMP,
        MOVED,
        "refresh",
        f"nginx:1.27@{NEW}",
        id="index follows index",
    ),
    pytest.param(
        PINNED, BUMP, {TAG: image(NEW), OLD_ALIVE: image(OLD)}, "refresh", f"nginx:1.27@{NEW}", id="image follows image"
    ),
    pytest.param(
        PINNED,
        BUMP,
        {TAG: image(NEW), OLD_ALIVE: docker_image(OLD)},
        "refresh",
        f"nginx:1.27@{NEW}",
        id="the kind of media type does not matter",
    ),
    pytest.param(
        PINNED,
        BUMP,
        {
            TAG: image(NEW),
            OLD_ALIVE: index(OLD),
            OLD_CONTENT: index_of(OLD, OTHER),
            NEW_CONTENT: MANIFEST,
            Config("docker.io", "library/nginx", NEW): ImageConfig(Platform("linux", "amd64"), None),
        },
        "refresh",
        f"nginx:1.27@{NEW}",
        id="image follows index",
    ),
    pytest.param(
        PINNED,
        BUMP,
        {TAG: image(NEW), OLD_ALIVE: DOWN},
        "refresh",
        f"nginx:1.27@{NEW}",
        id="an old digest nobody can look at, and no index that could hide it",
    ),
    pytest.param(
        PINNED,
        PINNED_ONLY,
        MOVED,
        "refresh",
        f"nginx:1.27@{NEW}",
        id="pinned only",
    ),
    pytest.param(
        PINNED, BUMP, {TAG: index(NEW), OLD_ALIVE: DEAD}, "replace", f"nginx:1.27@{NEW}", id="a dead digest is replaced"
    ),
    pytest.param(
        LONG,
        BUMP,
        {TAG: index(NEW), LONG_ALIVE: DEAD},
        "replace",
        f"nginx:1.27@{NEW}",
        id="a dead one by any digest that is served",
    ),
]

KEPT = [
    pytest.param(PINNED, PIN, {}, "current", "pinned", id="pin leaves pins alone"),
    pytest.param(DIGEST_ONLY, PIN, {}, "current", "without a tag", id="pin leaves a bare digest alone"),
    pytest.param(PINNED, BUMP, {TAG: index(OLD)}, "current", "still names", id="the tag still names the digest"),
    pytest.param(UNPINNED, PINNED_ONLY, {}, "ignored", "not pinned yet", id="pinned only leaves the unpinned"),
    pytest.param(UNPINNED, BUMP, {TAG: GONE}, "lookup-failed", "no such tag", id="unknown tag"),
    pytest.param(UNPINNED, BUMP, {TAG: DOWN}, "lookup-failed", "trouble", id="registry down"),
    pytest.param(UNPINNED, BUMP, {TAG: SCHEMA_1}, "refused", "schema 1", id="an answer that must not be written"),
    pytest.param(PINNED, BUMP, {TAG: SCHEMA_1}, "refused", "schema 1", id="nor in place of a pin"),
    pytest.param(
        PINNED, BUMP, {TAG: GONE, OLD_ALIVE: index(OLD)}, "lookup-failed", "no such tag", id="tag gone, digest served"
    ),
    pytest.param(
        PINNED, BUMP, {TAG: GONE, OLD_ALIVE: DEAD}, "lookup-failed", "nothing to replace it", id="tag and digest gone"
    ),
    pytest.param(PINNED, BUMP, {TAG: DOWN, OLD_ALIVE: DOWN}, "lookup-failed", "trouble", id="nothing can be looked up"),
    pytest.param(
        PINNED,
        BUMP,
        {TAG: index(NEW), OLD_ALIVE: DOWN},
        "lookup-failed",
        "could not be looked at",
        id="an old digest nobody can look at may be a child",
    ),
    pytest.param(
        PINNED,
        BUMP,
        {TAG: index(NEW), OLD_ALIVE: image(OLD), NEW_CONTENT: index_of(NEW, OTHER, OLD)},
        "current",
        "one image of the present index (linux/amd64)",
        id="a child of the present index stays",
    ),
    pytest.param(
        PINNED,
        BUMP,
        {TAG: index(NEW), OLD_ALIVE: image(OLD), NEW_CONTENT: index_of(NEW, OTHER)},
        "refused",
        "cannot be proven",
        id="a single image is never silently made an index",
    ),
    pytest.param(
        PINNED,
        BUMP,
        {TAG: index(NEW), OLD_ALIVE: image(OLD), NEW_CONTENT: DOWN},
        "lookup-failed",
        "could not be read",
        id="the index cannot be read",
    ),
    pytest.param(
        PINNED,
        BUMP,
        {TAG: index(NEW), OLD_ALIVE: image(OLD), NEW_CONTENT: Barred("it does not hash")},
        "refused",
        "does not hash",
        id="the index lies",
    ),
    pytest.param(
        PINNED,
        BUMP,
        {TAG: index(NEW), OLD_ALIVE: image(OLD), NEW_CONTENT: MANIFEST},
        "refused",
        "serves a single image",
        id="the header lies about what it is",
    ),
    pytest.param(
        LONG,
        BUMP,
        {TAG: index(NEW), LONG_ALIVE: index(OLD)},
        "refused",
        "pinned by sha512, and the registry names 1.27 by sha256",
        id="digests of two kinds cannot be compared",
    ),
    pytest.param(DIGEST_ONLY, BUMP, {OLD_ALIVE: index(OLD)}, "current", "without a tag", id="bare digest, served"),
    pytest.param(DIGEST_ONLY, BUMP, {OLD_ALIVE: DEAD}, "refused", "without a tag", id="bare digest, dead"),
    pytest.param(DIGEST_ONLY, BUMP, {OLD_ALIVE: DOWN}, "lookup-failed", "trouble", id="bare digest, registry down"),
    pytest.param(fixed("nginx:1.27"), BUMP, {}, "refused", "shared", id="a fixed one is refused with its reason"),
    pytest.param(
        fixed(f"nginx:1.27@{OLD}"), BUMP, {TAG: index(OLD)}, "current", "still names", id="a fixed pin may be current"
    ),
    pytest.param(
        fixed(f"nginx:1.27@{OLD}"),
        BUMP,
        MOVED,
        "refused",
        "shared",
        id="a fixed pin that should move is refused",
    ),
    pytest.param(
        fixed(f"nginx:1.27@{OLD}"),
        BUMP,
        {TAG: DOWN, OLD_ALIVE: DOWN},
        "lookup-failed",
        "trouble",
        id="a fixed pin that cannot be looked up says so",
    ),
    *(
        pytest.param(aside(status), BUMP, {}, status, "because", id=f"{status} stays {status}")
        for status in ("local", "variable", "ignored", "invalid")
    ),
]


@pytest.mark.parametrize(("finding", "intent", "facts", "kind", "new"), CHANGES)
def test_changes(finding: Finding, intent: Intent, facts: Known, kind: str, new: str) -> None:
    plan = decide([finding], _answered(finding, facts, intent), intent, TERMS)
    assert [(c.kind, str(c.new), c.old) for c in plan.changes] == [(kind, new, finding.reference)]
    assert not plan.kept


@pytest.mark.parametrize(("finding", "intent", "facts", "outcome", "says"), KEPT)
def test_keeps_and_says_why(finding: Finding, intent: Intent, facts: Known, outcome: str, says: str) -> None:
    plan = decide([finding], _answered(finding, facts, intent), intent, TERMS)
    assert not plan.changes
    (kept,) = plan.kept
    assert kept.outcome == outcome
    assert says in kept.reason


@pytest.mark.parametrize(
    ("finding", "intent", "facts"), [pytest.param(*p.values[:3], id=p.id) for p in [*CHANGES, *KEPT]]
)
def test_asks_exactly_for_the_facts_that_the_decision_needs(finding: Finding, intent: Intent, facts: Known) -> None:
    asked = {q for q in _answered(finding, facts, intent) if not isinstance(q, Remembered)}
    assert asked == set(facts)


def _answered(finding: Finding, facts: Known, intent: Intent) -> Known:
    """Answer what is asked with `facts`, in at most four rounds; nothing was seen in earlier runs."""
    known: Known = {}
    for _ in range(4):
        asked = missing([finding], known, intent, TERMS)
        known |= {q: Memory() if isinstance(q, Remembered) else facts[q] for q in asked}
    assert not missing([finding], known, intent, TERMS)
    return known


def test_a_failure_keeps_the_status_of_the_registry() -> None:
    (kept,) = decide([UNPINNED], {TAG: GONE}, BUMP, TERMS).kept
    assert kept.status == "404"


def test_a_replacement_says_why() -> None:
    (change,) = decide([PINNED], _answered(PINNED, {TAG: index(NEW), OLD_ALIVE: DEAD}, BUMP), BUMP, TERMS).changes
    assert change.reason == DEAD.reason


def test_asks_once_for_what_two_references_share() -> None:
    ghcr = found("ghcr.io/acme/api:1")
    assert missing([UNPINNED, found("docker.io/nginx:1.27"), ghcr], {}, BUMP, TERMS) == {
        TAG,
        Head("ghcr.io", "acme/api", "1"),
    }


def test_asks_only_whether_a_bare_digest_lives() -> None:
    assert missing([DIGEST_ONLY], {}, BUMP, TERMS) == {Alive("docker.io", "library/nginx", OLD)}


def test_every_finding_ends_in_exactly_one_place_and_order_is_kept() -> None:
    findings = [aside("local"), UNPINNED, fixed("nginx:1.27"), PINNED]
    plan = decide(findings, {TAG: index(OLD)}, BUMP, TERMS)
    ends: list[Change | Kept] = [*plan.changes, *plan.kept]
    assert sorted(findings.index(e.finding) for e in ends) == [0, 1, 2, 3]
    assert [findings.index(k.finding) for k in plan.kept] == [0, 2, 3]
