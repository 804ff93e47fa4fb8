"""Images in the values of a Helm chart (https://helm.sh/docs/chart_best_practices/values/).

Values have no schema that says what is an image; charts follow habits, and these are written down here: mappings with
`repository` and `tag`, pairs such as `fooImage` and `fooTag`, whole references under a key that ends in `image`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pinbot.formats._helm import chart_values_key, own_values, value_key, whole_digest_key, whole_reference_key
from pinbot.formats._helm_names import Named, named_images, normal
from pinbot.formats._yaml_inner import inner_documents
from pinbot.formats._yaml_nodes import (
    gathered,
    is_mapping,
    is_null,
    is_scalar,
    is_sequence,
    lookup,
    narrowing,
    pairs,
    text_at,
)
from pinbot.formats._yaml_scalar import filled_in, literal_standing, loads_as, scalar_finding, text_of
from pinbot.formats._yaml_split import Missing, split_finding
from pinbot.formats._yaml_stream import Document
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Fixed, Writable

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import MappingNode, Node, ScalarNode

Path = tuple[str | int, ...]

_NO_TAG = "no tag is written, so the chart says which one it takes, as a rule its appVersion"
_NO_NAME = "a tag without a name: the chart says of which image"
_JOINED = "it is not known how the chart joins `{}` and `{}` to one name; write the name in one of them"
_NO_DIGEST = (
    "no template is known to read a digest beside this tag; where the chart takes one, write the empty key "
    '`{}: ""`, and it will be filled in'
)
_UNUSED = "`{}` is false, so the chart does not use the digest that stands here; set it to true to have it pinned"
# Keys below which nothing is an image: text for others, names of secrets, schemas.
_CLOSED = re.compile(r".*(annotations|labels|selectors?|selectorterms|imagepullsecrets?|openapiv3schema)")
# Keys of objects that charts take as text too, to render templates in it.
_TEXTS = re.compile(r".*(?:containers?|sidecars?|podtemplates?|manifests?|objects?|extradeploy)")
_FILE = re.compile(
    r".*\.(?:png|jpe?g|gif|svg|ico|webp|bmp|iso|img|qcow2|vmdk|ova|vhdx?|raw|tar|t?gz|xz|zip|html?)", re.IGNORECASE
)
_FOREIGN = re.compile(r"[a-z][a-z0-9+.-]*://|git@|/|\.{1,2}/|~", re.IGNORECASE)


def values_findings(
    document: Document, root: Node, format_name: str, where: str, chart: str | None = None
) -> Iterator[Finding]:
    """Yield the images in a tree of values.

    `where` says where the tree stands in the file (`HelmRelease/web spec.values`; nothing for a file of values),
    `chart` is the folder of the chart whose values they are, None where that is not in the repository: then a digest
    is written only where the values show that the chart takes one.
    """
    reader = _Reader(document, format_name, where, chart, _global_registry(root))
    for path, node in value_nodes(root):
        yield from reader.read(path, node)


def parameter_findings(document: Document, parameters: Node | None, format_name: str, where: str) -> Iterator[Finding]:
    """Yield the images in a list of single values, each with a path for its `name`: `set` in Helmfile, and the like."""
    reader = _Reader(document, format_name, where, None, None)
    groups: dict[Path, list[tuple[str, ScalarNode, ScalarNode]]] = {}
    for item in parameters.value if is_sequence(parameters) else ():
        name, value = lookup(item, "name"), lookup(item, "value")
        if is_scalar(name) and is_scalar(value):
            *path, key = name.value.split(".")
            groups.setdefault(tuple(path), []).append((key, name, value))
    for path, named in groups.items():
        assert parameters is not None
        yield from reader.read(path, gathered(named, parameters))


def _global_registry(root: Node) -> ScalarNode | None:
    """Return the registry that charts put before the name of every image: `global.imageRegistry`."""
    node = lookup(lookup(root, "global"), "imageRegistry")
    return node if is_scalar(node) and not is_null(node) else None


def value_nodes(root: Node) -> Iterator[tuple[Path, Node]]:
    """Yield mappings and sequences in the order of the document, each once, with the keys that lead there."""
    seen: set[int] = set()
    stack: list[tuple[Path, Node]] = [((), root)]
    while stack:
        path, node = stack.pop()
        if is_scalar(node) or id(node) in seen:
            continue
        seen.add(id(node))
        yield path, node
        if is_mapping(node):
            open_ = [(key.value, value) for key, value in pairs(node) if not _CLOSED.fullmatch(normal(key.value))]
            stack += reversed([((*path, key), value) for key, value in open_])
        elif is_sequence(node):
            stack += reversed([((*path, index), item) for index, item in enumerate(node.value)])


def _last_key(path: Path) -> str:
    return next((key for key in reversed(path) if isinstance(key, str)), "")


def dotted(path: Path) -> str:
    """Return a path as Helm writes it: `image.tag`, `sidecars[0].image`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the images of one tree of values."""

    document: Document
    format_name: str
    where: str
    chart: str | None
    registry: ScalarNode | None
    inner: bool = False

    def read(self, path: Path, node: Node) -> Iterator[Finding]:
        """Yield the images that stand directly in a node."""
        listed = any(normal(str(key)).endswith("images") for key in path[-2:])
        if is_sequence(node):
            for index, item in enumerate(node.value):
                if listed and is_scalar(item):
                    yield from self._whole((*path, index), item, "listed")
        elif is_mapping(node):
            yield from self._texts(path, node)
            found = named_images(node, normal(_last_key(path)), listed)
            pick = narrowing(node)
            for one in sorted(found, key=lambda one: one.node.start_mark.index):
                # A mapping may hold thousands of images, each of which has a few of its keys.
                own = node if one.keys is None or one.whole_mapping else pick(one.keys.all)
                yield from self._image(path, own, one)

    def _texts(self, path: Path, mapping: MappingNode) -> Iterator[Finding]:
        """Yield the images in containers that are written as text, because the chart renders templates in it."""
        for key, value in pairs(mapping):
            named = normal(key.value), normal(_last_key(path))
            if self.inner or not (is_scalar(value) and value.style == "|" and any(map(_TEXTS.fullmatch, named))):
                continue
            for inner in inner_documents(self.document, value):
                where = self._at((*path, key.value))
                reader = replace(self, document=inner, where=where, chart=None, inner=True)
                for below, node in value_nodes(inner.root):
                    yield from reader.read(below, node)

    def _image(self, path: Path, mapping: MappingNode, named: Named) -> Iterator[Finding]:
        if named.keys is None:
            yield from self._whole((*path, named.key), named.node, named.certainty)
            return
        if not named.keys.name:
            yield self._aside(self._at(path, named), named.node, _NO_NAME)
            return
        if named.beside:
            yield self._aside(self._at(path, named), named.node, _JOINED.format(named.key, named.beside))
            return
        finding = self._split(path, mapping, named)
        if finding is not None and (named.certainty == "image" or finding.reference is not None):
            yield finding

    def _split(self, path: Path, mapping: MappingNode, named: Named) -> Finding | None:
        keys = named.keys
        assert keys is not None
        written = text_of(self.document, named.node).value
        if _FOREIGN.match(written) or written.endswith(".git") or loads_as(named.node):
            return None
        needed = dotted((*path, keys.digest[0]))
        missing = Missing(
            tag=_NO_TAG,
            digest=_NO_DIGEST.format(keys.digest[0]),
            needs=None if self.chart is None else value_key(needed, self.chart),
        )
        registry = self.registry if path[:1] != ("global",) and named.takes_registry else None
        finding = split_finding(
            self.document, mapping, keys, missing, self.format_name, self._at(path, named), registry=registry
        )
        if finding is None:
            return None
        return _unused(self._settable(finding, (*path, keys.tag[0]), (*path, keys.digest[0])), mapping)

    def _whole(self, path: Path, node: ScalarNode, certainty: str) -> Iterator[Finding]:
        """Yield the reference that stands whole in a scalar, as far as it is one."""
        text = text_of(self.document, node)
        if is_null(node) or _FOREIGN.match(text.value) or _FILE.fullmatch(text.value) or loads_as(node):
            return
        standing = literal_standing(self.document.file, node, text)
        if not filled_in(self.document.file.slice(text.span)):
            reference = Reference.parse_or_none(text.value)
            if not _credible(text.value, reference, certainty):
                return
            if reference is not None and reference.tag is None and reference.digest is None:
                standing = Aside("variable", _NO_TAG, reference)
        elif certainty != "image":
            return
        finding = scalar_finding(self.document.file, self.format_name, self._at(path), text.span, standing)
        settable = self._settable(finding, path)
        charts = () if self.where or self.chart is None else (self.chart,)
        keys = tuple(whole_reference_key(dotted(path), chart) for chart in charts)
        yield replace(settable, settable=(*settable.settable, *keys))

    def _settable(self, finding: Finding, *paths: Path) -> Finding:
        """Say under which names tag and digest may be set: on a command line, for the chart, for this file of values.

        Values within another file have the last word, as a rule.
        """
        if self.where:
            return finding
        charts = () if self.chart is None else (self.chart,)
        said = [dotted(path) for path in paths]
        keys = [value_key(one, scope) for one in said for scope in (None, *charts, self.document.file.path)]
        if self.chart is not None and self.document.file.path == own_values(self.chart):
            name = self.chart.rpartition("/")[2]
            keys += [chart_values_key(one, called) for one in said for called in (None, name)]
        if isinstance(finding.standing, Writable) and not finding.standing.digest.bare:
            keys += [whole_digest_key(one, chart) for one in said[1:] for chart in charts]
        return replace(finding, settable=tuple(keys))

    def _aside(self, where: str, node: ScalarNode, reason: str) -> Finding:
        span = text_of(self.document, node).span
        return scalar_finding(self.document.file, self.format_name, where, span, Aside("variable", reason))

    def _at(self, path: Path, named: Named | None = None) -> str:
        """Return a place in words: of an image in parts its mapping, or its key where others stand beside it."""
        if named is not None and not (named.whole_mapping and path):
            path = (*path, named.key)
        said = dotted(path)
        return f"{self.where}{'' if said.startswith('[') else '.'}{said}" if self.where else said


def _credible(written: str, reference: Reference | None, certainty: str) -> bool:
    """Whether a text is an image, judged by what it says and by how much its key says."""
    if reference is None:
        # A broken reference is worth a word where only an image can stand, prose is not.
        return certainty == "image" and ":" in written and not re.search(r"\s", written)
    if reference.tag or reference.digest:
        return certainty != "begins" or "/" in written
    return certainty == "image" or (certainty == "ends" and "/" in written)


def _unused(finding: Finding, mapping: MappingNode) -> Finding:
    """Refuse a digest that a switch beside it turns off (`useDigest` of Cilium)."""
    reference = finding.reference
    if reference is None or not isinstance(finding.standing, Writable) or text_at(mapping, "useDigest") != "false":
        return finding
    return replace(finding, standing=Fixed(reference, _UNUSED.format("useDigest")))
