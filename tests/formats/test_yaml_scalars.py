"""Scalars in every style: where their text stands, and which are left as they are."""

from __future__ import annotations

import pytest

from pinbot.source.finding import Writable
from tests.fakes.memory import digest_of, run_once
from tests.formats._scanning import FORMATS, POD, outcome, reasons, scanned, told

PIN = str(digest_of("docker.io", "library/nginx", "1.27"))
BARE = "sha256:" + "0" * 64

STYLES = [
    pytest.param("- image: nginx:1.27", id="plain"),
    pytest.param("- image:  nginx:1.27", id="two spaces (peers 11)"),
    pytest.param("- image: 'nginx:1.27'", id="single quotes"),
    pytest.param('- image: "nginx:1.27"', id="double quotes (peers 11)"),
    pytest.param('- "image": nginx:1.27', id="a quoted key"),
    pytest.param("- {image: nginx:1.27}", id="flow"),
    pytest.param("- {name: a, image: nginx:1.27, tty: true}", id="flow in the middle"),
    pytest.param('- {"image":"nginx:1.27"}', id="flow without spaces, as JSON"),
    pytest.param("- image: &x nginx:1.27", id="anchored"),
    pytest.param("- image: &x\n        nginx:1.27", id="anchored on the line before"),
    pytest.param("- image: !!str nginx:1.27", id="tagged"),
    pytest.param("- image: !!str &x 'nginx:1.27'", id="tagged, anchored and quoted"),
    pytest.param("- image:\n        nginx:1.27", id="on the next line"),
    pytest.param("- image: |\n        nginx:1.27", id="a literal block"),
    pytest.param("- image: >-\n        nginx:1.27\n\n  # end", id="a folded block with a comment behind"),
    pytest.param("- image: |2-\n        nginx:1.27", id="a block with an indentation of its own"),
    pytest.param("- ? image\n      : nginx:1.27", id="an explicit key"),
    pytest.param("- image: nginx:1.27 # nginx:1.27", id="a comment that says the same"),
    pytest.param("- image: nginx:1.27\t# tab", id="a tab before a comment"),
    pytest.param("- name: nginx:1.27\n      image: nginx:1.27", id="the same text elsewhere (peers 15)"),
]


@pytest.mark.parametrize("item", STYLES)
@pytest.mark.parametrize("end", [pytest.param("\n", id="LF"), pytest.param("\r\n", id="CRLF (peers 12)")])
def test_a_digest_is_written_behind_the_tag(item: str, end: str) -> None:
    before = f"{POD}    {item}\n".replace("\n", end).encode()
    done, files = run_once({"pod.yaml": before}, FORMATS)
    place = done.changes[0].finding.span
    at = len(before.decode()[: place.stop].encode())
    assert files["pod.yaml"] == before[:at] + b"@" + PIN.encode() + before[at:]
    assert before.decode()[place.start : place.stop] == "nginx:1.27"


