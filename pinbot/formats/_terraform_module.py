"""The variables and locals of a Terraform module, as far as the files with the usual names show them:
https://developer.hashicorp.com/terraform/language/modules/develop/structure
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from pinbot.formats._base import MAX_BYTES, Companions
from pinbot.formats._hcl import top
from pinbot.formats._hcl_tree import Tree, parsed
from pinbot.formats._hcl_uses import used_names
from pinbot.formats._hcl_values import Given, Variables
from pinbot.source.text import SourceFile

Names = tuple[str, ...]
Uses = Callable[[], Mapping[Names, Sequence[int]]]

# A companion is read by its path, so what else a module consists of cannot be listed.
_USUAL = ("main", "variables", "outputs", "locals", "versions", "providers", "data")
_VARIABLES = "variables.tf"
_SET_IN = ("terraform.tfvars", "terraform.auto.tfvars")
_WORD = r"(?<![\w.-]){}(?![\w-])"


def module(tree: Tree, companions: Companions) -> Variables:
    """Return the variables of a file, each with what it comes to by default."""
    return variables(tree.file, dict(declared(tree)), lambda: used_names(tree), companions)


def variables(file: SourceFile, values: Mapping[Names, Given], uses: Uses, companions: Companions) -> Variables:
    """Return the variables of a file that declares `values` itself."""
    return Variables(
        file,
        {**_defaults(file, companions), **values},
        lambda name: f"another value of {name}",
        _why_unknown,
        uses,
        lambda name: _elsewhere(file.path, name, companions),
    )


def _defaults(file: SourceFile, companions: Companions) -> dict[Names, Given]:
    """Return the variables of the file in which a module usually has them."""
    path = f"{file.path[: file.path.rfind('/') + 1]}{_VARIABLES}"
    beside = companions(path) if path != file.path and "var." in file.text else None
    other = parsed(beside) if beside else None
    return dict(declared(other)) if isinstance(other, Tree) else {}


def declared(tree: Tree) -> Iterator[tuple[Names, Given]]:
    """Yield the variables with a default, and the locals, that a file declares, by their full names."""
    for block in top(tree).blocks():
        if block.type == "variable" and block.labels:
            default = block.get("default")
            if default is not None:
                yield ("var", block.labels[0]), Given(tree.file, default, block.get("type"))
        elif block.type == "locals":
            yield from ((("local", name), Given(tree.file, value)) for name, value in block.attributes())


def _why_unknown(names: tuple[str, ...]) -> str:
    name = ".".join(names)
    if names[0] in {"var", "local"}:
        return f"{name} has no value in this file or in {_VARIABLES} beside it"
    if names[0] in {"each", "count", "self", "path", "terraform"}:
        return f"{name} is known only when Terraform runs"
    return f"{name} is an attribute of something else in this configuration"


def _elsewhere(path: str, name: str, companions: Companions) -> str | None:
    """Say where in the other files of the module a variable is used or set; None where nothing is seen."""
    folder = path[: path.rfind("/") + 1]
    for stem in _USUAL:
        other = f"{folder}{stem}.tf"
        if other != path and (line := _line(other, _WORD.format(re.escape(name)), companions)):
            return f"{name} is used in {other}, line {line}, too, and a digest in its value would reach both"
    kind, _, short = name.partition(".")
    for file in _SET_IN if kind == "var" else ():
        if line := _line(folder + file, rf"(?m)^\s*{re.escape(short)}\s*=", companions):
            return f"{name} is set in {folder}{file}, line {line}, so a digest in its default would not be used"
    return None


def _line(path: str, pattern: str, companions: Companions) -> int | None:
    file = companions(path)
    found = re.search(pattern, file.text) if file and len(file.text) <= MAX_BYTES else None
    return file.position(found.end() - 1).line if file and found else None
