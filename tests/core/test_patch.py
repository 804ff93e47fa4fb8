"""Patches: edits in their files, each proved by reading the result again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pinbot.oci.platform import Platform
from pinbot.oci.reference import Reference
from pinbot.planning.outcome import Change
from pinbot.planning.patch import Rescan, Texts, patches
from pinbot.source.finding import Finding, Slot, Writable
from pinbot.source.text import Span
from tests.core.examples import NEW, OLD, fixed, lines

TWO = "image: nginx:1.27 # web\r\nother: x\r\nimage: redis\r\n"


def rescan(path: str, texts: Texts) -> tuple[Finding, ...]:
    """Read a file the way that `lines` does."""
    return lines(path, texts[path])


def pinned(finding: Finding) -> Change:
    """Return the change that pins a finding."""
    assert finding.reference is not None
    return Change("pin", finding, finding.reference, finding.reference.pinned_to(NEW))


def pins(texts: Texts) -> list[Change]:
    """Return a pin for every reference of these files."""
    return [pinned(finding) for path, text in texts.items() for finding in lines(path, text)]


def test_writes_the_digest_and_touches_nothing_else() -> None:
    (patch,), refused = patches(pins({"a": TWO}), {"a": TWO}, rescan, {})
    assert patch.after == f"image: nginx:1.27@{NEW} # web\r\nother: x\r\nimage: redis:latest@{NEW}\r\n"
    assert (patch.before, len(patch.changes), refused) == (TWO, 2, ())


def test_replaces_a_digest_in_its_place() -> None:
    before = f"image: nginx:1.27@{OLD} # web"
    (patch,), _ = patches(pins({"a": before}), {"a": before}, rescan, {})
    assert patch.after == f"image: nginx:1.27@{NEW} # web"


def test_gives_one_patch_per_file_in_the_order_of_their_paths() -> None:
    texts = {"b": TWO, "a": TWO}
    found, _ = patches(pins(texts), texts, rescan, {})
    assert [p.path for p in found] == ["a", "b"]


def test_a_file_that_would_not_read_as_intended_stays_and_the_others_are_written() -> None:
    def blind(path: str, texts: Texts) -> tuple[Finding, ...]:
        return tuple(f for f in rescan(path, texts) if path != "bad" or "@" not in f.text)

    texts = {"bad": TWO, "good": TWO}
    found, refused = patches(pins(texts), texts, blind, {})
    assert [p.path for p in found] == ["good"]
    assert {(k.finding.path, k.outcome) for k in refused} == {("bad", "refused")}
    assert all("would not read as intended" in k.reason for k in refused)


def _changed(findings: tuple[Finding, ...], **changes: Any) -> tuple[Finding, ...]:
    """Return the findings, the last one with other parts."""
    return (*findings[:-1], replace(findings[-1], **changes))


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(lambda path, texts: rescan(path, texts)[:1], id="a reference is lost"),
        pytest.param(lambda path, texts: tuple(reversed(rescan(path, texts))), id="the order is another"),
        pytest.param(
            lambda path, texts: tuple(
                replace(f, where=f"{f.where}!") if f.reference and f.reference.digest else f
                for f in rescan(path, texts)
            ),
            id="a reference stands elsewhere",
        ),
        pytest.param(
            lambda path, texts: _changed(rescan(path, texts), variables=("V",)), id="a value comes from elsewhere"
        ),
        pytest.param(
            lambda path, texts: _changed(rescan(path, texts), platform=Platform("linux", "arm64")),
            id="it is for another platform",
        ),
        pytest.param(
            lambda path, texts: _changed(rescan(path, texts), standing=fixed(f"redis:7@{NEW}").standing),
            id="it could not be changed again",
        ),
    ],
)
def test_refuses_whatever_reads_differently(again: Rescan) -> None:
    text = f"image: nginx:1.27@{OLD}\nimage: redis:7\n"
    found, refused = patches(
        [pinned(lines("a", text)[1])], {"a": text}, lambda p, t: again(p, t) if t["a"] != text else rescan(p, t), {}
    )
    assert not found
    assert len(refused) == 1


def test_a_change_that_would_change_another_reference_is_refused() -> None:
    def doubled(path: str, texts: Texts) -> tuple[Finding, ...]:
        (one,) = rescan(path, texts)
        return one, replace(one, where="its shadow")

    text = "image: nginx:1.27\n"
    found, refused = patches([pinned(doubled("a", {"a": text})[0])], {"a": text}, doubled, {})
    assert not found
    assert len(refused) == 1


def test_two_references_that_share_a_place_may_change_together() -> None:
    def doubled(path: str, texts: Texts) -> tuple[Finding, ...]:
        (one,) = rescan(path, texts)
        return one, replace(one, where="its shadow")

    text = "image: nginx:1.27\n"
    (patch,), _ = patches([pinned(f) for f in doubled("a", {"a": text})], {"a": text}, doubled, {})
    assert patch.after == f"image: nginx:1.27@{NEW}\n"


def test_two_references_that_want_different_digests_at_one_place_are_refused_and_no_others() -> None:
    text = "image: nginx:1.27\nimage: redis\n"
    one, other = pins({"a": text})
    found, refused = patches([one, replace(one, new=one.old.pinned_to(OLD)), other], {"a": text}, rescan, {})
    assert [patch.after for patch in found] == [f"image: nginx:1.27\nimage: redis:latest@{NEW}\n"]
    assert [k.reason for k in refused] == ["the value also ends nginx:1.27, and holds one digest only"] * 2


def test_a_text_that_is_another_by_now_is_refused() -> None:
    changes = pins({"a": f"image: nginx:1.27@{OLD}\n"})
    found, refused = patches(changes, {"a": f"image: redis:1.27@{OLD}  \n"[:20] + "x" * 80}, rescan, {})
    assert not found
    assert "cannot be written" in refused[0].reason


def _env_finding(path: str, texts: Texts) -> tuple[Finding, ...]:
    """Read `image: nginx:${TAG}` in the light of a `.env` whose only line is `TAG=…`."""
    if path == ".env":
        return ()
    value = texts[".env"].removeprefix("TAG=")
    (one,) = lines(path, texts[path].replace("${TAG}", "x"))
    reference = Reference.parse(f"nginx:{value}")
    end = len(texts[".env"])
    tag_end = end - (1 + len(str(reference.digest)) if reference.digest else 0)
    digest = Slot(Span(tag_end + 1, end), path=".env") if reference.digest else Slot(Span(end, end), "@", path=".env")
    return (replace(one, standing=Writable(reference, digest, Slot(Span(4, tag_end), path=".env"))),)


def test_the_digest_goes_where_the_value_is_defined() -> None:
    texts = {"compose.yaml": "image: nginx:${TAG}\n", ".env": "TAG=1.27"}
    (patch,), refused = patches([pinned(_env_finding("compose.yaml", texts)[0])], texts, _env_finding, {})
    assert (patch.path, patch.after, refused) == (".env", f"TAG=1.27@{NEW}", ())


def test_what_reads_a_changed_file_is_proved_too() -> None:
    texts = {"compose.yaml": "image: nginx:${TAG}\n", "other.yaml": "image: nginx:${TAG}\n", ".env": "TAG=1.27"}
    change = pinned(_env_finding("compose.yaml", texts)[0])
    found, refused = patches([change], texts, _env_finding, {".env": ["compose.yaml", "other.yaml"]})
    assert not found
    assert [k.reason for k in refused] == ["the changed file would not read as intended, so it stays as it is"]


def test_two_uses_that_want_different_values_of_one_definition_are_refused() -> None:
    texts = {"compose.yaml": "image: nginx:${TAG}\n", "other.yaml": "image: nginx:${TAG}\n", ".env": "TAG=1.27"}
    one, other = (pinned(_env_finding(path, texts)[0]) for path in ("compose.yaml", "other.yaml"))
    found, refused = patches([one, replace(other, new=other.old.pinned_to(OLD))], texts, _env_finding, {})
    assert not found
    assert len(refused) == 2
