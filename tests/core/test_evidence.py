"""What changed between two images, as a reviewer is to be told it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pinbot.oci.platform import Platform
from pinbot.oci.resolution import Attested, Config, Content, Failed, Runtime
from pinbot.oci.statement import Package, Provenance
from pinbot.planning.evidence import Evidence, gather
from pinbot.planning.known import Known
from pinbot.planning.labels import comparison, labels, made, normal
from pinbot.planning.packages import PackageChange, PackageDiff, package_diff
from pinbot.planning.settings_diff import SettingChange, becomes_root, runs_as_root, setting_changes
from tests.core.pictures import AMD, ARM, LABEL, NGINX, Picture, evidence, packages, rounds

ARM_NORMAL = ARM.normal()
WINDOWS = Platform("windows", "amd64", None, "10.0.20348.1")
SOURCE = "https://github.com/acme/web"
BEFORE, AFTER = datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 11, 18, tzinfo=UTC)
OLD, NEW = Picture("old", created=BEFORE), Picture("new", created=AFTER, layers=(("base", 1000), ("own 2", 400)))
RUN = Provenance(f"{SOURCE}/actions/runs/9", SOURCE, "abc")
BUILDER = Provenance("https://github.com/acme/builder", SOURCE, "abc")


def test_two_rounds_of_questions_are_enough() -> None:
    old, new = (replace(one, packages=packages(a="1")) for one in (OLD, NEW))
    asked = rounds({**old.facts(), **new.facts()}, old.digest, new.digest)
    assert [{type(q) for q in some} for some in asked] == [{Content}, {Content, Config, Attested}]
    assert [len(some) for some in asked] == [2, 10]


def test_a_first_pin_asks_for_one_platform_and_no_statements() -> None:
    asked = rounds(replace(NEW, packages=packages(a="1")).facts(), None, NEW.digest)
    assert [sorted(type(q).__name__ for q in some) for some in asked] == [["Content"], ["Config", "Content"]]


def test_many_platforms_are_not_all_looked_into() -> None:
    many = tuple(Platform("linux", f"a{n}") for n in range(9))
    old, new = Picture("old", (*many, AMD)), Picture("many", (*many, AMD))
    asked = rounds({**old.facts(), **new.facts()}, old.digest, new.digest)
    assert sum(isinstance(q, Content) for q in asked[1]) == 2 * 4
    assert sum(isinstance(q, Config) for q in asked[1]) == 2 * 4
    asked = rounds(new.facts(), None, new.digest)
    assert [q.digest for q in asked[1] if isinstance(q, Content | Config)] == [new.child(AMD)] * 2


@pytest.mark.parametrize(
    ("old", "new", "added", "gone"),
    [
        pytest.param((AMD, ARM), (AMD, ARM), (), (), id="the same"),
        pytest.param((AMD,), (AMD, ARM), (ARM_NORMAL,), (), id="one more"),
        pytest.param((AMD, ARM), (AMD,), (), (ARM_NORMAL,), id="one less"),
    ],
)
def test_platforms_are_compared(
    old: tuple[Platform, ...], new: tuple[Platform, ...], added: tuple[Platform, ...], gone: tuple[Platform, ...]
) -> None:
    found = evidence(replace(OLD, platforms=old), replace(NEW, platforms=new))
    assert (found.added, found.gone) == (added, gone)


def test_sizes_are_those_of_layers_and_configuration() -> None:
    assert evidence(OLD, NEW).sizes == ((AMD, 1524, 1424), (ARM_NORMAL, 1524, 1424))
    assert evidence(None, NEW).sizes == ((AMD, None, 1424),)


@pytest.mark.parametrize("size", [-1, 1 << 60])
def test_a_size_that_cannot_be_is_not_known(size: int) -> None:
    assert evidence(OLD, replace(NEW, layers=(("base", size),))).sizes[0] == (AMD, 1524, None)


def test_the_declared_platform_is_the_one_that_is_looked_into() -> None:
    found = evidence(OLD, NEW, [Platform("linux", "arm64")])
    assert found.new.platform == ARM_NORMAL
    assert [platform for platform, *_ in found.sizes] == [ARM_NORMAL]


def test_what_only_one_side_is_for_is_not_looked_into() -> None:
    found = evidence(replace(OLD, platforms=(ARM,)), replace(NEW, platforms=(WINDOWS, AMD, ARM)))
    assert (found.old.platform if found.old else None, found.new.platform) == (ARM_NORMAL, ARM_NORMAL)
    assert found.layers is not None


def test_images_for_different_platforms_are_not_compared() -> None:
    found = evidence(replace(OLD, platforms=(ARM,), single=True), replace(NEW, platforms=(AMD,), single=True))
    assert (found.layers, found.settings, found.same_source) == (None, None, None)


def test_single_images_are_compared() -> None:
    found = evidence(replace(OLD, single=True), replace(NEW, single=True, runtime=Runtime(user="root")))
    assert found.new.platforms == (AMD,)
    assert found.settings == (SettingChange("user", "", "root"),)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("ab", "ac", (2, 2, 1, True), id="the upper one was built anew"),
        pytest.param("ab", "xy", (2, 2, 0, False), id="another base"),
        pytest.param("ab", "xb", (2, 2, 1, False), id="a layer that was copied as it is"),
        pytest.param("ab", "abc", (2, 3, 2, True), id="one more"),
        pytest.param("ab", "ab", (2, 2, 2, True), id="the same layers under another configuration"),
    ],
)
def test_layers_are_compared(before: str, after: str, expected: tuple[int, int, int, bool]) -> None:
    old, new = (replace(OLD, name=names, layers=tuple((n, 1) for n in names)) for names in (before, after + "."))
    new = replace(new, layers=tuple((n, 1) for n in after))
    layers = evidence(old, new).layers
    assert layers is not None
    assert (layers.old, layers.new, layers.kept, layers.same_base) == expected


ROOT = [
    ("", True),
    ("root", True),
    ("0", True),
    ("0:0", True),
    ("00", True),
    ("+0:0", True),
    ("-0", True),
    ("ContainerAdministrator", True),
    ("ContainerUser", False),
    ("0x0", False),
    ("root:users", True),
    ("nobody", False),
    ("65532:65532", False),
    ("1000", False),
]


@pytest.mark.parametrize(("user", "expected"), [pytest.param(u, e, id=u or "no user") for u, e in ROOT])
def test_who_is_root(user: str, expected: bool) -> None:
    assert runs_as_root(Runtime(user=user)) is expected
    assert becomes_root(Runtime(user="nonroot"), Runtime(user=user)) is expected
    assert not becomes_root(Runtime(user="root"), Runtime(user=user))


def test_settings_are_named_where_they_differ() -> None:
    before = Runtime("app", ("/run", "a b"), ("-x",), environment=("A", "B"), ports=("80/tcp",), stop_signal="SIGTERM")
    after = Runtime("app", ("/run", "a", "b"), ("-x",), environment=("B", "C"), ports=("80/tcp",), volumes=("/data",))
    assert setting_changes(before, after) == (
        SettingChange("entrypoint", '/run "a b"', "/run a b"),
        SettingChange("stop signal", "SIGTERM", ""),
        SettingChange("environment", "A", "C", is_set=True),
        SettingChange("volumes", "", "/data", is_set=True),
    )
    assert setting_changes(before, before) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(Runtime(command=("a b",)), Runtime(command=("a", "b")), id="a space"),
        pytest.param(Runtime(command=("a b",)), Runtime(command=('"a', 'b"')), id="quotes in the words"),
        pytest.param(Runtime(command=("",)), Runtime(command=('""',)), id="an empty word"),
        pytest.param(Runtime(command=("a\nb",)), Runtime(command=('"a\\nb"',)), id="the end of a line"),
        pytest.param(Runtime(environment=("A", "B")), Runtime(environment=("A, B",)), id="a comma in a name"),
        pytest.param(Runtime(volumes=("/a", "/b")), Runtime(volumes=("/a, /b",)), id="a comma in a path"),
    ],
)
def test_what_looks_the_same_and_is_not_is_a_change(old: Runtime, new: Runtime) -> None:
    assert len(setting_changes(old, new)) == 1


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param([("a", "1")], [("a", "1")], PackageDiff(), id="the same"),
        pytest.param(
            [("a", "1")], [("a", "2")], PackageDiff(changed=(PackageChange("a", "deb", "1", "2"),)), id="changed"
        ),
        pytest.param([], [("a", "1")], PackageDiff(added=(Package("a", "1", "deb"),)), id="added"),
        pytest.param([("a", "1")], [], PackageDiff(removed=(Package("a", "1", "deb"),)), id="removed"),
        pytest.param(
            [("a", "1"), ("a", "2")],
            [("a", "2"), ("a", "3")],
            PackageDiff(changed=(PackageChange("a", "deb", "1", "3"),)),
            id="one of two versions of a name",
        ),
        pytest.param(
            [("a", "1"), ("a", "2")],
            [("a", "2")],
            PackageDiff(removed=(Package("a", "1", "deb"),)),
            id="one version less",
        ),
    ],
)
def test_packages_are_compared(old: list[tuple[str, str]], new: list[tuple[str, str]], expected: PackageDiff) -> None:
    assert package_diff(*([Package(*one, "deb") for one in some] for some in (old, new))) == expected


def test_one_name_of_two_kinds_is_two_packages() -> None:
    diff = package_diff([Package("x", "1", "deb")], [Package("x", "1", "pypi")])
    assert (len(diff.added), len(diff.removed), len(diff.changed)) == (1, 1, 0)


def test_five_hundred_packages_take_no_time() -> None:
    old = [Package(f"p{n}", "1", "deb") for n in range(500)]
    new = [Package(f"p{n}", str(n % 3), "deb") for n in range(20, 520)]
    began = time.process_time()
    assert len(package_diff(old, new)) > 300
    assert time.process_time() - began < 0.5  # a limit for something gone wrong, not the budget: see benchmarks/


def test_without_a_list_on_both_sides_there_is_no_difference_of_packages() -> None:
    assert evidence(OLD, replace(NEW, packages=packages(a="1"))).packages is None
    found = evidence(replace(OLD, packages=packages(a="1")), replace(NEW, packages=packages(a="2")))
    assert found.packages == PackageDiff(changed=(PackageChange("a", "deb", "1", "2"),))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(BUILDER, BUILDER, True, id="the same"),
        pytest.param(BUILDER, replace(BUILDER, revision="def", source=f"{SOURCE}.git"), True, id="a later revision"),
        pytest.param(BUILDER, replace(BUILDER, builder="https://evil.example"), False, id="another builder"),
        pytest.param(BUILDER, replace(BUILDER, source="https://github.com/evil/web"), False, id="another source"),
        pytest.param(RUN, replace(RUN, builder=f"{SOURCE}/actions/runs/1710"), True, id="another run of GitHub's"),
        pytest.param(
            replace(RUN, builder=f"{SOURCE}/actions/runs/9/attempts/1"), RUN, True, id="another attempt at a run"
        ),
        pytest.param(
            replace(RUN, builder="https://gitlab.com/a/b/-/jobs/1"),
            replace(RUN, builder="https://gitlab.com/a/b/-/jobs/2"),
            True,
            id="another job of GitLab's",
        ),
        pytest.param(
            RUN,
            replace(RUN, builder="https://github.com/evil/web/actions/runs/9"),
            False,
            id="a run of somebody else's",
        ),
        pytest.param(
            replace(RUN, builder=f"{SOURCE}/actions/runs/1710"),
            replace(RUN, source="https://github.com/evil/web"),
            False,
            id="a run from another source",
        ),
        pytest.param(Provenance(), Provenance(), None, id="two builders without a name"),
        pytest.param(
            replace(BUILDER, builder=""), replace(BUILDER, builder=""), None, id="builders without a name, one source"
        ),
        pytest.param(Provenance(), BUILDER, None, id="no name before"),
        pytest.param(BUILDER, Provenance(), False, id="no name any more"),
        pytest.param(Provenance(), None, False, id="an empty statement that is gone"),
        pytest.param(
            replace(BUILDER, builder=""),
            Provenance("", "https://github.com/evil/web"),
            False,
            id="builders without a name, another source",
        ),
        pytest.param(BUILDER, None, False, id="none any more"),
        pytest.param(None, BUILDER, None, id="none before"),
        pytest.param(None, None, None, id="none"),
    ],
)
def test_builders_are_compared(before: Provenance | None, after: Provenance | None, expected: bool | None) -> None:
    assert evidence(replace(OLD, provenance=before), replace(NEW, provenance=after)).same_builder is expected


def test_a_builder_that_could_not_be_looked_up_is_not_another_one() -> None:
    old, new = (replace(one, provenance=BUILDER) for one in (OLD, NEW))
    facts = {**old.facts(), **new.facts()}
    facts |= {q: Failed("5xx", "it is ill") for q in new.facts() if isinstance(q, Attested)}
    found = gather(Known(facts, NGINX), old.digest, new.digest)
    assert found.same_builder is None
    assert found.problems == ("it is ill",)


@pytest.mark.parametrize(
    ("before", "after", "same", "link"),
    [
        pytest.param({}, {}, None, None, id="nothing is said"),
        pytest.param({"source": SOURCE}, {}, None, None, id="only one says it"),
        pytest.param({"source": SOURCE}, {"source": f"{SOURCE}.git"}, True, None, id="no revisions"),
        pytest.param(
            {"source": SOURCE, "revision": "a" * 40},
            {"source": SOURCE, "revision": "b" * 40},
            True,
            f"{SOURCE}/compare/{'a' * 40}...{'b' * 40}",
            id="two revisions of one source",
        ),
        pytest.param(
            {"source": SOURCE, "revision": "a" * 40},
            {"source": "https://github.com/evil/web", "revision": "b" * 40},
            False,
            None,
            id="another source",
        ),
    ],
)
def test_sources_are_compared(
    before: dict[str, str], after: dict[str, str], same: bool | None, link: str | None
) -> None:
    old, new = ({f"{LABEL}{name}": value for name, value in said.items()} for said in (before, after))
    for found in (
        evidence(replace(OLD, labels=old), replace(NEW, labels=new)),
        evidence(replace(OLD, annotations=old), replace(NEW, annotations=new)),
    ):
        assert (found.same_source, found.comparison) == (same, link)


LINKS = [
    ("https://github.com/a/b", "https://github.com/a/b/compare/{}", "GitHub"),
    ("https://github.com/a/b.git", "https://github.com/a/b/compare/{}", "as git writes it"),
    ("git+https://github.com/a/b", "https://github.com/a/b/compare/{}", "as pip writes it"),
    ("https://github.com/a/b.git#1234567:folder", "https://github.com/a/b/compare/{}", "an official image of Docker"),
    ("https://github.com/a/b/tree/main/images/c", "https://github.com/a/b/compare/{}", "a folder of it"),
    ("https://gitlab.com/a/b/c", "https://gitlab.com/a/b/c/-/compare/{}", "groups in groups"),
    ("https://codeberg.org/a/b", "https://codeberg.org/a/b/compare/{}", "Codeberg"),
    ("https://evil.example/a/b", None, "a host that nobody knows"),
    ("http://github.com/a/b", None, "in the open"),
    ("https://github.com.evil.example/a/b", None, "a host that begins like another"),
    ("https://github.com@evil.example/a/b", None, "a user that looks like a host"),
    ("https://github.com/a/b?x=1", None, "a query"),
    ("https://github.com/a/../c", None, "a way up"),
    ("https://github.com/a/b) [x](https://evil.example", None, "the end of a link"),
    ("https://github.com/a", None, "no repository"),
]


@pytest.mark.parametrize(("source", "expected"), [pytest.param(s, e, id=name) for s, e, name in LINKS])
def test_only_known_forges_are_linked_to(source: str, expected: str | None) -> None:
    link = comparison(source, "1234567", "89abcdef")
    assert link == (expected.format("1234567...89abcdef") if expected else None)


@pytest.mark.parametrize("revision", ["", "v1.2.3", "1234567", "abcdefg", "12345", "123456 7", "a" * 65])
def test_only_two_commits_are_compared(revision: str) -> None:
    assert comparison(SOURCE, "1234567", revision) is None


def test_the_epoch_is_no_date() -> None:
    said = [{f"{LABEL}created": "1970-01-01T00:00:00Z"}]
    assert made(None, said) is None
    assert made(None, [{f"{LABEL}created": "2026-11-03T00:00:00Z"}]) == BEFORE
    assert made(None, [{f"{LABEL}created": "9999-12-31T23:59:59-23:00"}]) is None


def test_labels_count_before_annotations() -> None:
    found = labels(None, [{f"{LABEL}version": " 1.2 "}, {f"{LABEL}version": "9", f"{LABEL}source": SOURCE}])
    assert (found.version, found.source) == ("1.2", SOURCE)
    assert normal("V1.2") == "1.2"


def test_an_image_made_before_the_old_one_is_backward() -> None:
    assert evidence(replace(OLD, created=AFTER), replace(NEW, created=BEFORE)).is_backward
    assert not evidence(OLD, NEW).is_backward
    assert not evidence(OLD, replace(NEW, created=None)).is_backward


def test_what_could_not_be_looked_up_is_said() -> None:
    facts = {**NEW.facts(), Content("docker.io", "library/nginx", OLD.digest): Failed("404", "it is gone")}
    found: Evidence = gather(Known(facts, NGINX), OLD.digest, NEW.digest)
    assert found.problems == ("of the earlier image: it is gone",)
    assert found.new.config is not None
    assert (found.settings, found.layers, found.gone, found.becomes_root) == (None, None, (), False)
    assert found.rebuild.verdict == "unverified"


def test_a_rebuild_is_told_by_the_labels() -> None:
    said = {f"{LABEL}source": SOURCE, f"{LABEL}version": "1.27.3"}
    assert evidence(replace(OLD, labels=said), replace(NEW, labels=said)).rebuild.verdict == "rebuilt"


def test_settings_that_differ_on_another_platform_alone_are_found() -> None:
    before = replace(OLD, runtime=Runtime("app"))
    same = replace(NEW, runtime=Runtime("app"))
    assert evidence(before, same).settings == ()
    found = evidence(before, replace(same, runtimes={ARM: Runtime("")}))
    assert found.settings == (SettingChange("user", "app", "", becomes_root=True, platform=ARM_NORMAL),)
    assert found.becomes_root
    everywhere = evidence(before, replace(NEW, runtime=Runtime("root")))
    assert everywhere.settings == (SettingChange("user", "app", "root", becomes_root=True),)
