"""Commands in scripts and workflow steps that name an image (`docker run nginx:latest`): listed, never edited.

The options are those of https://docs.docker.com/reference/cli/docker/container/run/, image/pull/ and
https://docs.podman.io/en/latest/markdown/podman-run.1.html. What cannot be told (a variable among the options) is
left out: a suspect is a hint for a person, so a missing one is better than a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from pinbot.errors import InvalidReference
from pinbot.formats._suspects_shell import Word, commands
from pinbot.oci.reference import Reference
from pinbot.source.suspect import Suspect
from pinbot.source.text import decode

_ENGINES = {"docker", "podman", "nerdctl"}
_NEEDLES = tuple(name.encode() for name in sorted(_ENGINES))
_VERBS = {"run", "create", "pull"}
_GROUPS = {"container", "image"}
_MAX_BYTES = 1024 * 1024  # nobody writes a longer script by hand
_MAX_TEXT = 120  # characters: what fits beside path and line in a terminal

_PATHS = re.compile(
    r"""(?:.*/)?(?:
        [^/]+\.(?:sh|bash|zsh|ksh|mk|just|ps1) | (?:gnu)?makefile(?:\.[^/]+)? | \.?justfile | taskfile(?:\.dist)?\.ya?ml
      | jenkinsfile(?:\.[^/]+)? | [^/]*\.jenkinsfile | package\.json | [^/]*\.?gitlab-ci\.ya?ml | \.travis\.yml
      | azure-pipelines[^/]*\.ya?ml | bitbucket-pipelines\.yml | \.drone\.ya?ml | action\.ya?ml
      | \.github/workflows/[^/]+\.ya?ml | \.circleci/[^/]+\.ya?ml | \.woodpecker/[^/]+\.ya?ml | \.buildkite/[^/]+\.ya?ml
    )""",
    re.IGNORECASE | re.VERBOSE,
)

# All that the pattern matches has one of these in its name; most files of a repository have none.
_HINTS = (".sh", ".bash", ".zsh", ".ksh", ".mk", ".just", ".ps1", ".yml", ".yaml", "file", "package.json")

# The options that take no value; every other one does, so that a value is never taken for an image.
# fmt: off
_SWITCHES = {
    "--all-tags", "--detach", "--disable-content-trust", "--env-host", "--help", "--http-proxy", "--init",
    "--interactive", "--no-healthcheck", "--no-hostname", "--no-hosts", "--oom-kill-disable", "--privileged",
    "--publish-all", "--quiet", "--read-only", "--read-only-tmpfs", "--replace", "--rm", "--rmi", "--sig-proxy",
    "--tls-verify", "--tty", "--use-api-socket",
}
# Those before the verb.
_GLOBAL_SWITCHES = {"--debug", "-D", "--tls", "--tlsverify", "--remote", "-r", "--insecure-registry"}
# fmt: on
_SHORT_SWITCHES = {"run": "ditPqh", "create": "itPqh", "pull": "aqh"}


# Asked once for the suspects, and once by the format that reads what commands set.
@lru_cache(maxsize=1)
def looks_suspect(path: str) -> bool:
    """Whether a file of that path may hold commands."""
    name = path.rpartition("/")[2].lower()
    return any(map(name.__contains__, _HINTS)) and _PATHS.fullmatch(path) is not None


def suspects(path: str, data: bytes) -> Iterator[Suspect]:
    """Yield the commands in a file that name an image without a digest."""
    if len(data) > _MAX_BYTES or b"\0" in data or not any(needle in data for needle in _NEEDLES):
        return
    for line, words in commands(decode(data), PurePosixPath(path).suffix.lower()):
        if PurePosixPath(words[0].text).name in _ENGINES:
            image = _image(words)
            if image is not None and _is_unpinned(words[image].text):
                yield Suspect(path, line, _shown([word.written for word in words[: image + 1]]))


def _image(words: Sequence[Word]) -> int | None:
    """Return which word of a container engine's command is the image, None where there is none to be told."""
    at = _after_options(words, 1, _GLOBAL_SWITCHES, "")
    if at < len(words) and words[at].text in _GROUPS:
        at += 1
    if at >= len(words) or words[at].text not in _VERBS:
        return None
    return image_behind(words, at + 1, words[at].text)


def image_behind(words: Sequence[Word], at: int, verb: str) -> int | None:
    """Return which word is the image, of those from `at` on that stand behind a verb; None where there is none."""
    at = _after_options(words, at, _SWITCHES, _SHORT_SWITCHES[verb])
    return at if at < len(words) else None


def _after_options(words: Sequence[Word], at: int, switches: set[str], short: str) -> int:
    while at < len(words) and words[at].text.startswith("-") and words[at].text != "-":
        option = words[at].text
        at += 1
        if option == "--":
            break
        at += _takes_next(option, switches, short)
    return at


def _takes_next(option: str, switches: set[str], short: str) -> bool:
    """Whether the value of an option is the next word: not for switches, `--key=value` and `-p80:80`."""
    if option.startswith("--"):
        return "=" not in option and option not in switches
    letters = option[1:].lstrip(short)
    return option not in switches and len(letters) == 1


def _is_unpinned(text: str) -> bool:
    try:
        return Reference.parse(text).digest is None
    except InvalidReference:
        return False


def _shown(words: list[str]) -> str:
    text = " ".join(words)
    if len(text) <= _MAX_TEXT:
        return text
    return f"{text[: max(_MAX_TEXT - len(words[-1]) - 3, 10)]} … {words[-1]}"
