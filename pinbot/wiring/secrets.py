"""Secrets from where the settings say that they are: an environment variable, or a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pinbot.config.secrets import SecretSource
from pinbot.errors import UsageError
from pinbot.secret import Secret


def secret(what: str, source: SecretSource, environ: Mapping[str, str]) -> Secret:
    """Return a secret; `what` names it in an error: "the token for GitHub". Raises UsageError where it is not there."""
    named = f"{what[:1].upper()}{what[1:]}"
    if source.env is not None:
        where, content = source.env, os.fsencode(environ.get(source.env, ""))
        if not content:
            raise UsageError(f"{named} is to be in {where}, and that variable is not set.")
    else:
        assert source.file is not None
        where = source.file
        try:
            content = Path(where).read_bytes()
        except OSError as error:
            raise UsageError(f"{named} cannot be read from {where}: {error.strerror}") from error
    try:
        text = content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        # Neither shown nor kept as the cause: the error holds the secret.
        raise UsageError(f"{named} in {where} is not UTF-8.") from None
    if not text:
        raise UsageError(f"{named} in {where} is empty.")
    return Secret(text)
