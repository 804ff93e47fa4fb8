"""Routes: which places they lead to, and which they do not."""

from __future__ import annotations

import time

import pytest

from pinbot.formats._yaml_nodes import is_mapping, lookup, text_at
from pinbot.formats._yaml_stream import Document, Part, parts
from pinbot.formats._yaml_walk import Map, places
from pinbot.source.text import SourceFile

LIMIT_SECONDS = 2.0
TREE = """\
services:
  web: {image: a, deploy: {image: b}}
  "db": {image: c}
list:
  - {image: d, containers: [{image: e}, {name: x}]}
annotations:
  a.b/c: f
deep: [[{image: g}]]
"""


def _document(text: str) -> Document:
    found = parts(SourceFile("x.yaml", text))
    assert isinstance(found, tuple)
    assert isinstance(found[0], Part)
    return found[0].composed.documents[0]


def _reached(text: str, routes: list[str], closed: list[str] | None = None) -> list[str]:
    return [f"{place.where}={place.node.value}" for _, place in places(_document(text), Map.of(routes, closed or []))]


@pytest.mark.parametrize(
    ("route", "reached"),
    [
        pytest.param("services.web.image", ["services.web.image=a"], id="keys lead to one place"),
        pytest.param("services.*.image", ["services.web.image=a", "services.db.image=c"], id="a star is any key"),
        pytest.param("list[].image", ["list[0].image=d"], id="brackets are any item"),
        pytest.param("list.image", [], id="an item is no key"),
        pytest.param("services[].image", [], id="a key is no item"),
        pytest.param("deep[][].image", ["deep[0][0].image=g"], id="items of items"),
        pytest.param("**.containers[].image", ["list[0].containers[0].image=e"], id="two stars are any depth"),
        pytest.param("**.list[].image", ["list[0].image=d"], id="two stars may be no depth"),
        pytest.param('annotations."a.b/c"', ["annotations.a.b/c=f"], id="a quoted key may hold a dot"),
        pytest.param(
            "**.image",
            [
                "services.web.image=a",
                "services.web.deploy.image=b",
                "services.db.image=c",
                "list[0].image=d",
                "list[0].containers[0].image=e",
                "deep[0][0].image=g",
            ],
            id="every image in the order of the file",
        ),
        pytest.param("image", [], id="a single key stands at the top"),
    ],
)
def test_a_route_leads_to_its_places(route: str, reached: list[str]) -> None:
    assert _reached(TREE, [route]) == reached


def test_what_is_closed_is_not_entered() -> None:
    assert _reached(TREE, ["**.image"], ["services.*.deploy", "list", "deep"]) == [
        "services.web.image=a",
        "services.db.image=c",
    ]


def test_a_route_that_ends_in_an_item_is_not_pruned() -> None:
    assert _reached("images: [a, b]\n", ["images[]"]) == ["images[0]=a", "images[1]=b"]


def test_a_route_may_lead_to_a_mapping() -> None:
    (_, place), *others = places(_document("a: {image: {tag: 1}}\n"), Map.of(["a.image"]))
    assert is_mapping(place.node)
    assert [is_mapping(node) for node in place.above] == [True, True]
    assert not others


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        pytest.param(
            "x: &x {image: a}\nservices: {w: *x}\n", ["services.w.image=a"], id="an alias leads to its anchor"
        ),
        pytest.param(
            "x: &x {image: a}\nservices: {w: {<<: *x}, v: {<<: [*x]}}\n",
            ["services.w.image=a"],
            id="a merged scalar is one place however often it is merged",
        ),
        pytest.param("x: &x {image: a}\nservices: {w: 1}\n", [], id="an anchor that nobody uses is no place"),
        pytest.param("services: {w: {'<<': {image: a}}}\n", [], id="a quoted merge key is a key"),
    ],
)
def test_aliases_and_merge_keys(text: str, reached: list[str]) -> None:
    assert _reached(text, ["services.*.image"]) == reached


@pytest.mark.parametrize("more", [pytest.param(0, id="in a small mapping"), pytest.param(50, id="in a large one")])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("k: own", "own", id="its own"),
        pytest.param("k: first\nk: second", "first", id="the first of two"),
        pytest.param("<<: {k: merged}", "merged", id="a merged one"),
        pytest.param("<<: {k: merged}\nk: own", "own", id="its own before a merged one"),
        pytest.param("<<: [{x: 1}, {k: first}, {k: second}]", "first", id="the first of those merged"),
        pytest.param("<<: {<<: {k: inner}, x: 1}", "inner", id="one that is merged into what is merged"),
        pytest.param("[k]: list\n? {k: 1}\n: mapping", "", id="keys that are no text"),
    ],
)
def test_the_value_of_a_key(text: str, value: str, more: int) -> None:
    filler = "".join(f"other{n}: x\n" for n in range(more))
    assert text_at(_document(f"{filler}{text}\n").root, "k") == value


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("".join(f"k{n}: x\n" for n in range(20_000)), id="its own keys"),
        pytest.param("x: &x {a: 1}\n<<: [" + ", ".join(["*x"] * 20_000) + "]\n", id="what is merged"),
    ],
)
def test_looking_up_every_key_takes_linear_time(text: str) -> None:
    root = _document(text).root
    started = time.process_time()
    for number in range(20_000):
        lookup(root, f"k{number}")
    assert time.process_time() - started < LIMIT_SECONDS
