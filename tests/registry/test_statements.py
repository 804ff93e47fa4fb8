"""What is attested of an image, out of whatever bytes a registry gives: said rightly, or a problem in a sentence."""

from __future__ import annotations

import json
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinbot.errors import UnsupportedManifest
from pinbot.oci.digest import Digest
from pinbot.oci.manifest import OCI_INDEX, Index
from pinbot.oci.resolution import Attested, Barred, Failed
from pinbot.oci.statement import Package, Provenance, Statements, statements_about
from pinbot.registry._cut import cut
from pinbot.registry.attested import MOST_BYTES, MOST_STATEMENTS
from pinbot.registry.provenances import repository_of
from pinbot.registry.sboms import MOST_PACKAGES
from pinbot.registry.statements import MOST_OBJECTS, read_statement
from tests.fakes import faults
from tests.fakes.images import Stored, digest_of
from tests.fakes.registry import FakeRegistry
from tests.fakes.statements import (
    CYCLONEDX,
    IN_TOTO,
    SLSA_02,
    SLSA_1,
    SPDX,
    Statement,
    cyclonedx,
    provenance_02,
    provenance_1,
    spdx,
)
from tests.registry.ask import HUB, PATH, TAG, ask, content

ZLIB, CURL = Package("zlib", "1.3.1", "deb"), Package("curl", "8.11.0", "apk")
MADE = Provenance("https://ci.example/run/1", "https://forge.example/team/app", "0a1b2c3d")
IMAGE = Digest.of(b"an image")


def _said(*statements: Statement) -> Statements:
    """Return what a registry's image is told to have when these are attached to it."""
    with FakeRegistry() as registry:
        answer = _asked(registry, registry.push_image(PATH, [TAG], statements=statements))
        assert isinstance(answer, Statements)
        return answer


def _asked(registry: FakeRegistry, digest: str) -> object:
    (index,) = ask(registry, content(digest))
    assert isinstance(index, Index)
    image = index.images[0].digest
    child = statements_about(image, index)
    assert child
    (answer,) = ask(registry, Attested(HUB, PATH, child.digest, image))
    return answer


def _read(kind: str, predicate: Any) -> object:
    return read_statement(IN_TOTO, Statement(kind, predicate).stored(str(IMAGE)).content, IMAGE)


SAID: dict[str, tuple[list[Statement], Statements]] = {
    "packages and provenance, as BuildKit": (
        [Statement(SPDX, spdx([ZLIB, CURL], files=3)), Statement(SLSA_02, provenance_02(MADE))],
        Statements((CURL, ZLIB), MADE),
    ),
    "provenance from a folder": ([Statement(SLSA_02, provenance_02(MADE, local=True))], Statements(None, MADE)),
    "SLSA 1": ([Statement(SLSA_1, provenance_1(MADE))], Statements(None, MADE)),
    "SLSA 1 from a folder": ([Statement(SLSA_1, provenance_1(MADE, local=True))], Statements(None, MADE)),
    "CycloneDX": ([Statement(CYCLONEDX, cyclonedx([ZLIB]))], Statements((ZLIB,))),
    "types with versions": (
        [Statement(f"{SPDX}/v2.3", spdx([ZLIB])), Statement(f"{CYCLONEDX}/v1.4", cyclonedx([CURL]))],
        Statements((CURL, ZLIB)),
    ),
    "a stage beside the image, with what both have once": (
        [Statement(SPDX, spdx([ZLIB])), Statement(SPDX, spdx([CURL, ZLIB]))],
        Statements((CURL, ZLIB)),
    ),
    "an empty list": ([Statement(SPDX, spdx([]))], Statements(())),
    "nothing": ([Statement("https://example.com/scan", {})], Statements()),
    "in-toto 1": ([Statement(SPDX, spdx([ZLIB]), version="https://in-toto.io/Statement/v1")], Statements((ZLIB,))),
    "an envelope": ([Statement(SPDX, spdx([ZLIB]), enveloped=True)], Statements((ZLIB,))),
    "a type that is not announced": ([Statement(SPDX, spdx([ZLIB]), announced=None)], Statements((ZLIB,))),
    "another type that is not announced": ([Statement("https://example.com/scan", announced=None)], Statements()),
    "provenance that says nothing": ([Statement(SLSA_1, {}), Statement(SLSA_02, {})], Statements(None, Provenance())),
}


