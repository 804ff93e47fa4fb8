"""Files with several documents, and files that are hostile, broken or no YAML at all."""

from __future__ import annotations

import time

import pytest

from tests.formats._scanning import POD, scanned, told

GOOD = f"{POD}    - image: nginx:1.27\n"
LIMIT_SECONDS = 2.0


def _bomb(levels: int) -> str:
    first = "a0: &a0 [x, x, x]\n"
    return first + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, levels))


def _chain(links: int) -> str:
    return "c0: &c0 {a: 1}\n" + "".join(f"c{n}: &c{n}\n  <<: *c{n - 1}\n" for n in range(1, links))


def _deep_block(levels: int) -> str:
    return "\n".join(" " * level + "image:" for level in range(levels))


SKIPPED = [
    pytest.param(GOOD + _bomb(12), "aliases stand for", id="an alias bomb"),
    pytest.param(f"{GOOD}self: &self [*self]\n", "aliases stand for", id="an alias of itself"),
    pytest.param(f"{GOOD}m: &m\n  <<: *m\n  a: 1\n", "aliases stand for", id="a merge of itself"),
    pytest.param(GOOD + _chain(900), "aliases stand for", id="a chain of merges"),
    pytest.param(GOOD + "deep: " + "[" * 10_000 + "]" * 10_000, "nested deeper", id="ten thousand brackets"),
    pytest.param(GOOD + "deep: " + "{a: " * 10_000 + "}" * 10_000, "nested deeper", id="ten thousand braces"),
    pytest.param(GOOD + "deep: " + "[" * 200_000, "nested deeper", id="brackets that never close"),
    pytest.param(GOOD + "deep:\n" + "- " * 200_000 + "x", "indented by", id="two hundred thousand dashes"),
    pytest.param(GOOD + "deep:\n" + "-  \t" * 5_000 + "x", "indented by", id="dashes with odd spaces"),
    pytest.param(GOOD + "deep:\n" + "? " * 10_000 + "x", "indented by", id="ten thousand explicit keys"),
    pytest.param(GOOD + _deep_block(1_000), "indented by", id="a thousand levels of indentation"),
    pytest.param(GOOD + "l: [" + ",\n".join("x" * 400_000) + "]", "lines and values", id="a million values"),
    pytest.param(GOOD + "l:\n" + ("? " * 40 + "\n") * 12_000, "lines and values", id="half a million compact keys"),
    pytest.param(GOOD + "l:\n" + ("-  " * 40 + "\n") * 12_000, "lines and values", id="as many dashes with two blanks"),
    pytest.param(f"{GOOD}x: a\x01b\n", "control character", id="a control character"),
    pytest.param(f"{GOOD}x: a\0b\n", "NUL", id="a NUL byte"),
    pytest.param(GOOD.encode() + b"x: caf\xe9\n", "not UTF-8", id="Latin-1"),
    pytest.param(GOOD.encode("utf-16"), "UTF-16", id="UTF-16"),
    pytest.param(f"{GOOD}\tx: y\n", "tab character", id="a tab as indentation"),
    pytest.param(f"{GOOD}x: 'half", "end of stream", id="half written"),
    pytest.param(f"{GOOD}x: *nobody\n", "undefined alias", id="an alias of nothing"),
    pytest.param(f"<<<<<<< a\n{GOOD}=======\n{GOOD}>>>>>>> b\n", "unfinished merge", id="a merge conflict"),
    pytest.param(f"{GOOD}{{{{- if .x }}}}\nx: [\n{{{{- end }}}}\n", "a template: its {{", id="a broken Helm template"),
    pytest.param(f"{GOOD}{{% if x %}}\nx: [\n{{% endif %}}\n", "a template: its {%", id="a broken Jinja template"),
    pytest.param(GOOD + "x" * 1_048_576, "a line is longer", id="a line of one MiB"),
]


@pytest.mark.parametrize(("text", "words"), SKIPPED)
def test_a_hostile_file_ends_in_a_named_skip(text: str | bytes, words: str) -> None:
    started = time.process_time()
    found = scanned("pod.yaml", text)
    assert time.process_time() - started < LIMIT_SECONDS
    assert [words in skip.reason for skip in found.skips] == [True]
    assert not found.findings


