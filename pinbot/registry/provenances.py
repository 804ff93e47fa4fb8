"""From a statement of provenance to who built an image from what: SLSA 0.2 and 1; the bytes are a stranger's.

https://slsa.dev/spec/v0.2/provenance, https://slsa.dev/spec/v1.1/provenance, and what BuildKit adds to both:
https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md. Where the source was a folder of the
machine that built it, BuildKit has the builder's word for the repository that this folder came from (`vcs`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from pinbot.errors import UnsupportedManifest
from pinbot.oci.statement import Provenance
from pinbot.registry._cut import cut

_MOST_CHARACTERS = 512
_T = TypeVar("_T")


class _Digests(msgspec.Struct):
    """Of git commits; everything else that has a digest is no source."""

    git_commit: str | None = msgspec.field(name="gitCommit", default=None)
    sha1: str | None = None


class _Source(msgspec.Struct):
    uri: str | None = None
    digest: _Digests | None = None


class _Vcs(msgspec.Struct):
    source: str | None = None
    revision: str | None = None


class _BuildKit(msgspec.Struct):
    vcs: _Vcs | None = None


class _Builder(msgspec.Struct):
    id: str | None = None


class _Invocation(msgspec.Struct, rename="camel"):
    config_source: _Source | None = None


class _Metadata(msgspec.Struct):
    buildkit: _BuildKit | None = msgspec.field(name="https://mobyproject.org/buildkit@v1#metadata", default=None)


class _Slsa02(msgspec.Struct):
    builder: _Builder | None = None
    invocation: _Invocation | None = None
    metadata: _Metadata | None = None
    materials: list[_Source] | None = None


class _Workflow(msgspec.Struct):
    repository: str | None = None


class _Parameters(msgspec.Struct, rename="camel"):
    config_source: _Source | None = None
    # GitHub's own provenance: https://actions.github.io/buildtypes/workflow/v1
    workflow: _Workflow | None = None


class _Definition(msgspec.Struct, rename="camel"):
    external_parameters: _Parameters | None = None
    resolved_dependencies: list[_Source] | None = None


class _RunMetadata(msgspec.Struct):
    buildkit_metadata: _BuildKit | None = None


class _RunDetails(msgspec.Struct):
    builder: _Builder | None = None
    metadata: _RunMetadata | None = None


class _Slsa1(msgspec.Struct, rename="camel"):
    build_definition: _Definition | None = None
    run_details: _RunDetails | None = None


def read_slsa_02(predicate: msgspec.Raw) -> Provenance:
    """Return what a provenance of SLSA 0.2 says. Raises UnsupportedManifest, with what is wrong as half a sentence."""
    said = _decoded(predicate, _Slsa02)
    asked = said.invocation.config_source if said.invocation else None
    told = said.metadata.buildkit.vcs if said.metadata and said.metadata.buildkit else None
    return _provenance(said.builder, asked, said.materials or (), told)


def read_slsa_1(predicate: msgspec.Raw) -> Provenance:
    """Return what a provenance of SLSA 1 says. Raises UnsupportedManifest, as `read_slsa_02` does."""
    said = _decoded(predicate, _Slsa1)
    made, ran = said.build_definition or _Definition(), said.run_details or _RunDetails()
    given = made.external_parameters or _Parameters()
    asked = given.config_source or (_Source(given.workflow.repository) if given.workflow else None)
    told = ran.metadata.buildkit_metadata.vcs if ran.metadata and ran.metadata.buildkit_metadata else None
    return _provenance(ran.builder, asked, made.resolved_dependencies or (), told)


def _decoded(predicate: msgspec.Raw, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(predicate, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnsupportedManifest("is not a statement of provenance") from error


def _provenance(
    builder: _Builder | None, asked: _Source | None, used: Iterable[_Source], told: _Vcs | None
) -> Provenance:
    """Return one from what was asked for, what was used, and what the builder tells of its folder, in this order."""
    built_by = _cut((builder.id if builder else None) or "")
    if asked and (source := repository_of(asked.uri or "")):
        revision = _commit(asked.digest) or next((_commit(u.digest) for u in used if _is(u, source)), "")
        return Provenance(built_by, _cut(source), _cut(revision))
    if told and (told.source or told.revision):
        return Provenance(built_by, _cut(repository_of(told.source or "")), _cut(told.revision or ""))
    return Provenance(built_by)


def _is(used: _Source, source: str) -> bool:
    return repository_of(used.uri or "") == source


def _commit(digest: _Digests | None) -> str:
    return (digest.git_commit or digest.sha1 or "") if digest else ""


def repository_of(uri: str) -> str:
    """Return the address of a repository without the branch, the folder and the login that a source may have.

    `git+https://forge.example/a/b@refs/heads/main` (SLSA's generators) and `https://forge.example/a/b.git#main:folder`
    (BuildKit) are both `https://forge.example/a/b`; what is no URL, such as `git@forge.example:a/b`, keeps its login.
    """
    scheme, separator, rest = uri.partition("#")[0].partition("://")
    if not separator:
        return scheme.removesuffix(".git")
    host, slash, path = rest.partition("/")
    if scheme.startswith("git+"):
        path = path.partition("@")[0]
    return f"{scheme.removeprefix('git+')}://{host.rpartition('@')[2]}{slash}{path.rstrip('/').removesuffix('.git')}"


def _cut(text: str) -> str:
    return cut(text, _MOST_CHARACTERS)