@pytest.mark.parametrize(("statements", "expected"), SAID.values(), ids=SAID)
def test_reads_what_is_said(statements: list[Statement], expected: Statements) -> None:
    assert _said(*statements) == expected


GOOD = Statement(SPDX, spdx([ZLIB]))
OTHER = digest_of(b"another image")
UNREAD: dict[str, tuple[Statement, str]] = {
    "no JSON": (Statement(SPDX, body=b"<html>"), "is not an in-toto statement"),
    "an empty one": (Statement(SPDX, body=b""), "is not an in-toto statement"),
    "a list": (Statement(SPDX, body=b"[]"), "is not an in-toto statement"),
    "cut short": (Statement(SPDX, body=GOOD.stored(OTHER).content[:-5]), "is not an in-toto statement"),
    "bytes": (Statement(SPDX, body=bytes(range(256))), "is not an in-toto statement"),
    "half a surrogate pair": (Statement(SPDX, spdx([Package("a\ud800", "1")])), "is not an in-toto statement"),
    "a depth without end": (Statement(SPDX, body=b"[" * 300_000), "is not an in-toto statement"),
    "an unknown version": (Statement(SPDX, version="https://in-toto.io/Statement/v9"), "of a version that pinbot"),
    "an SBOM that is null": (Statement(SPDX, None), "is not a document of SPDX"),
    "an SBOM that is a list": (Statement(CYCLONEDX, []), "is not a document of CycloneDX"),
    "an empty document": (Statement(SPDX, {}), "is not a document of SPDX"),
    "SPDX 3": (Statement(SPDX, {"spdxVersion": "SPDX-3.0"}), "is of a version of SPDX that pinbot does not know"),
    "a version that is a number": (Statement(SPDX, {"spdxVersion": 2.3}), "is not a document of SPDX"),
    "CycloneDX 2": (Statement(CYCLONEDX, {"bomFormat": "CycloneDX", "specVersion": "2.0"}), "a version of CycloneDX"),
    "packages that are an object": (Statement(SPDX, {**spdx([]), "packages": {"a": 1}}), "is not a document of SPDX"),
    "packages that are nulls": (Statement(SPDX, {**spdx([]), "packages": [None]}), "is not a document of SPDX"),
    "a name that is a number": (Statement(SPDX, {**spdx([]), "packages": [{"name": 1}]}), "is not a document of SPDX"),
    "components in components without end": (
        Statement(CYCLONEDX, announced="", body=b'{"components":[' * 100_000),
        "is not an in-toto statement",
    ),
    "too many packages": (
        Statement(SPDX, {**spdx([]), "packages": [{"name": f"p{n}"} for n in range(MOST_PACKAGES + 1)]}),
        f"names more than {MOST_PACKAGES:,} packages",
    ),
    "a million objects": (Statement(SPDX, {"packages": [{}] * 1_000_000}), f"has more than {MOST_OBJECTS:,} objects"),
    "larger than its manifest says": (Statement(SPDX, spdx([ZLIB]), size=10), "is larger than its manifest says"),
    "larger than is read": (Statement(SPDX, spdx([ZLIB]), size=MOST_BYTES + 1), f"have {MOST_BYTES:,} bytes at most"),
    "a size below nothing": (Statement(SPDX, spdx([ZLIB]), size=-1), "was not read"),
    "another type than is announced": (Statement("https://example.com/scan", announced=SPDX), "is not one"),
    "unreadable, and not announced": (Statement(SPDX, body=b"{", announced=None), "is not an in-toto statement"),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "problem"), UNREAD.values(), ids=UNREAD)
