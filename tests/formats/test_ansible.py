"""Ansible: which tasks name an image, which variables lead to one, and which tasks make or remove theirs."""

from __future__ import annotations

import time

import pytest

from pinbot.formats import ansible
from pinbot.source.finding import Published
from tests.fakes.memory import run_once
from tests.formats._scanning import scanned, told

FORMATS = (ansible.FORMAT,)
DIGEST = "sha256:" + "0" * 64

TAKEN = [
    pytest.param("- docker_container: {name: a, image: b:1}", ["b:1"], id="a container"),
    pytest.param("- community.docker.docker_container: {image: b:1}", ["b:1"], id="by its full name"),
    pytest.param("- containers.podman.podman_container: {image: q.io/b:1}", ["q.io/b:1"], id="of Podman"),
    pytest.param("- docker_swarm_service: {name: a, image: b:1}", ["b:1"], id="a service"),
    pytest.param("- docker_container:\n  name: a\n  image: b:1", ["b:1"], id="parameters beside the module by mistake"),
    pytest.param("- docker_container:\n  args: {image: b:1}", ["b:1"], id="args"),
    pytest.param("- docker_container: name=a image=b:1 state=started", ["b:1"], id="on one line"),
    pytest.param("- hosts: x\n  tasks:\n  - block:\n    - docker_container: {image: b:1}", ["b:1"], id="in a block"),
    pytest.param("- hosts: x\n  handlers:\n  - docker_container: {image: b:1}", ["b:1"], id="a handler"),
    pytest.param("- docker_image: {name: 'b:1', source: pull}", ["b:1"], id="an image by its name"),
    pytest.param("- docker_image: {name: b, tag: '1'}", ["1"], id="an image with its tag apart"),
    pytest.param("- podman_image: {name: q.io/b}", ["q.io/b"], id="an image without a tag"),
    pytest.param(
        "- docker_compose_v2: {definition: {services: {a: {image: b:1}, c: {image: d:1}}}}",
        ["b:1", "d:1"],
        id="compose",
    ),
    pytest.param("- docker_stack: {compose: [{services: {a: {image: b:1}}}, f.yml]}", ["b:1"], id="a stack"),
    pytest.param(
        "- kubernetes.core.k8s:\n    definition: {kind: Pod, spec: {containers: [{image: b:1}]}}", ["b:1"], id="a pod"
    ),
    pytest.param("- docker_image: {name: '{{ item }}'}\n  loop: [b:1, c:2]", ["b:1", "c:2"], id="the items of a loop"),
    pytest.param(
        "- docker_image: {name: '{{ item.x }}'}\n  with_items: [{x: b:1}, {x: c:2}]",
        ["b:1", "c:2"],
        id="parts of items",
    ),
]


@pytest.mark.parametrize(("text", "texts"), TAKEN)
def test_finds_the_images_of_tasks(text: str, texts: list[str]) -> None:
    assert told("tasks/main.yml", text, formats=FORMATS) == [(one, "writable") for one in texts]


NOTHING = [
    pytest.param("- name: x\n  image: b:1", id="no module at all"),
    pytest.param("- ec2_instance: {image: ami-1, name: docker_container}", id="another module's image"),
    pytest.param("docker_container: {image: b:1}", id="no list of tasks"),
    pytest.param("- vars: {docker_container: {image: b:1}}", id="a variable of that name"),
    pytest.param("- docker_container: {name: a}", id="no image"),
    pytest.param("- docker_image:\n  name: a task", id="the name of the task"),
    pytest.param("- docker_container: [a]", id="parameters that are a list"),
]


@pytest.mark.parametrize("text", NOTHING)
def test_finds_nothing_where_nothing_is(text: str) -> None:
    assert told("tasks/main.yml", text, formats=FORMATS) == []


