"""kind and k3d: the images of the nodes of clusters on one machine."""

from __future__ import annotations

import pytest

from pinbot.formats import k3d, kind, kubernetes
from tests.formats._scanning import told

FORMATS = (k3d.FORMAT, kind.FORMAT, kubernetes.FORMAT)
KIND = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n"
K3D = "kind: Simple\napiVersion: k3d.io/v1alpha5\n"

TAKEN = [
    pytest.param(KIND + "nodes: [{image: a}, {role: worker}]", [("a", "writable")], id="a node of kind"),
    pytest.param(K3D + "image: a:1", [("a:1", "writable")], id="the nodes of k3d"),
    pytest.param(K3D + "registries: {create: {image: a}}", [("a", "writable")], id="a registry of k3d"),
    pytest.param(K3D + "image: stable", [("stable", "variable")], id="a channel"),
    pytest.param(K3D + "image: +v1.31", [("+v1.31", "variable")], id="a channel of a minor version"),
]


@pytest.mark.parametrize(("text", "found"), TAKEN)
def test_takes_node_images(text: str, found: list[tuple[str, str]]) -> None:
    assert told("cluster.yaml", text, formats=FORMATS) == found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(KIND + "containerdConfigPatches: ['image: a']", id="a patch"),
        pytest.param(K3D + "registries: {use: ['image:5000']}", id="a registry that is used"),
        pytest.param("apiVersion: k3d.io/v1alpha5\nregistries: {config: 'image: a'}", id="settings as text"),
    ],
)
def test_leaves_the_rest_alone(text: str) -> None:
    assert told("cluster.yaml", text, formats=FORMATS) == []
