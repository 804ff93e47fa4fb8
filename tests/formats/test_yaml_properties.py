"""What holds for every compose file and manifest: only the spans change, the second run changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.memory import run_once
from tests.formats._scanning import FORMATS

NAMES = st.sampled_from(["nginx", "ghcr.io/acme/api", "registry:5000/team/img", "localhost/x", "a/b/c.d_e"])
TAGS = st.sampled_from(["", ":1", ":1.27", ":3.12-slim", ":v1.2.3", ":latest"])
DIGESTS = st.sampled_from(["", "", "@sha256:" + "0" * 64])
REFERENCES = st.builds("{}{}{}".format, NAMES, TAGS, DIGESTS)
OTHERS = st.sampled_from(["not valid", "1.30", "~", "''", "$(x)", "{{ x }}", "[a]", "{b: c}", '"a\\x3a1"', "a: b"])
COMMENTS = st.sampled_from(["", " # nginx:1.27", "  # 1.27", " #", " # ü 😀"])
KEYS = st.sampled_from(["image", '"image"', "'image'"])
NOISE = st.sampled_from(
    ["args: ['image: nginx:1.27', \"nginx\"]", "text: |\n  image: nginx\n\n  # no", "x: {image: {a: b}}", "# image: a"]
)

Style = Callable[[str], str]
STYLES: list[Style] = [
    lambda text: text,
    lambda text: f" {text}",
    lambda text: f"'{text}'",
    lambda text: f'"{text}"',
    lambda text: f"&anchor {text}",
    lambda text: f"!!str '{text}'",
    lambda text: f">-\n    {text}\n",
    lambda text: f"|\n    {text}",
    lambda text: f"\n    {text}",
]
ENDS = st.sampled_from(["\n", "\r\n"])
STARTS = st.sampled_from(["", "\ufeff", "# a comment\n", "---\n"])


@st.composite
def lines(draw: st.DrawFn) -> str:
    """One item that holds a reference, or something like one, in some style."""
    reference = draw(REFERENCES)
    if draw(st.booleans()):
        style = draw(st.sampled_from(STYLES))
        return f"{draw(KEYS)}: {style(reference)}{draw(COMMENTS) if style in STYLES[:6] else ''}"
    if draw(st.booleans()):
        return f'{{{draw(KEYS)}: "{reference}", tty: true}}'
    return f"image: {draw(OTHERS)}{draw(COMMENTS)}"


@st.composite
def items(draw: st.DrawFn) -> str:
    """Two lines of an item: the reference and some noise beside it."""
    line = draw(lines())
    return line if line.startswith("{") else f"{line}\n{draw(NOISE)}"


def _indented(text: str, width: int) -> str:
    return text.replace("\n", "\n" + " " * width)


@st.composite
def compose_files(draw: st.DrawFn) -> str:
    """A compose file with some services."""
    found = draw(st.lists(items(), min_size=1, max_size=5))
    services = "".join(f"  s{n}:\n    {_indented(item, 4)}\n" for n, item in enumerate(found))
    return f"{draw(STARTS)}services:\n{services}"


@st.composite
def manifests(draw: st.DrawFn) -> str:
    """A stream of manifests with some containers each."""
    documents = draw(st.lists(st.lists(items(), min_size=1, max_size=3), min_size=1, max_size=3))
    texts = [
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"
        + "".join(f"    - {_indented(item, 6)}\n" for item in containers)
        for containers in documents
    ]
    return draw(STARTS) + "---\n".join(texts)


@given(compose_files(), ENDS, st.booleans())
def test_a_compose_file_changes_in_its_references_alone(text: str, end: str, finished: bool) -> None:
    _check("compose.yaml", text, end, finished)


@given(manifests(), ENDS, st.booleans())
def test_a_manifest_changes_in_its_references_alone(text: str, end: str, finished: bool) -> None:
    _check("pod.yaml", text, end, finished)


def _check(path: str, text: str, end: str, finished: bool) -> None:
    before = (text if finished else text.rstrip("\n")).replace("\n", end)
    done, files = run_once({path: before.encode()}, FORMATS)
    after = files[path].decode()

    assert after == _expected(before, [(c.finding.span.start, c.finding.text, str(c.new)) for c in done.changes])
    assert run_once(files, FORMATS)[1] == files
    new = {str(c.old): str(c.new) for c in done.changes}
    assert _loaded(after) == _pinned(_loaded(before), new)


def _expected(before: str, changes: list[tuple[int, str, str]]) -> str:
    """Put every new reference into its place, from the end."""
    for start, old, new in sorted(changes, reverse=True):
        assert before[start : start + len(old)] == old
        before = before[:start] + new + before[start + len(old) :]
    return before


class _Loader(yaml.SafeLoader):
    """Loads keys of any kind, as the broken templates in these files have them."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> list[tuple[Any, Any]]:
    return [(loader.construct_object(k, deep=True), loader.construct_object(v, deep=True)) for k, v in node.value]


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def _loaded(text: str) -> list[Any] | None:
    """Return the pairs that a file loads as, None for what is no YAML."""
    try:
        return list(yaml.load_all(text, Loader=_Loader))
    except yaml.YAMLError:
        return None


def _pinned(value: Any, new: dict[str, str], key: Any = None) -> Any:
    """Return the loaded value with every pinned reference under `image` replaced."""
    match value:
        case list():
            return [_pinned(item, new, key) for item in value]
        case (name, inner):
            return (name, _pinned(inner, new, name))
        case str() if key == "image" and value.strip() in new:
            return value.replace(value.strip(), new[value.strip()])
        case _:
            return value
