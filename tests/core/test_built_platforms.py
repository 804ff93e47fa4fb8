"""For which platforms a repository builds: what its workflows, bake files and compose files name."""

from __future__ import annotations

import pytest

from pinbot import wiring
from pinbot.formats._claims import Claims
from pinbot.run import Scope, survey
from tests.fakes.memory import TERMS, MemoryWorkspace

SCOPE = Scope(Claims(wiring.formats()))
STEP = "jobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n"
BAKE = "jobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: docker/bake-action@v6\n        with:\n"
BOTH = {"linux/amd64", "linux/arm64"}


@pytest.mark.parametrize(
    ("path", "text", "platforms"),
    [
        pytest.param(
            ".github/workflows/a.yml", f"{STEP}          platforms: linux/amd64,linux/arm64/v8\n", BOTH, id="a workflow"
        ),
        pytest.param(
            ".github/workflows/a.yml",
            f"{STEP}          platforms: |\n            linux/amd64\n            linux/arm64\n",
            BOTH,
            id="a workflow, line by line",
        ),
        pytest.param(
            ".github/workflows/a.yml",
            f"{STEP}          platforms: ${{{{ matrix.platform }}}}\n",
            set(),
            id="what is filled in is not known",
        ),
        pytest.param(
            ".github/workflows/a.yml",
            f"{BAKE}          set: |\n            *.platform=linux/amd64,linux/arm64\n",
            BOTH,
            id="a workflow that bakes",
        ),
        pytest.param(
            "docker-bake.hcl",
            'variable "A" {\n  default = "linux/arm64"\n}\ntarget "a" {\n  platforms = ["linux/amd64", A]\n}\n',
            BOTH,
            id="a bake file",
        ),
        pytest.param(
            "docker-bake.json",
            '{"target": {"a": {"platforms": ["linux/amd64", "linux/arm64"]}}}',
            BOTH,
            id="bake in JSON",
        ),
        pytest.param(
            "docker-bake.hcl",
            'target "b" {\n  platforms = ["linux/amd64", "linux/arm64"]\n}\ntarget "a" {\n  inherits = ["b"]\n}\n',
            BOTH,
            id="inherited",
        ),
        pytest.param(
            "compose.yaml",
            "services:\n  a:\n    build:\n      platforms: [linux/amd64, '${P:-linux/arm64}']\n",
            BOTH,
            id="a compose file",
        ),
        pytest.param(
            "compose.yaml",
            "services:\n  a:\n    image: nginx\n    platform: linux/arm64\n",
            set(),
            id="what a service runs on is not built",
        ),
        pytest.param(
            "vendor/x/compose.yaml",
            "services:\n  a:\n    build:\n      platforms: [linux/amd64]\n",
            set(),
            id="a vendored file builds nothing here",
        ),
    ],
)
def test_knows_the_platforms_that_are_named(path: str, text: str, platforms: set[str]) -> None:
    assert {str(p) for p in survey(MemoryWorkspace({path: text.encode()}), SCOPE, TERMS).platforms} == platforms
