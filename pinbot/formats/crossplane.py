"""Crossplane packages: https://docs.crossplane.io/latest/packages/providers/.

A package is fetched as go-containerregistry reads its name: behind a digest the tag counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pinbot.formats._base import About
from pinbot.formats._claims import YAML_AND_JSON
from pinbot.formats._objects import RECORDED, TEXTS, of, title
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.finding import Finding, Fixed, Writable

_KINDS = frozenset({"Provider", "Configuration", "Function", "AddOn", "Controller"})
_GROUPS = frozenset({"pkg.crossplane.io", "pkg.upbound.io"})
_REGISTRY = (
    "a package without a registry comes from the one that Crossplane is installed with (xpkg.crossplane.io, "
    "xpkg.upbound.io, …); write it out to have the package pinned"
)
# Other providers of the family depend on it by version (crossplane/crossplane#7458, open in November 2026).
_FAMILY = (
    "the providers of its family ask for it by version, and Crossplane finds no version in a package with a digest"
)


def _package(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    for finding in literal(place, format_name, label):
        reference = finding.reference
        reason = _refusal(reference) if reference and isinstance(finding.standing, Writable) else None
        yield replace(finding, standing=Fixed(reference, reason)) if reference and reason else finding


def _refusal(reference: Reference) -> str | None:
    """Say why a digest cannot be written, None where it can."""
    host = reference.name.partition("/")[0]
    if "." not in host and ":" not in host and host != "localhost":
        return _REGISTRY
    return _FAMILY if reference.path.rpartition("/")[2].startswith("provider-family-") else None


FORMAT = yaml_format(
    "crossplane",
    about=About(
        title="Crossplane packages",
        url="https://docs.crossplane.io/latest/packages/",
        files="YAML and JSON with objects of `pkg.crossplane.io`",
        places=("`spec.package` of a `Provider`, a `Configuration` or a `Function`",),
        path="platform/providers.yaml",
        example="""\
apiVersion: pkg.crossplane.io/v1
kind: Provider
metadata:
  name: provider-kubernetes
spec:
  package: xpkg.crossplane.io/crossplane-contrib/provider-kubernetes:v0.17.0
""",
        limits=(
            "a package without a registry is refused: which one it comes from is a setting of Crossplane",
            "`provider-family-…` is refused, because other providers ask for it by version",
            "where another package depends on one of these by version, leave it out: Crossplane finds no version there",
            "`dependsOn` in the metadata of a package holds ranges of versions and is not read",
        ),
    ),
    endings=YAML_AND_JSON,
    needles=("package", ("pkg.crossplane.io", "pkg.upbound.io")),
    passed_over=TEXTS,
    document=title,
    routes=(Route("**.spec.package", of(_KINDS, _GROUPS, _package)),),
    closed=RECORDED,
)
