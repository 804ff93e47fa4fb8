"""Titles say what happened, on one line that nothing breaks out of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pinbot.oci.history import History, Memory, Observation
from pinbot.oci.reference import Reference
from pinbot.planning.outcome import Change
from pinbot.proposals.grouping import WORKFLOWS, Group
from pinbot.proposals.message import message
from pinbot.proposals.news import Told
from pinbot.proposals.style import Style
from pinbot.proposals.templates import TITLE_FIELDS, unknown
from pinbot.proposals.title import fields, said, subject, title
from tests.proposals.examples import A, B, bump, change, dead, group, pin, refresh

CI = f"{WORKFLOWS}ci.yml"
NOTHING = Told()
SEEN = datetime(2026, 11, 18, 9, tzinfo=UTC)
CONVENTIONAL = Style(prefix="chore(deps): ")


def memory(**tags: object) -> Memory:
    """Return a memory in which each tag has had these digests."""
    histories = {}
    for tag, digests in tags.items():
        history = History()
        for digest in digests:  # type: ignore[attr-defined] # a tuple of digests
            history = history.observed(Observation("docker.io", "library/x", tag, digest, SEEN))
        histories[tag.replace("_", ".").lstrip(".")] = history
    return Memory(histories)


def told(image: str, **tags: object) -> Told:
    reference = Reference.parse(image)
    return Told({(reference.registry, reference.path): memory(**tags)})


NINE = [pin(f"image-{n}:1") for n in range(9)]
BETTER = change(f"nginx:1@{A}", f"nginx:1.27.3@{A}", "replace")


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(group(pin("nginx:1.27")), "Pin nginx:1.27", id="one pin"),
        pytest.param(group(pin("nginx")), "Pin nginx:latest", id="a pin without a tag"),
        pytest.param(group(pin("nginx:1"), pin("nginx:1", "x")), "Pin nginx:1", id="one image at two places"),
        pytest.param(group(*NINE), "Pin 9 images", id="many pins"),
        pytest.param(group(pin("node:20", CI)), "Pin node:20 in workflows", id="in workflows"),
        pytest.param(group(refresh("nginx:1.27")), "Refresh nginx:1.27", id="a refresh of which nothing is known"),
        pytest.param(group(refresh("nginx:1.27"), refresh("a:1")), "Refresh 2 images", id="refreshes"),
        pytest.param(group(refresh("nginx:1"), BETTER), "Update nginx:1", id="a refresh and a better name"),
        pytest.param(group(BETTER), "nginx: 1 is 1.27.3", id="a precise tag"),
        pytest.param(
            group(change(f"nginx@{A}", f"nginx:1.27.3@{A}", "replace")),
            "nginx: the tag of the digest is 1.27.3",
            id="a tag found again",
        ),
        pytest.param(
            group(change(f"nginx:1@{A}", f"docker.io/library/nginx:1@{A}", "replace")),
            "Write nginx:1 in full",
            id="the name in full",
        ),
        pytest.param(
            group(change(f"nginx:1@{A}", f"r.corp/hub/library/nginx:1@{A}", "replace")),
            "Write nginx:1 by the name of its mirror",
            id="a mirror's name",
        ),
        pytest.param(group(dead("ghcr.io/a/b:1")), "Replace dead digest of ghcr.io/a/b:1", id="a dead digest"),
        pytest.param(group(dead("a:1"), dead("b:1")), "Replace dead digests of 2 images", id="dead digests"),
        pytest.param(group(bump("go", "1.22-x", "1.23-x")), "go: 1.22-x → 1.23-x", id="a version"),
        pytest.param(group(bump("redis", "7", "8", "major")), "redis: 7 → 8 (major)", id="a major version"),
        pytest.param(
            group(bump("redis", "7.1", "7.4"), bump("redis", "7.2", "7.4")), "redis: 7.1, 7.2 → 7.4", id="to one tag"
        ),
        pytest.param(
            group(bump("redis", "7.1", "7.4"), bump("redis", "7-alpine", "8-alpine", "major")),
            "redis: newer versions of 2 tags (major)",
            id="to several tags",
        ),
        pytest.param(
            group(pin("a:1", "web/x"), refresh("b:1", "web/y"), grouping="directory"),
            "Update 2 images in web/",
            id="a directory",
        ),
        pytest.param(group(pin("a:1"), grouping="directory"), "Pin a:1 in the root directory", id="the root directory"),
        pytest.param(
            group(bump("ghcr.io/a/b", "1", "2"), bump("ghcr.io/a/c", "1", "2"), grouping="registry"),
            "Move 2 images to newer versions of ghcr.io",
            id="a registry",
        ),
        pytest.param(
            Group("named", "databases", False, (refresh("a:1"), refresh("b:1"))),
            "Refresh 2 images (databases)",
            id="a group with a name",
        ),
    ],
)  # fmt: skip
def test_titles(one: Group, expected: str) -> None:
    assert title(one, NOTHING.of, Style()) == expected


@pytest.mark.parametrize(
    ("change", "known", "expected"),
    [
        pytest.param(
            refresh("nginx:1.27"), told("nginx", _1_27=(A, B)), "nginx:1.27: rebuilt 18 Nov", id="since when"
        ),
        pytest.param(
            refresh("nginx:1.27", reason="unverified: the images do not both name their source"),
            told("nginx", _1_27=(A, B)),
            "nginx:1.27: pushed again 18 Nov",
            id="what nobody can vouch for",
        ),
        pytest.param(
            refresh("python:3.12-slim"),
            Told(versions={A: "3.12.8", B: "3.12.9"}),
            "python:3.12-slim: 3.12.8 → 3.12.9",
            id="versions by their labels",
        ),
        pytest.param(
            refresh("redis:7"),
            told("redis", _7=(A, B), _7_4=(A,), _7_4_1=(A,), _7_4_2=(B,)),
            "redis:7: 7.4.1 → 7.4.2",
            id="versions by the tags that have named the digests",
        ),
        pytest.param(
            refresh("redis:latest"),
            Told(versions={A: "7.4.2", B: "8.0.0"}),
            "redis:latest: 7.4.2 → 8.0.0 (major)",
            id="latest crosses a major version",
        ),
        pytest.param(
            refresh("nginx:1"),
            Told(versions={A: "@org/all closes #1\n", B: "2"}),
            "Refresh nginx:1",
            id="a label that is no version",
        ),
        pytest.param(
            refresh("nginx:1"), Told(versions={A: "1.2", B: "1.2"}), "Refresh nginx:1", id="the same version"
        ),
    ],
)  # fmt: skip
def test_titles_with_what_is_known(change: Change, known: Told, expected: str) -> None:
    assert title(group(change), known.of, Style()) == expected


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(group(pin("nginx:1")), "chore(deps): pin nginx:1", id="a verb is written small"),
        pytest.param(group(bump("redis", "7", "8")), "chore(deps): redis: 7 → 8", id="a name stays"),
        pytest.param(
            group(bump("Registry.corp/redis", "7", "8")), "chore(deps): Registry.corp/redis: 7 → 8", id="large ones too"
        ),
    ],
)
def test_a_conventional_prefix(one: Group, expected: str) -> None:
    assert title(one, NOTHING.of, CONVENTIONAL) == expected


def test_another_base_is_named() -> None:
    assert title(group(pin("nginx:1")), NOTHING.of, Style(), base="release/1.x") == "Pin nginx:1 (release/1.x)"


def test_a_template_is_filled_with_its_fields_and_nothing_else() -> None:
    style = Style(
        title="{prefix}[{repository}] {{{group}}} {count}: {images} {nope} {title.__class__} {0}", prefix="x: "
    )
    found = title(group(*NINE), NOTHING.of, style, "acme/shop")
    assert found == ("x: [acme/shop] {pin} 9: image-0:1, image-1:1, image-2:1 and 6 more {nope} {title.__class__} {0}")
    assert unknown(style.title, TITLE_FIELDS) == ("nope",)


HOSTILE = [
    "x\nSecond line",
    "\x1b[31mred",
    "\u202eturned",
    "@acme/all",
    "fixes #1",
    "<b>",
    "`",
    "a" * 5_000,
    "\udcff",
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_breaks_out_of_the_title(text: str) -> None:
    for one in (
        Group("named", text, False, (pin("a:1"), pin("b:1", line=2))),
        Group("directory", text, True, (pin("a:1"),)),
    ):
        found = title(one, NOTHING.of, Style(title="{prefix}{title} {group} {base} {repository}"), text, text)
        assert len(found) <= 120
        assert found.isprintable()
        assert not set("@#<>`") & set(found)


def test_a_long_title_is_cut_with_an_ellipsis() -> None:
    found = title(group(bump("ghcr.io/acme/" + "a" * 90, "1" * 60, "2" * 60)), NOTHING.of, Style())
    assert len(found) == 120
    assert found.endswith("…")


def _message(one: Group, style: Style) -> str:
    text = subject(said(one, NOTHING.of), style)
    return message(style.message, fields(one, text, style, "acme/shop", None), one.changes)


def test_the_message_of_the_commit_lists_the_changes() -> None:
    one = group(pin("nginx:1.27", "web/Dockerfile", 3), pin("redis:7"))
    assert _message(one, CONVENTIONAL) == (
        "chore(deps): pin 2 images\n"
        "\n"
        f"- web/Dockerfile:3: nginx:1.27 -> nginx:1.27 {A}\n"
        f"- Dockerfile:1: redis:7 -> redis:7 {A}"
    )


def test_a_message_by_a_template() -> None:
    assert _message(group(pin("nginx:1.27")), Style(message="deps: {title}\n\nRefs: OPS-1\n")) == (
        "deps: Pin nginx:1.27\n\nRefs: OPS-1"
    )


@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        pytest.param("@acme/all/Dockerfile", '"\\100acme/all/Dockerfile"', id="a mention"),
        pytest.param("closes #1", '"closes\\040\\0431"', id="the number of an issue"),
        pytest.param("fixes GH-1", '"fixes\\040GH-1"', id="another way to write it"),
        pytest.param("a\n\nSigned-off-by: x", '"a\\012\\012Signed-off-by\\072\\040x"', id="a trailer"),
        pytest.param("é/\udcff", '"\\303\\251/\\377"', id="what is not ASCII, or no text"),
        pytest.param("a" * 400, '"' + "a" * 300 + '..."', id="a long path"),
    ],
)
def test_paths_are_quoted_in_messages(path: str, quoted: str) -> None:
    assert f"- {quoted}:1: " in _message(group(pin("nginx:1", path)), Style())


def test_a_long_list_is_counted() -> None:
    text = _message(group(*(pin(f"image-{n}:1") for n in range(1_000))), Style())
    assert len(text.splitlines()) == 203
    assert text.endswith("- and 800 more")
