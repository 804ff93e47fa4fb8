"""Which versions stand far outside the sequence that a repository's other versions make (a lone `9999`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from pinbot.oci.tags import TagVersion

# A step this wide is nothing unusual, and a wider one where the numbers are higher (JDK 8 → 21, Chrome 64 → 120); of
# dates it is years.
_USUAL_STEP = 10
# So many versions beyond a gap are no accident: the project counts otherwise now (4.6 → 2021.1, 2021.2, 2021.3).
_ENOUGH = 3
# A gap that is unusual is also this many times wider than any other below it.
_WIDER = 3


def outliers(current: TagVersion, comparable: Iterable[TagVersion]) -> Mapping[int, str]:
    """Return the leading numbers that stand far above the sequence of `current`, each with a sentence that says so.

    `comparable` are all tags that can be compared with `current`, older ones too. A leading number is far outside when
    the gap below it is wide in itself and wider than all gaps before it, and few tags stand above the gap.
    """
    members = Counter(leading(tag) for tag in comparable)
    start = leading(current)
    members[start] += 1
    far: dict[int, str] = {}
    base, widest, above = min(members), 0, members.total()
    for number in sorted(members):
        if number > start and above < _ENOUGH and _is_far(current, base, number, widest):
            far[number] = f"far outside the sequence: the next lower is {base}"
        else:
            base, widest = number, max(widest, number - base)
        above -= members[number]
    return far


def leading(tag: TagVersion) -> int:
    """Return the number by which a tag is placed: the first one; of a date its year."""
    first = tag.numbers[0]
    return int(str(first)[:4]) if tag.scheme == "date" and len(tag.numbers) == 1 else first


def _is_far(current: TagVersion, base: int, number: int, widest: int) -> bool:
    usual = _USUAL_STEP if current.scheme in ("date", "stamp") else max(_USUAL_STEP + base // 2, base)
    return number - base > max(usual, _WIDER * widest)
