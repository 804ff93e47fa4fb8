"""Lines that a remark marks as naming an image, in files of every kind: `# pinbot: image` on the line or above it.

For what no format reads: shell scripts, systemd units, `container().from("…")` in the code of a Dagger module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pinbot.formats._base import MAX_BYTES, About, Companions, Format, finding_at, standing_at
from pinbot.formats._claims import ending
from pinbot.formats._joined import Piece, joined
from pinbot.oci.reference import Reference
from pinbot.source.directive import Marked, marked
from pinbot.source.finding import Finding, Skip, Yield
from pinbot.source.text import SourceFile, Span

# fmt: off
# Files that hold no text; reading a repository's pictures would take longer than all the rest.
_BINARY = frozenset({
    "7z", "a", "avi", "bin", "bmp", "bz2", "class", "dll", "dylib", "eot", "exe", "gif", "gz", "ico", "icns", "jar",
    "jpeg", "jpg", "lockb", "mkv", "mo", "mov", "mp3", "mp4", "o", "obj", "otf", "pack", "pdf", "png", "psd", "pyc",
    "so", "svg", "svgz", "tar", "tgz", "tif", "tiff", "ttf", "wasm", "wav", "webm", "webp", "woff", "woff2", "xz",
    "zip", "zst",
})
# fmt: on
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./:@+-]*")
_VERSION = re.compile(r"(?=[A-Za-z_.-]*\d)[A-Za-z0-9_.-]+(?:@sha\d+:[0-9a-f]+)?")
_DIGEST = re.compile(r"sha(?:256|512):[0-9a-f]+")
# What makes a word a piece of something longer: `nginx:$V` goes on, and `$nginx` is a variable.
_GOES_ON = re.compile(r"[:@/$%{]")
_BEGUN = re.compile(r".?\$|\$\{")
# What makes a word without a tag the name of a value: `nginx: "1.27"`, `"nginx" = …`.
_KEY = re.compile(r"""["']?[ \t]*[:=]""")
_SCHEME = "docker://"
# Text about remarks, most of it: only a comment of its own language is meant.
_PROSE = frozenset({"adoc", "htm", "html", "markdown", "md", "mdx", "rst", "txt", "xml"})


def _claims(path: str) -> bool:
    return ending(path) not in _BINARY


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    prose = ending(file.path) in _PROSE
    for mark in marked(file.text):
        if prose and mark.comment != "<!--":
            continue
        start = file.line_span(mark.line).start
        stretch = Span(start, min(start + mark.stop, file.line_span(mark.line).stop))
        words = list(_words(file, stretch))
        found: Finding | str
        if "pinbot:" in file.slice(stretch):
            # Its words are those of the other remark: `level=minor`, `until=2027-01-31`.
            found = "another remark follows; write both into one, above the line that names the image"
        else:
            found = _named(file, words, mark) if mark.name else _only(file, words)
        where = f"line {mark.line}"
        if isinstance(found, str):
            yield Skip(file.path, f"{where}: {found}", file.line_span(mark.line))
        else:
            yield found


def _words(file: SourceFile, stretch: Span) -> Iterator[Span]:
    """Yield what may be a reference or a part of one."""
    for word in _WORD.finditer(file.text, stretch.start, stretch.stop):
        text = word[0].rstrip(":.,+-/@")
        lead = len(_SCHEME) if text.startswith(_SCHEME) else 0
        end, before = word.start() + len(text), file.text[max(word.start() - 2, 0) : word.start()]
        if len(text) > lead and not _GOES_ON.match(file.text, end) and not _BEGUN.fullmatch(before):
            yield Span(word.start() + lead, word.start() + len(text))


def _only(file: SourceFile, words: list[Span]) -> Finding | str:
    """Return the one word of a line that is an image, or say why there is no such word."""
    parsed = [(word, reference) for word in words if (reference := _named_by(file, word))]
    told = [word for word, reference in parsed if reference.digest or (reference.tag and not _is_port(reference))]
    quoted = [word for word, _ in parsed if _in_quotes(file, word)]
    for some in (told, quoted, [word for word, _ in parsed]):
        if len(some) == 1:
            return finding_at(file, FORMAT.name, "a marked line", some[0], standing_at(file, some[0]))
        if some:
            texts = " and ".join(file.slice(word) for word in some[:2])
            return f"{texts} could be the image; say which one it is with `# pinbot: image=NAME`"
    return "a remark says that this line names an image, and none stands in it"


def _named_by(file: SourceFile, word: Span) -> Reference | None:
    """Return the reference that a word is; one without a tag may be a key, which names a value instead."""
    reference = Reference.parse_or_none(file.slice(word))
    bare = reference is not None and reference.tag is None and reference.digest is None
    return None if bare and _KEY.match(file.text, word.stop) else reference


def _named(file: SourceFile, words: list[Span], mark: Marked) -> Finding | str:
    """Return the finding for an image whose name the remark gives: the line holds it whole, or its tag or digest."""
    name = Reference.parse_or_none(mark.name)
    if name is None:
        return f"{mark.name} is no image name"
    for word in words:
        reference = _named_by(file, word)
        if reference and (reference.registry, reference.path) == (name.registry, name.path):
            return finding_at(file, FORMAT.name, "a marked line", word, standing_at(file, word))
    for word in words:
        if _DIGEST.fullmatch(file.slice(word)):
            return _in_parts(file, word, f"{mark.name}@")
    versions = [w for w in words if file.text[w.stop : w.stop + 1] != "=" and _VERSION.fullmatch(file.slice(w))]
    if len(versions) != 1 or name.tag:
        return f"neither {mark.name} nor a single tag of it stands in this line"
    return _in_parts(file, versions[0], f"{mark.name}:")


def _in_parts(file: SourceFile, word: Span, lead: str) -> Finding:
    standing = joined([Piece(lead, file.slice(word), word.start)])
    return finding_at(file, FORMAT.name, f"a marked line ({lead[:-1]})", word, standing)


def _is_port(reference: Reference) -> bool:
    """Whether a word is rather two numbers, such as the ports of `-p 80:80`."""
    return reference.name.isdecimal() and (reference.tag or "").isdecimal()


def _in_quotes(file: SourceFile, word: Span) -> bool:
    before, behind = file.text[word.start - 1 : word.start], file.text[word.stop : word.stop + 1]
    return before == behind and before in {'"', "'", "`"}


FORMAT = Format(
    "marker",
    _scan,
    About(
        title="Marked lines",
        url="https://pkg.go.dev/github.com/distribution/reference",
        files="every text file",
        places=(
            "the image of a line that ends in the remark `# pinbot: image`, or follows a line with that remark alone",
            "the remark may stand in a comment of any language: `#`, `//`, `<!-- -->`, `/* */`, `;`, `--`",
            "with `# pinbot: image=NAME`: the image of that name, or a line that holds only its tag or its digest",
        ),
        path="ci/build.sh",
        example="""\
#!/bin/sh
docker run --rm golang:1.22 make  # pinbot: image
# pinbot: image=quay.io/prometheus/busybox
BUSYBOX_TAG=glibc-1.0
""",
        limits=(
            "a marked line in which two words could be the image is a named skip: `image=NAME` tells which",
            "in Markdown, HTML and other prose only `<!-- pinbot: image -->` counts",
        ),
    ),
    claims=_claims,
    needles=(b"pinbot:", b"image"),
    max_bytes=MAX_BYTES,
    general=True,
)
