"""Linking: what one file says about another, and what a file or a folder says of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pinbot.formats._scan import Scanned
from pinbot.planning.link import link
from pinbot.planning.policy import IgnorePolicy
from pinbot.source.directive import Directive, Ignore, Malformed
from pinbot.source.finding import Aside, BuildContext, Finding, Fixed, Skip, Writable
from tests.core.examples import OLD, aside, found

TODAY = date(2026, 11, 21)
NGINX = found("nginx:1.27", path="Dockerfile")


def linked(*files: Scanned, everything: bool = False) -> Finding:
    """Return the one finding of these files, linked."""
    (finding,), _ = link(files, TODAY, everything)
    return finding


def file(finding: Finding, *remarks: Directive, generated: bool = False, ignored: Ignore | None = None) -> Scanned:
    """Return a scanned file with one finding."""
    return Scanned(finding.path, (replace(finding, directives=remarks),), generated=generated, ignored=ignored)


def test_what_stands_for_itself_stays_as_it_was_scanned() -> None:
    assert linked(file(NGINX)) == NGINX


def test_skips_are_passed_on() -> None:
    skip = Skip("x.yaml", "half written")
    assert link([Scanned("x.yaml", skips=(skip,)), file(NGINX)], TODAY) == ((NGINX,), (skip,))


@pytest.mark.parametrize(
    ("scanned", "reason"),
    [
        pytest.param(file(NGINX, Ignore("we said so")), "we said so", id="a remark with a reason"),
        pytest.param(file(NGINX, Ignore()), "a pinbot: ignore remark", id="a remark without one"),
        pytest.param(file(NGINX, Ignore(until=TODAY)), "a pinbot: ignore remark", id="a remark on its last day"),
        pytest.param(file(NGINX, ignored=Ignore("copied")), "copied", id="a remark for the file"),
        pytest.param(file(NGINX, generated=True), "generated", id="a generated file"),
        pytest.param(file(found("a", path="x/vendor/Dockerfile")), "vendored", id="a vendored file"),
        pytest.param(file(found("a", path="node_modules/Dockerfile")), "vendored", id="node_modules"),
        pytest.param(file(found("a", path="pkg/testdata/a/Dockerfile")), "test data", id="testdata"),
        pytest.param(file(aside("invalid"), Ignore("known")), "known", id="something invalid, by a remark"),
    ],
)
def test_sets_aside_what_is_not_ours(scanned: Scanned, reason: str) -> None:
    standing = linked(scanned).standing
    assert isinstance(standing, Aside)
    assert standing.status == "ignored"
    assert reason in standing.reason


def test_an_ignored_reference_is_still_known() -> None:
    assert linked(file(NGINX, Ignore())).reference == NGINX.reference


@pytest.mark.parametrize(
    "scanned",
    [
        pytest.param(file(NGINX, Ignore(until=date(2026, 11, 20))), id="an expired remark"),
        pytest.param(file(NGINX, ignored=Ignore(until=date(2026, 11, 20))), id="an expired remark for the file"),
        pytest.param(file(found("a", path="fixtures.Dockerfile")), id="a file that is called like such a folder"),
        pytest.param(file(found("a", path="vendored/Dockerfile")), id="a folder that only begins so"),
    ],
)
def test_leaves_writable_what_is_ours(scanned: Scanned) -> None:
    assert isinstance(linked(scanned).standing, Writable)


FLUX = Ignore("a Flux image policy sets this line", tool=True)
YESTERDAY, TOMORROW = date(2026, 11, 20), date(2026, 11, 22)


@pytest.mark.parametrize(
    ("policy", "remark", "lapsed"),
    [
        pytest.param(IgnorePolicy(), Ignore("x", TOMORROW), None, id="in force"),
        pytest.param(IgnorePolicy(), Ignore("x", YESTERDAY), "expired", id="expired"),
        pytest.param(IgnorePolicy(forbidden=True), Ignore("x", TOMORROW), "do not permit", id="forbidden"),
        pytest.param(IgnorePolicy(reason_required=True), Ignore(None, TOMORROW), "ask for a reason", id="no reason"),
        pytest.param(IgnorePolicy(reason_required=True), Ignore("x"), None, id="a reason, as is asked"),
        pytest.param(IgnorePolicy(until_required=True), Ignore("x"), "ask for an until", id="no end"),
        pytest.param(IgnorePolicy(until_required=True), Ignore(None, TOMORROW), None, id="an end, as is asked"),
        pytest.param(IgnorePolicy(True, True, True), FLUX, None, id="a line that Flux sets, which is no remark"),
    ],
)
@pytest.mark.parametrize("whole", [False, True], ids=["of the line", "of the file"])
def test_a_remark_counts_as_the_settings_permit(
    policy: IgnorePolicy, remark: Ignore, lapsed: str | None, whole: bool
) -> None:
    scanned = file(NGINX, ignored=remark) if whole else file(NGINX, remark)
    (finding,), _ = link([scanned], TODAY, ignores=policy)
    assert isinstance(finding.standing, Writable if lapsed else Aside)
    assert bool(lapsed) == bool(finding.lapsed)
    assert all((lapsed or "") in one.reason and ("ignore-file" in one.reason) == whole for one in finding.lapsed)


def test_a_remark_that_does_not_count_leaves_room_for_one_that_does() -> None:
    finding = linked(file(NGINX, Ignore(until=YESTERDAY), ignored=Ignore("copied")))
    assert isinstance(finding.standing, Aside)
    assert (finding.standing.reason, len(finding.lapsed)) == ("copied", 1)


def test_nothing_is_said_of_remarks_where_the_place_decides() -> None:
    vendored = file(found("a", path="vendor/Dockerfile"), Ignore(until=YESTERDAY))
    assert linked(vendored).lapsed == ()


def test_everything_includes_copies_but_keeps_remarks() -> None:
    vendored = found("a", path="vendor/Dockerfile")
    assert isinstance(linked(file(vendored, generated=True), everything=True).standing, Writable)
    assert isinstance(linked(file(vendored, Ignore()), everything=True).standing, Aside)


@pytest.mark.parametrize("status", ["local", "variable"])
def test_what_is_no_image_needs_no_remark(status: str) -> None:
    standing = linked(file(aside("local" if status == "local" else "variable"), Ignore())).standing
    assert isinstance(standing, Aside)
    assert standing.status == status


def test_a_remark_that_cannot_be_understood_forbids_the_change() -> None:
    standing = linked(file(NGINX, Malformed("pinbot does not know the remark 'ignroe'"))).standing
    assert isinstance(standing, Fixed)
    assert "ignroe" in standing.reason


BUILD = BuildContext(
    "Dockerfile",
    frozenset({"base", "debian", "alpine:3.20", "Odd"}),
    frozenset({"TAG"}),
    "compose.yaml: services.web.build",
)


@pytest.mark.parametrize(
    "finding",
    [
        pytest.param(found("base", path="Dockerfile"), id="its own name"),
        pytest.param(replace(found("base", path="Dockerfile"), text="$BASE"), id="a variable with that value"),
        pytest.param(found("docker.io/library/debian:latest", path="Dockerfile"), id="the completed name"),
        pytest.param(found("alpine:3.20", path="Dockerfile"), id="a name with a tag"),
        pytest.param(found("Odd", aside("invalid").standing, path="Dockerfile"), id="a name that is no image's"),
    ],
)
def test_a_name_that_a_build_declares_as_context_is_local(finding: Finding) -> None:
    standing = linked(Scanned("compose.yaml", relations=(BUILD,)), file(finding)).standing
    assert standing == Aside("local", "a build context that compose.yaml: services.web.build names")


def test_an_argument_that_a_build_sets_from_outside_is_not_pinned_by_its_default() -> None:
    fed = replace(NGINX, variables=("TAG",))
    standing = linked(Scanned("compose.yaml", relations=(BUILD,)), file(fed)).standing
    assert isinstance(standing, Fixed)
    assert "compose.yaml: services.web.build sets TAG" in standing.reason


@pytest.mark.parametrize(
    "finding",
    [
        pytest.param(replace(NGINX, variables=("OTHER",)), id="another argument"),
        pytest.param(found("base", path="other/Dockerfile"), id="another Dockerfile"),
        pytest.param(found("alpine:3.21", path="Dockerfile"), id="another tag than the context has"),
        pytest.param(found(f"debian@{OLD}", path="Dockerfile"), id="a digest, which no context stands in for"),
    ],
)
def test_a_build_says_nothing_about_others(finding: Finding) -> None:
    assert isinstance(linked(Scanned("compose.yaml", relations=(BUILD,)), file(finding)).standing, Writable)


def test_a_build_may_set_only_arguments() -> None:
    fed = replace(NGINX, variables=("TAG",))
    build = BuildContext("Dockerfile", frozenset(), frozenset({"TAG"}), "compose.yaml:4")
    assert isinstance(linked(Scanned("compose.yaml", relations=(build,)), file(fed)).standing, Fixed)


def test_a_build_may_name_only_contexts() -> None:
    build = BuildContext("Dockerfile", frozenset({"nginx:1.27"}), frozenset(), "compose.yaml:4")
    assert isinstance(linked(Scanned("compose.yaml", relations=(build,)), file(NGINX)).standing, Aside)


def test_vendored_data_is_set_aside_unless_everything_is_wanted() -> None:
    vendored = file(found("a", path="vendor/Dockerfile"))
    assert isinstance(link([vendored], TODAY)[0][0].standing, Aside)
    assert isinstance(link([vendored], TODAY, everything=True)[0][0].standing, Writable)
