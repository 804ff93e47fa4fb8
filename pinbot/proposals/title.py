"""The title of a pull request: what happens to which image, on one line of at most 120 characters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from pinbot.oci.reference import Reference
from pinbot.planning.outcome import Change
from pinbot.proposals._markdown import clean
from pinbot.proposals.concerns import MAJOR, concerns
from pinbot.proposals.grouping import Group, image
from pinbot.proposals.news import News
from pinbot.proposals.style import Style
from pinbot.proposals.templates import filled

LONGEST = 120
# How the reason of a change begins that moves a full version nobody can vouch for (see `planning.targets`).
UNVERIFIED = "unverified: "
NewsOf = Callable[[Change], News]
# What would be a mention, the number of an issue, HTML or code; nothing of it stands in the name of an image.
_TAMED = str.maketrans({"@": "_", "#": "_", "<": "_", ">": "_", "`": "'", "&": "_"})
_VERSIONS = {"patch", "minor", "major"}


def title(group: Group, news: NewsOf, style: Style, repository: str = "", base: str | None = None) -> str:
    """Return the title of a group; `base` is the branch it is for, where that is not the default one."""
    text = subject(said(group, news), style, base)
    return clean(filled(style.title, fields(group, text, style, repository, base)), LONGEST)


def subject(text: str, style: Style, base: str | None = None) -> str:
    """Return what is said of a group as it follows the prefix: those who read such prefixes want a small letter there.

    The name of an image is left as it is.
    """
    text += f" ({_tamed(base)})" if base else ""
    is_name = text.partition(" ")[0].endswith(":")
    return text if is_name or not style.prefix else text[:1].lower() + text[1:]


def fields(group: Group, text: str, style: Style, repository: str, base: str | None) -> dict[str, str]:
    """Return the fields of templates for titles and messages; `text` is the title without its prefix."""
    names = _names(group.changes)
    return {
        "prefix": style.prefix,
        "title": text,
        "group": _tamed(group.subject) or group.kind,
        "images": ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else ""),
        "count": str(len(names)),
        "repository": _tamed(repository),
        "base": _tamed(base or ""),
    }


def said(group: Group, news: NewsOf) -> str:
    """Return what a group does, as a phrase."""
    changes = group.changes
    references = {(_key(c.old), str(c.new)): c for c in changes}
    only = next(iter(references.values()))
    text = f"{_one(only, news)}{_warned(only, news)}" if len(references) == 1 else _many(group, changes)
    return f"{text}{_where(group, len(references))}"


def _one(change: Change, news: NewsOf) -> str:
    """Say what happens to one image, however many lines it stands on."""
    old, new, known = change.old, change.new, news(change)
    name, tagged = _name(old), _tagged(old)
    if change.kind in {"pin", "remove"}:
        return f"{'Pin' if change.kind == 'pin' else 'Unpin'} {tagged}"
    if change.kind in _VERSIONS:
        return f"{name}: {old.effective_tag} → {new.tag}{_major(change.kind == 'major')}"
    if change.rescues:
        return f"Replace dead digest of {tagged}"
    if known.versions is not None:
        return f"{tagged}: {_tamed(known.versions[0])} → {_tamed(known.versions[1])}{_major(known.is_major)}"
    if change.new.digest != old.digest:
        return _rebuilt(change, known)
    if new.tag != old.tag:
        return f"{name}: {old.tag} is {new.tag}" if old.tag else f"{name}: the tag of the digest is {new.tag}"
    is_elsewhere = (new.registry, new.path) != (old.registry, old.path)
    return f"Write {tagged} by the name of its mirror" if is_elsewhere else f"Write {tagged} in full"


def _rebuilt(change: Change, known: News) -> str:
    """Say since when there is the new image, and what changed in it, as far as either is known."""
    tagged, found = _tagged(change.old), known.evidence
    made = found.new.created if found and found.new.created else known.since
    diff = found.packages if found else None
    what = f", {len(diff)} package{'' if len(diff) == 1 else 's'} changed" if diff is not None and len(diff) else ""
    # A rebuild is what the evidence does not speak against; before that is known, the decision says whom nobody knows.
    is_doubted = any(one.loud for one in concerns(change, known))
    word = "built" if is_doubted else "pushed again" if found is None and UNVERIFIED in change.reason else "rebuilt"
    return f"{tagged}: {word} {_day(made)}{what}" if made else f"Refresh {tagged}{what}"


def _warned(change: Change, news: NewsOf) -> str:
    """Say the worst of what must not be overlooked; a major version is said anyway."""
    known = news(change)
    found = [] if known.evidence is None else [c.mark for c in concerns(change, known) if c.loud and c != MAJOR]
    return f", {found[0]}" if found else ""


def _many(group: Group, changes: Sequence[Change]) -> str:
    """Say what happens to several images."""
    names, kinds = _names(changes), {_verb(change) for change in changes}
    verb = kinds.pop() if len(kinds) == 1 else "Update"
    if verb == "Move":
        return _moved(changes)
    if group.kind == "dead":
        return f"Replace dead digests of {_counted(names)}"
    return f"{verb} {_counted(names)}"


def _moved(changes: Sequence[Change]) -> str:
    images = list(dict.fromkeys(_name(change.old) for change in changes))
    tags = list(dict.fromkeys(change.new.tag or "" for change in changes))
    major = _major(any(change.kind == "major" for change in changes))
    if len(images) > 1:
        return f"Move {len(images)} images to newer versions{major}"
    if len(tags) == 1:
        olds = list(dict.fromkeys(change.old.effective_tag or "" for change in changes))
        return f"{images[0]}: {', '.join(olds[:3])}{', …' if len(olds) > 3 else ''} → {tags[0]}{major}"
    return f"{images[0]}: newer versions of {len({c.old.tag for c in changes})} tags{major}"


def _verb(change: Change) -> str:
    if change.kind in _VERSIONS:
        return "Move"
    return {"pin": "Pin", "refresh": "Refresh", "remove": "Unpin"}.get(
        change.kind, "Refresh" if change.new.digest != change.old.digest else "Rename"
    )


def _counted(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} images"


def _where(group: Group, number: int) -> str:
    """Say what the images have in common, where the group goes by that."""
    parts = []
    if group.kind == "directory":
        parts.append(f" in {_tamed(group.subject)}/" if group.subject else " in the root directory")
    if group.kind == "registry" and number > 1:
        parts.append(f" of {_tamed(group.subject)}")
    if group.kind == "named":
        parts.append(f" ({_tamed(group.subject)})")
    if group.workflows:
        parts.append(" in workflows")
    return "".join(parts)


def _names(changes: Sequence[Change]) -> list[str]:
    return list(dict.fromkeys(_tagged(change.old) for change in changes))


def _name(reference: Reference) -> str:
    return _tamed(image(reference))


def _tagged(reference: Reference) -> str:
    return f"{_name(reference)}:{reference.effective_tag}" if reference.effective_tag else _name(reference)


def _key(reference: Reference) -> tuple[str, str, str | None]:
    return reference.registry, reference.path, reference.tag


def _major(is_major: bool) -> str:
    return " (major)" if is_major else ""


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b}"


def _tamed(text: str) -> str:
    return clean(text).translate(_TAMED)
