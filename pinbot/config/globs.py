"""Which paths `include` and `exclude` let through: patterns as in .gitignore (https://git-scm.com/docs/gitignore)."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def chooser(include: Sequence[str], exclude: Sequence[str]) -> Callable[[str], bool]:
    """Return whether a path counts: it matches one of `include`, where there are any, and none of `exclude`."""
    if not include and not exclude:
        return lambda _path: True
    from pathspec import GitIgnoreSpec

    wanted, unwanted = GitIgnoreSpec.from_lines(include), GitIgnoreSpec.from_lines(exclude)
    return lambda path: (not include or wanted.match_file(path)) and not unwanted.match_file(path)
