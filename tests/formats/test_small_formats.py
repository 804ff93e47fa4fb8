"""Formats of few places, each with what it finds and what it leaves alone."""

from __future__ import annotations

import pytest

from pinbot.formats import ansible_builder, batect, copilot, cwl, gitpod, kamal, kpt, molecule
from pinbot.formats._base import Format
from pinbot.source.finding import BuildContext, Published
from tests.formats._scanning import scanned, told

CWL = "cwlVersion: v1.2\n"
DEPLOY = "service: shop\nimage: acme/shop\n"

TABLE = [
    pytest.param(
        kpt.FORMAT, "Kptfile", "pipeline: {mutators: [{image: a/b:1}]}", [("a/b:1", "writable")], id="a mutator"
    ),
    pytest.param(
        kpt.FORMAT, "a/Kptfile", "pipeline: {validators: [{image: a/b:1}]}", [("a/b:1", "writable")], id="a validator"
    ),
    pytest.param(
        kpt.FORMAT, "Kptfile", "pipeline: {mutators: [{image: a:1}]}", [("a:1", "variable")], id="a short name"
    ),
    pytest.param(kpt.FORMAT, "Kptfile", "info: {pipeline: {image: a/b:1}}", [], id="no function"),
    pytest.param(gitpod.FORMAT, ".gitpod.yml", "image: a/b:1", [("a/b:1", "writable")], id="a workspace"),
    pytest.param(gitpod.FORMAT, ".gitpod.yml", "image: {file: .gitpod.Dockerfile}", [], id="a workspace's Dockerfile"),
    pytest.param(gitpod.FORMAT, ".gitpod.yml", "tasks: [{image: a}]", [], id="no image of a workspace"),
    pytest.param(batect.FORMAT, "batect.yml", "containers: {a: {image: b:1}}", [("b:1", "writable")], id="a container"),
    pytest.param(
        batect.FORMAT, "x.batect.yml", "containers: {a: {image: $B}}", [("$B", "variable")], id="an expression"
    ),
    pytest.param(batect.FORMAT, "batect.yml", "tasks: {containers: {image: b:1}}", [], id="a task"),
    pytest.param(batect.FORMAT, "docs/batect.md", "containers: {a: {image: b:1}}", [], id="another file"),
    pytest.param(
        cwl.FORMAT,
        "t.cwl",
        f"{CWL}requirements: {{DockerRequirement: {{dockerPull: a:1}}}}",
        [("a:1", "writable")],
        id="a tool",
    ),
    pytest.param(
        cwl.FORMAT,
        "t.cwl",
        f"{CWL}hints: [{{class: DockerRequirement, dockerPull: a:1}}]",
        [("a:1", "writable")],
        id="a hint in a list",
    ),
    pytest.param(
        cwl.FORMAT,
        "t.cwl",
        f"{CWL}steps: {{s: {{run: {{hints: {{DockerRequirement: {{dockerPull: a:1}}}}}}}}}}",
        [("a:1", "writable")],
        id="a tool within a workflow",
    ),
    pytest.param(cwl.FORMAT, "t.cwl", f"{CWL}inputs: {{dockerPull: {{default: a}}}}", [], id="an input of that name"),
    pytest.param(
        kamal.FORMAT,
        "config/deploy.yml",
        f"{DEPLOY}accessories: {{db: {{image: b:1}}}}",
        [("acme/shop", "local"), ("b:1", "writable")],
        id="an accessory, and what is built",
    ),
    pytest.param(
        kamal.FORMAT, "config/deploy.yml", "service: a\nimage: <%= x %>", [("<%= x %>", "variable")], id="a template"
    ),
    pytest.param(kamal.FORMAT, "config/deploy.yml", "image: a", [], id="no service"),
    pytest.param(kamal.FORMAT, "deploy.yml", DEPLOY, [], id="another folder"),
    pytest.param(
        molecule.FORMAT,
        "molecule/default/molecule.yml",
        "driver: {name: docker}\nplatforms: [{image: a:1, pre_build_image: true}, {image: b:1}]",
        [("a:1", "writable"), ("b:1", "fixed")],
        id="platforms, one of which is built",
    ),
    pytest.param(
        molecule.FORMAT,
        "molecule/x/molecule.yml",
        "driver: {name: ec2}\nplatforms: [{image: ami-1}]",
        [],
        id="platforms that are machines",
    ),
    pytest.param(molecule.FORMAT, "molecule.yml", "platforms: [{image: a:1}]", [], id="not a scenario"),
    pytest.param(
        ansible_builder.FORMAT,
        "ee.yml",
        "version: 3\nimages: {base_image: {name: q.io/a:1}}",
        [("q.io/a:1", "writable")],
        id="a base image",
    ),
    pytest.param(
        ansible_builder.FORMAT,
        "ee.yml",
        "version: 1\nbuild_arg_defaults: {EE_BASE_IMAGE: q.io/a:1, X: b}",
        [("q.io/a:1", "writable")],
        id="a default of a build argument",
    ),
    pytest.param(ansible_builder.FORMAT, "ee.yml", "base_image: {name: a}\nversion: 3", [], id="no definition"),
    pytest.param(
        copilot.FORMAT,
        "copilot/web/manifest.yml",
        "image: {location: a:1}\nsidecars: {n: {image: b:1}, m: {image: {build: .}}}\n"
        "environments: {test: {image: {location: '${REPO}:1'}}}",
        [("a:1", "writable"), ("b:1", "writable"), ("${REPO}:1", "variable")],
        id="a service with sidecars",
    ),
    pytest.param(copilot.FORMAT, "web/manifest.yml", "image: {location: a:1}", [], id="a manifest elsewhere"),
]


@pytest.mark.parametrize(("kind", "path", "text", "found"), TABLE)
def test_finds_what_the_format_names(kind: Format, path: str, text: str, found: list[tuple[str, str]]) -> None:
    assert told(path, text, formats=(kind,)) == found


def test_an_accessory_may_have_its_own_registry() -> None:
    text = "accessories: {db: {registry: {server: ghcr.io}, image: 'acme/db:1'}}"
    (finding,) = scanned("config/deploy.yml", text, formats=(kamal.FORMAT,)).findings
    assert finding.reference is not None
    assert finding.reference.canonical == "ghcr.io/acme/db:1"


def test_kamal_publishes_and_builds() -> None:
    text = f"{DEPLOY}registry: {{server: ghcr.io}}\nbuilder: {{args: {{RUBY: 3}}, dockerfile: docker/Dockerfile}}\n"
    assert scanned("app/config/deploy.yml", text, formats=(kamal.FORMAT,)).relations == (
        Published("ghcr.io", "acme/shop", "app/config/deploy.yml:2"),
        BuildContext("app/docker/Dockerfile", frozenset(), frozenset({"RUBY"}), "app/config/deploy.yml:2"),
    )


def test_batect_sets_arguments_of_a_build() -> None:
    text = "containers:\n  a:\n    build_directory: .batect/a\n    build_args: {GO: 1}\n"
    (relation,) = scanned("x/batect.yml", text, formats=(batect.FORMAT,)).relations
    assert relation == BuildContext("x/.batect/a/Dockerfile", frozenset(), frozenset({"GO"}), "x/batect.yml:3")
