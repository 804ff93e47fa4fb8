"""Reads the source of a package and says where it breaks the house's rules (docs: architecture, "Floors").

Everything is read from the syntax tree: imports inside functions and under TYPE_CHECKING count like any other.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path


def _names(text: str) -> set[str]:
    return set(text.split())


# Imports point down: a room may import rooms of a lower floor, never one beside it.
FLOORS = {
    0: "errors discovery secret",
    1: "oci net git_process diagnosis",
    2: "source registry listing",
    3: "formats files",
    4: "planning",
    5: "proposals",
    6: "ports report config forge store trust workspace",
    7: "rounds",
    8: "run",
    9: "sweep",
    10: "wiring service",
    11: "cli",
    12: "__main__",
}
FLOOR = {room: floor for floor, rooms in FLOORS.items() for room in rooms.split()}

PURE = _names("oci source formats planning proposals report ports rounds run sweep diagnosis")
GROUND = {"net", "git_process", "listing"}
EDGES = _names("registry forge store trust workspace files config")
ABOVE_EDGES = _names("rounds run sweep wiring service cli")
DOORS = EDGES - {"config"}  # the rooms with a concrete Resolver, Forge, Workspace or Store
GUEST_ROOMS = ("formats", "forge", "report", "registry.credentials")

IMPURE_MODULES = _names(
    "asyncio fcntl getpass glob http io logging multiprocessing os pathlib platform random secrets select shutil"
    " signal socket ssl subprocess sys tempfile threading time urllib.request uuid"
)
# No I/O, whatever their modules are called.
IN_MEMORY = {"io.StringIO", "io.BytesIO", "pathlib.PurePosixPath"}
IMPURE_CALLS = _names(
    "open print input breakpoint date.today datetime.now datetime.today datetime.utcnow datetime.date.today"
    " datetime.datetime.now datetime.datetime.today datetime.datetime.utcnow"
)
EXITS_AND_ENVIRONMENT = _names("os.environ os.environb os.getenv os._exit sys.exit SystemExit exit quit")

# A third-party library lives in one place; patterns are module names without the package.
HOMES = {
    "alembic": ("store", "store.*"),
    "anyio": ("net", "net.*"),
    "azure": ("registry.credentials.azure",),
    "botocore": ("registry.credentials.aws",),
    "apscheduler": ("service.schedule",),
    "click": ("cli", "cli.*"),
    "git": ("git_process", "git_process.*"),
    "github": ("forge.github", "forge._github_*"),
    "google": ("registry.credentials.google",),
    "gitlab": ("forge.gitlab", "forge._gitlab_*"),
    "httpcore": ("net", "net.*"),
    "httpx": ("net", "net.*"),
    "msgspec": ("registry", "registry.*", "report", "report.*"),
    "pathspec": ("planning.globs",),
    "rich": ("report", "report.*", "cli", "cli.*"),
    "ruamel": ("config", "config.*"),
    "requests": ("forge._gitlab_session",),
    "sniffio": ("net", "net.*"),
    "sqlalchemy": ("store", "store.*"),
    "re2": ("formats._needles", "formats._pattern", "planning.globs"),
    "tree_sitter": ("formats._hcl*", "formats._toml*"),
    "tree_sitter_hcl": ("formats._hcl*",),
    "tree_sitter_toml": ("formats._toml*",),
    "truststore": ("net", "net.*"),
    "urllib3": ("forge._line",),
    "yaml": ("formats._yaml*",),
}
MAX_LINES = 300


@dataclass(frozen=True)
class Import:
    """One import: the module of ours, or the full name of what is not ours, and the line."""

    target: str
    line: int


@dataclass(frozen=True)
class Module:
    """One source file of the package; `name` is dotted and without the package (`formats.compose`)."""

    name: str
    path: Path
    text: str

    @property
    def room(self) -> str:
        """The first part of the name: the folder or file of the top level."""
        return self.name.split(".")[0]

    @property
    def folder(self) -> str:
        """The dotted name of the folder that the module stands in."""
        return self.name.rpartition(".")[0]

    @property
    def is_guest(self) -> bool:
        """Whether the module is public: no shared ground of its folder and not the folder itself."""
        return self.path.name != "__init__.py" and not self.path.name.startswith("_")

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, str(self.path))

    def at(self, line: int) -> str:
        """Say where, as `module:line`."""
        return f"{self.name}:{line}"


class House:
    """All modules of one package, and what each imports."""

    def __init__(self, root: Path) -> None:
        self.package = root.name
        self.modules = {m.name: m for m in map(self._module, sorted(root.rglob("*.py"))) if m.name}
        self._root = root
        self._known: dict[str, tuple[Import, ...]] = {}

    def _module(self, path: Path) -> Module:
        root = next(p for p in path.parents if p.name == self.package)
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        return Module(name, path, path.read_text("utf-8"))

    def inner(self, module: Module) -> Iterator[Import]:
        """Yield the imports of other modules of this package, named without the package."""
        for found in self._imports(module):
            if found.target.startswith(f"{self.package}."):
                yield Import(found.target.removeprefix(f"{self.package}."), found.line)

    def outer(self, module: Module) -> Iterator[Import]:
        """Yield the imports of everything else."""
        for found in self._imports(module):
            if found.target.split(".")[0] != self.package:
                yield found

    def _imports(self, module: Module) -> tuple[Import, ...]:
        if module.name not in self._known:
            self._known[module.name] = tuple(self._found(module))
        return self._known[module.name]

    def _found(self, module: Module) -> Iterator[Import]:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                yield from (Import(alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._base(module, node)
                for alias in node.names:
                    full = f"{base}.{alias.name}"
                    is_ours = base.split(".")[0] == self.package
                    is_module = full.removeprefix(f"{self.package}.") in self.modules
                    yield Import(full if is_module or base == self.package or not is_ours else base, node.lineno)

    def _base(self, module: Module, node: ast.ImportFrom) -> str:
        if node.level == 0:
            return node.module or ""
        here = [self.package, *module.path.relative_to(self._root).parent.parts]
        return ".".join([*here[: len(here) - node.level + 1], *([node.module] if node.module else [])])


Rule = Callable[[House], Iterator[str]]


def keeps_floors(house: House) -> Iterator[str]:
    """Every room has a floor, and imports point to a lower one."""
    for module in house.modules.values():
        if module.room not in FLOOR:
            yield f"{module.name}: the room {module.room!r} has no floor"
            continue
        for found in house.inner(module):
            room = found.target.split(".")[0]
            is_below = room == module.room or FLOOR.get(room, 99) < FLOOR[module.room]
            if room in FLOOR and not is_below:
                yield f"{module.at(found.line)} (floor {FLOOR[module.room]}) imports {room} (floor {FLOOR[room]})"


def stays_pure(house: House) -> Iterator[str]:
    """Wall 1: the pure rooms hold no I/O, clock, environment or logging, and import no edge."""
    for module in _in_rooms(house, PURE):
        for found in house.outer(module):
            if found.target not in IN_MEMORY and _prefixes(found.target) & IMPURE_MODULES:
                yield f"{module.at(found.line)} imports {found.target}"
        for found in house.inner(module):
            if found.target.split(".")[0] in EDGES | GROUND:
                yield f"{module.at(found.line)} imports the edge {found.target}"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and _dotted(node.func) in IMPURE_CALLS:
                yield f"{module.at(node.lineno)} calls {_dotted(node.func)}()"


def keeps_edges_apart(house: House) -> Iterator[str]:
    """Wall 2: edges do not know one another, nor what stands above them."""
    for module in _in_rooms(house, EDGES):
        for found in house.inner(module):
            room = found.target.split(".")[0]
            if room != module.room and room in EDGES | ABOVE_EDGES:
                yield f"{module.at(found.line)} imports {found.target}"


def keeps_guests_apart(house: House) -> Iterator[str]:
    """Wall 3: a guest never imports a sibling; underscore modules are the shared ground."""
    for module in house.modules.values():
        if module.folder not in GUEST_ROOMS:
            continue
        for found in house.inner(module):
            sibling = house.modules.get(found.target)
            if sibling and sibling.folder == module.folder and sibling.is_guest and sibling is not module:
                yield f"{module.at(found.line)} imports its sibling {found.target}"


def keeps_libraries_at_home(house: House) -> Iterator[str]:
    """Wall 4: a third-party library lives in one place."""
    for module in house.modules.values():
        for found in house.outer(module):
            library = found.target.split(".")[0]
            if library in sys.stdlib_module_names or library == "":
                continue
            if library not in HOMES:
                yield f"{module.at(found.line)} imports {library}, which has no home in HOMES"
            elif not any(fnmatch(module.name, home) for home in HOMES[library]):
                yield f"{module.at(found.line)} imports {library}, which lives in {' and '.join(HOMES[library])}"


def names_doors_only_in_wiring(house: House) -> Iterator[str]:
    """Wall 5, first half: only wiring knows which Resolver, Forge, Workspace or Store there is."""
    for module in house.modules.values():
        for found in house.inner(module):
            room = found.target.split(".")[0]
            if room in DOORS and module.room not in {room, "wiring"}:
                yield f"{module.at(found.line)} imports {found.target}"


def exits_only_in_cli(house: House) -> Iterator[str]:
    """Wall 5, second half: only the command line exits or reads the environment."""
    for module in house.modules.values():
        if module.room in {"cli", "__main__"}:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute | ast.Name) and _dotted(node) in EXITS_AND_ENVIRONMENT:
                yield f"{module.at(node.lineno)} uses {_dotted(node)}"
            elif isinstance(node, ast.ImportFrom):
                names = {f"{node.module}.{alias.name}" for alias in node.names}
                yield from (f"{module.at(node.lineno)} imports {n}" for n in sorted(names & EXITS_AND_ENVIRONMENT))


def stays_small(house: House) -> Iterator[str]:
    """No module is longer than a person reads in one sitting."""
    for module in house.modules.values():
        lines = len(module.text.splitlines())
        if lines > MAX_LINES:
            yield f"{module.name} has {lines} lines"


def introduces_itself(house: House) -> Iterator[str]:
    """Every module opens with a docstring."""
    for module in house.modules.values():
        if not ast.get_docstring(module.tree):
            yield f"{module.name} has no docstring"


def has_no_circles(house: House) -> Iterator[str]:
    """No module imports itself, on whatever way round."""
    graph = {
        m.name: {i.target for i in house.inner(m) if i.target in house.modules and i.target != m.folder}
        for m in house.modules.values()
    }
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> Iterator[str]:
        if name in way:
            yield " → ".join((*way[way.index(name) :], name))
        elif name not in done:
            for target in sorted(graph[name]):
                yield from visit(target, (*way, name))
            done.add(name)

    for name in graph:
        yield from visit(name, ())


def _in_rooms(house: House, rooms: set[str]) -> Iterator[Module]:
    return (m for m in house.modules.values() if m.room in rooms)


def _prefixes(name: str) -> set[str]:
    """Return `a`, `a.b` and `a.b.c` for `a.b.c`."""
    parts = name.split(".")
    return {".".join(parts[: i + 1]) for i in range(len(parts))}


def _dotted(node: ast.expr) -> str:
    """Return `a.b.c` for a chain of names, the empty string for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""
