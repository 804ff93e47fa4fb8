"""Helm values: what is an image by the habits of charts, what only looks like one, and where its digest may go."""

from __future__ import annotations

import time

import pytest

from pinbot.formats import helm_values
from pinbot.formats._claims import Claims
from pinbot.source.finding import Fixed, Offer, Writable
from tests.fakes.memory import PIN, digest_of, run_once
from tests.formats._scanning import outcome, scanned

FORMATS = (helm_values.FORMAT,)
LIMIT_SECONDS = 5.0
OLD = f"sha256:{'0' * 64}"


def found(text: str, path: str = "values.yaml") -> list[tuple[str | None, str]]:
    """Return each reference with its outcome."""
    findings = scanned(path, text, formats=FORMATS).findings
    return [(str(f.reference) if f.reference else None, outcome(f)) for f in findings]


@pytest.mark.parametrize(
    "path",
    [
        "values.yaml",
        "chart/values.yml",
        "a/values-prod.yaml",
        "values.eu.yaml",
        "values_prod.yaml",
        "prod-values.yaml",
        "prod.values.yaml",
        "values/eu/prod.yaml",
        "chart/ci/minimal-values.yaml",
        "values.yaml.gotmpl",
    ],
)
def test_claims_files_of_values(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["revalues.yaml", "valuestore.yaml", "values.schema.json", "Chart.yaml", "values"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


IN_PARTS = [
    pytest.param("image: {repository: nginx, tag: v1}", "nginx:v1", id="repository and tag"),
    pytest.param("image: {registry: quay.io, repository: a/b, tag: v1}", "quay.io/a/b:v1", id="a registry before them"),
    pytest.param(
        "image: {registry: 'quay.io/', repository: a/b, tag: v1}", "quay.io/a/b:v1", id="its slash is written"
    ),
    pytest.param("a: [{b: {repository: nginx, tag: v1}}]", "nginx:v1", id="under any key, at any depth"),
    pytest.param("redis: {repository: redis, tag: 8.8.0}", "redis:8.8.0", id="of a dependency"),
    pytest.param("image: {name: nginx, tag: v1}", "nginx:v1", id="a name in an image"),
    pytest.param("image: {name: nginx, version: v1}", "nginx:v1", id="a version in an image"),
    pytest.param("images: {web: {name: nginx, tag: v1}}", "nginx:v1", id="a name among images"),
    pytest.param("image: {image: nginx, registry: a.io, tag: v1}", "a.io/nginx:v1", id="an image in an image"),
    pytest.param("image: {repo: nginx, tag: v1}", "nginx:v1", id="a repo in an image"),
    pytest.param("web: {image: nginx, tag: v1}", "nginx:v1", id="an image with its tag beside it"),
    pytest.param("web: {image: nginx, imageTag: v1}", "nginx:v1", id="an image with its imageTag beside it"),
    pytest.param("pilot: {image: pilot, hub: gcr.io/istio, tag: v1}", "gcr.io/istio/pilot:v1", id="a hub before it"),
    pytest.param("fooImage: nginx\nfooTag: v1", "nginx:v1", id="fooImage and fooTag"),
    pytest.param("fooImage: nginx\nfooImageTag: v1", "nginx:v1", id="fooImage and fooImageTag"),
    pytest.param("fooImageName: nginx\nfooImageTag: v1", "nginx:v1", id="fooImageName and fooImageTag"),
    pytest.param("image_repository: nginx\nimage_tag: v1", "nginx:v1", id="image_repository and image_tag"),
    pytest.param("FOO_IMAGE: nginx\nFOO_TAG: v1", "nginx:v1", id="upper case"),
    pytest.param("fooRepository: a/b\nfooTag: v1", "a/b:v1", id="fooRepository and fooTag"),
    pytest.param("imageRegistry: a.io\nimageRepository: b\nimageTag: v1", "a.io/b:v1", id="imageRegistry"),
    pytest.param("base: &b {repository: a}\nimage: {<<: *b, tag: v1}", "a:v1", id="a merged name"),
]


@pytest.mark.parametrize(("text", "reference"), IN_PARTS)
def test_reads_a_reference_in_parts_and_refuses_it_without_a_place_for_a_digest(text: str, reference: str) -> None:
    assert (reference, "fixed") in found(text)


WHOLE = [
    pytest.param("image: nginx:1.27", "nginx:1.27", id="an image"),
    pytest.param("test_pod: {image: 'bats/bats:1.8.2'}", "bats/bats:1.8.2", id="at any depth"),
    pytest.param("natsImage: nats:2.10", "nats:2.10", id="a key that ends in Image"),
    pytest.param("imageK8S: hashicorp/consul-k8s:1.2", "hashicorp/consul-k8s:1.2", id="a key that begins with image"),
    pytest.param("images: {web: 'nginx:1'}", "nginx:1", id="an entry of images"),
    pytest.param("images: {tags: {keystone: 'a/keystone:v1'}}", "a/keystone:v1", id="an entry of tags of images"),
    pytest.param("images: ['nginx:1']", "nginx:1", id="an item of images"),
    pytest.param("extraContainers: [{name: a, image: 'busybox:1'}]", "busybox:1", id="a container"),
    pytest.param("image: {repository: 'nginx:1.27'}", "nginx:1.27", id="whole in the repository"),
    pytest.param(f"image: {{repository: nginx, tag: 'v1@{OLD}'}}", f"nginx:v1@{OLD}", id="a digest in the tag"),
    pytest.param(f"image: {{repository: a, tag: v1, digest: '{OLD}'}}", f"a:v1@{OLD}", id="a digest of its own"),
    pytest.param("image: {repository: a, tag: v1, digest: ''}", "a:v1", id="an empty digest"),
    pytest.param("image: {repository: a, tag: v1, sha: ''}", "a:v1", id="an empty sha"),
    pytest.param("fooImage: a\nfooTag: v1\nfooDigest: ''", "a:v1", id="an empty digest of a pair"),
    pytest.param(
        "global: {imageRegistry: a.io}\nimage: {registry: b.io, repository: c, tag: v1, digest: ''}",
        "a.io/c:v1",
        id="a registry for all",
    ),
]


@pytest.mark.parametrize(("text", "reference"), WHOLE)
def test_pins_what_has_a_place_for_a_digest(text: str, reference: str) -> None:
    assert found(text) == [(reference, "writable")]


VARIABLE = [
    pytest.param("image: {repository: nginx}", "nginx", id="no tag"),
    pytest.param("image: {repository: nginx, tag: ''}", "nginx", id="an empty tag"),
    pytest.param("image: {repository: nginx, tag: }", "nginx", id="a tag that says nothing"),
    pytest.param("dex: {repository: nginx, tag: null}", "nginx", id="a tag that is null"),
    pytest.param("image: {name: nginx}", "nginx", id="a name alone"),
    pytest.param("image: nginx", "nginx", id="a whole reference without a tag"),
    pytest.param("fooImage: a/nginx", "a/nginx", id="a key that ends in Image"),
    pytest.param("image: {tag: v1}", None, id="a tag without a name"),
    pytest.param("image: {repository: quay.io/org, name: app, tag: v1}", None, id="a name that is to be joined"),
    pytest.param("image: {repository: a, tag: '{{ .Chart.AppVersion }}'}", None, id="a templated tag"),
    pytest.param("image: '{{ .Values.global.image }}'", None, id="a template"),
]


@pytest.mark.parametrize(("text", "reference"), VARIABLE)
def test_what_the_chart_decides_is_variable_and_never_latest(text: str, reference: str | None) -> None:
    assert found(text) == [(reference, "variable")]


NOTHING = [
    pytest.param("some: {other: {tag: foo}}\nimage: ''", id="a tag of something else"),
    pytest.param("git: {repository: 'https://github.com/a/b', tag: v1}", id="a repository of git"),
    pytest.param("git: {repository: 'git@github.com:a/b.git', tag: v1}", id="a repository of git by SSH"),
    pytest.param("chart: {repository: 'oci://ghcr.io/a/b', tag: v1}", id="a chart"),
    pytest.param("restic: {repository: 's3:s3.amazonaws.com/x'}", id="a repository of backups"),
    pytest.param("backup: {repository: a/b}", id="a repository that may be anything"),
    pytest.param("gitRepository: a/b\ngitTag: v1", id="a pair for git"),
    pytest.param("serviceAccount: {name: image, tag: v1}", id="a name of something else"),
    pytest.param("imagePullSecrets: [{name: a}]\nimagePullPolicy: Always", id="how to pull"),
    pytest.param("imageRegistry: localhost:5000", id="a registry"),
    pytest.param("logoImage: img/logo.png\nimage: /logo.svg", id="pictures"),
    pytest.param("image: https://example.com/logo", id="a URL"),
    pytest.param("useImage: true\nimage: 5", id="what is no text"),
    pytest.param("image: the image to use", id="prose"),
    pytest.param("backgroundImage: blue", id="a word under a key that ends in Image"),
    pytest.param("podAnnotations: {image: 'nginx:1'}\nlabels: {image: 'nginx:1'}", id="annotations and labels"),
    pytest.param("images: {registry: 'localhost:5000', pull_policy: Always}", id="what images have in common"),
    pytest.param("notes: |\n  image: nginx:1", id="a text"),
    pytest.param("# image: nginx:1\nimage: null", id="a comment"),
    pytest.param(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {image: {repository: a, tag: v1}}", id="a manifest"
    ),
]


@pytest.mark.parametrize("text", NOTHING)
def test_leaves_what_is_no_image(text: str) -> None:
    assert found(text) == []


def test_a_number_that_yaml_shortens_is_invalid() -> None:
    assert found("image: {repository: nginx, tag: 1.30}") == [("nginx:1.30", "invalid")]


def test_a_digest_that_a_switch_turns_off_is_refused() -> None:
    assert found("image: {repository: a, tag: v1, digest: '', useDigest: false}") == [("a:v1", "fixed")]
    assert found("image: {repository: a, tag: v1, digest: '', useDigest: true}") == [("a:v1", "writable")]


def test_a_chart_offers_a_line_for_the_digest_that_its_templates_may_read() -> None:
    text = "web:\n  image:\n    repository: a\n    tag: v1\n"
    found = scanned("charts/b/ci/x-values.yaml", text, {"charts/b/Chart.yaml": ""}, FORMATS)
    (finding,) = found.findings
    match finding.standing:
        case Fixed(offer=Offer(needs=needs, standing=Writable(digest=slot))):
            assert needs == "helm charts/b web.image.digest"
            assert (slot.span.start, slot.lead) == (len(text) - 1, "\n    digest: ")
        case _:
            pytest.fail(f"no offer: {finding.standing}")
    assert set(finding.settable) == {
        f"helm {scope}web.image.{key}"
        for key in ("tag", "digest")
        for scope in ("", "charts/b ", "charts/b/ci/x-values.yaml ")
    }


@pytest.mark.parametrize(
    ("text", "settable"),
    [
        pytest.param("image: nginx:1", "image", id="a whole reference"),
        pytest.param("a: [{image: nginx, imageTag: v1}]", "a[0].imageTag", id="a tag beside it"),
        pytest.param("image: {repository: nginx}", "image.tag", id="a tag that is missing"),
    ],
)
def test_says_which_value_sets_the_tag_from_outside(text: str, settable: str) -> None:
    (finding,) = scanned("values.yaml", text, formats=FORMATS).findings
    assert finding.settable[:2] == (f"helm {settable}", f"helm values.yaml {settable}")


def test_without_a_chart_nothing_is_offered() -> None:
    (finding,) = scanned("values.yaml", "image: {repository: a, tag: v1}", formats=FORMATS).findings
    assert isinstance(finding.standing, Fixed)
    assert finding.standing.offer is None


TEXTS = [
    pytest.param("extraContainers: |\n  - name: a\n    image: nginx:1\n", id="containers"),
    pytest.param("extraDeploy:\n- a: 1\nextraObjects:\n  pod: |\n    image: nginx:1\n", id="objects"),
    pytest.param('sidecars: |\n  - name: {{ "a" }}\n    image: "nginx:1"\n', id="a template"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_reads_containers_that_are_written_as_text(text: str) -> None:
    (finding,) = scanned("values.yaml", text, formats=FORMATS).findings
    assert text[finding.span.start : finding.span.stop] == finding.text == "nginx:1"
    assert finding.settable == ()


def test_the_hex_alone_is_written_under_a_key_sha() -> None:
    before = b'image:\n  repository: nginx\n  tag: "1"\n  sha: ""\n'
    _, files = run_once({"values.yaml": before}, FORMATS, PIN)
    digest = digest_of("docker.io", "library/nginx", "1")
    assert files["values.yaml"].decode() == before.decode().replace('sha: ""', f'sha: "{digest.hex}"')


def test_many_pairs_in_one_mapping_take_linear_time() -> None:
    started = time.process_time()
    assert len(found("".join(f"k{n}Image: a/b\nk{n}Tag: v1\n" for n in range(3_000)))) == 3_000
    assert time.process_time() - started < LIMIT_SECONDS


def test_values_that_lead_to_themselves_end() -> None:
    assert found("a: &a {image: 'nginx:1', b: *a}") == []
    assert found("image: " + "[" * 400 + "]" * 400) == []


_CHART = {
    "charts/web/Chart.yaml": b"name: web\n",
    "charts/web/values.yaml": b"image: {repository: nginx, tag: v1, digest: ''}\n",
}
SET_ELSEWHERE = [
    pytest.param({"charts/web/values-prod.yaml": b"image: {tag: v2}"}, True, id="values of an environment"),
    pytest.param({"env/prod/values.yaml": b"image: {tag: v2}"}, True, id="values elsewhere"),
    pytest.param({"env/web-values.yaml": b"image: {repository: a, tag: v2}"}, True, id="with a name"),
    pytest.param({"all/values.yaml": b"web: {image: {tag: v2}}", "all/Chart.yaml": b""}, True, id="a chart around it"),
    pytest.param({"all/values.yaml": b"app: {image: {tag: v2}}", "all/Chart.yaml": b""}, False, id="another chart"),
    pytest.param({"env/values.yaml": b"image: {tag: v2, digest: ''}"}, False, id="with a digest of their own"),
    pytest.param({"env/values.yaml": b"image: {tag: ''}"}, False, id="an empty tag"),
    pytest.param({"env/values.yaml": b"app: {image: {tag: v2}}"}, False, id="another image"),
    pytest.param({"charts/web/ci/values.yaml": b"image: {tag: v2}"}, False, id="values for tests of the chart"),
    pytest.param({"charts/app/values-prod.yaml": b"image: {tag: v2}", "charts/app/Chart.yaml": b""}, False, id="else"),
]


@pytest.mark.parametrize(("beside", "refused"), SET_ELSEWHERE)
def test_a_tag_that_other_values_set_gets_no_digest(beside: dict[str, bytes], refused: bool) -> None:
    _, files = run_once({**_CHART, **beside}, FORMATS, PIN)
    path = "charts/web/values.yaml"
    assert (files[path] == _CHART[path]) is refused
