"""Bazel: base images that `oci_pull` (https://github.com/bazel-contrib/rules_oci/blob/main/docs/pull.md), `pull` of
rules_img (https://github.com/bazel-contrib/rules_img/blob/main/docs/pull.md) and `container_pull` of rules_docker name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pinbot.formats._base import About, Companions, Format, finding_at
from pinbot.formats._bazel_calls import Argument, Call, Program
from pinbot.formats._claims import named
from pinbot.formats._code import MAX_BYTES, Token
from pinbot.formats._joined import Piece, joined
from pinbot.formats._yaml_scalar import filled_in
from pinbot.source.finding import Aside, Finding, Fixed, Slot, Standing, Writable, Yield
from pinbot.source.text import SourceFile, Span

NAME = "bazel"
# The rules that pull an image; `pull` is one only where it is loaded from rules_img.
_RULES = frozenset({"oci_pull", "container_pull"})
_EXTENSIONS = ("rules_oci", "rules_img")
_SCHEME = re.compile(r"https?://")
_BLANK = re.compile(r"[ \t]*(?=\r?\n)")
_REST = re.compile(r"[ \t]*(?:#[^\n]*)?(?=\r?\n)")


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    program = Program(file.text)
    names = _names(program)
    for call in program.calls():
        rule = names.get(call.name)
        if rule and "name" in call.arguments:
            yield from _Pull(file, program, call, rule).finding()


def _names(program: Program) -> dict[str, str]:
    """Return the names under which images are pulled in this file, each with the rule that it stands for."""
    names = {rule: rule for rule in _RULES} | {"oci.pull": "oci_pull"}
    for name, call in program.assigned("use_extension"):
        if call.plain and any(one in call.plain[0] for one in _EXTENSIONS):
            names[f"{name}.pull"] = "oci_pull" if "rules_oci" in call.plain[0] else "pull"
    for name, call in program.assigned("use_repo_rule"):
        if len(call.plain) == 2 and _is_rule(*call.plain):
            names[name] = call.plain[1]
    for call in program.calls():
        if call.name == "load" and call.plain:
            names |= _loaded(call)
    return names


def _loaded(call: Call) -> dict[str, str]:
    label, *same = call.plain
    renamed = {key: one.value[0].text for key, one in call.arguments.items()}
    return {name: rule for name, rule in ({one: one for one in same} | renamed).items() if _is_rule(label, rule)}


def _is_rule(label: str, rule: str) -> bool:
    return rule in _RULES or (rule == "pull" and "rules_img" in label)


class _Pull:
    """One call that pulls an image."""

    def __init__(self, file: SourceFile, program: Program, call: Call, rule: str) -> None:
        self._file, self._program, self._call, self._rule = file, program, call, rule

    def finding(self) -> Iterator[Finding]:
        """Yield the finding of the call; it stands at the tag, without one at the digest, else at the name."""
        arguments = self._call.arguments
        image = arguments.get("image") or arguments.get("repository")
        if image is None:
            return
        at = arguments.get("tag") or arguments.get("digest") or image
        text = [token.inner if len(at.value) == 1 else token.span for token in (at.value[0], at.value[-1])]
        name = arguments["name"].value[0].text
        where = f"{self._call.name} {name}"
        yield finding_at(self._file, NAME, where, Span(text[0].start, text[1].stop), self._standing())

    def _standing(self) -> Standing:
        pieces, fixed = list[Piece](), None
        for key, lead, tail in (
            ("registry", "", "/"),
            ("repository", "", ""),
            ("image", "", ""),
            ("tag", ":", ""),
            ("digest", "@", ""),
        ):
            argument = self._call.arguments.get(key)
            if argument is None:
                continue
            token = self._string(argument)
            if isinstance(token, Aside):
                return token
            fixed = fixed or self._shared(argument)
            if token.text:
                pieces.append(_piece(token, lead, tail))
        standing = self._complete(joined(pieces))
        return Fixed(standing.reference, fixed) if isinstance(standing, Writable) and fixed else standing

    def _string(self, argument: Argument) -> Token | Aside:
        """Return the string that an argument is, or that its name stands for."""
        token = argument.value[0]
        if len(argument.value) == 1 and token.kind == "name":
            token = self._program.constant(token.text)[0] or token
        if len(argument.value) > 1 or token.kind != "string" or not token.plain:
            return Aside("variable", f"{argument.key.text} is worked out when Bazel loads this file")
        return filled_in(token.text) or token

    def _shared(self, argument: Argument) -> str | None:
        """Say why what a name stands for must not be changed, None where nobody else reads it."""
        token = argument.value[0]
        if token.kind == "string" or argument.key.text not in {"tag", "digest"}:
            return None
        once = self._program.constant(token.text)[1]
        if once and (token.text.startswith("_") or not self._file.path.lower().endswith(".bzl")):
            return None
        return f"{token.text} may have other readers; write the {argument.key.text} here to have it pinned"

    def _complete(self, standing: Writable | Aside) -> Standing:
        """Give a reference without a digest the place where one is written: an argument of its own."""
        if isinstance(standing, Aside):
            return standing
        if standing.reference.digest:
            return replace(standing, digest=self._removable(standing.digest))
        reference, arguments = standing.reference, self._call.arguments
        if self._rule == "oci_pull":
            if reference.tag is None:
                return Aside("invalid", "rules_oci needs a tag or a digest", reference)
            if "reproducible" in arguments and arguments["reproducible"].value[0].text == "False":
                reason = (
                    "rules_oci takes no digest beside a tag where reproducible = False; remove that to have it pinned"
                )
                return Fixed(reference, reason)
        if reference.tag and "tag" not in arguments and "digest" not in arguments:
            return standing
        digest = self._slot("digest")
        tag = self._slot("tag") if reference.tag is None else standing.tag
        return Writable(reference, digest, tag, standing.name)

    def _removable(self, digest: Slot) -> Slot:
        """Say what goes with a digest that is an argument of its own: its line, or the stretch up to its comma."""
        argument, text = self._call.arguments.get("digest"), self._file.text
        if argument is None or argument.comma is None or argument.value[0].inner != digest.span:
            return digest
        start, stop = argument.key.span.start, argument.comma.span.stop
        end, rest = text.rfind("\n", 0, start), _BLANK.match(text, stop)
        if rest is not None and end >= 0 and not text[end:start].strip():
            return replace(digest, cut=Span(end - (text[end - 1 : end] == "\r"), rest.end()))
        behind = text.startswith(" ", stop)
        return replace(digest, cut=Span(start - (not behind and text[start - 1] == " "), stop + behind))

    def _slot(self, key: str) -> Slot:
        """Return the place for the value of an argument that is missing, or empty."""
        present = self._call.arguments.get(key)
        if present:
            return Slot(Span(present.value[0].inner.start, present.value[0].inner.start))
        name = self._call.arguments["name"]
        text, first = self._file.text, name.key.span.start
        quote = text[name.value[0].span.start] if name.value[0].kind == "string" else '"'
        told = f"{key}{text[name.key.span.stop : name.value[0].span.start]}{quote}"
        before = text[text.rfind("\n", 0, first) + 1 : first]
        own_line = not before.strip()
        if name.comma is None:
            follows = f"{_line_end(text, first)}{before}" if own_line else " "
            return Slot(Span(first, first), lead=told, tail=f"{quote},{follows}")
        comma = name.comma.span.stop
        rest = _REST.match(text, comma)
        if not own_line or rest is None:
            return Slot(Span(comma, comma), lead=f" {told}", tail=f"{quote},")
        lead = f"{_line_end(text, comma)}{before}{told}"
        return Slot(Span(rest.end(), rest.end()), lead=lead, tail=f"{quote},")


def _line_end(text: str, at: int) -> str:
    end = text.find("\n", at)
    return "\r\n" if end > 0 and text[end - 1] == "\r" else "\n"


def _piece(token: Token, lead: str, tail: str) -> Piece:
    """Return the part of a reference that a string holds, without the scheme that rules_oci accepts."""
    scheme = _SCHEME.match(token.text)
    skipped = scheme.end() if scheme else 0
    return Piece(lead, token.text[skipped:], token.inner.start + skipped, tail)


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Bazel",
        url="https://github.com/bazel-contrib/rules_oci/blob/main/docs/pull.md",
        files="`MODULE.bazel`, `*.MODULE.bazel`, `WORKSPACE`, `WORKSPACE.bazel`, `WORKSPACE.bzlmod` and `*.bzl`",
        places=(
            "`oci.pull` and `oci_pull` of rules_oci, under whatever name the extension or the rule is loaded",
            "`pull` of rules_img",
            "`container_pull` of rules_docker",
        ),
        path="MODULE.bazel",
        example="""\
oci = use_extension("@rules_oci//oci:extensions.bzl", "oci")
oci.pull(
    name = "debian",
    image = "index.docker.io/library/debian",
    platforms = ["linux/amd64"],
    tag = "12-slim",
)
""",
        limits=(
            "a missing digest becomes an argument of its own, behind the name",
            "of expressions only the name of a string of the same file is followed; all others are `variable`",
            "rules_oci takes no digest beside a tag where `reproducible = False`: refused",
        ),
    ),
    claims=named(r".*\.bzl|(?:.*\.)?MODULE\.bazel|WORKSPACE(?:\.bazel|\.bzlmod)?"),
    endings=frozenset({"bzl", "bazel", "bzlmod", ""}),
    needles=(b"pull", b"("),
    max_bytes=MAX_BYTES,
)
