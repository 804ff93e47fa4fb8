"""A GitLab of the settings as a living object."""

from __future__ import annotations

import math
from collections.abc import Callable

from pinbot.config.sweeping import ForgeSettings
from pinbot.forge._base import Owner
from pinbot.forge._pace import Pace
from pinbot.forge.gitlab import GitLab, Habits, Options, Wire
from pinbot.net.proxy import Proxies
from pinbot.net.retry import RetryPolicy
from pinbot.secret import Secret

# GitLab ends a question of GraphQL after thirty.
_ANSWER_SECONDS = 35


def gitlab(
    chosen: ForgeSettings,
    token: Secret,
    prefix: str,
    proxies: Proxies,
    retries: RetryPolicy,
    seconds: float | None,
    pace: Pace,
    warn: Callable[[str], None],
    *,
    dashboards: bool = False,
) -> GitLab:
    """Return the forge; with `seconds`, nothing is waited for longer; `dashboards` is as in Options.

    Raises UsageError, AddressRefused.
    """
    wire = Wire(
        chosen.ca_file,
        proxies,
        timeout_seconds=math.ceil(seconds or _ANSWER_SECONDS),
        plain_http=chosen.allow_http,
    )
    options = Options(
        token,
        chosen.url or "https://gitlab.com",
        chosen.gitlab.scheme,
        tuple(Owner(kind, name) for kind, name in chosen.owners),
        chosen.gitlab.subgroups,
        chosen.selection,
        prefix,
        Habits(chosen.gitlab.squash, chosen.gitlab.remove_source_branch),
        dashboards=dashboards,
        wire=wire,
        pace=pace,
        warn=warn,
        retries=retries,
    )
    return GitLab(options)
