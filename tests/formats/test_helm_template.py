"""Helm templates: images in partials, and the digests in the values that a chart reads."""

from __future__ import annotations

import time

import pytest

from pinbot import wiring
from pinbot.formats import helm_template, helm_values
from pinbot.formats._claims import Claims
from pinbot.formats._helm_reads import digests_read
from pinbot.source.finding import Consumer, Fixed, Override
from tests.fakes.memory import PIN, run_once
from tests.formats._scanning import reasons, scanned, told

FORMATS = (helm_template.FORMAT,)
CHART = {"Chart.yaml": "", "charts/b/Chart.yaml": ""}
LIMIT_SECONDS = 2.0


@pytest.mark.parametrize("path", ["templates/_pod.tpl", "a/templates/tests/test.yaml", "templates/x.yml"])
def test_claims_what_stands_below_templates(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["templates.yaml", "mytemplates/x.yaml", "templates/NOTES.txt", "templates/a.j2"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


TAKEN = [
    pytest.param("templates/_pod.tpl", '{{ define "a" }}\nimage: nginx:1\n{{ end }}', id="a mapping"),
    pytest.param("templates/_pod.tpl", '{{ define "a" }}\n- image: "nginx:1"\n{{ end }}', id="a list"),
    pytest.param(
        "templates/_pod.tpl",
        '{{ define "a" }}\n  x: [\n{{ end }}\n{{- define "b" -}}\n    image: nginx:1\n{{ end }}',
        id="one of several, each with its own indentation",
    ),
    pytest.param("a/templates/_pod.tpl", '{{ define "a" }}\nimage: nginx:1\n{{ end }}', id="a partial of no chart"),
    pytest.param("charts/b/templates/_pod.yaml", "containers:\n- image: nginx:1\n", id="a partial in a YAML file"),
]


@pytest.mark.parametrize(("path", "text"), TAKEN)
def test_takes_an_image_in_a_partial(path: str, text: str) -> None:
    assert told(path, text, CHART, FORMATS) == [("nginx:1", "writable")]


NOTHING = [
    pytest.param("a/templates/_pod.yaml", "containers:\n- image: nginx:1", id="a file of no chart"),
    pytest.param("templates/x.yaml", "apiVersion: v1\nkind: Pod\nimage: nginx:1", id="a manifest, read as such"),
    pytest.param("templates/_c.tpl", '{{ define "a" }}\nkind: ConfigMap\nimage: x:1\n{{ end }}', id="a config map"),
    pytest.param("templates/_n.tpl", "image: nginx:1", id="a file that defines nothing"),
    pytest.param("templates/_h.tpl", '{{ define "a.image" }}{{ .Values.image }}{{ end }}', id="a name"),
    pytest.param("templates/_h.tpl", '{{ define "a" }}\nannotations: {image: a}\n{{ end }}', id="an annotation"),
]


@pytest.mark.parametrize(("path", "text"), NOTHING)
def test_leaves_what_is_no_image_of_a_partial(path: str, text: str) -> None:
    assert told(path, text, CHART, FORMATS) == []


@pytest.mark.parametrize("image", ["{{ .Values.image }}", '"{{ .a }}:{{ .b | default "x" }}"', "nginx:{{ .tag }}"])
def test_what_helm_fills_in_is_variable(image: str) -> None:
    text = f'{{{{ define "a" }}}}\nimage: {image}\n{{{{ end }}}}'
    assert [status for _, status in told("templates/_pod.tpl", text, CHART, FORMATS)] == ["variable"]
    assert "is pinned there" in reasons("templates/_pod.tpl", text, CHART, FORMATS)[0]


def test_says_that_a_partial_is_no_yaml() -> None:
    text = '{{ define "a" }}\nimage: nginx:1\n  - x: [\n{{ end }}'
    (skip,) = scanned("templates/_pod.tpl", text, CHART, FORMATS).skips
    assert "a template" in skip.reason


READ = [
    pytest.param("{{ .Values.image.digest }}", ["image.digest"], id="a value"),
    pytest.param("{{ $.Values.a.imageDigest | quote }}", ["a.imageDigest"], id="a value from the top"),
    pytest.param('{{ printf "%s@%s" .r (.Values.a.digest | default "") }}', ["a.digest"], id="within parentheses"),
    pytest.param("{{ with .Values.image }}{{ .digest }}{{ end }}", ["image.digest"], id="the dot of a with"),
    pytest.param("{{ with .Values.a }}{{ if .digest }}{{ end }}{{ end }}", ["a.digest"], id="an if within a with"),
    pytest.param("{{ $i := .Values.image }}{{ $i.digest }}", ["image.digest"], id="a variable"),
    pytest.param("{{- /* }} .Values.b.digest */ -}}{{ .Values.c.digest }}", ["c.digest"], id="not within a remark"),
    pytest.param("{{ with .Values.a }}{{ end }}{{ .digest }}", [], id="the dot behind a with"),
    pytest.param("{{ with .Values.a }}{{ else }}{{ .digest }}{{ end }}", [], id="the dot of its else"),
    pytest.param("{{ range .Values.a }}{{ .digest }}{{ end }}", [], id="the dot of a range"),
    pytest.param('{{ define "a" }}{{ .digest }}{{ end }}', [], id="the dot of a partial"),
    pytest.param("{{ if .x }}{{ $i := .Values.a }}{{ end }}{{ $i.digest }}", [], id="a variable of another block"),
    pytest.param('{{ $i := default .x .Values.a }}{{ $i.digest }}', [], id="a variable that may be something else"),
    pytest.param("{{ (.Values.image).digest }}", [], id="what is computed"),
    pytest.param('{{ ".Values.a.digest" }} .Values.a.digest', [], id="text"),
    pytest.param("{{ .Values.image.tag }}", [], id="a tag"),
    pytest.param("{{ .Values.a.digest }}@sha256:{{ .Values.b.digest }}", ["a.digest"], id="not the hex alone"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "paths"), READ)
def test_tells_which_digests_a_template_reads(text: str, paths: list[str]) -> None:
    assert list(digests_read(text).whole) == paths


BARE = [
    pytest.param("{{ if .Values.a.digest }}@sha256:{{ .Values.a.digest }}{{ end }}", ["a.digest"], id="a value"),
    pytest.param("{{ $d := .Values.a.digest }}@sha256:{{ $d }}", ["a.digest"], id="a variable"),
    pytest.param('{{ printf "@sha256:%s" .Values.a.digest }}', ["a.digest"], id="a format"),
    pytest.param('{{ printf "sha256:%s" (trimPrefix "sha256:" .Values.a.digest) }}', [], id="either form"),
]


@pytest.mark.parametrize(("text", "paths"), BARE)
def test_tells_of_which_digests_a_template_takes_the_hex_alone(text: str, paths: list[str]) -> None:
    assert list(digests_read(text).bare) == paths


def test_a_digest_is_not_filled_in_where_its_chart_writes_the_algorithm() -> None:
    template = scanned("charts/b/templates/x.yaml", "@sha256:{{ .Values.a.digest }}", CHART, FORMATS)
    assert [one.key for one in template.relations if isinstance(one, Override)] == [
        "helm charts/b a.digest with sha256:"
    ]
    for digest, refused in ("''", True), ("0" * 64, False):
        values = f"a: {{repository: a, tag: v1, digest: {digest}}}"
        (finding,) = scanned("charts/b/values.yaml", values, CHART, (helm_values.FORMAT,)).findings
        assert ("helm charts/b a.digest with sha256:" in finding.settable) is refused


@pytest.mark.parametrize(
    "text",
    ["{{" * 100_000, "{{/*" * 100_000, "{{ if x }}" * 50_000, "{{ $x.y }}" * 50_000, '{{ "' + '\\"' * 100_000 + "}}"],
    ids=["open braces", "open remarks", "blocks", "variables", "quotes"],
)
def test_hostile_templates_take_linear_time(text: str) -> None:
    started = time.process_time()
    assert not digests_read(text).whole
    assert time.process_time() - started < LIMIT_SECONDS


def test_what_a_chart_reads_is_what_its_values_offer() -> None:
    template = scanned("charts/b/templates/x.yaml", "{{ .Values.web.image.digest }}", CHART, FORMATS)
    values = "web: {image: {repository: a, tag: v1}}"
    (finding,) = scanned("charts/b/values.yaml", values, CHART, (helm_values.FORMAT,)).findings
    assert isinstance(finding.standing, Fixed)
    assert finding.standing.offer
    assert template.relations == (Consumer(finding.standing.offer.needs),)


CONTINUED = [
    pytest.param("{{ .Values.image }}", True, id="nothing behind it"),
    pytest.param('"{{ .Values.image }}"', True, id="a quote behind it"),
    pytest.param("{{ .Values.image }}{{ if .Values.x }}{{ end }}", True, id="an action behind it"),
    pytest.param("{{ .Values.other }}-debug", True, id="another value"),
    pytest.param("{{ .Values.image }}-debug", False, id="a suffix"),
    pytest.param("{{ .Values.image -}}:{{ .Values.tag }}", False, id="a tag"),
]


@pytest.mark.parametrize(("written", "pinned"), CONTINUED)
def test_a_reference_that_a_template_continues_takes_no_digest(written: str, pinned: bool) -> None:
    files = {
        "c/Chart.yaml": "name: c\n",
        "c/values.yaml": "image: nginx:1.27\n",
        "c/templates/pod.yaml": f"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: {written}\n",
    }
    done, _ = run_once({path: text.encode() for path, text in files.items()}, wiring.formats(), PIN)
    assert [c.finding.path for c in done.changes] == (["c/values.yaml"] if pinned else [])
    assert any("writes more behind this value" in k.reason for k in done.kept) is not pinned
