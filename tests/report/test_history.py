"""How the ledger's answer is shown: what is known of each digest, and nothing that a terminal would obey."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from pinbot.oci.digest import Digest
from pinbot.oci.history import History, Sighting
from pinbot.oci.manifest import OCI_INDEX, OCI_MANIFEST, Descriptor, Index, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import Answer, Config, Content, ImageConfig, Question
from pinbot.planning.past import Past, missing, stretches
from pinbot.report import history_as_json, history_as_table
from pinbot.report._columns import Look

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OLD, NEW, CHILD, LAYER = (Digest.of(word.encode()) for word in ("old", "new", "child", "layer"))
AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64", "v8")
TAG = ("docker.io", "library/nginx", "1.27")
HISTORY = History((Sighting(OLD, NOW - 9 * DAY, NOW - 5 * DAY), Sighting(NEW, NOW - 4 * DAY, NOW)))


def _at(digest: Digest, platform: Platform | None = None) -> Descriptor:
    return Descriptor(OCI_MANIFEST, digest, 1, platform)


FACTS: dict[Question, Answer] = {
    Content(*TAG[:2], NEW): Index(OCI_INDEX, NEW, (_at(LAYER, ARM64), _at(CHILD, AMD64))),
    Config(*TAG[:2], CHILD): ImageConfig(AMD64, NOW - 6 * DAY),
    Content(*TAG[:2], OLD): Manifest(OCI_MANIFEST, OLD, _at(LAYER)),
    Config(*TAG[:2], OLD): ImageConfig(ARM64, None),
}


def _past(brief: bool = False) -> Past:
    return Past("nginx:1.27", "/ledger.db", stretches({TAG: HISTORY}, FACTS), brief)


def test_what_a_digest_is_takes_two_rounds_of_questions() -> None:
    unknown = stretches({TAG: HISTORY}, {})
    first = missing(unknown, {})
    assert set(first) == {Content(*TAG[:2], OLD), Content(*TAG[:2], NEW), Config(*TAG[:2], OLD), Config(*TAG[:2], NEW)}
    assert missing(unknown, {q: FACTS[q] for q in first if q in FACTS}) == [Config(*TAG[:2], CHILD)]


def test_json_has_everything_that_is_known() -> None:
    new, old = json.loads(history_as_json.history(_past()))["sightings"]
    assert new == {
        "registry": "docker.io",
        "repository": "library/nginx",
        "tag": "1.27",
        "digest": str(NEW),
        "first": "2026-11-17T12:00:00Z",
        "last": "2026-11-21T12:00:00Z",
        "source": "seen",
        "media_type": OCI_INDEX,
        "platforms": ["linux/arm64/v8", "linux/amd64"],
        "created": "2026-11-15T12:00:00Z",
    }
    assert (old["media_type"], old["platforms"], old["created"]) == (OCI_MANIFEST, ["linux/arm64/v8"], None)


def test_a_table_has_a_row_for_each_stretch() -> None:
    heads, new, old, *_ = history_as_table.history(_past(), Look()).splitlines()
    assert heads.split()[:2] == ["TAG", "DIGEST"]
    words = f"1.27 {NEW.short} 2026-11-17 12:00 2026-11-21 12:00 seen"
    assert new.split() == f"{words} linux/arm64/v8, linux/amd64; created 2026-11-15 12:00".split()
    assert OLD.short in old


def test_a_repository_has_a_row_for_each_tag() -> None:
    _, row = history_as_table.history(_past(brief=True), Look()).splitlines()
    assert row.split() == ["1.27", NEW.short, "2", "2026-11-12", "12:00", "2026-11-21", "12:00"]


def test_a_tag_that_no_registry_was_asked_for_names_nothing_now() -> None:
    only_a_file = History((Sighting(OLD, NOW, NOW, "file"),))
    past = Past("nginx", None, stretches({TAG: only_a_file}, {}), is_brief=True)
    assert history_as_table.history(past, Look()).splitlines()[1].split()[:2] == ["1.27", "-"]


def test_no_row_speaks_to_the_terminal() -> None:
    hostile = ("docker.io", "a\x1b[2Jb", "1\u202e")
    past = Past("a\x1b[2Jb", "/l\x07", stretches({hostile: HISTORY, TAG: HISTORY}, {}))
    for shown in (
        history_as_table.history(past, Look()),
        history_as_table.history(Past("\x1b", "\x07", ()), Look()),
        history_as_json.history(past),
    ):
        assert not {"\x1b", "\x07", "\u202e"} & set(shown)


def test_without_a_ledger_that_is_what_is_said() -> None:
    assert "there is no ledger" in history_as_table.history(Past("nginx", None, ()), Look())


def test_times_at_the_ends_of_the_calendar_are_shown() -> None:
    ends = History((Sighting(OLD, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),))
    past = Past("nginx", None, stretches({TAG: ends}, {}))
    assert "0001-01-01 00:00" in history_as_table.history(past, Look())
    assert '"9999-12-31T23:59:59Z"' in history_as_json.history(past)
