"""Routes: which places they lead to, and which they do not."""

from __future__ import annotations

import pytest

from pinbot.formats._yaml_nodes import is_mapping
from pinbot.formats._yaml_stream import Document, Part, parts
from pinbot.formats._yaml_walk import Map, places
from pinbot.source.text import SourceFile

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