def test_a_list_that_cannot_be_read_leaves_no_list(statement: Statement, problem: str) -> None:
    """Beside a good one as well: what the other has would look as if it were gone from the image."""
    found = _said(statement, Statement(SPDX, spdx([ZLIB])), Statement(SLSA_1, provenance_1(MADE)))
    assert (found.packages, found.provenance) == (None, MADE)
    (said,) = found.problems
    assert problem in said
    assert said.startswith("The ")
    assert said.endswith(".")


NO_HARM: dict[str, tuple[Statement, str]] = {
    "about another image": (Statement(SPDX, spdx([CURL]), subject=OTHER), "is about another image"),
    "about an image by another algorithm": (Statement(SPDX, spdx([CURL]), subject="sha1:00"), "is about another image"),
    "provenance that is none": (Statement(SLSA_02, []), "is not a statement of provenance"),
    "a builder that is a number": (Statement(SLSA_1, {"runDetails": {"builder": 1}}), "not a statement of provenance"),
    "provenance of another image": (Statement(SLSA_02, provenance_02(MADE), subject=OTHER), "is about another image"),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "problem"), NO_HARM.values(), ids=NO_HARM)
def test_what_is_no_list_of_this_image_harms_no_list(statement: Statement, problem: str) -> None:
    found = _said(statement, Statement(SPDX, spdx([ZLIB])))
    assert (found.packages, found.provenance) == ((ZLIB,), None)
    assert problem in found.problems[0]


def test_of_two_that_differ_on_who_built_it_the_first_counts() -> None:
    other = Provenance("https://ci.example/run/2")
    found = _said(Statement(SLSA_02, provenance_02(MADE)), Statement(SLSA_1, provenance_1(other)))
    assert found.provenance == MADE
    assert "contradicts the one before it" in found.problems[0]


def test_many_statements_are_read_as_far_as_is_sensible() -> None:
    lists = [Statement(SPDX, spdx([Package(f"p{n}", "1")])) for n in range(MOST_STATEMENTS + 2)]
    assert len(_said(*lists[:-2]).packages or ()) == MOST_STATEMENTS
    found = _said(*lists)
    assert found.packages is None
    assert len(found.problems) == 2
    assert f"more than {MOST_STATEMENTS} statements" in found.problems[0]


def test_what_statements_announce_together_is_bounded_before_any_is_fetched() -> None:
    half = MOST_BYTES // 2 + 1
    with FakeRegistry() as registry:
        statements = [Statement(SPDX, spdx([ZLIB]), size=half), Statement(SPDX, spdx([CURL]), size=half)]
        _asked(registry, registry.push_image(PATH, [TAG], statements=statements))
        assert len(registry.requests(containing="/blobs/")) == 1


def test_a_statement_that_is_not_there_or_is_another_one_is_a_problem() -> None:
    with FakeRegistry() as registry:
        digest = registry.push_image(PATH, [TAG], statements=[GOOD])
        blobs = {key: blob for key, blob in registry.blobs.items() if b"in-toto" in blob}
        registry.blobs |= {key: blob.replace(b"zlib", b"evil") for key, blob in blobs.items()}
        found = _asked(registry, digest)
        assert isinstance(found, Statements)
        assert (found.packages, len(found.problems)) == (None, 1)
        assert "does not hash to its digest" in found.problems[0]
        for key in blobs:
            del registry.blobs[key]
        found = _asked(registry, digest)
        assert isinstance(found, Statements)
        assert "is not in the registry" in found.problems[0]


