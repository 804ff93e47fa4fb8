"""Crossplane: packages that may carry a digest, and those that may not."""

from __future__ import annotations

import pytest

from pinbot.formats import crossplane
from tests.formats._scanning import reasons, told

FORMATS = (crossplane.FORMAT,)


def _provider(package: str, api: str = "pkg.crossplane.io/v1", kind: str = "Provider") -> str:
    return f"apiVersion: {api}\nkind: {kind}\nspec:\n  package: {package}\n"


PACKAGES = [
    pytest.param(_provider("xpkg.upbound.io/a/b:v1"), "writable", id="a provider"),
    pytest.param(_provider("xpkg.upbound.io/a/b:v1", kind="Configuration"), "writable", id="a configuration"),
    pytest.param(_provider("x.io/a/b:v1", "pkg.crossplane.io/v1beta1", "Function"), "writable", id="a function"),
    pytest.param(_provider("localhost:5000/a/b:v1"), "writable", id="a registry with a port"),
    pytest.param(_provider("a/b:v1"), "fixed", id="no registry"),
    pytest.param(_provider("xpkg.upbound.io/upbound/provider-family-aws:v1"), "fixed", id="a family"),
    pytest.param(_provider("'{{ .Values.package }}'"), "variable", id="a template"),
]


@pytest.mark.parametrize(("text", "outcome"), PACKAGES)
def test_a_package_is_an_image(text: str, outcome: str) -> None:
    assert [one for _, one in told("p.yaml", text, formats=FORMATS)] == [outcome]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(_provider("a.io/b:v1", "meta.pkg.crossplane.io/v1"), id="the metadata of a package"),
        pytest.param(_provider("a.io/b:v1", "other.io/v1") + "# pkg.crossplane.io", id="another group"),
        pytest.param(_provider("a.io/b:v1", kind="ProviderRevision"), id="what a cluster made of it"),
        pytest.param("apiVersion: pkg.crossplane.io/v1\nkind: Provider\nmetadata: {package: a.io/b}", id="elsewhere"),
    ],
)
def test_leaves_the_rest_alone(text: str) -> None:
    assert told("p.yaml", text, formats=FORMATS) == []


def test_says_that_the_registry_is_unknown() -> None:
    assert "write it out" in reasons("p.yaml", _provider("a/b:v1"), formats=FORMATS)[0]
