"""The Helm settings of an Argo CD source: https://argo-cd.readthedocs.io/en/stable/user-guide/helm/."""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.errors import InvalidReference
from pinbot.formats._helm import value_key
from pinbot.formats._helm_overrides import overrides
from pinbot.formats._helm_values import values_findings
from pinbot.formats._objects import below, items
from pinbot.formats._yaml_embedded import embedded
from pinbot.formats._yaml_nodes import is_null, is_scalar, lookup, text_at
from pinbot.formats._yaml_scalar import filled_in, literal_standing, scalar_finding, text_of
from pinbot.formats._yaml_walk import Place
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Fixed, Override, Skip, Standing, Yield

_NO_NAME = "a tag without a name: the chart says of which image"
_NO_TAG = "no tag is written, so the chart says which one it takes, as a rule its appVersion"
_NO_DIGEST = "no parameter of this source sets a digest; write the image into valuesObject to have it pinned"


def helm(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    """Yield the images that the `helm` of a source sets, and what it overrides in a chart of the repository."""
    yield from _values(place, format_name, label)
    parameters = {
        text_at(one.node, "name"): value
        for one in items(below(place, "parameters"))
        if (value := below(one, "value")) and is_scalar(value.node) and not is_null(value.node)
    }
    for name, value in parameters.items():
        yield from _parameter(parameters, name, format_name, label)
        if lookup(place.above[-1], "path") is not None:
            line = place.document.file.position(place.document.span(value.node).start).line
            yield Override(value_key(name), f"{place.document.file.path}:{line}")


def _values(place: Place, format_name: str, label: str) -> Iterator[Yield]:
    found, own = below(place, "valuesObject"), lookup(place.above[-1], "path") is not None
    if found is not None:
        yield from values_findings(place.document, found.node, format_name, f"{label} {found.where}".lstrip())
        yield from overrides(place.document, found.node) if own else ()
    text = below(place, "values")
    if text is None or not is_scalar(text.node):
        return
    for item in embedded(place.document, text.node):
        if not isinstance(item, Skip):
            yield from values_findings(item, item.root, format_name, f"{label} {text.where}:".lstrip())
            yield from overrides(item, item.root) if own else ()
        elif "image" in text.node.value:
            yield item


def _parameter(parameters: dict[str, Place], name: str, format_name: str, label: str) -> Iterator[Finding]:
    """Yield the image that a parameter names, whole or by its tag."""
    place = parameters[name]
    prefix, _, last = name.rpartition(".")
    if last == "tag" and (prefix == "image" or prefix.lower().endswith("image")):
        yield _tag(place, parameters.get(f"{prefix}.repository"), format_name, label)
    elif last.lower().endswith("image"):
        yield from _whole(place, format_name, label)


def _tag(place: Place, repository: Place | None, format_name: str, label: str) -> Finding:
    assert is_scalar(place.node)
    text = text_of(place.document, place.node)
    standing = _tagged(text.value, repository)
    return scalar_finding(place.document.file, format_name, f"{label} {place.where}".lstrip(), text.span, standing)


def _tagged(tag: str, repository: Place | None) -> Standing:
    if aside := filled_in(tag):
        return aside
    if repository is None or not is_scalar(repository.node):
        return Aside("variable", _NO_NAME)
    if aside := filled_in(repository.node.value):
        return aside
    try:
        return Fixed(Reference.parse(f"{repository.node.value}:{tag}"), _NO_DIGEST)
    except InvalidReference as error:
        return Aside("invalid", str(error))


def _whole(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    """Yield the reference that a parameter holds as a whole, as far as its text is one."""
    node, file = place.node, place.document.file
    assert is_scalar(node)
    text = text_of(place.document, node)
    reference = Reference.parse_or_none(text.value)
    if reference is None and not filled_in(text.value):
        return
    standing = literal_standing(file, node, text)
    if reference and not reference.tag and not reference.digest:
        standing = Aside("variable", _NO_TAG, reference)
    yield scalar_finding(file, format_name, f"{label} {place.where}".lstrip(), text.span, standing)
