"""Which variables a file of HCL uses, and on which lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

from pinbot.formats._hcl_tree import Tree

if TYPE_CHECKING:
    from pinbot.formats._hcl_tree import TreeNode

Names = tuple[str, ...]


@lru_cache(maxsize=1)
def used_names(tree: Tree) -> Mapping[Names, Sequence[int]]:
    """Return, for each variable and each first two names of a longer one (`var.tag`), the lines of its uses."""
    uses: dict[Names, list[int]] = defaultdict(list)
    stack = [tree.root]
    while stack:
        node = stack.pop()
        children = node.named_children
        if node.type == "object_elem" and _is_plain_key(children[0]):
            children = children[1:]
        for child, following in zip_longest(children, children[1:]):
            if child.type == "variable_expr":
                name, line = tree.text(child), child.start_point.row + 1
                uses[(name,)].append(line)
                if following is not None and following.type == "get_attr":
                    uses[name, tree.text(following).lstrip(".").strip()].append(line)
        stack += reversed(children)
    return uses


def _is_plain_key(key: TreeNode) -> bool:
    """Whether the key of an object is a word that stands for itself, and no variable in parentheses."""
    return all(child.type == "variable_expr" for child in key.children)
