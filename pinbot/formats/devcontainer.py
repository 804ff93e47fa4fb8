"""Dev containers: https://containers.dev/implementors/json_reference/, with the features of
https://containers.dev/implementors/features/#referencing-a-feature.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pinbot.formats._base import About, Companions, Format
from pinbot.formats._build import folder, path_within
from pinbot.formats._build_arguments import Argument, Builds, plain
from pinbot.formats._claims import placed
from pinbot.formats._yaml_jsonc import scan_jsonc
from pinbot.formats._yaml_nodes import is_mapping, is_scalar, lookup, pairs, tag_of, text_at
from pinbot.formats._yaml_scalar import Text, filled_in, literal_standing, scalar_finding, text_of
from pinbot.formats._yaml_stream import Document
from pinbot.source.finding import BuildContext, Finding, Fixed, Standing, Writable, Yield
from pinbot.source.text import SourceFile

if TYPE_CHECKING:
    from pinbot.formats._yaml_nodes import Node

NAME = "devcontainer"
# The CLI takes the whole of what stands before the `@` for the name (`getRef` in its containerCollectionsOCI.ts).
_TAG_OR_DIGEST = (
    "the dev container CLI takes a tag or a digest for a feature, not both; "
    "keep a devcontainer-lock.json to have features pinned"
)
_ARCHIVE = (".tgz", ".tar.gz")


def _read(document: Document, companions: Companions) -> Iterator[Yield]:
    root = document.root
    image = lookup(root, "image")
    if is_scalar(image) and _is_string(image):
        text = text_of(document, image)
        yield _finding(document, "image", text, literal_standing(document.file, image, text))
    for key in ("features", "dependsOn"):
        yield from _features(document, key, lookup(root, key))
    yield from _build(document, root, companions)


def _is_string(node: Node) -> bool:
    return is_scalar(node) and bool(node.value.strip()) and tag_of(node).endswith(":str")


def _finding(document: Document, where: str, text: Text, standing: Standing) -> Finding:
    return scalar_finding(document.file, NAME, where, text.span, standing)


def _features(document: Document, where: str, features: Node | None) -> Iterator[Finding]:
    """Yield the keys of a mapping of features that name artifacts of a registry."""
    for key, _ in pairs(features) if is_mapping(features) else ():
        if is_scalar(key) and _is_of_registry(key.value):
            text = text_of(document, key)
            yield _finding(document, where, text, _feature(literal_standing(document.file, key, text)))


def _is_of_registry(name: str) -> bool:
    """Whether a feature is one of a registry.

    `./x` is a folder, `x.tgz` an archive, and a name alone one of the features of old that came with the tool.
    """
    host, _, rest = name.partition("/")
    if not rest or name.startswith(".") or "://" in name or name.endswith(_ARCHIVE):
        return False
    return "." in host or ":" in host or host == "localhost"


def _feature(standing: Standing) -> Standing:
    if not isinstance(standing, Writable) or (standing.reference.digest and not standing.reference.tag):
        return standing
    return Fixed(standing.reference, _TAG_OR_DIGEST)


def _build(document: Document, root: Node, companions: Companions) -> Iterator[Yield]:
    """Yield what the configuration sets for the Dockerfile that it builds; its path is relative to this file."""
    build = lookup(root, "build")
    path = path_within(folder(document.file.path), text_at(build, "dockerfile") or text_at(root, "dockerFile"))
    given = dict(_arguments(document, lookup(build, "args")))
    if path and build and given:
        line = document.file.position(document.span(build).start).line
        yield BuildContext(path, frozenset(), frozenset(given), f"{document.file.path}:{line}")
        dockerfile = companions(path)
        if dockerfile:
            builds = Builds(document.file, NAME)
            builds.add(dockerfile, {name: argument for name, argument in given.items() if argument})
            yield from builds.findings()


def _arguments(document: Document, args: Node | None) -> Iterator[tuple[str, Argument | None]]:
    """Yield the arguments of a build; None for one that another tool fills in."""
    for key, node in pairs(args):
        text = text_of(document, node) if is_scalar(node) and _is_string(node) else None
        if text is None or filled_in(text.value):
            yield str(key.value), None
        else:
            where = f"build.args.{key.value}"
            yield str(key.value), Argument(where, text.span, plain(text.span, text.value), None, text.problem)


def _scan(file: SourceFile, companions: Companions) -> Iterator[Yield]:
    read = _read_scenarios if file.path.endswith("scenarios.json") else _read
    return scan_jsonc(file, lambda document: read(document, companions))


def _read_scenarios(document: Document, _companions: Companions) -> Iterator[Yield]:
    """Yield what tests of features start from: a configuration below each name.

    https://github.com/devcontainers/cli/blob/main/docs/features/test.md
    """
    for name, scenario in pairs(document.root):
        image = lookup(scenario, "image")
        if is_scalar(image) and _is_string(image):
            text = text_of(document, image)
            yield _finding(document, f"{name.value}.image", text, literal_standing(document.file, image, text))
        features = lookup(scenario, "features")
        yield from _features(document, f"{name.value}.features", features)


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Dev containers",
        url="https://containers.dev/implementors/json_reference/",
        files="`devcontainer.json`, `.devcontainer.json`, `devcontainer-feature.json`, and `test/*/scenarios.json`",
        places=(
            "`image`",
            "the names in `features`, and in `dependsOn` of a feature",
            "both in the scenarios that features are tested with",
            "`build.args` that feed a `FROM` of the Dockerfile that `build.dockerfile` names",
        ),
        path=".devcontainer/devcontainer.json",
        example="""\
{
  // Comments stay where they are
  "name": "Python",
  "image": "mcr.microsoft.com/devcontainers/python:3.12",
  "features": {
    "ghcr.io/devcontainers/features/node:1": { "version": "lts" },
  },
}
""",
        limits=(
            "a feature with a tag is refused: the dev container CLI takes a tag or a digest there, not both",
            "`devcontainer-lock.json` is written by the CLI and left alone",
            "features in a folder, behind a URL, or without a registry in their name are none of a registry",
            "`${localEnv:NAME}` and `${templateOption:name}` are filled in by other tools: `variable`",
        ),
    ),
    claims=placed(r"(?:.*/)?(?:\.?devcontainer|devcontainer-feature|test/[^/]+/scenarios)\.json"),
    endings=frozenset({"json"}),
)
