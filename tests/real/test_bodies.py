"""What a reviewer reads about images that buildah built, as a whole: one page for each kind of change.

    python -m pytest tests/real/test_bodies.py --write-bodies

writes the pages anew, for a look at what changed in them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proposals.rendered import Rendered
from tests.real.registries import Registries
from tests.real.stories import STORIES, shop, text

LINKED = "https://github.com/acme/web/compare/", "https://forge.example/acme/shop/pull/"
BODIES = Path(__file__).parent / "bodies"


@pytest.mark.parametrize("name", STORIES)
def test_the_pull_request_says_what_changed(name: str, registries: Registries, request: pytest.FixtureRequest) -> None:
    story, image = STORIES[name]
    with shop(registries) as one:
        page = text(story(one), image)
        opened = [text(pull, image) for pull in one.swept()]
    assert page in opened or name == "dashboard"
    path = BODIES / f"{name}.md"
    if request.config.getoption("--write-bodies"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(page, "utf-8")
    assert page == path.read_text("utf-8")
    seen = Rendered(page.partition("\n")[2])
    assert seen.references == {}
    assert all(link.startswith(LINKED) for link in seen.links)