@pytest.mark.parametrize("part", ["/blobs/", "/manifests/"])
def test_a_registry_in_trouble_is_a_failure_and_no_answer(part: str) -> None:
    with FakeRegistry() as registry:
        digest = registry.push_image(PATH, [TAG], statements=[GOOD])
        (index,) = ask(registry, content(digest))
        assert isinstance(index, Index)
        child = statements_about(index.images[0].digest, index)
        assert child
        registry.faults.append(faults.on(part, faults.status(503)))
        (answer,) = ask(registry, Attested(HUB, PATH, child.digest, index.images[0].digest))
        assert isinstance(answer, Failed)
        assert answer.status == "5xx"


@pytest.mark.parametrize(
    "body", [b"{}", b'{"schemaVersion":2,"config":{"digest":"sha256:0"}}', b'{"schemaVersion":1}'], ids=str
)
def test_a_manifest_of_statements_that_is_none_is_a_problem(body: bytes) -> None:
    with FakeRegistry() as registry:
        digest = Digest.parse(registry.push_manifest(PATH, Stored("application/vnd.oci.image.manifest.v1+json", body)))
        (answer,) = ask(registry, Attested(HUB, PATH, digest, IMAGE))
        assert isinstance(answer, Statements)
        assert "The statements cannot be read" in answer.problems[0]


def test_an_index_where_statements_should_be_is_a_problem() -> None:
    with FakeRegistry() as registry:
        digest = Digest.parse(registry.push_manifest(PATH, Stored(OCI_INDEX, b'{"manifests":[]}')))
        (answer,) = ask(registry, Attested(HUB, PATH, digest, IMAGE))
        assert isinstance(answer, Statements)
        assert "an index in their place" in answer.problems[0]


