"""The anatomy of a tag, its order, and which tags can follow one another."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.oci.precise import is_more_precise, more_precise
from pinbot.oci.tags import TagVersion, compare, compatible, kind, order_key, parse, same_version

TAGS = st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,40}\Z") | st.from_regex(
    r"\A(amd64-)?v?[0-9]{1,3}(\.[0-9]{1,2}){0,3}(rc[0-9]|-beta\.[0-9]|_[0-9]|-r[0-9])?(-alpine3\.[0-9]|-slim)?\Z"
)


def _parsed(tag: str) -> TagVersion:
    version = parse(tag)
    assert version is not None
    return version


@pytest.mark.parametrize(
    "tag",
    [
        pytest.param("latest", id="a channel"),
        pytest.param("bookworm-slim", id="words"),
        pytest.param("alpine3.19", id="a number that belongs to a word"),
        pytest.param("cuda12.4-cudnn9", id="several such"),
        pytest.param("ltsc2022", id="a release of Windows"),
        pytest.param("nanoserver-1809", id="the host of a Windows image"),
        pytest.param("1234567a", id="seven digits and a letter are a commit"),
        pytest.param("3ea1ca1aa8483a38081750953ad75046e6cc9f6b", id="forty hex digits are a commit"),
        pytest.param("sha-1234567", id="a commit of digits alone, said to be one"),
        pytest.param("pr-12", id="a proposed change"),
        pytest.param("1.25.3+build1", id="what cannot be a tag"),
        pytest.param("1" * 129, id="what is too long for a tag"),
        pytest.param("١.٢.٣", id="digits of another script"),
        pytest.param("1.2.3\n", id="a line end"),
        pytest.param("", id="nothing"),
    ],
)
def test_says_no_version(tag: str) -> None:
    assert parse(tag) is None


@pytest.mark.parametrize(
    ("tag", "prefix", "v", "numbers", "build", "suffix", "scheme"),
    [
        pytest.param("1.2.3.4.5", "", "", (1, 2, 3, 4, 5), (), "", "version", id="five numbers"),
        pytest.param("v1", "", "v", (1,), (), "", "number", id="a v"),
        pytest.param("2024.1.1", "", "", (2024, 1, 1), (), "", "version", id="calendar versions are versions"),
        pytest.param("9" * 40, "", "", (int("9" * 40),), (), "", "number", id="forty digits"),
        pytest.param("20.04", "", "", (20, 4), (), "", "version", id="zeros in front say nothing"),
        pytest.param("1809", "", "", (1809,), (), "", "number", id="a Windows release"),
        pytest.param("3.7.0b1-alpine", "", "", (3, 7, 0), (), "-alpine", "version", id="a glued prerelease"),
        pytest.param("11.0.15_10-jre", "", "", (11, 0, 15), (10,), "-jre", "version", id="an underscore build"),
        pytest.param("8u302-b08-jre", "", "", (8,), (302, 8), "-jre", "number", id="an update of Java 8"),
        pytest.param("21-ea-32", "", "", (21,), (32,), "", "early-access", id="early access"),
        pytest.param("v3.10.0-169-gfe040d3", "", "v", (3, 10, 0), (169,), "", "version", id="git describe"),
        pytest.param("5.15.0-1056-aws", "", "", (5, 15, 0), (1056,), "-aws", "version", id="a kernel"),
        pytest.param("amd64-1.2.3", "amd64-", "", (1, 2, 3), (), "", "version", id="an architecture before"),
        pytest.param("x86_64-1.2.3", "x86_64-", "", (1, 2, 3), (), "", "version", id="one with an underscore"),
        pytest.param("1.2.3-amd64", "", "", (1, 2, 3), (), "-amd64", "version", id="an architecture behind"),
        pytest.param("bookworm-20230816", "bookworm-", "", (20230816,), (), "", "date", id="a date"),
        pytest.param("bookworm-20230816-slim", "bookworm-", "", (20230816,), (), "-slim", "date", id="with variant"),
        pytest.param("xenial-20160923.1", "xenial-", "", (20160923,), (1,), "", "date", id="second of its day"),
        pytest.param("202403", "", "", (202403,), (), "", "date", id="a month"),
        pytest.param("2024-01-31", "", "", (2024, 1, 31), (), "", "date", id="a date with dashes"),
        pytest.param("20241399", "", "", (20241399,), (), "", "number", id="eight digits that are no date"),
        pytest.param(
            "RELEASE.2024-01-01T00-00-00Z", "RELEASE.", "", (2024, 1, 1, 0, 0, 0), (), "", "stamp", id="a stamp"
        ),
        pytest.param("2019-CU14-ubuntu-20.04", "", "", (2019,), (14,), "-ubuntu-20.04", "number", id="an update"),
        pytest.param("3.3-apache-202209221209", "", "", (3, 3), (202209221209,), "-apache", "version", id="moment"),
        pytest.param("v1.28.2-k3s1", "", "v", (1, 28, 2), (1,), "", "version", id="a build of a distribution"),
        pytest.param("1.2.3-r4-dev", "", "", (1, 2, 3), (4,), "-dev", "version", id="-dev is a variant"),
    ],
)
def test_reads_the_parts(
    tag: str, prefix: str, v: str, numbers: tuple[int, ...], build: tuple[int, ...], suffix: str, scheme: str
) -> None:
    read = _parsed(tag)
    assert (read.prefix, read.v, read.numbers, read.build, read.suffix, read.scheme) == (
        *(prefix, v, numbers, build),
        *(suffix, scheme),
    )


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param("1.2.0 1.10.0 1.10.1 2.0.0", id="numbers are numbers"),
        pytest.param("1.0-dev.1 1.0-alpha 1.0a2 1.0-M1 1.0-beta-2 1.0-rc.9 1.0RC10 1.0", id="stages, then the release"),
        pytest.param("3.13.0rc9 3.13.0rc10 3.13.0", id="rc10 is newer than rc9"),
        pytest.param("11.0.15_9 11.0.15_10 11.0.16_1", id="builds"),
        pytest.param("21-ea-7 21-ea-32 22-ea-1", id="early access"),
        pytest.param("xenial-20160923 xenial-20160923.1 xenial-20161010", id="serials of a day"),
        pytest.param("1.0.2k 1.0.2z", id="letters"),
        pytest.param("4.8-20250909-ltsc2022 4.8-20251014-ltsc2022 4.9-20240101-ltsc2022", id="dated builds"),
    ],
)
def test_goes_from_old_to_new(tags: str) -> None:
    versions = [_parsed(tag) for tag in tags.split()]
    backwards = versions[::-1]
    assert sorted(backwards, key=order_key) == versions
    assert all(compare(a, b) == -1 for a, b in pairwise(versions))


VECTORS = [
    ("1.2.3-alpine", "1.2.4-alpine", None),
    ("1.2.3-alpine", "1.2.4", "another variant (without -alpine)"),
    ("1.27.0-alpine3.19", "1.27.1-alpine3.20", "another variant (-alpine3.20)"),
    ("1.27.0-alpine3.19", "1.27.1-alpine3.19", None),
    ("3.12", "3.13", None),
    ("3.12", "3.12.4", "3 numbers, not 2"),
    ("3.12.3", "3.13", "2 numbers, not 3"),
    ("3.12.3-slim-bookworm", "3.12.4-slim-trixie", "another variant (-slim-trixie)"),
    ("1.2.3", "v1.2.4", "with v"),
    ("v1.2.3", "1.2.4", "no v"),
    ("1.2.3", "1.2.4-rc1", "a prerelease"),
    ("1.2.3", "1.2.4rc1", "a prerelease"),
    ("3.12.0", "3.13.0b1", "a prerelease"),
    ("11.0.14_1-jre-alpine", "11.0.15_10-jre-alpine", None),
    ("11.0.14.1_1-jre-alpine", "11.0.15_10-jre-alpine", "3 numbers, not 4"),
    ("21-ea-32", "22-ea-7", None),
    ("21-ea-32", "22-ea-8", None),
    ("21-ea-32", "21", "another scheme (a version, not an early-access build)"),
    ("bookworm-20230816", "bookworm-20240101", None),
    ("bookworm-20230816", "trixie-20240101", "another prefix (trixie-)"),
    ("RELEASE.2024-01-01T00-00-00Z", "RELEASE.2024-02-01T00-00-00Z", None),
    ("20240101", "20240301", None),
    ("2024.1.1", "2024.3.1", None),
    ("8", "20240301", "another scheme (a date, not a version)"),
    ("8-jdk", "11-jdk", None),
    ("v3.10.0-169-gfe040d3", "v3.10.1-12-gabcdef1", None),
    ("4.8-20250909-windowsservercore-ltsc2022", "4.8-20251014-windowsservercore-ltsc2022", None),
    ("4.8-20250909-windowsservercore-ltsc2022", "4.8.1-20251014-windowsservercore-ltsc2022", "3 numbers, not 2"),
    ("1.0.0-debian-12-r3", "1.0.1-debian-12-r4", "another variant (-debian-12-r4)"),
    ("1.0.0-debian-12-r3", "1.0.0-debian-12-r4", "another variant (-debian-12-r4)"),
    ("amd64-1.2.3", "amd64-1.2.4", None),
    ("1.2.3-amd64", "1.2.4-amd64", None),
    ("2.2-cudnn8-runtime", "2.3-cudnn9-runtime", "another variant (-cudnn9-runtime)"),
    ("12.4.1-cudnn-devel-ubuntu22.04", "12.6.0-cudnn-devel-ubuntu22.04", None),
    ("1.2.3-dev", "1.2.4-dev", None),
    ("1.2.3-dev", "1.2.4-rc1-dev", "a prerelease"),
    ("1.2.3-devel", "1.2.4-beta1", "another variant (without -devel)"),
    ("3.7.0b1", "3.7.0", None),
    ("1.2.3", "1.2.4-5", "another form of build number"),
]


@pytest.mark.parametrize(
    ("current", "other", "reason"), [pytest.param(*v, id=f"{v[0]} and {v[1]}: {v[2] or 'yes'}") for v in VECTORS]
)
def test_says_whether_one_tag_can_follow_another(current: str, other: str, reason: str | None) -> None:
    assert compatible(_parsed(current), _parsed(other)) == reason


@pytest.mark.parametrize(
    ("current", "other", "follows"),
    [
        pytest.param("1.0-alpine3.19", "1.0-alpine3.20", True, id="the distribution grows"),
        pytest.param("1.0-alpine3.19", "1.1-alpine3.18", False, id="the distribution never shrinks"),
        pytest.param("1.0-alpine3.19", "1.0-alpine3.19.1", False, id="as many numbers"),
        pytest.param("1.0-alpine3.19", "1.0-slim3.20", False, id="the same words"),
        pytest.param("1.0.0-debian-12-r3", "1.0.0-debian-12-r4", True, id="a revision grows"),
        pytest.param("1.0.0-debian-12-r3", "1.0.1-debian-12-r0", True, id="a revision starts anew with a version"),
        pytest.param("1.0-cuda12.4-cudnn9", "1.0-cuda12.6-cudnn9", True, id="one of two grows"),
        pytest.param("1.0-cuda12.4-cudnn9", "1.0-cuda12.6-cudnn8", False, id="none of two shrinks"),
        pytest.param("1.0-arm32v6", "1.0-arm32v7", False, id="an architecture is no number"),
    ],
)
def test_follows_the_numbers_of_the_variant_when_asked(current: str, other: str, follows: bool) -> None:
    reason = compatible(_parsed(current), _parsed(other), follow_suffix=True)
    assert (reason is None) == follows


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        pytest.param("1.2.3", "2.0.0", "major", id="the first number"),
        pytest.param("1.2.3", "1.3.0", "minor", id="the second"),
        pytest.param("1.2.3", "1.2.4", "patch", id="the third"),
        pytest.param("1.2.3.4", "1.2.3.5", "patch", id="the fourth"),
        pytest.param("8", "9", "patch", id="one number counts as patch"),
        pytest.param("20230101", "20240101", "patch", id="a date counts as patch"),
        pytest.param("1.0_1", "1.0_2", "patch", id="a build counts as patch"),
        pytest.param("1.0-alpine3.19", "1.0-alpine3.20", "patch", id="a variant that grows counts as patch"),
    ],
)
def test_measures_a_step(old: str, new: str, step: str) -> None:
    assert kind(_parsed(old), _parsed(new)) == step


@pytest.mark.parametrize(
    ("tag", "full"),
    [("1.2.3", True), ("1.2.3.4-slim", True), ("1.27", False), ("20240101", False), ("2024-01-31", False)],
)
def test_knows_a_full_version(tag: str, full: bool) -> None:
    assert _parsed(tag).is_full is full


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        pytest.param("3", "3.13.1", True, id="a short name"),
        pytest.param("3.13", "v3.13.1-slim", True, id="v and variant say nothing"),
        pytest.param("3.13.1", "3.13.2", False, id="another number"),
        pytest.param("3.13", "3.13rc1", False, id="a prerelease is not its release"),
        pytest.param("17.0.2", "17.0.2_8", True, id="a build of it"),
        pytest.param("17.0.2_7", "17.0.2_8", False, id="another build"),
        pytest.param("12", "20240101", False, id="a date is no version"),
    ],
)
def test_knows_aliases_of_one_version(a: str, b: str, same: bool) -> None:
    assert same_version(_parsed(a), _parsed(b)) is same


@pytest.mark.parametrize(
    ("current", "tags", "found"),
    [
        pytest.param("latest", "1 1.27.3 1.27 1.26.1 1.27.3-alpine 1.28.0-rc1", "1.27.3 1.26.1 1.27 1", id="latest"),
        pytest.param("1.27", "1.27.3 1.27.10 1.28.0 1.27.3-slim v1.27.3", "1.27.10 1.27.3", id="a version"),
        pytest.param(
            "latest-alpine", "1.2.3-alpine3.20 1.2.3-alpine 1.2.3", "1.2.3-alpine 1.2.3-alpine3.20", id="both"
        ),
        pytest.param("bookworm-slim", "bookworm-20230816-slim bookworm-20230816", "bookworm-20230816-slim", id="dates"),
        pytest.param("17-jre", "17.0.2_8-jre 17.0.2_8-jdk 17.0-jre", "17.0.2_8-jre 17.0-jre", id="a build"),
        pytest.param(
            "latest",
            "RELEASE.2024-01-01T16-36-33Z RELEASE.2024-01-01T16-36-33Z-cpuv1",
            "RELEASE.2024-01-01T16-36-33Z",
            id="a stamp behind a word that ends in a dot",
        ),
        pytest.param("alpine", "Release-1.2.3-alpine", "Release-1.2.3-alpine", id="a channel in upper case"),
    ],
)
def test_finds_more_precise_names(current: str, tags: str, found: str) -> None:
    assert more_precise(current, tags.split()) == tuple(found.split())


def test_what_says_no_version_is_precise_about_nothing() -> None:
    assert not is_more_precise(None, parse("1.2"))
    assert not is_more_precise(parse("1.2"), parse("1.2"))


@given(st.lists(TAGS, max_size=30))
def test_all_keys_have_one_order(tags: list[str]) -> None:
    versions = [version for tag in tags if (version := parse(tag))]
    ordered = sorted(versions, key=order_key)
    backwards = versions[::-1]
    assert [order_key(one) for one in sorted(backwards, key=order_key)] == [order_key(one) for one in ordered]
    assert all(compare(a, b) <= 0 and compare(b, a) >= 0 for a, b in pairwise(ordered))


@given(TAGS)
def test_a_tag_can_follow_itself_and_is_as_old(tag: str) -> None:
    version = parse(tag)
    if version:
        assert version.text == tag
        assert compatible(version, version) is None
        assert compare(version, version) == 0


@given(TAGS, TAGS)
def test_what_follows_keeps_the_variant(a: str, b: str) -> None:
    one, other = parse(a), parse(b)
    if one and other and compatible(one, other) is None:
        assert (one.prefix, one.v, one.suffix, len(one.numbers)) == (
            other.prefix,
            other.v,
            other.suffix,
            len(other.numbers),
        )


@pytest.mark.parametrize(
    "piece",
    ["a", "a.", "a-", "1", "1.", "1-", "_", "rc1-", "a1.", "-1.a", "20240101-", "abc1234-", "x86_64-", "0.0-rc."],
)
def test_no_tag_takes_long(piece: str) -> None:
    start = time.process_time()
    for length in (128, 100_000):
        for end in ("", "!"):
            parse((piece * length)[:length] + end)
    assert time.process_time() - start < 0.1
