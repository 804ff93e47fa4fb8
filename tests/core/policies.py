"""Policies from the text of settings, as users write them."""

from __future__ import annotations

from pinbot.config import repository as repository_settings
from pinbot.config.load import parse
from pinbot.planning.policy import Asked, CodeRepository, Origin, Policy, assembled
from pinbot.source.finding import Finding

_NOBODY = Asked()
_NOWHERE = CodeRepository()


def policy(
    organisation: str = "", repository: str = "", asked: Asked = _NOBODY, code: CodeRepository = _NOWHERE
) -> Policy:
    """Return the policy of `config.yaml` and `.pinbot.yaml` with these texts."""
    ours = parse("config.yaml", organisation.encode()).rulebook
    theirs = repository_settings.parse(".pinbot.yaml", repository.encode()).rulebook
    return assembled(ours, theirs, asked, code)


def origin(key: str, policy: Policy, finding: Finding) -> Origin:
    """Return where the value of a key comes from, for every kind of change."""
    return next(o for o in policy.explain(finding) if o.key == key and o.kind is None)
