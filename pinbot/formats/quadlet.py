"""Quadlet: units of Podman for systemd (https://docs.podman.io/en/latest/markdown/podman-systemd.unit.5.html)."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator

from pinbot.formats._base import About, Companions, Format, finding_at, standing_at
from pinbot.formats._claims import placed
from pinbot.formats._ini import Entry, entries, unquoted
from pinbot.formats._yaml_scalar import filled_in
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, BuildContext, Finding, Fixed, Published, Standing, Writable, Yield
from pinbot.source.text import SourceFile, Span

NAME = "quadlet"
# `Image=` in these sections is read by Podman; in `[Container]` and `[Volume]` it may name another unit.
_IMAGES = ("Container", "Volume", "Image")
_UNITS = (".image", ".build")
# A systemd specifier (`%i`), or a variable that systemd fills in when the service starts.
_FILLED = re.compile(r"%[A-Za-z]|\$")
_REGISTRY = "docker://"
# What containers-transports(5) reads from this machine.
_LOCAL = ("docker-daemon:", "docker-archive:", "oci-archive:", "oci:", "dir:", "containers-storage:", "localhost/", "/")
_LABEL = "io.containers.autoupdate="


def _scan(file: SourceFile, companions: Companions) -> Iterator[Yield]:
    found = [unquoted(entry) for entry in entries(file.text)]
    updated = _auto_update([*_of_unit(file.path, companions), *found])
    last = {entry.section: entry for entry in found if entry.key == "Image"}
    for entry in found:
        if entry.section in _IMAGES and entry.key == "Image" and entry.value:
            used = last[entry.section] is entry
            yield _image(file, entry, updated if used else None, used)
        elif entry.section == "Container" and entry.key == "Mount":
            yield from _mount(file, entry)
        elif entry.section == "Build" and entry.key == "ImageTag" and entry.value:
            yield from _built(file, entry)
    yield from _builds(file, found)


def _of_unit(path: str, companions: Companions) -> Iterable[Entry]:
    """Return the entries of the unit that a drop-in adds to."""
    folder = posixpath.dirname(path)
    unit = companions(folder.removesuffix(".d")) if folder.endswith(".d") else None
    return [unquoted(entry) for entry in entries(unit.text)] if unit else ()


def _auto_update(found: Iterable[Entry]) -> str | None:
    """Return how podman-auto-update(1) keeps this container up to date, None where it does not."""
    said = ""
    for entry in found:
        if entry.section == "Container" and entry.key == "AutoUpdate":
            said = f"AutoUpdate={entry.value}" if entry.value else ""
        elif entry.section == "Container" and entry.key == "Label" and entry.value.startswith(_LABEL):
            said = f"Label={entry.value}"
    return said or None


def _image(file: SourceFile, entry: Entry, updated: str | None, used: bool) -> Finding:
    span = entry.span or Span(entry.start, entry.start + len(entry.key))
    where = f"[{entry.section}] {entry.key}"
    if not used:
        reason = f"a later Image= of [{entry.section}] takes its place"
        return finding_at(file, NAME, where, span, Aside("ignored", reason, Reference.parse_or_none(entry.value)))
    if entry.span is None:
        return finding_at(file, NAME, where, span, _scattered(entry.value))
    standing = _standing(file, entry.value, entry.span)
    if entry.value.startswith(_REGISTRY):
        span = Span(span.start + len(_REGISTRY), span.stop)
    return finding_at(file, NAME, where, span, _kept_up_to_date(standing, updated))


def _standing(file: SourceFile, value: str, span: Span) -> Standing:
    """Return the standing of an image as Podman would be given it."""
    if value.endswith(_UNITS):
        return Aside("local", f"the unit {value}, which says where the image comes from")
    aside = filled_in(value)
    if aside or _FILLED.search(value):
        return aside or Aside("variable", f"systemd fills in {value} when the service starts")
    if local := next((lead for lead in _LOCAL if value.startswith(lead)), None):
        reference = Reference.parse_or_none(value.removeprefix(local) if local == "docker-daemon:" else value)
        return Aside("local", f"{local} is on this machine, not in a registry", reference)
    if value.startswith(_REGISTRY):
        return _behind_transport(standing_at(file, Span(span.start + len(_REGISTRY), span.stop)))
    return standing_at(file, span)


def _behind_transport(standing: Standing) -> Standing:
    """Podman refuses a tag and a digest together where the transport is written."""
    if isinstance(standing, Writable) and (standing.reference.tag or not standing.reference.digest):
        reason = "behind docker:// Podman takes no tag beside a digest; remove docker:// to have it pinned"
        return Fixed(standing.reference, reason)
    return standing


def _kept_up_to_date(standing: Standing, updated: str | None) -> Standing:
    """A digest never changes, and podman-auto-update(1) even fails for all units where one stands beside a tag."""
    if updated and isinstance(standing, Writable) and not standing.reference.digest:
        reason = (
            f"podman-auto-update, which {updated} asks for, fails on a tag with a digest; remove that to pin the image"
        )
        return Fixed(standing.reference, reason)
    return standing


def _scattered(value: str) -> Standing:
    reference = Reference.parse_or_none(value)
    if reference is None:
        return Aside("invalid", f"{value[:80]!r} is not an image")
    return Fixed(reference, "its text goes over several lines; write it on one to have it pinned")


def _mount(file: SourceFile, entry: Entry) -> Iterator[Finding]:
    """Yield the image that is mounted: `type=image,source=…,destination=…`."""
    if entry.span is None or '"' in entry.value:
        return
    at, fields = entry.span.start, dict[str, Span]()
    for field in entry.value.split(","):
        key, _, value = field.partition("=")
        fields[key.strip()] = Span(at + len(field) - len(value), at + len(field))
        at += len(field) + 1
    source = fields.get("source") or fields.get("src")
    if source and "type" in fields and file.slice(fields["type"]) == "image":
        yield finding_at(file, NAME, "[Container] Mount", source, _standing(file, file.slice(source), source))


def _built(file: SourceFile, entry: Entry) -> Iterator[Yield]:
    reference = Reference.parse_or_none(entry.value)
    span = entry.span or Span(entry.start, entry.start + len(entry.key))
    yield finding_at(
        file, NAME, "[Build] ImageTag", span, Aside("local", "the name of what this unit builds", reference)
    )
    if reference:
        place = f"{file.path}:{file.position(entry.start).line}"
        yield Published(reference.registry, reference.path, place)


def _builds(file: SourceFile, found: Iterable[Entry]) -> Iterator[BuildContext]:
    """Yield what the unit sets for the build of each Dockerfile that it may mean."""
    build = [entry for entry in found if entry.section == "Build"]
    arguments = frozenset(
        word.partition("=")[0] for entry in build if entry.key == "BuildArg" for word in _words(entry.value)
    )
    last = {entry.key: entry.value for entry in build}
    if not arguments or any(_elsewhere(last.get(key, "")) for key in ("File", "SetWorkingDirectory")):
        return
    context = last.get("SetWorkingDirectory", "")
    names = [last["File"]] if last.get("File") else ["Containerfile", "Dockerfile"]
    folder = "" if last.get("File") or context in {"unit", "file"} else context
    for name in names:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), folder, name))
        yield BuildContext(path, frozenset(), arguments, f"{file.path}:{file.position(build[0].start).line}")


def _elsewhere(path: str) -> bool:
    """Whether a path leads out of the repository, or is not known."""
    return path.startswith(("/", "~")) or "://" in path or "%" in path or "$" in path


def _words(value: str) -> list[str]:
    try:
        return shlex.split(value)
    except ValueError:
        return value.split()


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Quadlet units of Podman",
        url="https://docs.podman.io/en/latest/markdown/podman-systemd.unit.5.html",
        files="`*.container`, `*.volume`, `*.image`, `*.build`, and drop-ins such as `web.container.d/*.conf`",
        places=(
            "`Image=` in `[Container]`, `[Volume]` and `[Image]`",
            "`Mount=type=image,source=…` in `[Container]`",
        ),
        path="web.container",
        example="""\
[Unit]
Description=Web server

[Container]
Image=docker.io/library/nginx:1.27
PublishPort=8080:80

[Install]
WantedBy=default.target
""",
        limits=(
            "names of other units (`web.image`, `web.build`), `localhost/…` and what a `.build` unit makes are `local`",
            "with `AutoUpdate=` an image without a digest is refused: podman-auto-update fails on tag and digest",
            "behind `docker://` Podman takes no tag beside a digest: refused",
            "systemd's specifiers and variables are not filled in: `variable`",
            "the manifest that a `.kube` unit names is read as a Kubernetes manifest",
        ),
    ),
    claims=placed(
        r".*\.(?:container|image|volume|build)|(?:.*/)?(?:[^/]*\.)?(?:container|image|volume|build)\.d/[^/]+\.conf"
    ),
    endings=frozenset({"container", "image", "volume", "build", "conf"}),
    needles=((b"[Container]", b"[Volume]", b"[Image]", b"[Build]"), b"="),
)
