"""Remarks to pinbot and markers of others, in each position of each format: which references they reach."""

from __future__ import annotations

import pytest

from pinbot.formats import compose, dockerfile, kubernetes
from tests.fakes.memory import run_once

FORMATS = (compose.FORMAT, dockerfile.FORMAT, kubernetes.FORMAT)
POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"
WEB = "services:\n  web:\n"

REACHED = [
    pytest.param("p.yaml", f"{POD}  - image: a # pinbot: ignore\n", id="behind an image"),
    pytest.param("p.yaml", f"{POD}  # pinbot: ignore\n  - image: a\n", id="above an item"),
    pytest.param("p.yaml", f"{POD}  - name: x\n    # pinbot: ignore\n    image: a\n", id="within an item"),
    pytest.param("p.yaml", f"{POD}  - {{name: x, image: a}} # pinbot: ignore\n", id="behind a flow mapping"),
    pytest.param("p.yaml", f"{POD}  - image: >- # pinbot: ignore\n      a\n", id="behind the mark of a folded text"),
    pytest.param("p.yaml", f"{POD}  # pinbot: ignore\n  - image: |\n      a\n", id="above the key of a literal text"),
    pytest.param("p.yaml", f"{POD}  # pinbot: ignore\n  - image:\n      a\n", id="above a key with its value below"),
    pytest.param("p.yaml", f"{POD}  - image: # pinbot: ignore\n\n      a\n", id="behind a key with its value below"),
    pytest.param("p.yaml", f"{POD}  - image:\n      # pinbot: ignore\n      a\n", id="between a key and its value"),
    pytest.param("p.yaml", f'{POD}  - image: a # {{"$imagepolicy": "x:y"}}\n', id="Flux's marker behind an image"),
    pytest.param("p.yaml", f'{POD}  # {{"$imagepolicy": "x:y"}}\n  - image: a\n', id="Flux's marker above an image"),
    pytest.param("p.yaml", f"# pinbot: ignore-file\n{POD}  - image: a\n", id="above a whole file"),
    pytest.param("compose.yaml", f"{WEB}    image: a # pinbot: ignore\n", id="behind a service's image"),
    pytest.param("compose.yaml", f"{WEB}    # pinbot: ignore\n    image: a\n", id="above a service's image"),
    pytest.param(
        "compose.yaml",
        f"{WEB}    build:\n      dockerfile_inline: |\n        # pinbot: ignore\n        FROM a\n",
        id="in an inline Dockerfile",
    ),
    pytest.param("Dockerfile", "# pinbot: ignore\nFROM a\n", id="above a FROM"),
    pytest.param("Dockerfile", "# pinbot: ignore\r\nFROM a\r\n", id="CRLF"),
    pytest.param("Dockerfile", "# pinbot: ignore\nRUN \\\n --mount=from=a,target=/x ls\n", id="above a RUN"),
    pytest.param("Dockerfile", "RUN --mount=from=a,target=/x ls # pinbot: ignore\n", id="behind a RUN"),
    pytest.param("Dockerfile", "# pinbot: ignore\nARG V=1\nFROM a:$V\n", id="above the ARG of the tag"),
]


@pytest.mark.parametrize(("path", "text"), REACHED)
def test_a_remark_keeps_its_reference_from_being_pinned(path: str, text: str) -> None:
    done, files = run_once({path: text.encode()}, FORMATS)
    assert [kept.outcome for kept in done.kept] == ["ignored"]
    assert files == {path: text.encode()}


OUT_OF_REACH = [
    pytest.param("p.yaml", f"{POD}  # pinbot: ignore\n  - name: x\n    image: a\n", id="above a name, two lines away"),
    pytest.param("p.yaml", f"{POD}  - image: b # pinbot: ignore\n  - image: a\n", id="behind the image before"),
    pytest.param("p.yaml", f"{POD}  # pinbot: ignore\n\n  - image: a\n", id="above a blank line"),
    pytest.param(
        "p.yaml", f"{POD}  - image: a # pinbot: ignore until=2026-11-20\n", id="one that ended the day before"
    ),
    pytest.param("Dockerfile", "# pinbot: ignore\nFROM b\nFROM a\n", id="above the FROM before"),
]


@pytest.mark.parametrize(("path", "text"), OUT_OF_REACH)
def test_a_remark_reaches_no_further(path: str, text: str) -> None:
    done, _ = run_once({path: text.encode()}, FORMATS)
    assert [change.old.name for change in done.changes] == ["a"]


@pytest.mark.parametrize("remark", ["ignroe", "ignore util=2027-01-31", "ignore until=31.1.2027"])
def test_a_remark_that_cannot_be_understood_is_refused_with_the_reason(remark: str) -> None:
    done, _ = run_once({"Dockerfile": f"# pinbot: {remark}\nFROM a\n".encode()}, FORMATS)
    assert [kept.outcome for kept in done.kept] == ["refused"]
    assert "correct or remove it" in done.kept[0].reason
