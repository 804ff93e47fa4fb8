"""Secrets from where the settings say that they are: an environment variable, or a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pinbot.config.secrets import SecretSource
from pinbot.errors import UsageError
from pinbot.secret import Secret


def secret(whose: str, source: SecretSource, environ: Mapping[str, str]) -> Secret:
    """Return a secret; `whose` completes "The password …" in an error. Raises UsageError where it is not there."""
    if source.env is not None:
        where, content = source.env, os.fsencode(environ.get(source.env, ""))
        if not content:
            raise UsageError(f"The password {whose} is to be in {where}, and that variable is not set.")
    else:
        assert source.file is not None
        where = source.file
        try:
            content = Path(where).read_bytes()
        except OSError as error:
            raise UsageError(f"The password {whose} cannot be read from {where}: {error.strerror}") from error
    try:
        text = content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        # Neither shown nor kept as the cause: the error holds the secret.
        raise UsageError(f"The password {whose} in {where} is not UTF-8.") from None
    if not text:
        raise UsageError(f"The password {whose} in {where} is empty.")
    return Secret(text)
