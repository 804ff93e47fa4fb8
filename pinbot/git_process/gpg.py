"""A GPG key out of a file, in a home folder of its own: nothing of the user's keyring is read or changed.

https://www.gnupg.org/documentation/manuals/gnupg/GPG-Commands.html, colon listings: doc/DETAILS of GnuPG.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from pinbot.errors import GitError
from pinbot.git_process.answers import clean
from pinbot.git_process.identity import Signing

_SECONDS = 60.0


def gpg_signing(key_file: Path, home: Path) -> Signing:
    """Import a secret key without a passphrase into the folder `home`, and return what signs with it.

    gpg leaves an agent behind that ends when `home` is removed. Raises GitError where gpg or the key is missing.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    _gpg(home, "--import", "--", str(key_file.absolute()))
    listing = _gpg(home, "--list-secret-keys", "--with-colons").splitlines()
    # The first fingerprint is that of the primary key.
    prints = [line.split(":")[9] for line in listing if line.startswith("fpr:")]
    if not prints:
        raise GitError(f"{key_file}: there is no secret key in it")
    return Signing("openpgp", prints[0], str(home))


def _gpg(home: Path, *words: str) -> str:
    command = ["gpg", "--batch", "--no-tty", "--quiet", "--homedir", str(home), *words]
    try:
        # gpg by its name on the PATH, as git runs it; the words are ours but for a path behind `--`.
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
    except FileNotFoundError as error:
        raise GitError("gpg is not installed, or not on the PATH") from error
    except subprocess.TimeoutExpired as error:
        raise GitError(f"gpg did not come to an end in {_SECONDS:g} s") from error
    if done.returncode:
        said = clean(done.stderr.decode("utf-8", "replace"))
        raise GitError(f"gpg cannot use the key; there is no secret key without a passphrase: {said}")
    return done.stdout.decode("utf-8", "replace")
