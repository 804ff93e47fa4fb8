"""What doctor found as JSON, `pinbot.doctor/1`: every check, and the facts behind it (docs/doctor.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta

from pinbot.diagnosis.finding import Check, Diagnosis, Subject
from pinbot.planning.result import Context
from pinbot.report import _objects
from pinbot.report._objects import Object


def doctor(diagnosis: Diagnosis, context: Context) -> str:
    """Return `pinbot.doctor/1`."""
    return _objects.dumped(
        {
            "schema": "pinbot.doctor/1",
            "context": _objects.context(context),
            "subjects": [_subject(one) for one in diagnosis.subjects],
            "summary": {
                "ok": diagnosis.count("ok"),
                "notes": diagnosis.count("note"),
                "problems": diagnosis.count("problem"),
            },
        }
    )


def _subject(one: Subject) -> Object:
    return {
        "kind": one.kind,
        "name": one.name,
        "checks": [_check(check) for check in one.checks],
        "facts": _plain(one.facts),
    }


def _check(check: Check) -> Object:
    return {"check": check.what, "level": check.level, "text": check.text, "remedy": check.remedy}


def _plain(value: object) -> object:
    """Return a fact as JSON has it: objects by field, moments as in RFC 3339, lengths of time in seconds."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    match value:
        case datetime():
            return _objects.time(value)
        case timedelta():
            return round(value.total_seconds(), 1)
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case tuple():
            return [_plain(item) for item in value]
        case float():
            return round(value, 3)
        case _:
            return value
