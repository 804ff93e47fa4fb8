"""Origins are read strictly and compared exactly (T7)."""

from __future__ import annotations

import pytest

from pinbot.errors import AddressRefused
from pinbot.net.origin import Origin, shorten

SAME = {
    "https://ghcr.io": ("https", "ghcr.io", 443),
    "https://GHCR.io./v2/": ("https", "ghcr.io", 443),
    "https://ghcr.io:443": ("https", "ghcr.io", 443),
    "http://localhost:5000/x?y#z": ("http", "localhost", 5000),
    "https://[::1]:5000/": ("https", "::1", 5000),
    "https://[0:0:0:0:0:0:0:1]": ("https", "::1", 443),
    "https://a_b.example": ("https", "a_b.example", 443),
}

REFUSED = {
    "another scheme": "file:///etc/passwd",
    "a scheme that is none": "javascript:alert(1)",
    "no scheme": "ghcr.io/x",
    "a user name": "https://ghcr.io@evil.example/",
    "a user name and password": "https://u:p@ghcr.io/",
    "an empty user name": "https://@ghcr.io/",
    "no host": "https:///x",
    "a bad port": "https://ghcr.io:99999/",
    "port nought": "https://ghcr.io:0/",
    "an empty port": "https://ghcr.io:/",
    "a port that is a word": "https://ghcr.io:https/",
    "white space": "https://ghcr.io /",
    "a line break": "https://ghcr.io/\r\nX: y",
    "a tab inside the host": "https://gh\tcr.io/",
    "a backslash": "https://ghcr.io\\@evil.example/",
    "a Cyrillic letter": "https://g\u0441r.io/",
    "an ideographic full stop": "https://ghcr\u3002io/",
    "an IDNA name": "https://xn--gr-nlc.io/",
    "a percent sign in the host": "https://ghcr%2eio/",
    "two dots": "https://ghcr..io/",
    "a leading hyphen": "https://-ghcr.io/",
    "a broken bracket": "https://[::1/",
    "text behind a bracket": "https://[::1]evil.example/",
    "a bracket behind a bracket": "https://[::1]]/",
    "a bracket without an IPv6 address": "https://[v1.x]/",
    "a zone": "https://[fe80::1%25eth0]/",
    "a very long name": f"https://{'a.' * 200}io/",
    "an address with a letter too many": "https://[::g]/",
}


@pytest.mark.parametrize(("url", "parts"), SAME.items(), ids=SAME)
def test_reads_an_origin(url: str, parts: tuple[str, str, int]) -> None:
    assert Origin.parse(url) == Origin(*parts)


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED)
def test_refuses_what_is_in_doubt(url: str) -> None:
    with pytest.raises(AddressRefused):
        Origin.parse(url)


LOOK_ALIKES = (
    "docker.io.evil.example", "dockerr.io", "ghcr.io.evil", "xghcr.io", "ghcr.io:8443", "ghcr-io.example", "ghcr.iox",
    "www.ghcr.io", "hcr.io", "ghcr.i0",
)  # fmt: skip


@pytest.mark.parametrize("host", LOOK_ALIKES)
def test_a_look_alike_is_another_origin(host: str) -> None:
    assert Origin.parse(f"https://{host}") not in {Origin.parse("https://ghcr.io"), Origin.parse("https://docker.io")}


def test_messages_show_no_query_and_no_user() -> None:
    assert shorten("https://u:secret@h.example/x?token=abc#f") == "https://h.example/x"
    with pytest.raises(AddressRefused) as caught:
        Origin.parse("https://u:secret@h.example/?token=abc")
    assert "secret" not in str(caught.value)
    assert "abc" not in str(caught.value)


def test_what_is_asked_is_spelt_as_it_was_judged() -> None:
    for url, spelt in (
        ("http://LOCALHOST.:80/x?y=a%2Fb#z", "http://localhost/x?y=a%2Fb"),
        ("https://[0:0:0:0:0:0:0:1]:5000", "https://[::1]:5000/"),
        ("https://ghcr.io/v2//a/../b", "https://ghcr.io/v2//a/../b"),
    ):
        assert Origin.parse(url).spell(url) == spelt
