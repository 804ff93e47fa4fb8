"""The questions of `pinbot doctor` to the ledger: is it there, can it be read and written, how much does it hold."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pinbot.diagnosis.facts import LedgerFacts
from pinbot.errors import StoreError
from pinbot.store.location import Location

if TYPE_CHECKING:
    from pinbot.store.database import Database


def examine(location: Location | None) -> LedgerFacts:
    """Return the facts about a ledger; none is made where there is none yet. Raises nothing."""
    if location is None:
        return LedgerFacts(None)
    facts = LedgerFacts(str(location), exists=True)
    if location.file is not None and not location.file.exists():
        return LedgerFacts(facts.where, unwritable=_cannot_begin(location.file))
    from pinbot.store.database import Database

    try:
        database = Database(location)
    except StoreError as error:
        return LedgerFacts(facts.where, exists=True, unreadable=str(error))
    try:
        return _tried(database, facts)
    finally:
        database.close()


def _tried(database: Database, facts: LedgerFacts) -> LedgerFacts:
    try:
        sightings = database.count()
    except StoreError as error:
        return LedgerFacts(facts.where, exists=True, unreadable=str(error))
    try:
        database.try_writing()
    except StoreError as error:
        return LedgerFacts(facts.where, exists=True, sightings=sightings, unwritable=str(error))
    return LedgerFacts(facts.where, exists=True, sightings=sightings)


def _cannot_begin(file: Path) -> str | None:
    """Return why a ledger cannot be made there, None where it can."""
    folder = next(parent for parent in file.parents if parent.exists())
    if not folder.is_dir():
        return f"{folder} is no folder"
    return None if os.access(folder, os.W_OK | os.X_OK) else f"this user may not write to {folder}"