SPDX_TOLD: dict[str, tuple[dict[str, Any], set[Package]]] = {
    "an image that is named in documentDescribes": (
        {"documentDescribes": ["i"], "packages": [{"name": "app", "SPDXID": "i"}, {"name": "a"}]},
        {Package("a", "")},
    ),
    "an image that is DESCRIBED_BY": (
        {
            "packages": [{"name": "app", "SPDXID": "i"}, {"name": "a"}],
            "relationships": [
                {"spdxElementId": "i", "relationshipType": "DESCRIBED_BY", "relatedSpdxElement": "SPDXRef-DOCUMENT"}
            ],
        },
        {Package("a", "")},
    ),
    "all packages described": (
        {
            "documentDescribes": ["a", "b"],
            "packages": [{"name": "a", "SPDXID": "a"}, {"name": "b", "SPDXID": "b"}],
        },
        {Package("a", ""), Package("b", "")},
    ),
    "layers as packages": (
        {"packages": [{"name": "l", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:oci/l@1"}]}]},
        set(),
    ),
    "versions that are not said": (
        {"packages": [{"name": "a", "versionInfo": "NOASSERTION"}, {"name": "b", "versionInfo": None}]},
        {Package("a", ""), Package("b", "")},
    ),
    "a package URL in capitals, and one that is none": (
        {
            "packages": [
                {"name": n, "externalRefs": [{"referenceType": "purl", "referenceLocator": u}]}
                for n, u in (("a", "PKG:DEB/a"), ("b", "https://b"), ("c", "pkg:" + "x" * 50 + "/c"), ("d", "pkg://npm/d"))
            ]
        },
        {Package("a", "", "deb"), Package("b", ""), Package("c", ""), Package("d", "", "npm")},
    ),
    "no name, and a long one": (
        {"packages": [{"name": ""}, {"name": "n" * 1000, "versionInfo": "v" * 1000}]},
        {Package(cut("n" * 1000, 256), cut("v" * 1000, 256))},
    ),
    "no packages": ({}, set()),
}  # fmt: skip


@pytest.mark.parametrize(("document", "expected"), SPDX_TOLD.values(), ids=SPDX_TOLD)
def test_spdx_lists_what_is_in_the_image_and_not_the_image(document: dict[str, Any], expected: set[Package]) -> None:
    assert _read(SPDX, {"spdxVersion": "SPDX-2.2", **document}) == expected


CYCLONEDX_TOLD: dict[str, tuple[list[dict[str, Any]], set[Package]]] = {
    "components in components": (
        [{"name": "a", "components": [{"name": "b", "components": [{"name": "c"}]}]}],
        {Package("a", ""), Package("b", ""), Package("c", "")},
    ),
    "a group": ([{"name": "core", "group": "@babel", "version": "7"}], {Package("@babel/core", "7")}),
    "files and containers": (
        [
            {"name": "f", "type": "file"},
            {"name": "c", "type": "container"},
            {"name": "alpine", "type": "operating-system", "version": "3.20.3"},
        ],
        {Package("alpine", "3.20.3")},
    ),
}


@pytest.mark.parametrize(("components", "expected"), CYCLONEDX_TOLD.values(), ids=CYCLONEDX_TOLD)
def test_cyclonedx_lists_components_at_any_depth(components: list[dict[str, Any]], expected: set[Package]) -> None:
    assert _read(CYCLONEDX, {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components}) == expected


PROVENANCES: dict[str, tuple[str, dict[str, Any], Provenance]] = {
    "GitHub's own": (
        SLSA_1,
        {
            "buildDefinition": {
                "externalParameters": {
                    "workflow": {
                        "ref": "refs/heads/main",
                        "repository": "https://github.com/o/r",
                        "path": ".github/workflows/x.yml",
                    }
                },
                "resolvedDependencies": [
                    {"uri": "pkg:docker/x", "digest": {"sha256": "00"}},
                    {"uri": "git+https://github.com/o/r@refs/heads/main", "digest": {"gitCommit": "0a1b"}},
                ],
            },
            "runDetails": {"builder": {"id": "https://github.com/actions/runner/github-hosted"}},
        },
        Provenance("https://github.com/actions/runner/github-hosted", "https://github.com/o/r", "0a1b"),
    ),
    "SLSA's generator for containers": (
        SLSA_02,
        {
            "builder": {"id": "b"},
            "invocation": {
                "configSource": {"uri": "git+https://github.com/o/r@refs/heads/main", "digest": {"sha1": "0a"}}
            },
        },
        Provenance("b", "https://github.com/o/r", "0a"),
    ),
    "a revision without a source": (
        SLSA_02,
        {"metadata": {"https://mobyproject.org/buildkit@v1#metadata": {"vcs": {"revision": "0a"}}}},
        Provenance("", "", "0a"),
    ),
    "nulls": (
        SLSA_1,
        {"buildDefinition": None, "runDetails": {"builder": {"id": None}, "metadata": {"buildkit_metadata": None}}},
        Provenance(),
    ),
    "a long builder": (SLSA_02, {"builder": {"id": "b" * 10_000}}, Provenance(cut("b" * 10_000, 512))),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "predicate", "expected"), PROVENANCES.values(), ids=PROVENANCES)
def test_provenance_names_builder_repository_and_revision(
    kind: str, predicate: dict[str, Any], expected: Provenance
) -> None:
    assert _read(kind, predicate) == expected


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://forge.example/a/b.git#refs/heads/main:folder", "https://forge.example/a/b"),
        ("git+https://forge.example/a/b@refs/heads/x", "https://forge.example/a/b"),
        ("https://bot:s3cret@forge.example/a/b", "https://forge.example/a/b"),
        ("git+ssh://git@forge.example/a/b.git@v1", "ssh://forge.example/a/b"),
        ("https://forge.example/a@b/c", "https://forge.example/a@b/c"),
        ("git@forge.example:a/b.git", "git@forge.example:a/b"),
        ("https://forge.example", "https://forge.example"),
        ("", ""),
    ],
)
def test_a_source_is_the_address_of_a_repository_without_logins(uri: str, expected: str) -> None:
    assert repository_of(uri) == expected


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
_DOCUMENTS = [(SPDX, spdx([ZLIB], 1)), (CYCLONEDX, cyclonedx([ZLIB]))]
_DOCUMENTS += [(SLSA_02, provenance_02(MADE)), (SLSA_1, provenance_1(MADE))]


