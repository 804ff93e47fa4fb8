"""Lines that a remark marks as naming an image, in files that no format reads."""

from __future__ import annotations

import pytest

from pinbot.formats import marker
from pinbot.formats._claims import Claims
from tests.fakes.memory import PIN, digest_of, run_once

FORMATS = (marker.FORMAT,)
PINNED = f"@{digest_of('docker.io', 'library/golang', '1.22')}"
HEX = "0" * 64

WRITTEN = [
    pytest.param("docker run golang:1.22 # pinbot: image", "golang:1.22", id="on the line"),
    pytest.param("# pinbot: image\nIMAGE=golang:1.22", "golang:1.22", id="above the line"),
    pytest.param('c := dag.Container().From("golang:1.22") // pinbot: image', "golang:1.22", id="Go, in quotes"),
    pytest.param("<!-- pinbot: image -->\n<image>golang:1.22</image>", "golang:1.22", id="XML"),
    pytest.param("/* pinbot: image */\nconst image = `golang:1.22`;", "golang:1.22", id="a C comment"),
    pytest.param("; pinbot: image\nExecStart=/usr/bin/podman run golang:1.22", "golang:1.22", id="an INI comment"),
    pytest.param("-- pinbot: image\nimage = 'golang:1.22'", "golang:1.22", id="a Lua comment"),
    pytest.param("docker run -p 80:80 golang:1.22 # pinbot: image", "golang:1.22", id="a port is no image"),
    pytest.param("uses: docker://golang:1.22  # pinbot: image", "golang:1.22", id="a scheme in front"),
    pytest.param("run(golang:1.22, a:b) # pinbot: image=golang", "golang:1.22", id="the name tells which"),
    pytest.param("GO=1.22 # pinbot: image=golang", "1.22", id="a tag alone, with the name in the remark"),
    pytest.param("# pinbot: image=docker.io/library/golang\nGO2_TAG='1.22'", "1.22", id="a tag in quotes"),
    pytest.param("x golang:1.22 \t# pinbot: image\r\ny", "golang:1.22", id="a Windows line end"),
    pytest.param('# pinbot: image=golang\ngolang: "1.22"', "1.22", id="a key of that name"),
    pytest.param("# pinbot: image=golang\n'golang' = 'golang:1.22'", "golang:1.22", id="a key in quotes"),
    pytest.param("run $golang golang:1.22 # pinbot: image=golang", "golang:1.22", id="a variable of that name"),
    pytest.param("\ufeff# pinbot: image\nx golang:1.22", "golang:1.22", id="a byte order mark"),
]


@pytest.mark.parametrize(("text", "before"), WRITTEN)
def test_the_image_of_a_marked_line_is_pinned(text: str, before: str) -> None:
    done, after = run_once({"a/run": text.encode()}, FORMATS, PIN)
    assert after["a/run"].decode() == text.replace(before, f"{before}{PINNED}", 1)
    assert not done.survey.skips

    again, unchanged = run_once(after, FORMATS, PIN)
    assert (again.changes, unchanged) == ((), after)


def test_a_digest_alone_is_renewed_under_the_name_of_the_remark() -> None:
    done, _ = run_once({"a": f"GO_DIGEST=sha256:{HEX} # pinbot: image=golang:1.22".encode()}, FORMATS, PIN)
    assert [str(f.reference) for f in done.survey.findings] == [f"golang:1.22@sha256:{HEX}"]


SKIPPED = [
    pytest.param("copy a:1 b:2 # pinbot: image", "a:1 and b:2 could be the image", id="two words"),
    pytest.param("# pinbot: image\n!!!", "none stands in it", id="no word"),
    pytest.param("x: 1 2 # pinbot: image=golang", "neither golang nor a single tag", id="two tags"),
    pytest.param("x=golang:${V} # pinbot: image=golang", "neither golang nor a single tag", id="its tag is a variable"),
    pytest.param(
        'x = "golang@" + d # pinbot: image=golang', "neither golang nor a single tag", id="it is put together"
    ),
    pytest.param("GO=1.22${X} # pinbot: image=golang", "neither golang nor a single tag", id="a part of a tag"),
    pytest.param(
        "# pinbot: image\n# pinbot: level=minor\nx golang:1.22", "another remark follows", id="a remark above a remark"
    ),
    pytest.param("x # pinbot: image=Not/An:Image!", "is no image name", id="a name that is none"),
]


@pytest.mark.parametrize(("text", "why"), SKIPPED)
def test_what_cannot_be_told_is_a_named_skip(text: str, why: str) -> None:
    done, after = run_once({"run": text.encode()}, FORMATS, PIN)
    assert after == {"run": text.encode()}
    assert not done.survey.findings
    (skip,) = done.survey.skips
    assert why in skip.reason


LEFT_ALONE = [
    pytest.param("run", "docker run golang:1.22", id="no remark"),
    pytest.param("run", "x golang:1.22 # pinbot: ignore image", id="a remark that forbids it"),
    pytest.param("README.md", "`docker run golang:1.22 # pinbot: image`", id="text about remarks"),
    pytest.param("a.png", "x golang:1.22 # pinbot: image", id="a picture"),
    pytest.param("run", "# pinbot: image", id="a remark in the last line"),
]


@pytest.mark.parametrize(("path", "text"), LEFT_ALONE)
def test_what_no_remark_marks_is_left_alone(path: str, text: str) -> None:
    done, _ = run_once({path: text.encode()}, FORMATS, PIN)
    assert not done.survey.findings
    assert not done.survey.skips


def test_bytes_that_are_no_text_are_passed_over_without_a_word() -> None:
    done, _ = run_once({"data": b"\0# pinbot: image\nx golang:1.22"}, FORMATS, PIN)
    assert not done.survey.skips


def test_a_file_of_any_name_may_hold_a_marked_line() -> None:
    assert Claims(FORMATS).of("some/where/unit.service") == FORMATS
