"""Platforms: their spellings, and which of them are the same."""

from __future__ import annotations

import pytest

from pinbot.oci.platform import Platform


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        pytest.param("linux/amd64", Platform("linux", "amd64"), id="two parts"),
        pytest.param("linux/arm/v7", Platform("linux", "arm", "v7"), id="a variant"),
        pytest.param("linux/x86_64", Platform("linux", "x86_64"), id="an underscore"),
        pytest.param("amd64", None, id="one part is no platform"),
        pytest.param("$BUILDPLATFORM", None, id="a variable is no platform"),
        pytest.param("linux/${ARCH}", None, id="nor is half a variable"),
        pytest.param("a/b/c/d", None, id="four parts are none"),
        pytest.param("linux/", None, id="an empty part is none"),
        pytest.param("", None, id="nothing is none"),
    ],
)
def test_reads_a_platform(text: str, platform: Platform | None) -> None:
    assert Platform.parse(text) == platform


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("linux/arm64/v8", "linux/arm64", id="v8 of arm64 goes without saying"),
        pytest.param("linux/aarch64", "linux/arm64", id="aarch64 is arm64"),
        pytest.param("linux/x86_64", "linux/amd64", id="x86_64 is amd64"),
        pytest.param("linux/amd64/v1", "linux/amd64", id="v1 of amd64 goes without saying"),
        pytest.param("linux/arm", "linux/arm/v7", id="arm means v7"),
    ],
)
def test_equal_platforms_have_one_spelling(one: str, other: str) -> None:
    assert _normal(one) == _normal(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("linux/arm/v6", "linux/arm/v7", id="v6 is not v7"),
        pytest.param("linux/amd64/v3", "linux/amd64", id="v3 of amd64 is more"),
        pytest.param("windows/amd64", "linux/amd64", id="the system counts"),
        pytest.param("linux/386", "linux/amd64", id="the architecture counts"),
    ],
)
def test_other_platforms_stay_other(one: str, other: str) -> None:
    assert _normal(one) != _normal(other)


def test_of_an_os_version_the_monthly_patch_does_not_count() -> None:
    march, april, server = (
        Platform("windows", "amd64", os_version=v).normal()
        for v in ("10.0.20348.1607", "10.0.20348.1668", "10.0.17763.1668")
    )
    assert march == april != server


def test_writes_the_parts_that_are_there() -> None:
    assert [str(Platform("linux", "arm64", "v8")), str(Platform("linux", "amd64"))] == ["linux/arm64/v8", "linux/amd64"]


def _normal(text: str) -> Platform:
    platform = Platform.parse(text)
    assert platform is not None
    return platform.normal()
