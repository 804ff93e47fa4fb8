"""The optional libraries: a sentence says which extra brings one that is missing; none is loaded without need."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pinbot.registry.credentials import aws, azure, google
from pinbot.registry.credentials._base import Chosen
from pinbot.registry.credentials._source import Source
from tests.registry.credentials.asking import Asked, wanted

EXTRAS: dict[str, tuple[Source, str, str, tuple[str, ...]]] = {
    "ecr": (aws.SOURCE, "aws", "public.ecr.aws", ("botocore.session", "botocore.config")),
    "google": (google.SOURCE, "google", "gcr.io", ("google.auth", "google.auth.transport.requests")),
    "azure": (azure.SOURCE, "azure", "acme.azurecr.io", ("azure.identity",)),
}


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_that_is_missing_is_named(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source, kind, registry, modules = EXTRAS[extra]
    for module in modules:
        monkeypatch.setitem(sys.modules, module, None)  # how Python marks what is not there
    asked = Asked(source, chosen={registry: Chosen(kind)})
    assert asked.who(wanted(registry, "a"), wanted(registry, "b")) is None
    (warning,) = asked.warnings
    assert f"pip install 'pinbot[{extra}]'" in warning
    assert registry in warning


def test_no_library_is_loaded_before_the_settings_ask_for_it() -> None:
    program = (
        "import sys\n"
        "from pinbot.registry.resolver import RegistryResolver\n"
        "RegistryResolver().close()\n"
        "print([name for name in ('botocore', 'google.auth', 'azure.identity', 'requests') if name in sys.modules])\n"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"
