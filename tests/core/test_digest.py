"""Digests: what is one, and what is wrong with a text that is none."""

from __future__ import annotations

import pytest

from pinbot.errors import InvalidDigest
from pinbot.oci.digest import Digest


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("sha256:" + "a" * 64, id="sha256 has 64 digits"),
        pytest.param("sha512:" + "0123456789abcdef" * 8, id="sha512 has 128 digits"),
    ],
)
def test_reads_a_digest_and_writes_it_back(text: str) -> None:
    assert str(Digest.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("sha256:" + "a" * 63, "64 hex digits, this has 63", id="one digit is missing"),
        pytest.param("sha512:" + "a" * 64, "128 hex digits, this has 64", id="sha512 with the length of sha256"),
        pytest.param("sha256:" + "A" * 64, "lower-case", id="upper-case hex"),
        pytest.param("sha256:" + "g" * 64, "lower-case hex", id="not hex at all"),
        pytest.param("sha256:" + "١" * 64, "lower-case hex", id="digits of another script"),
        pytest.param("sha256:" + "a" * 63 + "\n", "lower-case hex", id="a line end for a digit"),
        pytest.param("md5:" + "a" * 32, "not a digest", id="an unknown algorithm"),
        pytest.param("SHA256:" + "a" * 64, "not a digest", id="an upper-case algorithm"),
        pytest.param("a" * 64, "not a digest", id="no algorithm"),
        pytest.param("sha256", "not a digest", id="no colon"),
        pytest.param("", "not a digest", id="nothing"),
    ],
)
def test_refuses_what_is_no_digest_and_says_why(text: str, says: str) -> None:
    with pytest.raises(InvalidDigest, match=says):
        Digest.parse(text)


def test_hashes_content() -> None:
    assert str(Digest.of(b"")) == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert len(Digest.of(b"", "sha512").hex) == 128


def test_shortens_for_people() -> None:
    assert Digest.of(b"").short == "e3b0c44298fc"
