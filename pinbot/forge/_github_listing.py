"""Which repositories there are: of an organisation or a user, those that an installation sees, or a list of names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pinbot.errors import ForgeForbids
from pinbot.forge._base import Owner, chooser
from pinbot.forge._github_account import Account, batches
from pinbot.forge._github_queries import OWNED, named
from pinbot.forge._github_read import dig, entries, is_name, listed_repository, repository_of, text
from pinbot.proposals.repository import Repository, Selection

_NAMES_AT_ONCE = 100
# Stands instead of an id where a name of the settings is not there: what stands there is told as unreachable.
UNKNOWN = "name:"


def repositories(account: Account, owner: Owner, selection: Selection) -> Iterator[Repository]:
    """Yield what the settings select: named ones in their order, others by their age; each once. Raises ForgeError.

    A name that is not there has an id of its own, for which `standings` says so.
    """
    # One that was renamed is still meant by its old name, so names have done their work when they were asked for.
    counts = chooser(replace(selection, names=(), archived=True, forks=True) if selection.names else selection)
    if selection.names:
        listed = _named(account, selection.names)
    else:
        listed = _of_installation(account) if owner.kind == "installation" else _of_owner(account, owner.name)
    seen: set[str] = set()
    for repository in listed:
        if repository.id not in seen and counts(repository):
            seen.add(repository.id)
            yield repository


def _of_owner(account: Account, login: str) -> Iterator[Repository]:
    after: object = None
    while True:
        data, errors = account.api.query(OWNED, {"login": login, "after": after})
        owner = dig(data, "repositoryOwner")
        if owner is None:
            said = f": {errors[0].get('message', '')}" if errors else ""
            raise ForgeForbids(f"{login} is no organisation or user that this account may see{said}")
        account.saw(data)
        for node in entries(owner, "repositories", "nodes"):
            yield _noted(account, node)
        if dig(owner, "repositories", "pageInfo", "hasNextPage") is not True:
            return
        after = text(owner, "repositories", "pageInfo", "endCursor")


def _of_installation(account: Account) -> Iterator[Repository]:
    for page in account.api.pages("/installation/repositories"):
        for data in entries(page, "repositories"):
            repository = listed_repository(data, account.web)
            account.note(repository.id, dig(data, "id"))
            yield repository


def _named(account: Account, names: tuple[str, ...]) -> Iterator[Repository]:
    good = [name for name in names if is_name(name)]
    found: dict[str, Repository] = {}
    for batch in batches(good, _NAMES_AT_ONCE):
        text_, variables = named(batch)
        data, _ = account.api.query(text_, variables)
        account.saw(data)
        for i, name in enumerate(batch):
            node = dig(data, f"r{i}")
            if isinstance(node, dict):
                found[name] = _noted(account, node)
    for name in names:
        yield found.get(name) or Repository(f"{UNKNOWN}{name}", name, "")


def _noted(account: Account, node: dict[str, object]) -> Repository:
    account.note(text(node, "id"), dig(node, "databaseId"))
    return repository_of(node, account.web)
