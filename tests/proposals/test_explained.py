"""Texts that say what changed in an image: what stands out, what is in the table, and that none of it does harm."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.oci.resolution import Runtime
from pinbot.oci.statement import Package, Provenance
from pinbot.planning import reviewed
from pinbot.planning.evidence import Evidence
from pinbot.planning.matching import Match
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.policy import Asked, Policy
from pinbot.planning.reviewed import Pair
from pinbot.planning.rules import Rule, Rulebook, Setting
from pinbot.planning.values import ChangeKind
from pinbot.proposals.body import LONGEST, body
from pinbot.proposals.closing import settings
from pinbot.proposals.concerns import assurances, concerns
from pinbot.proposals.grouping import WORKFLOWS, Group
from pinbot.proposals.merging import is_asked, objection
from pinbot.proposals.news import Told
from pinbot.proposals.pull import PENDING, WITHDRAWN
from pinbot.proposals.rows import growth, size
from pinbot.proposals.style import Style
from pinbot.proposals.title import title
from tests.core.pictures import AMD, ARM, LABEL, Picture, evidence, packages
from tests.proposals.examples import found, group, groups
from tests.proposals.payloads import PAYLOADS
from tests.proposals.rendered import Rendered

SOURCE = "https://github.com/acme/web"
LABELS = {f"{LABEL}source": SOURCE, f"{LABEL}version": "1.27.3", f"{LABEL}revision": "a" * 40}
BUILDER = Provenance("https://github.com/acme/builder", SOURCE, "a" * 40)
OLD = Picture(
    "old",
    created=datetime(2026, 11, 3, tzinfo=UTC),
    labels=LABELS,
    runtime=Runtime("nonroot", ("/entry",)),
    packages=packages(curl="8.9.0", openssl="3.0.14", zlib="1.3"),
    provenance=BUILDER,
)
NEW = replace(
    OLD,
    name="new",
    created=datetime(2026, 11, 18, tzinfo=UTC),
    labels={**LABELS, f"{LABEL}revision": "b" * 40},
    layers=(("base", 1000), ("own 2", 700)),
    packages=packages(curl="8.9.1", openssl="3.0.15", libfoo="1"),
)
OURS = {
    *("p", "table", "thead", "tbody", "tr", "th", "td", "code", "details", "summary", "hr", "strong"),
    *("blockquote", "ul", "li", "a"),
}


def moved(
    old: Picture = OLD, new: Picture = NEW, image: str = "nginx:1.27", kind: ChangeKind = "refresh", to: str = ""
) -> Change:
    """Return the change from one picture to the other."""
    before = Reference.parse(f"{image}@{old.digest}")
    after = Reference.parse(f"{to or image}@{new.digest}")
    return Change(kind, found(str(before)), before, after)


def told(old: Picture | None = OLD, new: Picture = NEW) -> Told:
    """Return what is told of two pictures."""
    return Told(evidence={(old.digest if old else None, new.digest): evidence(old, new)})


def text(old: Picture = OLD, new: Picture = NEW, image: str = "nginx:1.27") -> str:
    return body(group(moved(old, new, image)), (), told(old, new).of)


def first_row(markdown: str) -> list[str]:
    heads, _, cells = [line for line in markdown.splitlines() if line.startswith("| ")][:3]
    assert heads.startswith("| Image |")
    return cells.removeprefix("| ").removesuffix(" |").split(" | ")


def test_a_reviewer_sees_all_of_it_in_the_first_line_and_table() -> None:
    said = text()
    assert said.partition("\n")[0] == (
        "Renews `nginx:1.27`, rebuilt on 18 Nov 2026 (15 days newer than the pin). "
        "Packages: 2 changed, 1 added, 1 removed; same base, 1 of 2 layers kept; the same settings."
    )
    assert first_row(said) == [
        "`nginx:1.27`",
        "`Dockerfile:1`",
        f"refresh `{OLD.digest.short}` → `{NEW.digest.short}`",
        "built 18 Nov 2026, 15 days newer",
        "1.7 kB (+0.2 kB)",
        "2 changed, 1 added, 1 removed",
        "same source, same builder, same user",
    ]
    assert "[!WARNING]" not in said


def test_the_details_name_what_differs() -> None:
    said = text(OLD, replace(NEW, runtime=Runtime("nonroot", ("/other",), ports=("80/tcp",))))
    for row in (
        "| built | 3 Nov 2026 | 18 Nov 2026 |",
        "| version | the same | `1.27.3` |",
        f"| revision | `{'a' * 12}` | `{'b' * 12}` [compare]({SOURCE}/compare/{'a' * 40}...{'b' * 40}) |",
        "| size `linux/amd64` | 1.5 kB | 1.7 kB (+0.2 kB) |",
        "| layers | 2 | 2, 1 of them kept, on the same base |",
        "| entrypoint | `/entry` | `/other` |",
        "| ports |  | `80/tcp` added |",
        "| looked into | `linux/amd64` | `linux/amd64` |",
        "| built by | the same | `https://github.com/acme/builder` |",
        "| `curl` | `8.9.0` | `8.9.1` |",
        "| `libfoo` | - | `1` |",
        "| `zlib` | `1.3` | - |",
    ):
        assert row in said
    assert "| user |" not in said


CONCERNS = [
    pytest.param(NEW, "nginx:1.27", [], id="nothing"),
    pytest.param(replace(NEW, runtime=Runtime("")), "nginx:1.27", ["runs as root"], id="no user any more"),
    pytest.param(replace(NEW, runtime=Runtime("0:0")), "nginx:1.27", ["runs as root"], id="user 0"),
    pytest.param(replace(NEW, runtime=Runtime("other")), "nginx:1.27", [], id="another user"),
    pytest.param(replace(NEW, labels={f"{LABEL}source": "https://x.y"}), "nginx:1.27", ["another source"], id="source"),
    pytest.param(replace(NEW, provenance=None), "nginx:1.27", ["no provenance"], id="provenance is gone"),
    pytest.param(replace(NEW, provenance=Provenance("b", SOURCE)), "nginx:1.27", ["another builder"], id="builder"),
    pytest.param(
        replace(NEW, provenance=replace(BUILDER, source="s")),
        "nginx:1.27",
        ["built from another source"],
        id="built from another repository",
    ),
    pytest.param(replace(NEW, platforms=(AMD,)), "nginx:1.27", ["lost platforms"], id="platforms"),
    pytest.param(replace(NEW, created=datetime(2026, 1, 1, tzinfo=UTC)), "nginx:1.27", ["older"], id="an older one"),
    pytest.param(NEW, "nginx:1.27.3", [], id="a full version that was rebuilt"),
    pytest.param(replace(NEW, labels={}), "nginx:1.27.3", ["unverified"], id="a full version without labels"),
    pytest.param(replace(NEW, labels={}), "nginx:1.27", [], id="a tag that moves, without labels"),
    pytest.param(
        replace(NEW, labels={**LABELS, f"{LABEL}version": "2.0.0"}),
        "nginx:latest",
        ["major version"],
        id="latest that crosses a major version",
    ),
    pytest.param(
        replace(NEW, labels={**LABELS, f"{LABEL}version": "2.0.0"}),
        "nginx:1",
        ["major version"],
        id="a tag with a number that crosses a major version",
    ),
    pytest.param(
        replace(NEW, provenance=replace(BUILDER, builder=f"{BUILDER.builder}/actions/runs/7", source="s")),
        "nginx:1.27",
        ["built from another source"],
        id="another run of one builder, from another repository",
    ),
    pytest.param(replace(NEW, runtime=Runtime("+0")), "nginx:1.27", ["runs as root"], id="user 0 with a sign"),
    pytest.param(
        replace(NEW, runtime=Runtime("root"), platforms=(AMD,)),
        "nginx:1.27",
        ["runs as root", "lost platforms"],
        id="two at once, the worse first",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("new", "image", "marks"), CONCERNS)
def test_what_must_not_be_overlooked_stands_out(new: Picture, image: str, marks: list[str]) -> None:
    change, known = moved(OLD, new, image), told(OLD, new)
    assert [one.mark for one in concerns(change, known.of(change))] == marks
    said = text(OLD, new, image)
    assert ("> [!WARNING]" in said) is bool(marks)
    assert re.findall(r"\*\*([a-z ]+)\*\*", first_row(said)[-1]) == marks
    if marks:
        assert said.index("[!WARNING]") < said.index("| Image |")


@pytest.mark.parametrize(("new", "image", "marks"), CONCERNS)
def test_nothing_that_stands_out_merges_by_itself(new: Picture, image: str, marks: list[str]) -> None:
    one = group(moved(OLD, new, image))
    assert (objection(one, MERGING, Style(), told(OLD, new).of) is None) is (not marks)


MERGING = Policy(organisation=Rulebook((Rule(Match(), (Setting("auto_merge", True, "x"),)),)))
ONLY_PATCHES = Policy(organisation=Rulebook((Rule(Match(kind=("patch",)), (Setting("auto_merge", True, "x"),)),)))
BUMP = moved(image="nginx:1.27.3", kind="patch", to="nginx:1.27.4")
PIN = Change("pin", found("redis:7"), Reference.parse("redis:7"), Reference.parse(f"redis:7@{NEW.digest}"))


def objects(one: Group, policy: Policy = MERGING, style: Style | None = None, *, can_merge: bool = True) -> str | None:
    known = Told(evidence={**told().evidence, **told(None).evidence})
    return objection(one, policy, style or Style(), known.of, can_merge=can_merge)


@pytest.mark.parametrize(
    ("one", "policy", "asked"),
    [
        pytest.param(group(moved()), Policy(), False, id="no rule"),
        pytest.param(group(moved()), MERGING, True, id="a rule for all"),
        pytest.param(group(BUMP), ONLY_PATCHES, True, id="a rule for this kind"),
        pytest.param(group(moved()), ONLY_PATCHES, False, id="a rule for another kind"),
        pytest.param(group(moved(), BUMP, grouping="all"), ONLY_PATCHES, False, id="not for all of them"),
    ],
)
def test_only_what_rules_allow_is_asked_to_merge_by_itself(one: Group, policy: Policy, asked: bool) -> None:
    assert is_asked(one, policy) is asked


def test_what_agrees_merges_by_itself() -> None:
    for change in (moved(), BUMP, PIN):
        assert objects(group(change)) is None


@pytest.mark.parametrize(
    ("one", "says"),
    [
        pytest.param(group(replace(moved(), finding=found("x:1", f"{WORKFLOWS}ci.yml"))), "workflows", id="workflows"),
        pytest.param(
            group(replace(moved(), finding=found("x:1", ".gitlab-ci.yml"))), "workflows", id="GitLab's pipeline"
        ),
        pytest.param(
            group(replace(moved(), finding=found("x:1", ".forgejo/workflows/ci.yml"))), "workflows", id="Forgejo's"
        ),
        pytest.param(
            group(replace(moved(), finding=replace(found("x:1", "ci/jobs.yml"), format="gitlab-ci"))),
            "workflows",
            id="a file that a pipeline includes",
        ),
        pytest.param(group(replace(moved(), rescues=True, kind="replace")), "nothing serves", id="a dead digest"),
        pytest.param(Group("now", "nginx", False, (moved(),)), "cooldown", id="an emergency"),
        pytest.param(group(moved(new=replace(NEW, name="x"))), "what changed was not looked up", id="no evidence"),
    ],
)
def test_some_things_never_merge_by_themselves(one: Group, says: str) -> None:
    assert says in (objects(one) or "")


def test_images_asked_for_now_drafts_and_plain_git_never_merge_by_themselves() -> None:
    hurried = replace(MERGING, asked=Asked(now=("nginx",)))
    assert "cooldown" in (objects(group(moved()), hurried) or "")
    assert "draft" in (objects(group(moved()), style=Style(draft=True)) or "")
    assert "forge" in (objects(group(moved()), can_merge=False) or "")


def test_an_image_that_could_not_be_looked_at_never_merges_by_itself() -> None:
    gone = replace(evidence(OLD, NEW), old=replace(evidence(OLD, NEW).new, config=None, platform=None))
    known = Told(evidence={(OLD.digest, NEW.digest): gone})
    assert "could not be looked at" in (objection(group(moved()), MERGING, Style(), known.of) or "")


BEFORE, AFTER = datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 11, 18, tzinfo=UTC)
UNSURE = [
    pytest.param(OLD, replace(NEW, problems=("it is ill",)), "nginx:1.27", "not everything", id="a part is unknown"),
    pytest.param(replace(OLD, problems=("ill",)), NEW, "nginx:1.27", "not everything", id="a part of the old one is"),
    pytest.param(
        replace(OLD, platforms=(ARM,), single=True), NEW, "nginx:1.27", "for two platforms", id="unlike platforms"
    ),
    pytest.param(OLD, replace(NEW, labels={}), "nginx:latest", "crossed a major", id="latest whose label is gone"),
    pytest.param(replace(OLD, labels={}), NEW, "nginx:latest", "crossed a major", id="latest that had no label"),
    pytest.param(
        OLD,
        replace(NEW, labels={**LABELS, f"{LABEL}version": "nightly"}),
        "nginx:latest",
        "crossed a major",
        id="latest whose label is no version",
    ),
    pytest.param(
        OLD,
        replace(NEW, labels={**LABELS, f"{LABEL}version": "1"}),
        "nginx:stable",
        "crossed a major",
        id="a label that could be the number of a build",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "image", "says"), UNSURE)
def test_what_nobody_can_say_never_merges_by_itself(old: Picture, new: Picture, image: str, says: str) -> None:
    assert says in (objection(group(moved(old, new, image)), MERGING, Style(), told(old, new).of) or "")


def test_latest_whose_images_say_the_same_version_merges_by_itself() -> None:
    for version in ("1.27.3", "bookworm"):
        old, new = (replace(one, labels={**LABELS, f"{LABEL}version": version}) for one in (OLD, NEW))
        assert objection(group(moved(old, new, "nginx:latest")), MERGING, Style(), told(old, new).of) is None


@pytest.mark.parametrize(
    ("old", "new", "image", "expected"),
    [
        pytest.param(OLD, NEW, "nginx:1.27", "nginx:1.27: rebuilt 18 Nov, 4 packages changed", id="packages"),
        pytest.param(
            OLD, replace(NEW, packages=None), "nginx:1.27", "nginx:1.27: rebuilt 18 Nov", id="no list of packages"
        ),
        pytest.param(
            OLD, replace(NEW, packages=OLD.packages), "nginx:1.27", "nginx:1.27: rebuilt 18 Nov", id="the same packages"
        ),
        pytest.param(
            OLD,
            replace(NEW, packages=(*(OLD.packages or ()), Package("x", "1"))),
            "nginx:1.27",
            "nginx:1.27: rebuilt 18 Nov, 1 package changed",
            id="one package",
        ),
        pytest.param(
            OLD,
            replace(NEW, labels={**LABELS, f"{LABEL}version": "1.27.4"}),
            "nginx:1.27",
            "nginx:1.27: 1.27.3 → 1.27.4",
            id="versions by their labels",
        ),
        pytest.param(
            OLD,
            replace(NEW, labels={**LABELS, f"{LABEL}version": "2.0.1"}),
            "nginx:1.27",
            "nginx:1.27: 1.27.3 → 2.0.1 (major)",
            id="a tag that was moved to another version than its own",
        ),
        pytest.param(
            replace(OLD, labels={}),
            replace(NEW, labels={}),
            "nginx:1.27.3",
            "nginx:1.27.3: built 18 Nov, 4 packages changed, unverified",
            id="what nobody says is a rebuild",
        ),
        pytest.param(
            replace(OLD, labels={f"{LABEL}version": "22.04"}),
            replace(NEW, labels={f"{LABEL}version": "24.04"}),
            "nginx:1.27",
            "nginx:1.27: rebuilt 18 Nov, 4 packages changed",
            id="labels that were inherited from a distribution",
        ),
        pytest.param(
            OLD,
            replace(NEW, labels={f"{LABEL}version": "1.27.4 closes #1"}),
            "nginx:1.27",
            "nginx:1.27: rebuilt 18 Nov, 4 packages changed",
            id="a label that is no version",
        ),
    ],
)
def test_titles_say_what_changed(old: Picture, new: Picture, image: str, expected: str) -> None:
    assert title(group(moved(old, new, image)), told(old, new).of, Style()) == expected


def test_what_came_and_went_is_named() -> None:
    before, after = (
        replace(one, platforms=(AMD, platform), runtime=Runtime("nonroot", ports=ports))
        for one, platform, ports in (
            (OLD, ARM, ("80/tcp", "81/tcp")),
            (NEW, Platform("linux", "s390x"), ("80/tcp", "443/tcp")),
        )
    )
    said = text(before, after)
    assert "| platforms | `linux/arm64` gone | `linux/s390x` added |" in said
    assert "| ports | `81/tcp` gone | `443/tcp` added |" in said


def test_a_first_pin_says_what_the_image_is() -> None:
    said = body(group(PIN), (), told(None).of)
    assert first_row(said)[3:] == ["built 18 Nov 2026", "1.7 kB"]
    assert "| Image | Version | Source | Revision | User | Platforms |" in said
    known = f"| `redis:7` | `1.27.3` | `{SOURCE}` | `{'b' * 12}` | `nonroot` | `linux/amd64`, `linux/arm64` |"
    assert known in said
    assert "Before" not in said.partition("Every place")[0]


def test_nothing_known_is_nothing_said() -> None:
    plain = Picture("a"), Picture("b", layers=(("x", 1),))
    said = text(*plain)
    assert first_row(said)[3:] == ["25 B (−1499 B)", "same user"]
    assert assurances(told(*plain).of(moved(*plain))) == ("same user",)


def test_what_could_not_be_looked_up_is_quoted() -> None:
    said = text(OLD, replace(NEW, problems=("https://evil.example answers 500 @acme",)))
    assert "Not looked up: `https://evil.example answers 500 @acme`." in said


def test_the_settings_that_applied_are_told() -> None:
    said = settings(group(moved()).changes, MERGING)
    assert said == (
        "Settings that applied: level `digest`, cooldown `0`, settle `1d`; "
        "`pinbot check --explain Dockerfile:1` says where each comes from."
    )


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (52_340_000, "52.3 MB"), (12 * 10**8, "1.2 GB")],
)  # fmt: skip
def test_sizes_are_for_people(number: int, shown: str) -> None:
    assert size(number) == shown


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (50_000_000, 52_300_000, "+2.3 MB"),
        (52_300_000, 50_000_000, "−2.3 MB"),
        (50_000_001, 50_000_000, ""),
        (5, 5, ""),
        (5, 3, "−2 B"),
    ],
)
def test_growth_is_in_the_unit_of_the_new_size(old: int, new: int, shown: str) -> None:
    assert growth(old, new) == shown


def _hostile(payload: str) -> tuple[Picture, Picture]:
    """Return two images that say the payload wherever a publisher has a say."""
    runtime = Runtime("app", (payload,), (payload, payload), (payload,), (payload,), (payload,), (payload,), (payload,))
    other = replace(runtime, user=payload, entrypoint=(), directory=payload, stop_signal=payload, environment=())
    names = ("source", "version", "revision", "base.name", "base.digest")
    labels = {f"{LABEL}{name}": payload for name in names}
    old = replace(
        OLD,
        runtime=runtime,
        labels=labels,
        packages=(Package(payload, payload, payload), Package("b", payload)),
        provenance=Provenance(payload, payload, payload),
        problems=(payload,),
        platforms=(AMD, ARM, Platform("linux", payload, payload)),
    )
    new = replace(
        NEW,
        runtime=other,
        labels={name: f"{value}2" for name, value in labels.items()},
        packages=(Package(payload, f"{payload}2", payload), Package(f"{payload}c", payload)),
        provenance=Provenance(f"{payload}2", payload, f"{payload}2"),
        problems=(payload, f"{payload}2"),
        platforms=(AMD, ARM, Platform(f"x{payload}", "amd64", payload)),
    )
    return old, new


_CALM = Rendered(text(*_hostile("plain")))


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda text: ascii(text[:40]))
def test_labels_packages_and_statements_stay_text(payload: str) -> None:
    old, new = _hostile(payload)
    said = text(old, new)
    assert len(said) <= LONGEST
    assert PENDING not in said
    assert WITHDRAWN not in said
    assert all(char == "\n" or char.isprintable() for char in said)
    seen = Rendered(said)
    assert seen.references == {}
    assert seen.links == []
    assert seen.comments == []
    assert seen.tags.keys() <= OURS
    for tag in ("details", "summary", "table", "blockquote", "h1", "img"):
        assert seen.tags.get(tag, 0) <= _CALM.tags.get(tag, 0)
    subject = title(group(moved(old, new)), told(old, new).of, Style())
    assert re.fullmatch(r"[A-Za-z0-9:., →()-]{1,120}", subject)


def test_a_thousand_packages_and_a_hundred_images_fit() -> None:
    many = tuple(Package(f"package-{n}", "1.0" * 20, "deb") for n in range(1_000))
    more = tuple(Package(f"package-{n}", "2.0" * 20, "deb") for n in range(1_000))
    known: dict[Pair, Evidence] = {}
    changes: list[Change] = []
    for n in range(100):
        old, new = replace(OLD, name=f"old{n}", packages=many), replace(NEW, name=f"new{n}", packages=more)
        known |= told(old, new).evidence
        changes.append(moved(old, new, f"acme/image-{n}:1.27"))
    said = body(group(*changes), (), Told(evidence=known).of)
    assert len(said) <= LONGEST
    assert re.search(r"… and [0-9]+ more packages\.", said)
    assert re.search(r"… and what changed in [0-9]+ more, for which there is no room here", said)
    assert said.startswith("Renews 100 references to 100 images, whose tags name other digests by now. 100000 packages")
    assert Rendered(said).tags.keys() <= OURS


def test_the_text_is_the_same_whenever_it_is_made() -> None:
    assert text() == text()


def test_groups_of_more_than_one_image_say_what_changed_in_all() -> None:
    other = replace(OLD, name="other old"), replace(NEW, name="other new", runtime=Runtime("app"))
    both = groups(moved(), moved(*other, image="redis:7"))
    known = Told(evidence={**told().evidence, **told(*other).evidence})
    said = body(both[0], (), known.of)
    assert said.partition("\n")[0].endswith("8 packages changed in 2 images; the settings of 1 image changed.")


def test_one_pair_of_images_is_looked_into_for_all_platforms_that_its_places_are_for() -> None:
    places = (ARM, Platform("linux", "amd64"))
    changes = [replace(moved(), finding=replace(moved().finding, platform=one)) for one in places]
    facts = {**OLD.facts(), **NEW.facts()}
    (known,) = reviewed.evidence([(one, Policy()) for one in changes], facts).values()
    assert known.new.platform == ARM.normal()
    assert {platform for platform, *_ in known.sizes} == {ARM.normal(), AMD}
    (known,) = reviewed.evidence([(one, Policy()) for one in (changes[0], moved())], facts).values()
    assert known.new.platform == AMD


def test_a_statement_that_cannot_be_read_is_not_said_to_be_missing() -> None:
    new = replace(NEW, packages=None, provenance=None, problems=("The statement is not in the registry.",))
    said = text(OLD, new)
    assert "comes without a statement of who built it that could be read, which the old one had" in said
    assert "who built it, which" in text(OLD, replace(NEW, packages=None, provenance=None))


def test_the_worst_of_everything_at_once_fits() -> None:
    known: dict[Pair, Evidence] = {}
    changes: list[Change] = []
    for n, payload in enumerate(("a.b " * 200, "`|` " * 30 + "@x " * 60) * 100):
        old, new = _hostile(payload)
        many = [tuple(Platform(f"{name}{i}{payload[:60]}", "amd64") for i in range(20)) for name in "xy"]
        old = replace(old, name=f"old{n}", created=AFTER, platforms=(AMD, *many[0]))
        new = replace(new, name=f"new{n}", created=BEFORE, platforms=(AMD, *many[1]), runtime=Runtime("0:" + payload))
        known |= told(old, new).evidence
        image = f"registry.example.com:5000/{'/'.join(['a' * 60] * 3)}/image-{n}:1.27.3-{'v' * 100}"
        one = moved(old, new, image)
        place = replace(one.finding, path="d/" * 200 + f"Dockerfile{n}")
        changes.append(replace(one, finding=place, reason=payload))
    kept = [Kept(one.finding, "held", one.reason) for one in changes] * 3
    said = body(group(*changes), kept, Told(evidence=known).of, merging="a person has to do it: " + "a.b " * 200)
    assert 40_000 < len(said) <= LONGEST
    assert re.search(r"and [0-9]+ more, marked in the table", said)
    assert Rendered(said).tags.keys() <= OURS