UNTOUCHED = [
    pytest.param('- image: "nginx\\x3a1.27"', [('"nginx\\x3a1.27"', "fixed")], id="an escape has no place to write"),
    pytest.param("- image: 'it''s'", [("'it''s'", "invalid")], id="a doubled quote"),
    pytest.param("- image: nginx:1\n        .27", [("nginx:1\n        .27", "invalid")], id="a text over two lines"),
    pytest.param(
        "- image: >-\n        nginx\n        redis",
        [(">-\n        nginx\n        redis", "invalid")],
        id="a folded text of two lines",
    ),
    pytest.param("- image: 1.30", [("1.30", "invalid")], id="a number"),
    pytest.param("- image: true", [("true", "invalid")], id="a truth value"),
    pytest.param("- image: 2026-11-21", [("2026-11-21", "invalid")], id="a date"),
    pytest.param("- image:", [], id="nothing at all"),
    pytest.param("- image: null", [], id="null"),
    pytest.param("- image: ~", [], id="a tilde"),
    pytest.param("- image: ''", [], id="an empty text"),
    pytest.param('- image: " "', [], id="a space, as OpenShift writes it"),
    pytest.param("- image: [nginx]", [], id="a list"),
    pytest.param("- image: {name: nginx}", [], id="a mapping"),
    pytest.param("- image: not valid", [("not valid", "invalid")], id="a text that is no reference"),
    pytest.param("- image: {{ .Values.image }}", [("{{ .Values.image }}", "variable")], id="a bare Helm action"),
    pytest.param('- image: "{{ x }}:1"', [("{{ x }}:1", "variable")], id="a quoted Helm action"),
    pytest.param("- image: $(params.image)", [("$(params.image)", "variable")], id="a Tekton parameter"),
    pytest.param("- image: ${IMAGE}", [("${IMAGE}", "variable")], id="a shell variable"),
    pytest.param("- image: <your-image>", [("<your-image>", "variable")], id="a place to fill in"),
    pytest.param("- image: 'a/%NAME%:1'", [("a/%NAME%:1", "variable")], id="a place between signs of percent"),
    pytest.param("- image: a/@NAME@:1", [("a/@NAME@:1", "variable")], id="a place as configure scripts have it"),
    pytest.param("- image: a:__TAG__", [("a:__TAG__", "variable")], id="a place that reads like a tag"),
    pytest.param("- image: '#{REGISTRY}#/a:1'", [("#{REGISTRY}#/a:1", "variable")], id="a place of Azure's tasks"),
]


@pytest.mark.parametrize(("item", "findings"), UNTOUCHED)
def test_what_cannot_be_written_stays_untouched(item: str, findings: list[tuple[str, str]]) -> None:
    before = f"{POD}    {item}\n".encode()
    assert told("pod.yaml", before.decode()) == findings
    assert run_once({"pod.yaml": before}, FORMATS)[1] == {"pod.yaml": before}


def test_a_number_is_said_to_need_quotes() -> None:
    assert reasons("pod.yaml", f"{POD}    - image: 1.30\n") == ["1.30 loads as a number, not as text; quote it"]


def test_two_references_on_one_line_are_both_pinned() -> None:
    before = POD.replace("containers:", "containers: [{image: nginx:1.27}, {image: 'nginx:1.27'}]")
    _, files = run_once({"pod.yaml": before.encode()}, FORMATS)
    assert files["pod.yaml"].decode() == before.replace("nginx:1.27", f"nginx:1.27@{PIN}")


def test_a_port_is_not_a_tag() -> None:
    finding = scanned("pod.yaml", f"{POD}    - image: registry:5000/img:tag\n").findings[0]
    assert finding.reference is not None
    assert (finding.reference.registry, finding.reference.path, finding.reference.tag) == (
        "registry:5000",
        "img",
        "tag",
    )


@pytest.mark.parametrize(
    ("line", "tag"),
    [
        pytest.param(f"postgres@{BARE} # 16.7", "16.7", id="a version"),
        pytest.param(f"'postgres@{BARE}'  # v16.7", "v16.7", id="behind quotes"),
        pytest.param(f"postgres@{BARE} #16", "16", id="one number"),
        pytest.param(f"postgres@{BARE} # 3.12-slim", "3.12-slim", id="a version with a variant"),
        pytest.param(f"postgres@{BARE} # 16.7 is broken", None, id="more than one word"),
        pytest.param(f"postgres@{BARE} # latest", None, id="a word that is no version"),
        pytest.param(f"postgres@{BARE} # 2026-11-21", None, id="a date is when, not what"),
        pytest.param(f"postgres@{BARE} # 3fa2bc1", None, id="a commit"),
        pytest.param(f"postgres:15@{BARE} # 16.7", "15", id="a written tag wins"),
        pytest.param(f"postgres@{BARE}", None, id="no comment"),
    ],
)
def test_a_version_in_a_comment_is_the_tag_of_a_bare_digest(line: str, tag: str | None) -> None:
    finding = scanned("pod.yaml", f"{POD}    - image: {line}\n").findings[0]
    assert isinstance(finding.standing, Writable)
    assert finding.standing.reference.tag == tag
    assert outcome(finding) == "writable"


def test_underscores_within_words_are_no_place_to_fill_in() -> None:
    assert told("pod.yaml", f"{POD}    - image: a__b:1__X__") == [("a__b:1__X__", "writable")]
