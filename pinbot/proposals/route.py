"""How a proposal gets to a forge by git alone: where it is pushed to, and what is said with the push."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """Where a proposal is pushed to.

    `ref` is the full name of what is pushed to instead of its branch, None for the branch. Nothing can be leased
    there: it is not a ref that the remote has. `options` are push options, each without line ends
    (https://git-scm.com/docs/git-push, --push-option). `unchanged` is what a remote says that has this commit by now
    and calls that an error.
    """

    ref: str | None = None
    options: tuple[str, ...] = ()
    unchanged: str = ""

    def is_no_failure(self, said: str) -> bool:
        """Return whether a refused push was not needed, from what the remote said."""
        return bool(self.unchanged) and self.unchanged in said