READ = [
    pytest.param(GOOD + "l:\n" + "".join(f"- &a{n} x\n" for n in range(100_000)), id="a hundred thousand anchors"),
    pytest.param(f"{GOOD}b: &b x\nl:\n" + "- *b\n" * 50_000, id="fifty thousand aliases of a scalar"),
    pytest.param(GOOD + "l: [" + ",\n".join("x" * 100_000) + "]\n", id="a huge flow list"),
    pytest.param(f"{GOOD}x: !!python/object/apply:os.system [id]\n", id="a tag that would run code"),
    pytest.param(f"{GOOD}x: !custom {{a: 1}}\n", id="a tag that nobody knows"),
    pytest.param(f"{GOOD}[a, b]: c\n{{x: y}}: z\n? \n: \n", id="keys that are no text"),
    pytest.param("x: 1\n" + GOOD.replace("kind:", "kind: Pod\nkind:"), id="a key written twice"),
    pytest.param(f"\ufeff{GOOD}", id="a byte order mark"),
    pytest.param(f"%YAML 1.1\n---\n{GOOD}...\n", id="a directive and an end mark"),
    pytest.param(f"---\n{GOOD}---\n", id="marks around"),
    pytest.param(f"{GOOD}x: 日本 \U0001f600 \u2028\n", id="characters beyond ASCII"),
    pytest.param(f"{GOOD}text: |\n  ---\n  - image: no\n", id="a mark in a block scalar is text"),
    pytest.param(f"{GOOD}--- # next\nx: {{{{ image }}}}\n", id="a mark with a comment"),
    pytest.param(
        f'{GOOD}x: {{{{ include "x" . | nindent 2 }}}}\n  a: b\n', id="an action that brings lines of its own"
    ),
    pytest.param(
        f"{GOOD}x:\n- |\n  {{{{- if .a }}}}\n  one\n{{{{ else }}}}\n  two: [\n  {{{{- end }}}}\n- {{{{ .b }}}}\n",
        id="actions on lines of a block scalar",
    ),
]


@pytest.mark.parametrize("text", READ)
def test_an_odd_file_is_read(text: str) -> None:
    started = time.process_time()
    found = scanned("pod.yaml", text)
    assert time.process_time() - started < LIMIT_SECONDS
    assert [finding.text for finding in found.findings] == ["nginx:1.27"]
    assert not found.skips


def test_many_references_take_linear_time() -> None:
    items = ",\n".join('{"image":"nginx:1.27"}' for _ in range(10_000))
    started = time.process_time()
    found = scanned("pods.json", f'{{"apiVersion":"v1","kind":"Pod","x":[\n{items}\n]}}')
    assert time.process_time() - started < LIMIT_SECONDS
    assert len(found.findings) == 10_000


def test_the_documents_around_a_broken_one_are_kept() -> None:
    text = f"{GOOD}---\n{GOOD}x: 'half\n---\n{GOOD}"
    found = scanned("pod.yaml", text)
    assert [finding.position.line for finding in found.findings] == [5, 18]
    (skip,) = found.skips
    assert skip.reason.startswith("not YAML: line ")
    assert skip.span is not None
    assert text[skip.span.start : skip.span.stop].strip() == ""


def test_a_broken_document_without_references_is_nobodys_concern() -> None:
    found = scanned("pod.yaml", f"{GOOD}---\nx: 'half\n")
    assert (len(found.findings), found.skips) == (1, ())


def test_two_formats_that_cannot_read_a_file_say_so_once() -> None:
    assert len(scanned("compose.yaml", f"{GOOD}x: 'half\n").skips) == 1


def test_json_is_read_with_tabs_and_without_spaces() -> None:
    text = '{\n\t"apiVersion":"v1","kind":"Pod",\n\t"spec":{"containers":[{"image":"nginx:1.27"}]}}\n'
    assert told("pod.json", text) == [("nginx:1.27", "writable")]
