"""Results as JSON, as the contract fixes it: the forms that scripts and other tools rely on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pinbot.oci.reference import Reference
from pinbot.planning.explain import Explanation
from pinbot.planning.inspect import Inspection
from pinbot.planning.outcome import Change, Kept
from pinbot.planning.result import Check, Context, Survey, Update
from pinbot.report import _rows
from pinbot.source.finding import Finding, Writable

_Object = dict[str, Any]


def scan(survey: Survey, context: Context) -> str:
    """Return `pinbot.scan/1`."""
    return _dumped(
        {
            "schema": "pinbot.scan/1",
            "references": [_reference(f, survey) for f in survey.findings],
            "skipped_files": [{"path": s.path, "reason": s.reason} for s in survey.skips]
            + [{"path": s.path, "reason": _rows.barren(s)} for s in survey.barren],
            "suspects": [{"path": s.path, "line": s.line, "text": s.text} for s in survey.suspects],
            "context": _context(context),
            "summary": _scan_summary(survey),
        }
    )


def explain(explanation: Explanation) -> str:
    """Return `pinbot.explanation/1`: what the formats and the repository made of one line."""
    return _dumped(
        {
            "schema": "pinbot.explanation/1",
            "path": explanation.path,
            "line": explanation.line,
            "text": explanation.text,
            "formats": [
                {"format": k.format, "references": [_explained(f) for f in k.findings], "remark": k.remark or None}
                for k in explanation.looks
            ],
            "references": [_explained(f) for f in explanation.findings],
        }
    )


def _explained(finding: Finding) -> _Object:
    return {
        **_place(finding),
        "where": finding.where,
        "text": finding.text,
        "reference": finding.reference.canonical if finding.reference else None,
        "status": _rows.status(finding),
        "writable": isinstance(finding.standing, Writable),
        "reason": _rows.why_not(finding),
    }


def update(result: Update, context: Context, diff: str | None = None) -> str:
    """Return `pinbot.changes/1`, with the unified diff under `diff` where one is given."""
    return _dumped(
        {
            "schema": "pinbot.changes/1",
            "changes": [_change(c) for c in result.changes],
            "outcomes": [_outcome(k) for k in result.kept],
            "skipped_files": [{"path": s.path, "reason": s.reason} for s in result.survey.skips],
            "context": _context(context),
            "summary": _update_summary(result),
            **({} if diff is None else {"diff": diff}),
        }
    )


def check(result: Check, context: Context) -> str:
    """Return `pinbot.check/1`."""
    levels = [p.level for p in result.problems]
    return _dumped(
        {
            "schema": "pinbot.check/1",
            "context": _context(context),
            "problems": [
                {
                    "rule": p.rule,
                    "level": p.level,
                    **_place(p.finding),
                    "text": p.finding.text,
                    "message": p.message,
                    "remedy": p.remedy,
                }
                for p in result.problems
            ],
            "unchecked": [
                {"path": u.finding.path, "line": u.finding.position.line, "text": u.finding.text, "reason": u.reason}
                for u in result.unchecked
            ],
            "skipped_files": [{"path": s.path, "reason": s.reason} for s in result.survey.skips],
            "summary": {
                "references": len(result.judged),
                "errors": levels.count("error"),
                "notes": levels.count("note"),
                "unchecked": len(result.unchecked),
            },
        }
    )


def resolve(inspections: Iterable[Inspection]) -> str:
    """Return the list that `resolve` prints."""
    return _dumped([_inspection(i) for i in inspections])


def _scan_summary(survey: Survey) -> _Object:
    files, references = _rows.files_with(survey.findings), len(survey.findings)
    return {"files": files, "references": references, **_rows.count_statuses(survey)}


def _update_summary(result: Update) -> _Object:
    return {"references": len(result.survey.findings), **_rows.count_outcomes(result)}


def _dumped(value: object) -> str:
    # ASCII throughout: file names need not be Unicode, and lone surrogates can only be written as escapes.
    return json.dumps(value, indent=1) + "\n"


def _context(context: Context) -> _Object:
    return {
        "version": context.version,
        "commit": context.commit,
        "settings": context.settings,
        "time": _time(context.time),
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _place(finding: Finding) -> _Object:
    return {"path": finding.path, "line": finding.position.line, "column": finding.position.column}


def _reference(finding: Finding, survey: Survey) -> _Object:
    file = survey.files[finding.path]
    return {
        **_place(finding),
        "start": file.byte_offset(finding.span.start),
        "end": file.byte_offset(finding.span.stop),
        "format": finding.format,
        "where": finding.where,
        "text": finding.text,
        **_parts(finding.reference),
        "status": _rows.status(finding),
        "reason": _rows.reason(finding),
    }


def _parts(reference: Reference | None) -> Mapping[str, str | None]:
    if reference is None:
        return {"registry": None, "repository": None, "tag": None, "digest": None}
    return {
        "registry": reference.registry,
        "repository": reference.path,
        "tag": reference.tag,
        "digest": str(reference.digest) if reference.digest else None,
    }


def _change(change: Change) -> _Object:
    return {
        **_place(change.finding),
        "format": change.finding.format,
        "kind": change.kind,
        "old": str(change.old),
        "new": str(change.new),
        "registry": change.new.registry,
        "repository": change.new.path,
        **({"reason": change.reason} if change.reason else {}),
    }


def _outcome(kept: Kept) -> _Object:
    return {
        **_place(kept.finding),
        "text": kept.finding.text,
        "outcome": kept.outcome,
        "reason": kept.reason,
        "until": _time(kept.until) if kept.until else None,
        **({"status": kept.status} if kept.status else {}),
    }


def _inspection(inspection: Inspection) -> _Object:
    reference, digest = inspection.reference, inspection.digest
    pinned = reference.pinned_to(digest) if reference and digest else reference
    return {
        "reference": inspection.text,
        "canonical": pinned.canonical if pinned else None,
        "digest": str(digest) if digest else None,
        "media_type": inspection.media_type,
        "platforms": [str(p) for p in inspection.platforms],
        "created": _time(inspection.created) if inspection.created else None,
        "error": inspection.error,
    }
