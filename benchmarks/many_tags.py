"""A registry with one repository of very many tags, each page made beforehand: what is measured is the asking."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fakes.registry import FakeRegistry
from tests.fakes.server import Reply, Seen

TAGS, PAGE = 100_000, 1_000
PATH = "team/app"
NEWEST = f"1.{TAGS - 1}.0"


@contextmanager
def registry(tags: int = TAGS) -> Iterator[FakeRegistry]:
    """Serve `team/app` with the tags 1.0.0, 1.1.0 and so on, a thousand on a page."""
    names = [f"1.{n}.0" for n in range(tags)]
    pages = {f"{start}": json.dumps({"tags": names[start : start + PAGE]}).encode() for start in range(0, tags, PAGE)}

    def page(seen: Seen, reply: Reply) -> Reply:
        if "tags/list" not in seen.target:
            return reply
        start = int(seen.query.get("last", ["0"])[0])
        answer = Reply(200, (("Content-Type", "application/json"),), pages[str(start)])
        following = start + PAGE
        return answer if following >= tags else answer.with_header("Link", f'<?n={PAGE}&last={following}>; rel="next"')

    with FakeRegistry() as served:
        served.push_image(PATH, ["1.0.0", names[-1]])
        served.faults.append(page)
        yield served
