"""Kubernetes manifests: which documents, which places, and whose `image` is none."""

from __future__ import annotations

import pytest

from pinbot.formats import kubernetes
from pinbot.formats._claims import Claims
from tests.formats._scanning import scanned, told

HEAD = "apiVersion: v1\nkind: Pod\n"


@pytest.mark.parametrize(
    "path", ["pod.yaml", "a/b.yml", "c.json", "D.YAML", "charts/x/templates/pod.yaml", "pod.yaml.tmpl"]
)
def test_claims_whatever_may_be_a_manifest(path: str) -> None:
    assert Claims((kubernetes.FORMAT,)).of(path)


@pytest.mark.parametrize("path", ["Dockerfile", "yaml", "pod.yaml.txt", "a.yaml/b.txt"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims((kubernetes.FORMAT,)).of(path)


TAKEN = [
    pytest.param("spec: {containers: [{image: nginx}]}", ["nginx"], id="a container"),
    pytest.param("spec: {initContainers: [{image: nginx}]}", ["nginx"], id="an init container"),
    pytest.param("spec: {ephemeralContainers: [{image: nginx}]}", ["nginx"], id="an ephemeral container"),
    pytest.param("spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: a}]}}}}}", ["a"], id="a cron job"),
    pytest.param("spec: {volumes: [{image: {reference: nginx}}]}", ["nginx"], id="an image volume"),
    pytest.param("spec: {template: {spec: {volumes: [{image: {reference: a}}]}}}", ["a"], id="a volume of a template"),
    pytest.param("spec: {image: nginx}", ["nginx"], id="a custom resource"),
    pytest.param("spec: {imageName: nginx}", [], id="a name that may be one of anything"),
    pytest.param("items: [{apiVersion: v1, kind: Pod, spec: {image: nginx}}]", ["nginx"], id="an item of a list"),
]


@pytest.mark.parametrize(("body", "texts"), TAKEN)
def test_takes_every_image(body: str, texts: list[str]) -> None:
    assert told("pod.yaml", HEAD + body) == [(text, "writable") for text in texts]


UNTOUCHED = [
    pytest.param(f"{HEAD}metadata: {{annotations: {{image: nginx}}}}", id="an annotation"),
    pytest.param(f"{HEAD}metadata: {{labels: {{image: nginx}}}}", id="a label"),
    pytest.param(f"{HEAD}status: {{containerStatuses: [{{image: nginx}}]}}", id="what a cluster recorded"),
    pytest.param(f"{HEAD}items: [{{status: {{image: nginx}}}}]", id="what a cluster recorded of an item of a list"),
    pytest.param(f"{HEAD}spec: {{selector: {{matchLabels: {{image: nginx}}}}}}", id="a selector"),
    pytest.param(f"{HEAD}spec: {{nodeSelector: {{image: nginx}}}}", id="a node selector"),
    pytest.param(f"{HEAD}spec: {{containers: [{{args: ['image: nginx']}}]}}", id="a text that looks like an image"),
    pytest.param(f"{HEAD}spec: {{image: {{reference: nginx}}}}", id="a reference that is no volume's"),
    pytest.param(f"{HEAD}spec: {{image: {{repository: nginx, tag: x}}}}", id="an image in parts"),
    pytest.param("apiVersion: v1\nkind: ConfigMap\ndata: {image: nginx}", id="a config map"),
    pytest.param("apiVersion: v1\nkind: ConfigMap\ndata:\n  pod: |\n    image: nginx", id="a manifest in a config map"),
    pytest.param("apiVersion: v1\nkind: Secret\nstringData: {image: nginx}", id="a secret"),
    pytest.param(f"{HEAD}items: [{{apiVersion: v1, kind: Secret, data: {{image: nginx}}}}]", id="a secret in a list"),
    pytest.param("kind: Pod\nspec: {image: nginx}", id="no apiVersion"),
    pytest.param("apiVersion: v1\nspec: {image: nginx}", id="no kind"),
    pytest.param("apiVersion: {a: b}\nkind: [Pod]\nspec: {image: nginx}", id="a kind that is no text"),
    pytest.param(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
        "spec: {schema: {openAPIV3Schema: {properties: {x: {default: {image: nginx}}}}}}",
        id="the definition of a custom resource",
    ),
    pytest.param(f"{HEAD}spec: {{schema: {{openAPIV3Schema: {{image: nginx}}}}}}", id="a schema elsewhere"),
    pytest.param(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages: [{name: nginx}]\nx: {image: nginx}",
        id="a kustomization",
    ),
    pytest.param(
        "apiVersion: infrastructure.cluster.x-k8s.io/v1beta1\nkind: M\nspec: {image: ubuntu}", id="a machine's disk"
    ),
    pytest.param("apiVersion: kops.k8s.io/v1alpha2\nkind: M\nspec: {image: ubuntu}", id="a machine's disk (kops)"),
    pytest.param(
        "apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageRepository\nspec: {image: ghcr.io/a/b}",
        id="a repository that Flux watches",
    ),
    pytest.param(
        "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nspec: {pattern: {image: '!*:latest'}}", id="a pattern"
    ),
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_leaves_what_is_no_container_image(text: str) -> None:
    assert told("pod.yaml", text) == []


@pytest.mark.parametrize("key", ["tag", "imageTag", "version", "digest"])
def test_a_bare_name_whose_tag_stands_beside_it_is_refused(key: str) -> None:
    """Argo's `withItems: [{image: debian, tag: 9.1}]` becomes `debian:9.1`: a digest would come before the tag."""
    assert told("pod.yaml", f"{HEAD}spec: {{items: [{{image: debian, {key}: '9.1'}}]}}") == [("debian", "fixed")]
    assert told("pod.yaml", f"{HEAD}spec: {{image: 'debian:9', {key}: '9.1'}}") == [("debian:9", "writable")]


@pytest.mark.parametrize("key", ["values", "valuesObject"])
def test_a_helm_value_without_a_tag_is_variable_and_not_latest(key: str) -> None:
    assert told("release.yaml", f"{HEAD}spec: {{{key}: {{a: {{image: nginx}}, b: {{image: 'nginx:1'}}}}}}") == [
        ("nginx", "variable"),
        ("nginx:1", "writable"),
    ]


@pytest.mark.parametrize("kind", ["Application", "ApplicationSet", "HelmRelease"])
def test_the_values_of_releases_are_left_to_those_who_know_charts(kind: str) -> None:
    text = f"apiVersion: v1\nkind: {kind}\nspec: {{values: {{image: 'nginx:1'}}, valuesObject: {{image: 'nginx:1'}}}}"
    assert told("release.yaml", text) == []


def test_a_group_whose_name_only_ends_alike_is_another() -> None:
    assert told("pod.yaml", "apiVersion: notkops.k8s.io/v1\nkind: M\nspec: {image: a}") == [("a", "writable")]


def test_what_ko_builds_is_local() -> None:
    assert told("pod.yaml", f"{HEAD}spec: {{image: 'ko://example.com/cmd'}}") == [("ko://example.com/cmd", "local")]


def test_what_a_build_makes_is_local() -> None:
    text = f"{HEAD}spec: {{build: {{output: {{image: 'example.com/made:1'}}}}, builder: {{image: a}}}}\nimage: b"
    assert told("build.yaml", text) == [("example.com/made:1", "local"), ("a", "writable"), ("b", "writable")]


@pytest.mark.parametrize(
    ("metadata", "label"),
    [
        pytest.param("metadata: {name: web}\n", "Pod/web", id="its name"),
        pytest.param("metadata: {generateName: web-}\n", "Pod/web-", id="the beginning of its name"),
        pytest.param("", "Pod", id="no name"),
    ],
)
def test_a_place_is_named_by_its_object(metadata: str, label: str) -> None:
    found = scanned("pod.yaml", f"{HEAD}{metadata}spec: {{containers: [{{image: nginx}}]}}")
    assert found.findings[0].where == f"{label} spec.containers[0].image"


def test_takes_the_image_of_a_postgres_cluster() -> None:
    text = "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nspec: {imageName: 'ghcr.io/cloudnative-pg/postgresql:16'}"
    assert told("db.yaml", text) == [("ghcr.io/cloudnative-pg/postgresql:16", "writable")]
