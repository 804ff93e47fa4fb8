"""Quadlet units: which image Podman would run, and what keeps a digest from being written."""

from __future__ import annotations

import pytest

from pinbot.formats import quadlet
from pinbot.formats._claims import Claims
from pinbot.source.finding import BuildContext, Published
from tests.formats._scanning import reasons, scanned, told

FORMATS = (quadlet.FORMAT,)


@pytest.mark.parametrize(
    "path",
    [
        "web.container",
        "a/b@.container",
        "x.VOLUME",
        "i.image",
        "b.build",
        "w.container.d/10.conf",
        "container.d/a.conf",
    ],
)
def test_claims_units_and_their_drop_ins(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["web.service", "nginx.conf", "web.service.d/10.conf", "web.kube", "web.container.md"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


TAKEN = [
    pytest.param("[Container]\nImage=nginx", [("nginx", "writable")], id="a container"),
    pytest.param("[Image]\nImage=quay.io/a/b:1", [("quay.io/a/b:1", "writable")], id="an image to pull"),
    pytest.param("[Volume]\nDriver=image\nImage=a:1", [("a:1", "writable")], id="a volume made of an image"),
    pytest.param("[Container]\n  Image = a:1  \n", [("a:1", "writable")], id="white space around key and value"),
    pytest.param('[Container]\nImage="a:1"\n', [("a:1", "writable")], id="double quotes"),
    pytest.param("[Container]\nImage=\\\n  a:1\n", [("a:1", "writable")], id="a value on the next line"),
    pytest.param(
        "[Container]\nExec=a \\\n# no\n  b\nImage=a:1", [("a:1", "writable")], id="a comment among joined lines"
    ),
    pytest.param("[Container] \nImage=a:1", [("a:1", "writable")], id="white space behind a section"),
    pytest.param(
        "[Container]\nImage=a:1\n[Service]\nX=y\n[Container]\nImage=a:2",
        [("a:1", "ignored"), ("a:2", "writable")],
        id="the last of several counts, sections of one name being one",
    ),
    pytest.param(
        "[Container]\nMount=type=image,source=a:1,destination=/x\nMount=type=bind,source=/a,destination=/b\n",
        [("a:1", "writable")],
        id="a mounted image, and no folder",
    ),
]


@pytest.mark.parametrize(("text", "found"), TAKEN)
def test_finds_what_podman_would_run(text: str, found: list[tuple[str, str]]) -> None:
    assert told("web.container", text, formats=FORMATS) == found


ASIDE = [
    pytest.param("web.image", "local", id="a unit that pulls"),
    pytest.param("web.build", "local", id="a unit that builds"),
    pytest.param("localhost/web:1", "local", id="an image that Podman built"),
    pytest.param("docker-daemon:web:1", "local", id="an image of a daemon"),
    pytest.param("oci-archive:/var/a.tar", "local", id="an archive"),
    pytest.param("a:${TAG}", "variable", id="a variable"),
    pytest.param("a:%i", "variable", id="a specifier"),
    pytest.param("a:{{ tag }}", "variable", id="a template's action"),
    pytest.param("A B", "invalid", id="no image"),
    pytest.param("a:\\\n1", "fixed", id="a reference on two lines"),
]


@pytest.mark.parametrize(("value", "outcome"), ASIDE)
def test_says_what_is_no_image_to_pin(value: str, outcome: str) -> None:
    assert [said for _, said in told("web.container.j2", f"[Container]\nImage={value}\n", formats=FORMATS)] == [outcome]


NOTHING = [
    pytest.param("[Service]\nImage=nginx\n[Container]", id="another section"),
    pytest.param("[Container]\n#Image=nginx\n;Image=nginx", id="comments"),
    pytest.param("[Container]\nimage=nginx\nImage=", id="another key, an empty value"),
    pytest.param("[Container]\nExec=a \\\nImage=b", id="the rest of a joined line"),
    pytest.param("nothing here: [\n[Container", id="no unit at all"),
]


@pytest.mark.parametrize("text", NOTHING)
def test_finds_nothing_where_nothing_is(text: str) -> None:
    assert told("web.container", text, formats=FORMATS) == []


DIGEST = "sha256:" + "0" * 64
UPDATED = [
    pytest.param("AutoUpdate=registry\nImage=q.io/a:1", "fixed", id="a digest would end the updates"),
    pytest.param("Label=io.containers.autoupdate=registry\nImage=q.io/a:1", "fixed", id="asked for by its label"),
    pytest.param(f"AutoUpdate=registry\nImage=q.io/a:1@{DIGEST}", "writable", id="a digest that is there is renewed"),
    pytest.param("AutoUpdate=registry\nAutoUpdate=\nImage=q.io/a:1", "writable", id="taken back"),
]


@pytest.mark.parametrize(("lines", "outcome"), UPDATED)
def test_leaves_images_to_podmans_own_updates(lines: str, outcome: str) -> None:
    assert [said for _, said in told("a.container", f"[Container]\n{lines}", formats=FORMATS)] == [outcome]


def test_a_drop_in_knows_the_unit_it_adds_to() -> None:
    beside = {"u/a.container": "[Container]\nAutoUpdate=registry\nImage=q.io/a:1\n"}
    text = "[Container]\nImage=q.io/a:2\n"
    assert told("u/a.container.d/1.conf", text, beside, FORMATS) == [("q.io/a:2", "fixed")]
    assert told("u/b.container.d/1.conf", text, beside, FORMATS) == [("q.io/a:2", "writable")]


def test_a_transport_takes_one_of_tag_and_digest() -> None:
    assert told("a.image", "[Image]\nImage=docker://a:1", formats=FORMATS) == [("a:1", "fixed")]
    assert told("a.image", f"[Image]\nImage=docker://a@{DIGEST}", formats=FORMATS) == [(f"a@{DIGEST}", "writable")]
    assert "docker://" in reasons("a.image", "[Image]\nImage=docker://a:1", formats=FORMATS)[0]


def test_a_build_publishes_its_name_and_sets_arguments() -> None:
    text = '[Build]\nImageTag=localhost/web\nFile=web/Containerfile\nBuildArg=A=1 "B=2 3"\nBuildArg=C=4\n'
    done = scanned("u/web.build", text, formats=FORMATS)
    assert told("u/web.build", text, formats=FORMATS) == [("localhost/web", "local")]
    assert done.relations == (
        Published("localhost", "web", "u/web.build:2"),
        BuildContext("u/web/Containerfile", frozenset(), frozenset("ABC"), "u/web.build:2"),
    )


@pytest.mark.parametrize("line", ["File=/etc/Containerfile", "File=https://x/y", "SetWorkingDirectory=%h/web"])
def test_a_build_elsewhere_says_nothing_of_this_repository(line: str) -> None:
    assert not scanned("web.build", f"[Build]\n{line}\nBuildArg=A=1\n", formats=FORMATS).relations


def test_without_a_file_either_name_may_be_meant() -> None:
    done = scanned("u/web.build", "[Build]\nSetWorkingDirectory=ctx\nBuildArg=A=1\n", formats=FORMATS)
    assert [one.dockerfile for one in done.relations if isinstance(one, BuildContext)] == [
        "u/ctx/Containerfile",
        "u/ctx/Dockerfile",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[Container]\n" + "Image=\\\n" * 20000,
        "[" * 50000 + "[Container]=",
        "[Container]\nBuildArg='\nMount=type=image,,=,",
    ],
)
def test_survives_whatever_is_written(text: str) -> None:
    scanned("a.container", text, formats=FORMATS)
