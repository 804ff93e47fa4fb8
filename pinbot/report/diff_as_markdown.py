"""Two images beside each other as Markdown, for a pull request or a page: what pinbot's own pull requests say of them.

Everything that registries say is hostile, and is written as `proposals` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.planning.evidence import Evidence
from pinbot.planning.sides import Sides
from pinbot.proposals._markdown import code, prose, row, table
from pinbot.proposals._tables import NOTHING
from pinbot.proposals.concerns import of_images
from pinbot.proposals.details import changed_packages, facts, problems, summary
from pinbot.proposals.news import News


def diff(found: Sides) -> str:
    """Return a heading, what stands out, a table of facts, and the packages."""
    return "\n\n".join((_heading(found), *_parts(found))) + "\n"


def _heading(found: Sides) -> str:
    return f"### {code(str(found.old.reference))} → {code(str(found.new.reference))}"


def _parts(found: Sides) -> Iterator[str]:
    evidence = found.evidence
    if found.differ is False:
        yield f"Both are {code(str(found.new.digest))}."
    elif evidence is None:
        yield "\n".join(f"- not looked up: {code(error, 300)}" for error in found.errors)
    else:
        yield f"{summary(evidence)[:1].upper()}{summary(evidence)[1:]}."
        name = code(str(found.new.reference))
        if concerns := of_images(evidence):
            yield "\n".join(f"- **{one.mark}**: {name} {prose(one.sentence)}." for one in concerns)
        yield _facts(found, evidence)
        yield from changed_packages(evidence.packages)
        yield from problems(evidence)


def _facts(found: Sides, evidence: Evidence) -> str:
    digests = (code(str(side.digest)) or NOTHING for side in (found.old, found.new))
    rows = [row("digest", *digests), *(row(*fact) for fact in facts(News(), evidence))]
    return table(("", "Before", "After"), rows)
