"""The settings that stand in a repository: hostile text, which may narrow what is done to it and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pinbot.config.rules import checked_paths, rulebook
from pinbot.config.section import Section, compose
from pinbot.errors import InvalidPattern, SettingsError, SourceError
from pinbot.planning.globs import check_little
from pinbot.planning.rules import Rulebook
from pinbot.planning.values import FIELDS, field_of

NAMES = (".pinbot.yaml", ".github/pinbot.yaml")
MAX_BYTES = 64 * 1024
_MAX_DEPTH = 20
# Within the 64 KiB there is room for thousands of patterns of which each takes megabytes, and seconds to compile.
_MOST_PATTERNS = 50
_PATTERNS = ("allowed-tags", "denied-tags")

_ELSEWHERE = {
    **dict.fromkeys(
        ("registries", "patterns", "ledger", "jobs", "docker-config", "timeout-seconds", "forges", "cache"),
        "belongs in the settings of whoever runs pinbot (--config, PINBOT_CONFIG or ~/.config/pinbot/config.yaml):"
        " a repository may narrow what is done to it, and name no hosts, credentials or limits",
    ),
    "pull-requests": "belongs in the settings of whoever runs pinbot, and is not read here yet: a repository says with"
    " `defaults` and `rules` what is done with its references, and with `mode: ignore` that nothing is",
    "include": "belongs in the settings of whoever runs pinbot; a repository can leave files out with `exclude`",
}


@dataclass(frozen=True, slots=True)
class RepositorySettings:
    """What a repository says of itself; `exclude` are patterns of .gitignore."""

    rulebook: Rulebook = field(default_factory=Rulebook)
    exclude: tuple[str, ...] = ()


def read(content: Callable[[str], bytes | None]) -> RepositorySettings:
    """Return the settings of a repository; `content` returns a file by its path, None where there is none.

    Raises SettingsError with `file:line:column`.
    """
    try:
        found = [(name, text) for name in NAMES if (text := content(name)) is not None]
    except SourceError as error:
        raise SettingsError(f"the settings of the repository: {error}") from error
    if len(found) > 1:
        raise SettingsError(f"{' and '.join(NAMES)}: the repository has both; keep one of them")
    return parse(*found[0]) if found else RepositorySettings()


def parse(path: str, text: bytes) -> RepositorySettings:
    """Return the settings that `text` holds. Raises SettingsError."""
    if len(text) > MAX_BYTES:
        raise SettingsError(f"{path}:1:1: {len(text):,} bytes; the settings of a repository have at most {MAX_BYTES:,}")
    _refuse_tricks(path, text)
    document = compose(path, text)
    if document is None:
        return RepositorySettings()
    top = Section(path, document, "the settings of a repository", f"{path}:1:1")
    _refuse_heavy(path, document)
    for key in top.names():
        if key in _ELSEWHERE:
            raise top.fail(key, f"{key} {_ELSEWHERE[key]}")
        if field_of(key) in FIELDS:
            raise top.fail(key, f"{key} stands below `defaults:`, or in the `set:` of a rule")
    settings = RepositorySettings(rulebook(top, in_repository=True), checked_paths(top.items("exclude")))
    top.nothing_else()
    return settings


def _refuse_heavy(path: str, document: object) -> None:
    """Raise SettingsError for more patterns, or heavier ones, than a repository needs."""
    for number, (pattern, place) in enumerate(_patterns(document), 1):
        if number > _MOST_PATTERNS:
            raise SettingsError(f"{path}:{place}: a repository has at most {_MOST_PATTERNS} {' and '.join(_PATTERNS)}")
        try:
            check_little(pattern)
        except InvalidPattern as error:
            raise SettingsError(f"{path}:{place}: {pattern[:100]!r}: {error}") from error


def _patterns(node: Any) -> Iterator[tuple[str, str]]:
    """Yield the patterns of tags below a node, each with line and column of its key."""
    for key, value in node.items() if isinstance(node, Mapping) else enumerate(node):
        if key in _PATTERNS:
            line, column = node.lc.key(key)
            found = [value] if isinstance(value, str) else value if isinstance(value, list) else []
            yield from ((str(pattern), f"{line + 1}:{column + 1}") for pattern in found)
        elif isinstance(value, Mapping | list):
            yield from _patterns(value)


def _refuse_tricks(path: str, text: bytes) -> None:
    """Raise SettingsError for aliases, tags and deep nesting, which settings do not need and bombs are made of."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, NodeEvent

    depth = 0
    try:
        for event in YAML(typ="rt", pure=True).parse(text.decode("utf-8")):
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            trick = isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor)
            if trick or depth > _MAX_DEPTH:
                mark = event.start_mark
                what = "anchors and aliases are not read here" if trick else f"nested deeper than {_MAX_DEPTH} levels"
                raise SettingsError(f"{path}:{mark.line + 1}:{mark.column + 1}: {what}")
    except (YAMLError, UnicodeDecodeError, RecursionError, ValueError):
        return  # `compose` says what is wrong, and where
