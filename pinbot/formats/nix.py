"""Nix: containers of NixOS, home-manager, quadlet-nix and Arion, and `dockerTools.pullImage`
(https://nixos.org/manual/nixpkgs/stable/#ssec-pkgs-dockerTools-pullImage).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pinbot.formats._base import About, Companions, Format, finding_at
from pinbot.formats._claims import named
from pinbot.formats._code import MAX_BYTES
from pinbot.formats._joined import Piece, joined
from pinbot.formats._nix_sets import Binding, Set, sets
from pinbot.formats._yaml_scalar import filled_in
from pinbot.source.finding import Aside, Finding, Fixed, Standing, Writable, Yield
from pinbot.source.text import SourceFile, Span

NAME = "nix"
# The ends of the paths under which an image stands; `*` is any name.
_PLACES = (
    ("oci-containers", "containers", "*", "image"),  # NixOS
    ("podman", "containers", "*", "image"),  # home-manager
    ("quadlet", "containers", "*", "containerConfig", "image"),  # quadlet-nix
    ("services", "*", "service", "image"),  # Arion
)
_LOADED = ("imageFile", "imageStream")
_AUTO_UPDATE = ("labels", "io.containers.autoupdate")
_HASHED = (
    "the hash beside it is that of the image's contents, which cannot be known without fetching it;"
    " run nix-prefetch-docker to have both"
)
_EVALUATED = "Nix works it out when it evaluates this file"


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    found = sets(file.text)
    known: dict[tuple[str, ...], Binding] = {}
    for one in found:
        for binding in one.bindings.values():
            known.setdefault(binding.path, binding)
    for one in found:
        if ("imageName",) in one.bindings and ("imageDigest",) in one.bindings:
            yield _pulled(file, one)
        for binding in one.bindings.values():
            if binding.value and any(_ends(binding.path, place) for place in _PLACES):
                yield _container(file, binding, known)


def _ends(path: tuple[str, ...], place: tuple[str, ...]) -> bool:
    end = path[-len(place) :]
    return len(end) == len(place) and all(wanted in {"*", name} for wanted, name in zip(place, end, strict=True))


def _container(file: SourceFile, binding: Binding, known: Mapping[tuple[str, ...], Binding]) -> Finding:
    token, where = binding.string, ".".join(binding.path)
    if token is None:
        span = binding.value[0].span
        return finding_at(file, NAME, where, span, Aside("variable", _EVALUATED))
    standing: Standing = filled_in(token.text) or joined([Piece("", token.text, token.inner.start)])
    around = binding.path[:-1]
    loaded = next((name for name in _LOADED if (*around, name) in known), None)
    if loaded:
        standing = Aside("local", f"the name of what {loaded} beside it holds", standing.reference)
    elif isinstance(standing, Writable) and not standing.reference.digest and (*around, *_AUTO_UPDATE) in known:
        reason = (
            "podman-auto-update, which its label asks for, fails on a tag with a digest; remove it to pin the image"
        )
        standing = Fixed(standing.reference, reason)
    return finding_at(file, NAME, where, token.inner, standing)


def _pulled(file: SourceFile, one: Set) -> Finding:
    """Return the finding for what `pullImage` is given; it stands at the digest."""
    name, digest = one.bindings[("imageName",)], one.bindings[("imageDigest",)]
    tag = one.bindings.get(("finalImageTag",)) or one.bindings.get(("imageTag",))
    where = ".".join((*digest.path[:-1], "pullImage"))
    if name.string is None or digest.string is None:
        at = digest.value[0].span if digest.value else digest.start.span
        return finding_at(file, NAME, where, at, Aside("variable", _EVALUATED))
    parts = [("", name.string), (":", tag.string if tag else None), ("@", digest.string)]
    pieces = [Piece(lead, token.text, token.inner.start) for lead, token in parts if token]
    standing = joined(pieces)
    span = Span(digest.string.inner.start, digest.string.inner.stop)
    return finding_at(
        file, NAME, where, span, Fixed(standing.reference, _HASHED) if isinstance(standing, Writable) else standing
    )


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Nix",
        url="https://nixos.org/manual/nixpkgs/stable/#ssec-pkgs-dockerTools-pullImage",
        files="`*.nix`",
        places=(
            "`virtualisation.oci-containers.containers.*.image` of NixOS",
            "`services.podman.containers.*.image` of home-manager, `containerConfig.image` of quadlet-nix",
            "`services.*.service.image` of Arion",
            "`dockerTools.pullImage`, to be reported",
        ),
        path="hosts/web.nix",
        example="""\
{ ... }:
{
  virtualisation.oci-containers.containers.web = {
    image = "docker.io/library/nginx:1.27";
    ports = [ "80:80" ];
  };
}
""",
        limits=(
            "`pullImage` is refused: the content hash beside the digest cannot be known without fetching the image",
            "strings that fill something in, and names, are not evaluated: `variable`",
            "an image with `imageFile` or `imageStream` beside it is the name of what that holds: `local`",
        ),
    ),
    claims=named(r".*\.nix"),
    endings=frozenset({"nix"}),
    needles=((b"containers", b"imageDigest", b"service"), b"image"),
    max_bytes=MAX_BYTES,
)