ASIDE = [
    pytest.param("- docker_container: {image: '{{ i }}'}", "variable", id="a variable from elsewhere"),
    pytest.param("- docker_image: {name: '{{ item }}'}\n  loop: '{{ l }}'", "variable", id="a loop from elsewhere"),
    pytest.param(
        "- docker_image: {name: '{{ item }}'}\n  loop: [a:1]\n  when: '{{ item }}'", "variable", id="an item used twice"
    ),
    pytest.param("- docker_image: {name: '{{ n }}', tag: '1'}", "variable", id="a name from elsewhere"),
    pytest.param("- docker_image: {name: b, tag: '{{ t }}'}", "variable", id="a tag from elsewhere"),
    pytest.param("- docker_image: {name: b, tag: 1.30}", "invalid", id="a tag that loads as 1.3"),
    pytest.param("- docker_image: {name: b, tag: 1.27}", "writable", id="a tag that loads as it is written"),
    pytest.param("- docker_image: {name: b, source: build, build: {path: .}}", "local", id="an image that is built"),
    pytest.param("- podman_image: {name: b, path: /x}", "local", id="an image that Podman builds"),
    pytest.param("- docker_image: {name: b, state: absent}", "ignored", id="an image that is removed"),
    pytest.param("- docker_container: {image: b, state: absent}", "ignored", id="a container that is removed"),
    pytest.param(
        "- docker_compose: {definition: {services: {a: {image: b, build: .}}}}", "local", id="built by compose"
    ),
    pytest.param("- vars: {i: 'b:{{ t }}'}\n  docker_container: {image: '{{ i }}'}", "variable", id="two variables"),
    pytest.param("- vars: {t: 1.30}\n  docker_container: {image: 'b:{{ t }}'}", "invalid", id="a number"),
    pytest.param(
        "- vars: {i: b:1}\n  docker_container: {image: '{{ i }}'}\n  when: i", "fixed", id="a variable with two readers"
    ),
    pytest.param("- vars: {t: '1'}\n  docker_container: {image: 'b:{{ t }}-x'}", "variable", id="in the middle"),
]


@pytest.mark.parametrize(("text", "outcome"), ASIDE)
def test_says_what_keeps_an_image_from_being_pinned(text: str, outcome: str) -> None:
    assert [said for _, said in told("tasks/main.yml", text, formats=FORMATS)] == [outcome]


PINNED = [
    pytest.param("- docker_image: {name: b, tag: '1'}", "- docker_image: {name: b@D, tag: '1'}", id="behind the name"),
    pytest.param(
        "- vars: {tag: '1'}\n  docker_container: {image: 'b:{{ tag }}'}",
        "- vars: {tag: '1@D'}\n  docker_container: {image: 'b:{{ tag }}'}",
        id="into the variable that ends the image",
    ),
    pytest.param(
        "- vars: {web: b}\n  tasks: [{docker_container: {image: '{{ web }}'}}]",
        "- vars: {web: b:latest@D}\n  tasks: [{docker_container: {image: '{{ web }}'}}]",
        id="into a variable of the play",
    ),
    pytest.param(
        "- docker_image: name=a image=b:1", "- docker_image: name=a image=b:1", id="not into another module's"
    ),
    pytest.param("- docker_container: image=b:1 x=y", "- docker_container: image=b:1@D x=y", id="on one line"),
]


@pytest.mark.parametrize(("before", "after"), PINNED)
def test_writes_the_digest_where_it_counts(before: str, after: str) -> None:
    _, files = run_once({"site.yml": before.encode()}, FORMATS)
    written = files["site.yml"].decode()
    at = written.find("sha256:")
    assert (written.replace(written[at : at + 71], "D") if at >= 0 else written) == after


def test_reads_a_digest_behind_the_name_with_the_tag_beside_it() -> None:
    text = f"- docker_image: {{name: 'b@{DIGEST}', tag: '1'}}"
    (finding,) = scanned("site.yml", text, formats=FORMATS).findings
    assert finding.reference is not None
    assert str(finding.reference) == f"b:1@{DIGEST}"


def test_an_image_that_is_built_and_pushed_is_published() -> None:
    text = "- docker_image: {name: q.io/a/b, source: build, push: true}"
    assert scanned("site.yml", text, formats=FORMATS).relations == (Published("q.io", "a/b", "site.yml:1"),)


@pytest.mark.parametrize("value", ["{{ " * 50_000, "{{ item }} " * 30_000, "a" * 100_000 + "{{ b }}"])
def test_survives_hostile_values_in_linear_time(value: str) -> None:
    start = time.process_time()
    scanned("site.yml", f"- docker_container: {{image: '{value}'}}\n  loop: [a]\n  vars: {{b: c}}\n", formats=FORMATS)
    assert time.process_time() - start < 5
