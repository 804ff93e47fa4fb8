"""Where a secret is to be had, as the settings say it: `{env: NAME}` or `{file: PATH}`."""

from __future__ import annotations

from dataclasses import dataclass

from pinbot.config.section import Section


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Where a secret is to be had: the name of an environment variable, or a file. Never the secret itself."""

    env: str | None = None
    file: str | None = None


def secret(section: Section) -> SecretSource | None:
    """Return where a secret is to be had; it never stands in the settings itself."""
    source = SecretSource(env=section.text("env"), file=section.file("file"))
    section.nothing_else()
    if (source.env is None) == (source.file is None):
        raise section.fail("env", "a secret is given as {env: NAME} or {file: PATH}, one of the two")
    return source
