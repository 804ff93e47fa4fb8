"""Patterns of the settings: paths as in .gitignore (https://git-scm.com/docs/gitignore), globs over names, RE2.

All of them take linear time, whatever the pattern and the text (https://github.com/google/re2/wiki/Syntax).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from pinbot.errors import InvalidPattern

# Of memory for one compiled pattern; what needs more is a mistake. `[^a]{900}` takes a fifth of the smaller one.
_MAX_MEMORY, _LITTLE_MEMORY = 8 * 1024 * 1024, 1024 * 1024
_WILD = re.compile(r"\*\*/|\*\*|\*|\?")
_MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def chooser(include: Sequence[str], exclude: Sequence[str]) -> Callable[[str], bool]:
    """Return whether a path counts: it matches one of `include`, where there are any, and none of `exclude`.

    Raises InvalidPattern.
    """
    if not include and not exclude:
        return lambda _path: True
    wanted, unwanted = _paths(include), _paths(exclude)
    return lambda path: (not include or wanted(path)) and not (exclude and unwanted(path))


def _paths(patterns: Sequence[str]) -> Callable[[str], bool]:
    from pathspec import GitIgnoreSpec

    try:
        with warnings.catch_warnings():
            # Python may one day read `[[` in another way; RE2, which matches in the end, will not.
            warnings.simplefilter("ignore", FutureWarning)
            spec = GitIgnoreSpec.from_lines(patterns, backend="re2")
    except (ValueError, re.error) as error:  # UnicodeEncodeError is a ValueError too
        raise InvalidPattern(f"not a pattern as in .gitignore: {error}") from error
    if all(one.include is not False for one in spec.patterns):
        # Without exceptions it is enough that one is found, which is faster to ask than pathspec.
        return searcher(("|".join(f"(?:{one.regex.pattern})" for one in spec.patterns if one.regex) or "a^",))
    return lambda path: bool(spec.match_file(_encodable(path)))


def glob(pattern: str) -> str:
    """Return a glob over a name as RE2 for the whole of it: `*` and `?` do not cross a `/`, `**` does."""
    parts: list[str] = []
    done = 0
    for wild in _WILD.finditer(pattern):
        parts += (re.escape(pattern[done : wild.start()]), _MEANING[wild[0]])
        done = wild.end()
    return "".join((*parts, re.escape(pattern[done:])))


def whole(globs: Sequence[str], *, tail: str = "") -> Callable[[str], bool]:
    """Return whether a name matches one of the globs, from its begin to its end; `tail` (RE2) may follow."""
    return _whole(tuple(globs), tail)


# What `--now` names is asked for each reference of each repository.
@lru_cache(maxsize=1024)
def _whole(globs: tuple[str, ...], tail: str) -> Callable[[str], bool]:
    if not globs:
        return lambda _name: False
    # Most rules speak of other images, and the begin of the name tells it at once.
    begins = tuple(_WILD.split(g, maxsplit=1)[0] for g in globs)
    found = searcher((f"(?s)^(?:{'|'.join(map(glob, globs))}){tail}$",))
    return lambda name: name.startswith(begins) and found(name)


def leading(globs: Sequence[str]) -> Callable[[str], bool]:
    """Return whether a name, or what it has before one of its slashes, matches one of the globs."""
    return whole([g.rstrip("/") for g in globs], tail="(?:/.*)?")


@lru_cache(maxsize=4096)
def searcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Return whether one of the RE2 patterns is found in a text. Raises InvalidPattern."""
    searches = [_compiled(pattern).search for pattern in patterns]
    if len(searches) == 1:
        (search,) = searches
        return lambda text: search(_encodable(text)) is not None
    return lambda text: any(search(_encodable(text)) for search in searches)


def check_little(pattern: str) -> None:
    """Raise InvalidPattern for a pattern that needs more memory than those of strangers get, or is none."""
    _compiled(pattern, _LITTLE_MEMORY)


def _encodable(text: str) -> str:
    """A name that is not UTF-8 cannot be given to RE2; what is replaced in it no pattern names."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _compiled(pattern: str, most_memory: int = _MAX_MEMORY) -> Any:
    import re2

    options = re2.Options()
    options.max_mem = most_memory
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except UnicodeEncodeError as error:
        raise InvalidPattern("a pattern must be UTF-8") from error
    except re2.error as error:
        said = error.args[0] if error.args else ""
        reason = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise InvalidPattern(f"not a pattern that RE2 understands: {reason}") from error
