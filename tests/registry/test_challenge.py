"""WWW-Authenticate, parsed by hand (F3, T11)."""

from __future__ import annotations

import time

import pytest

from pinbot.registry.challenge import Basic, Bearer, Challenge, Unknown, read_challenge

CASES: dict[str, tuple[str, Challenge]] = {
    "Docker Hub's": (
        'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"',
        Bearer("https://auth.docker.io/token", "registry.docker.io"),
    ),
    "with a scope of two actions": (
        'Bearer realm="https://a/t",service="s",scope="repository:a/b:pull,push"',
        Bearer("https://a/t", "s"),
    ),
    "without a service": ('Bearer realm="https://a/t"', Bearer("https://a/t", None)),
    "any case and white space": ('bEaReR \t REALM = "https://a/t" , Service=s', Bearer("https://a/t", "s")),
    "unquoted": ("Bearer realm=https://a/t,service=s", Bearer("https://a/t", "s")),
    "escaped": ('Bearer realm="https://a/\\"t",service="a\\\\b"', Bearer('https://a/"t', "a\\b")),
    "Basic": ('Basic realm="x"', Basic()),
    "Basic without a realm": ("Basic", Basic()),
    "Basic first, Bearer second": ('Basic realm="x", Bearer realm="https://a/t"', Bearer("https://a/t", None)),
    "Bearer first, Basic second": ('Bearer realm="https://a/t", Basic realm="x"', Bearer("https://a/t", None)),
    "Negotiate first": ('Negotiate, Basic realm="x"', Basic()),
    "Negotiate with data first": ('Negotiate YWJj==, Bearer realm="https://a/t"', Bearer("https://a/t", None)),
    "Bearer without a realm, and Basic": ('Bearer error="x", Basic realm="y"', Basic()),
    "the first realm counts": ('Bearer realm="https://a/t",realm="https://evil/t"', Bearer("https://a/t", None)),
    "a realm inside a value is none": ('Basic realm="Bearer realm=https://evil/t"', Basic()),
    "an open quote": ('Bearer realm="https://a/t', Bearer("https://a/t", None)),
    "an open escape": ('Bearer realm="https://a/t\\', Bearer("https://a/t", None)),
    "an unknown scheme": ("Digest realm=x", Unknown("Digest realm=x")),
    "nothing": ("", Unknown("")),
    "garbage": ('=,=,"\\\x00;;', Unknown('=,=,"\\\x00;;')),
    "no token": ("Bearer", Unknown("Bearer")),
}


@pytest.mark.parametrize(("header", "challenge"), CASES.values(), ids=CASES)
def test_reads(header: str, challenge: Challenge) -> None:
    assert read_challenge(header) == challenge


@pytest.mark.parametrize("unit", [" ", ",", '"', "\\", "a=", "a ", '"\\', "=", "Bearer "], ids=repr)
def test_a_hostile_header_takes_no_time(unit: str) -> None:
    started = time.monotonic()
    read_challenge(unit * 100_000)
    assert time.monotonic() - started < 0.2
