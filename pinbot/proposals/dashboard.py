"""The text of a dashboard: where the images of a repository stand, and boxes to ask for something.

The same state makes the same text, so there are no ages in it, and no word about when a run looked. At most 60,000
characters; lines that do not fit are counted. Boxes stand in lists, as forges draw them nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pinbot.planning.spans import day
from pinbot.proposals._markdown import code, prose
from pinbot.proposals.issue import DASHBOARD
from pinbot.proposals.wishes import Verb, box

LONGEST = 60_000
_NAME, _PATH, _REASON = 160, 160, 300
_PLACES = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: what it is about, why it stands there, until when, and what may be asked for with a box.

    `what` is a title, or with `is_image` the name of an image, `url` the address of a pull request. `places` are paths
    with lines. A reason that `is_quoted` is somebody else's words. `is_asked` is whether the box stays checked.
    """

    what: str
    why: str = ""
    url: str = ""
    places: tuple[str, ...] = ()
    until: datetime | None = None
    ask: tuple[Verb, str] | None = None
    is_asked: bool = False
    is_image: bool = False
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A list with its head, what its boxes are for, and how many characters it may take."""

    head: str
    lines: tuple[Line, ...]
    about: str = ""
    room: int = 9_000


@dataclass(frozen=True, slots=True)
class Counts:
    """How many references there are, and of which kind: what is in each place adds up."""

    offered: int = 0
    current: int = 0
    held: int = 0
    refused: int = 0
    missed: int = 0
    left: int = 0


def dashboard(counts: Counts, parts: Sequence[Part], home: str = "") -> str:
    """Return the text; `home` is the URL of the repository, whose pull requests are all that it links to."""
    told = [text for part in parts if part.lines for text in _part(part, home)]
    return "\n\n".join((DASHBOARD, _OPENING, _counted(counts), *told, "---", _CLOSING)) + "\n"


_OPENING = (
    "This is where the container images of this repository stand. pinbot writes this text anew when that changes, so "
    "whatever else is written into it is lost. Check a box to ask for something: the next run does it, and unchecks it."
)
_CLOSING = (
    "Written by pinbot, which pins container images to digests and keeps them fresh. To have a line left alone for "
    "good, write `# pinbot: ignore` on it or above it. To have no such issue, close this one."
)
_WORDS = (
    ("current", "as they should be"),
    ("offered", "to be changed"),
    ("held", "held"),
    ("refused", "refused"),
    ("missed", "not looked up"),
    ("left", "left alone"),
)


def _counted(counts: Counts) -> str:
    found = [(getattr(counts, name), word) for name, word in _WORDS]
    total = sum(number for number, _ in found)
    if not total:
        return "**No references to container images were found.**"
    named = ", ".join(f"{number} {word}" for number, word in found if number)
    return f"**{total} {'reference' if total == 1 else 'references'}:** {named}."


def _part(part: Part, home: str) -> Iterator[str]:
    yield f"## {part.head}"
    if part.about and any(line.ask for line in part.lines):
        yield part.about
    fitting = list(_within((_line(line, home) for line in part.lines), part.room))
    if fitting:
        yield "\n".join(fitting)
    if left_out := len(part.lines) - len(fitting):
        yield f"… and {left_out} more, for which there is no room here."


def _within(lines: Iterable[str], room: int) -> Iterator[str]:
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return
        yield line


def _line(line: Line, home: str) -> str:
    asked = f"{box(*line.ask, is_checked=line.is_asked)} " if line.ask else ""
    what = code(line.what, _NAME) if line.is_image else prose(line.what, longest=_NAME)
    why = code(line.why, _REASON) if line.is_quoted else prose(line.why, home, _REASON)
    until = f"until {_moment(line.until)}" if line.until else ""
    told = "; ".join(filter(None, (_link(line.url, home), why, until)))
    return f"- {asked}{what}{_places(line.places)}{f': {told}' if told else ''}"


def _link(url: str, home: str) -> str:
    """Return the address of a pull request of the repository as a link; of anything else, the words."""
    return prose(url, home) if url else ""


def _places(places: tuple[str, ...]) -> str:
    if not places:
        return ""
    shown = ", ".join(code(place, _PATH) for place in places[:_PLACES])
    return f" in {shown}{f' and {len(places) - _PLACES} more' if len(places) > _PLACES else ''}"


def _moment(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{day(utc)}, {utc:%H:%M} UTC"
