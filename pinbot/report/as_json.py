"""Results as JSON, as the contract fixes it: the forms that scripts and other tools rely on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pinbot.oci.reference import Reference
from pinbot.planning.explain import Explanation
from pinbot.planning.inspect import Inspection
from pinbot.planning.result import Check, Context, Survey, Update
from pinbot.report import _objects, _rows
from pinbot.report._objects import Object
from pinbot.source.finding import Finding, Writable


def scan(survey: Survey, context: Context) -> str:
    """Return `pinbot.scan/1`."""
    return _objects.dumped(
        {
            "schema": "pinbot.scan/1",
            "references": [_reference(f, survey) for f in survey.findings],
            "skipped_files": [{"path": s.path, "reason": s.reason} for s in survey.skips]
            + [{"path": s.path, "reason": _rows.barren(s)} for s in survey.barren],
            "suspects": [{"path": s.path, "line": s.line, "text": s.text} for s in survey.suspects],
            "context": _objects.context(context),
            "summary": _scan_summary(survey),
        }
    )


def explain(explanation: Explanation) -> str:
    """Return `pinbot.explanation/1`: what the formats and the repository made of one line."""
    return _objects.dumped(
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


def _explained(finding: Finding) -> Object:
    return {
        **_objects.place(finding),
        "where": finding.where,
        "text": finding.text,
        "reference": finding.reference.canonical if finding.reference else None,
        "status": _rows.status(finding),
        "writable": isinstance(finding.standing, Writable),
        "reason": _rows.why_not(finding),
    }


def update(result: Update, context: Context, diff: str | None = None) -> str:
    """Return `pinbot.changes/1`, with the unified diff under `diff` where one is given."""
    return _objects.dumped(
        {
            "schema": "pinbot.changes/1",
            "changes": [_objects.change(c) for c in result.changes],
            "outcomes": [_objects.outcome(k) for k in result.kept],
            "skipped_files": [{"path": s.path, "reason": s.reason} for s in result.survey.skips],
            "context": _objects.context(context),
            "summary": _update_summary(result),
            **({} if diff is None else {"diff": diff}),
        }
    )


def check(result: Check, context: Context) -> str:
    """Return `pinbot.check/1`."""
    levels = [p.level for p in result.problems]
    return _objects.dumped(
        {
            "schema": "pinbot.check/1",
            "context": _objects.context(context),
            "problems": [
                {
                    "rule": p.rule,
                    "level": p.level,
                    **_objects.place(p.finding),
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
    return _objects.dumped([_inspection(i) for i in inspections])


def _scan_summary(survey: Survey) -> Object:
    files, references = _rows.files_with(survey.findings), len(survey.findings)
    return {"files": files, "references": references, **_rows.count_statuses(survey)}


def _update_summary(result: Update) -> Object:
    return {"references": len(result.survey.findings), **_rows.count_outcomes(result)}


def _reference(finding: Finding, survey: Survey) -> Object:
    file = survey.files[finding.path]
    return {
        **_objects.place(finding),
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


def _inspection(inspection: Inspection) -> Object:
    reference, digest = inspection.reference, inspection.digest
    pinned = reference.pinned_to(digest) if reference and digest else reference
    return {
        "reference": inspection.text,
        "canonical": pinned.canonical if pinned else None,
        "digest": str(digest) if digest else None,
        "media_type": inspection.media_type,
        "platforms": [str(p) for p in inspection.platforms],
        "created": _objects.time(inspection.created) if inspection.created else None,
        "error": inspection.error,
    }
