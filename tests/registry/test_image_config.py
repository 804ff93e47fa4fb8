"""How an image is run, out of whatever bytes a registry gives: as Docker would run it, or not at all."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.errors import UnsupportedManifest
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import OCI_MANIFEST, Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import ImageConfig, Runtime
from pinbot.registry.decode import read_manifest
from pinbot.registry.image_config import MOST_CHARACTERS, MOST_ENTRIES, read_config


def _read(value: object) -> ImageConfig:
    return read_config(json.dumps(value).encode(), "it")


def _run(**settings: Any) -> Runtime:
    return _read({"os": "linux", "architecture": "amd64", "config": settings}).runtime


def test_everything_that_an_image_says_is_read() -> None:
    assert _run(
        User="65532:65532",
        Entrypoint=["/app", "serve"],
        Cmd=["--port", "80"],
        Shell=["/bin/bash", "-c"],
        Healthcheck={"Test": ["CMD-SHELL", "curl -f localhost"], "Interval": 30_000_000_000},
        Env=["PATH=/usr/bin", "TOKEN=s3cret=", "EMPTY="],
        ExposedPorts={"8080/tcp": {}, "53/udp": {}},
        Volumes={"/var/lib": {}, "/data": {}},
        WorkingDir="/srv",
        StopSignal="SIGQUIT",
    ) == Runtime(
        user="65532:65532",
        entrypoint=("/app", "serve"),
        command=("--port", "80"),
        shell=("/bin/bash", "-c"),
        healthcheck=("CMD-SHELL", "curl -f localhost"),
        environment=("PATH", "TOKEN", "EMPTY"),
        ports=("53/udp", "8080/tcp"),
        volumes=("/data", "/var/lib"),
        directory="/srv",
        stop_signal="SIGQUIT",
    )


AS_DOCKER_READS: dict[str, tuple[dict[str, Any], Runtime]] = {
    "a text for an entrypoint": ({"Entrypoint": "/app serve"}, Runtime(entrypoint=("/app serve",))),
    "a text for a command and a shell": ({"Cmd": "x", "Shell": "y"}, Runtime(command=("x",), shell=("y",))),
    "nulls": (dict.fromkeys(("User", "Cmd", "Env", "Volumes", "Healthcheck", "Labels", "WorkingDir")), Runtime()),
    "nulls within": (
        {"Cmd": ["a", None], "Env": [None], "Volumes": {"/v": None}, "Healthcheck": {"Test": None}},
        Runtime(command=("a", ""), volumes=("/v",)),
    ),
    "names in another case": ({"user": "root", "EXPOSEDPORTS": {"1": {}}}, Runtime(user="root", ports=("1",))),
    "a name with a long s": ({"u\u017fer": "root"}, Runtime(user="root")),
    "half a surrogate pair": ({"User": "a\ud800b", "Env": ["\udc00=1"]}, Runtime("a\ufffdb", environment=("\ufffd",))),
    "a variable twice": ({"Env": ["A=1", "B=1", "A=2"]}, Runtime(environment=("A", "B"))),
    "a variable without a value": ({"Env": ["A", "", "=C:=x"]}, Runtime(environment=("A", "=C:"))),
    "settings that are unknown": ({"Hostname": 1, "OnBuild": {"a": []}, "\ud800": 1}, Runtime()),
}


@pytest.mark.parametrize(("settings", "expected"), AS_DOCKER_READS.values(), ids=AS_DOCKER_READS)
def test_reads_as_docker_does(settings: dict[str, Any], expected: Runtime) -> None:
    assert _run(**settings) == expected


REFUSED: dict[str, str] = {
    "a user that is a number": '{"config": {"User": 0}}',
    "a user that is a list": '{"config": {"User": ["root"]}}',
    "a text for the environment": '{"config": {"Env": "A=1"}}',
    "a text for a health check": '{"config": {"Healthcheck": {"Test": "curl"}}}',
    "numbers in a command": '{"config": {"Cmd": ["sleep", 1]}}',
    "a list of ports": '{"config": {"ExposedPorts": ["80/tcp"]}}',
    "labels that are numbers": '{"config": {"Labels": {"a": 1}}}',
    "a list of settings": '{"config": []}',
    "a user in two spellings": '{"config": {"User": "nonroot", "user": "root"}}',
    "a user twice": '{"config": {"User": "root", "User": "nonroot"}}',
    "settings twice": '{"config": {"User": "root"}, "config": {}}',
    "settings in two spellings": '{"config": {}, "Config": {"User": "root"}}',
    "a list": "[]",
    "nothing": "",
    "another encoding": '{"os": "linux"}'.encode("utf-16").decode("latin-1"),
    "a depth without end": "[" * 500_000,
    "a number without end": '{"a": ' + "1" * 500_000 + "}",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_docker_would_not_run_or_could_be_read_in_two_ways_is_no_configuration(text: str) -> None:
    with pytest.raises(UnsupportedManifest, match="its configuration is not an image's"):
        read_config(text.encode("latin-1"), "it")


def test_a_label_may_repeat_the_name_of_another_in_another_case() -> None:
    read = _read({"config": {"Labels": {"A": "1", "a": None, "b\ud800": "2"}}, "OS": "linux"})
    assert (read.labels, read.platform) == ({"A": "1", "a": "", "b\ufffd": "2"}, Platform("linux", ""))


def test_a_million_entries_are_cut_and_counted() -> None:
    many = [f"{n}=1" for n in range(1_000_000)]
    begun = time.process_time()
    found = _run(Env=many, User="u" * 1_000_000, Cmd=["\ud83d" * 5_000])
    assert time.process_time() - begun < 5
    assert len(found.environment) == MOST_ENTRIES
    assert found.environment[-1].startswith("… and 999,745 more (sha256 ")
    assert (len(found.user), found.user[:2], "… (sha256 " in found.user) == (MOST_CHARACTERS, "uu", True)
    assert len(found.command[0]) == MOST_CHARACTERS


def test_settings_that_differ_behind_what_is_kept_are_not_the_same() -> None:
    long, many = "u" * 1_000_000, [f"{n}=1" for n in range(1_000)]
    assert _run(Cmd=[f"{long}a"]) == _run(Cmd=[f"{long}a"])
    assert _run(Cmd=[f"{long}a"]) != _run(Cmd=[f"{long}b"])
    assert _run(Env=[*many, "A=1"]) == _run(Env=[*many, "A=2"])
    assert _run(Env=[*many, "A=1"]) != _run(Env=[*many, "B=1"])


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
_names = ["User", "Entrypoint", "Cmd", "Shell", "Healthcheck", "Env", "ExposedPorts", "Volumes", "WorkingDir", "Labels"]


@given(st.dictionaries(st.sampled_from(_names), _json) | _json)
def test_any_settings_are_read_or_refused(settings: object) -> None:
    try:
        found = _read({"config": settings})
    except UnsupportedManifest:
        return
    json.dumps([found.labels, found.runtime.user], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        pytest.param({"a": "b"}, {"a": "b"}, id="texts"),
        pytest.param({"a": 1, "b": None, "c": "d"}, {"c": "d"}, id="what is no text is left out"),
        pytest.param(["a"], {}, id="a list is none"),
        pytest.param(None, {}, id="null is none"),
    ],
)
def test_a_manifest_has_the_annotations_that_are_texts(annotations: object, expected: dict[str, str]) -> None:
    place = {"mediaType": "", "digest": str(Digest.of(b"")), "size": 0}
    body = json.dumps({"schemaVersion": 2, "config": place, "layers": [], "annotations": annotations})
    read = read_manifest(OCI_MANIFEST, body.encode(), "it")
    assert isinstance(read, Manifest)
    assert read.annotations == expected
