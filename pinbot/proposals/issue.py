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
