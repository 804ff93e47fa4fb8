"""Bake files: https://docs.docker.com/build/bake/reference/."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pinbot.formats._bake import Bake, Target, given, of_document, of_tree
from pinbot.formats._base import About, Companions, Format
from pinbot.formats._build import built_for, folder, path_within
from pinbot.formats._build_arguments import Argument, Builds
from pinbot.formats._claims import named
from pinbot.formats._dockerfile import scan_dockerfile_text
from pinbot.formats._hcl_kinds import Expression, Object, Template, cut
from pinbot.formats._hcl_tree import parsed
from pinbot.formats._hcl_values import findings, span_of
from pinbot.formats._idle import idle
from pinbot.formats._syntax_trees import MAX_BYTES
from pinbot.formats._yaml import scan_documents
from pinbot.formats._yaml_nodes import lookup
from pinbot.formats._yaml_stream import Document
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, BuildContext, Finding, Idle, Published, Skip, Yield
from pinbot.source.text import SourceFile

NAME = "docker-bake"
_IMAGE = "docker-image://"
_CWD = "cwd://"


def _scan(file: SourceFile, companions: Companions) -> Iterator[Yield]:
    if file.path.lower().endswith(".json"):

        def read(document: Document) -> Iterator[Yield]:
            if lookup(document.root, "target") is not None:
                reader = _Reader(of_document(document), companions)
                yield from reader.yields()
                yield from reader.idle()

        yield from scan_documents(file, read)
        return
    tree = parsed(file)
    if isinstance(tree, Skip):
        yield tree
        return
    reader = _Reader(of_tree(tree), companions)
    yield from reader.yields()
    if tree.skip:
        yield tree.skip
    else:
        yield from reader.idle()


class _Reader:
    """Reads the targets of one file."""

    def __init__(self, bake: Bake, companions: Companions) -> None:
        self._bake, self._companions = bake, companions
        self._builds = Builds(bake.file, NAME)

    def yields(self) -> Iterator[Yield]:
        for target in self._bake.targets.values():
            yield from self._contexts(target)
            yield from self._inline(target)
            if not self._bake.is_base(target.name):
                yield from self._build(target)
        yield from self._builds.findings()

    def idle(self) -> Iterator[Idle]:
        """Yield the digests in defaults of variables that nothing of the file reads."""
        for (name, *_), value in self._bake.variables.values.items():
            written = value.expression
            if isinstance(written, Template):
                reason = f"no target of this file reads the variable {name}"
                found = idle(self._bake.file, name, written.content, reason)
                if found:
                    # Bake reads several files as one: https://docs.docker.com/build/bake/overrides/.
                    yield replace(found, alone_of=NAME)

    def _contexts(self, target: Target) -> Iterator[Finding]:
        """Yield the images that are build contexts; folders, other targets and URLs are none."""
        contexts = target.attributes.get("contexts")
        for name, value in contexts.entries if isinstance(contexts, Object) else ():
            image = cut(value, _IMAGE, self._bake.file)
            if image is not None:
                where = f"target.{target.name}.contexts.{name}"
                yield from findings(image, self._bake.variables, NAME, where)

    def _inline(self, target: Target) -> Iterator[Finding | Skip | Idle]:
        inline = target.attributes.get("dockerfile-inline")
        if not isinstance(inline, Template) or not inline.parts:
            return
        file = self._bake.file
        lines = inline.lines if inline.lines is not None else (inline.content,)
        if inline.lines is None and "\\" in file.slice(inline.content):
            reason = f"line {target.line}: write dockerfile-inline as a here-document to have it read"
            yield Skip(file.path, reason, inline.span)
            return
        build = self._context(target, "")
        for item in scan_dockerfile_text(file, lines, NAME, f"target.{target.name}: "):
            yield _within(item, build) if isinstance(item, Finding) else item

    def _build(self, target: Target) -> Iterator[Yield]:
        """Yield what is built under which name, and what is set for its Dockerfile."""
        place = f"{self._bake.file.path}:{target.line}"
        attributes = self._bake.resolved(target.name)
        for tag in self._bake.strings(target.attributes.get("tags")):
            made = Reference.parse_or_none(tag)
            if made:
                yield Published(made.registry, made.path, place)
        yield from built_for(self._bake.strings(attributes.get("platforms")))
        dockerfile = None if "dockerfile-inline" in attributes else self._dockerfile(attributes)
        if dockerfile:
            context = self._context(target, dockerfile.path)
            yield context
            self._builds.add(dockerfile, dict(self._arguments(target)), context.contexts)

    def _context(self, target: Target, path: str) -> BuildContext:
        attributes = self._bake.resolved(target.name)
        contexts = attributes.get("contexts")
        names = [name for name, _ in contexts.entries] if isinstance(contexts, Object) else []
        arguments = frozenset(self._set(target))
        return BuildContext(path, frozenset(names), arguments, f"{self._bake.file.path}:{target.line}")

    def _set(self, target: Target) -> dict[str, Expression]:
        """Return the arguments of a target that are not left to the Dockerfile."""
        args = self._bake.resolved(target.name).get("args")
        entries = args.entries if isinstance(args, Object) else ()
        return {name: value for name, value in entries if given(value, self._bake)}

    def _arguments(self, target: Target) -> Iterator[tuple[str, Argument]]:
        variables = self._bake.variables
        for name, value in self._set(target).items():
            where = f"target.{target.name}.args.{name}"
            yield name, Argument(where, span_of(value), variables.value(value), variables)

    def _dockerfile(self, attributes: dict[str, Expression]) -> SourceFile | None:
        """Return the Dockerfile of a target, None where it is unknown or lies elsewhere."""
        context = self._bake.text(attributes["context"]) if "context" in attributes else "."
        name = self._bake.text(attributes["dockerfile"]) if "dockerfile" in attributes else "Dockerfile"
        if not context or not name:
            return None
        steps = (name.removeprefix(_CWD),) if name.startswith(_CWD) else (context.removeprefix(_CWD), name)
        # Bake is run in the folder of its file as a rule, and from the top of the repository else.
        paths = (path_within(base, *steps) for base in (folder(self._bake.file.path), ""))
        return next((file for path in paths if path and (file := self._companions(path))), None)


def _within(finding: Finding, build: BuildContext) -> Finding:
    """Apply to a reference of an inline Dockerfile what its build sets, and what bake fills in before."""
    if "${" in finding.text or "%{" in finding.text:
        reason = "bake replaces variables before the Dockerfile is read, so this one cannot be followed"
        return replace(finding, standing=Aside("variable", reason))
    return build.applied(finding)


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Bake files",
        url="https://docs.docker.com/build/bake/reference/",
        files="`docker-bake.hcl`, `docker-bake.json`, `docker-bake.override.hcl`, `web.bake.hcl` and the like",
        places=(
            "`contexts` of a target that are `docker-image://…`",
            "`args` of a target that feed a `FROM` of its Dockerfile",
            "the whole of a `dockerfile-inline`",
            "defaults of `variable` blocks that end one of these references",
        ),
        path="docker-bake.hcl",
        example="""\
variable "ALPINE_VERSION" {
  default = "3.20"
}

target "app" {
  contexts = {
    base = "docker-image://alpine:${ALPINE_VERSION}"
  }
  tags = ["acme/app:latest"]
}
""",
        limits=(
            "`tags` are what is built, so the images that carry them are local",
            "a variable that is used more than once, or does not end the reference, is refused",
            "an argument that feeds two references, or is seen by a stage of the Dockerfile, is refused",
        ),
    ),
    claims=named(r"(?:.*[._-])?bake(?:[._-].*)?\.(?:hcl|json)"),
    endings=frozenset({"hcl", "json"}),
    needles=(b"target",),
    max_bytes=MAX_BYTES,
)
