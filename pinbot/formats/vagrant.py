"""Vagrant: images of its Docker provider and provisioner
(https://developer.hashicorp.com/vagrant/docs/providers/docker/configuration)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pinbot.formats._base import About, Companions, Format, finding_at
from pinbot.formats._claims import named
from pinbot.formats._code import MAX_BYTES, Quote, Syntax, Token, tokens
from pinbot.formats._joined import Piece, joined
from pinbot.formats._yaml_scalar import filled_in
from pinbot.source.finding import Aside, Finding, Fixed, Standing, Writable, Yield
from pinbot.source.text import SourceFile

NAME = "vagrant"
_RUBY = Syntax(
    comments=r"#[^\n]*|(?m:^=begin\b.*?(?:^=end\b|\Z))",
    quotes=(Quote('"', '"', fills=r"#\{"), Quote("'", "'")),
)
_CALLS = {"provider", "provision"}
# How far `image:` is looked for behind the name that `run` gives; people write a handful of arguments.
_MOST_TOKENS = 60
_ALSO_NAME = "its text is the container's name as well; write `image:` beside the name to have it pinned"


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    program = tokens(file.text, _RUBY)
    docker: set[str] = set()
    pending = False
    for index, token in enumerate(program):
        if token.kind == "name" and token.text in _CALLS and _says(program, index - 1, "."):
            pending = _names_docker(program, index + 1)
        elif token.says("|") and (_says(program, index - 1, "do") or _says(program, index - 1, "{")):
            bound = _bound(program, index + 1)
            docker = docker | bound if pending else docker - bound
            pending = False
        elif token.says(".") and index and program[index - 1].kind == "name" and program[index - 1].text in docker:
            yield from _setting(file, program, index + 1)


def _says(program: list[Token], index: int, sign: str) -> bool:
    return 0 <= index < len(program) and program[index].says(sign)


def _names_docker(program: list[Token], at: int) -> bool:
    """Whether the argument of a call is `"docker"` or `:docker`."""
    return any(token.text == "docker" for token in program[at : at + 3] if not token.says("do"))


def _bound(program: list[Token], at: int) -> set[str]:
    """Return the names between the bars of a block; only the first is the provider."""
    return {program[at].text} if at < len(program) and program[at].kind == "name" else set()


def _setting(file: SourceFile, program: list[Token], at: int) -> Iterator[Finding]:
    """Yield the images of `d.image = …`, `d.pull_images …` and `d.run …`."""
    if at >= len(program):
        return
    match program[at].text:
        case "image" if _says(program, at + 1, "=") and at + 2 < len(program):
            yield _found(file, "image", program[at + 2])
        case "pull_images":
            for token in _arguments(program, at + 1):
                yield _found(file, "pull_images", token)
        case "run":
            yield from _run(file, program, at + 1)
        case _:
            pass


def _arguments(program: list[Token], at: int) -> Iterator[Token]:
    """Yield the strings of a call whose arguments are strings."""
    while at < len(program) and (program[at].kind == "string" or program[at].says("(") or program[at].says(",")):
        if program[at].kind == "string":
            yield program[at]
            if not _says(program, at + 1, ","):
                return
        at += 1


def _run(file: SourceFile, program: list[Token], at: int) -> Iterator[Finding]:
    at += _says(program, at, "(")
    if at >= len(program) or program[at].kind != "string":
        return
    name, line = program[at], file.position(program[at].span.start).line
    at += 1
    stop = min(len(program), at + _MOST_TOKENS)
    while at + 1 < stop and (_says(program, at, ",") or file.position(program[at].span.start).line == line):
        if _says(program, at, "image") and (_says(program, at + 1, ":") or _says(program, at + 1, "=")):
            at += 2 + _says(program, at + 2, ">")
            if at < len(program):
                yield _found(file, "run", program[at])
            return
        line = file.position(program[at + 1].span.start).line if _says(program, at, ",") else line
        at += 1
    found = _found(file, "run", name)
    if isinstance(found.standing, Writable) and not found.standing.reference.digest:
        found = replace(found, standing=Fixed(found.standing.reference, _ALSO_NAME))
    yield found


def _found(file: SourceFile, where: str, token: Token) -> Finding:
    if token.kind != "string" or not token.plain:
        aside = Aside("variable", "Vagrant works it out when it loads this file")
        return finding_at(file, NAME, where, token.span, aside)
    standing: Standing = filled_in(token.text) or joined([Piece("", token.text, token.inner.start)])
    return finding_at(file, NAME, where, token.inner, standing)


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Vagrant",
        url="https://developer.hashicorp.com/vagrant/docs/providers/docker/configuration",
        files="`Vagrantfile`",
        places=(
            "`image` of the Docker provider",
            "`pull_images` and `run … image:` of the Docker provisioner",
        ),
        path="Vagrantfile",
        example="""\
Vagrant.configure("2") do |config|
  config.vm.provider "docker" do |d|
    d.image = "nginx:1.27"
  end
end
""",
        limits=(
            "strings that fill something in, and other expressions, are `variable`",
            "`run` without `image:` is refused: its text is the container's name as well",
        ),
    ),
    claims=named(r"Vagrantfile(?:\.[^/]+)?|.+\.Vagrantfile"),
    needles=(b"docker", (b"image", b".run")),
    max_bytes=MAX_BYTES,
)
