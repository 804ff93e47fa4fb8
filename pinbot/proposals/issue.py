"""The issue in which pinbot shows a repository where it stands: one for each repository, never a second."""

from __future__ import annotations

from dataclasses import dataclass

# Stands in the text of the issue, so that it is found again whatever its title has become.
DASHBOARD = "<!-- pinbot: dashboard -->"


@dataclass(frozen=True, slots=True)
class Issue:
    """The dashboard of a repository as the forge has it: opened by the account that pinbot uses, with DASHBOARD in it.

    Somebody who closes it wants none: it stays closed until it is reopened.
    """

    number: int
    url: str
    title: str
    body: str
    is_open: bool = True

    def is_as(self, before: Issue) -> bool:
        """Whether it may be written to as it was decided of `before`: open, and nobody has changed its text since."""
        return self.is_open and self.body.rstrip() == before.body.rstrip()

    def title_for(self, before: Issue, title: str) -> str:
        """Return the title that it is to get; its own where somebody has given it another since."""
        return title if self.title == before.title else self.title