def _bent(value: Any, path: list[int], by: object) -> Any:
    """Return JSON in which what is found by following `path` is another value."""
    if not path or not isinstance(value, dict | list) or not value:
        return by
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    chosen = keys[path[0] % len(keys)]
    if isinstance(value, dict):
        return {**value, chosen: _bent(value[chosen], path[1:], by)}
    return [_bent(one, path[1:], by) if n == chosen else one for n, one in enumerate(value)]


@given(st.sampled_from(_DOCUMENTS), st.lists(st.integers(0, 50), min_size=1, max_size=7), _json)
def test_any_document_is_read_or_refused(document: tuple[str, Any], path: list[int], by: object) -> None:
    kind, predicate = document
    try:
        _read(kind, _bent(predicate, path, by))
    except UnsupportedManifest as error:
        assert str(error).startswith(("is ", "has ", "names "))


@given(st.binary(max_size=100) | st.builds(lambda b: b'{"_type":"https://in-toto.io/Statement/v1",' + b, st.binary()))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with pytest.raises(UnsupportedManifest):
        read_statement(IN_TOTO, body, IMAGE)


def test_lists_of_five_hundred_packages_are_read_whole() -> None:  # how fast: benchmarks/evidence.py
    lists = [spdx([Package(f"p{n}", f"{v}.{n}", "deb") for n in range(500)], files=2000) for v in (1, 2)]
    bodies = [Statement(SPDX, one).stored(str(IMAGE)).content for one in lists]
    found = [read_statement(IN_TOTO, body, IMAGE) for body in bodies]
    assert all(isinstance(one, frozenset) and len(one) == 500 for one in found)


HEAVY: dict[str, bytes] = {
    "objects of nothing": b"{},",
    "names of nothing": b'{"name":""},',
    "packages in packages": b'{"name":"a","components":[{"name":"b"}]},',
    "long names beyond the first plane": b'{"name":"' + b"n" * 60 + "😀".encode() + b'"},',
    "references without end": b'{"name":"a","externalRefs":[{},{},{}]},',
}


@pytest.mark.parametrize("kind", [SPDX, CYCLONEDX], ids=["SPDX", "CycloneDX"])
@pytest.mark.parametrize("part", HEAVY.values(), ids=HEAVY)
def test_what_is_made_to_be_heavy_takes_little_time_and_memory(kind: str, part: bytes) -> None:
    head = f'{{"_type":"https://in-toto.io/Statement/v1","predicateType":"{kind}","subject":[{{"digest":'
    head += f'{{"sha256":"{IMAGE.hex}"}}}}],"predicate":{{"spdxVersion":"SPDX-2.3","bomFormat":"CycloneDX",'
    body = head.encode() + b'"specVersion":"1.5","packages":['
    count = min((MOST_BYTES // 2 - len(body)) // len(part), MOST_OBJECTS // max(1, part.count(b"{")) - 4)
    listed = part * count
    body += listed[:-1] + b'],"components":[' + listed[:-1] + b"]}}"
    assert len(body) <= MOST_BYTES
    tracemalloc.start()
    begun = time.process_time()
    with pytest.raises(UnsupportedManifest):
        read_statement(IN_TOTO, body, IMAGE)
    assert time.process_time() - begun < 5
    assert tracemalloc.get_traced_memory()[1] < 256 * 1024 * 1024
    tracemalloc.stop()


def test_the_answer_is_not_barred_for_what_others_wrote() -> None:
    assert not isinstance(_said(*[one for one, _ in UNREAD.values()][:5]), Barred)
    json.dumps(_said(*[one for one, _ in NO_HARM.values()]).problems)
