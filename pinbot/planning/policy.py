"""What may be done with a reference: the values that rules, settings and remarks give it, and where each comes from.

A remark on the line wins over the command line's --cooldown and --now, those over the rules of the organisation in
their order, those over --level and its defaults. What the repository's own settings say narrows that (narrowing).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from pinbot.oci.mirrors import Mirrors
from pinbot.oci.reference import Reference
from pinbot.planning.declined import Declined
from pinbot.planning.globs import searcher, whole
from pinbot.planning.matching import CodeRepository, below, names_of
from pinbot.planning.narrowing import TABLE, narrowed
from pinbot.planning.rules import Matcher, Rulebook, Setting
from pinbot.planning.values import (
    FIELDS,
    KINDS,
    MODES,
    NO_COOLDOWN,
    SETTLE,
    UNATTENDED_COOLDOWN,
    ChangeKind,
    IgnorePolicy,
    Mode,
    Values,
    Verify,
    key_of,
)
from pinbot.source.directive import LEVELS, Level, LevelRemark
from pinbot.source.finding import Finding

__all__ = [
    "LEVELS", "MODES", "NO_COOLDOWN", "SETTLE", "Asked", "ChangeKind", "CodeRepository", "IgnorePolicy", "Level",
    "Mode", "Origin", "Policy", "Rulebook", "Terms", "Values", "Verify", "assembled",
]  # fmt: skip

_REMARK = "a remark on the line"
_DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says: `level` where no rule sets one, `cooldown` whatever they say, images for `now`."""

    level: Level | None = None
    cooldown: timedelta | None = None
    now: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """The value of a key of the settings, and where it comes from.

    `narrowed` is what the organisation's settings say where those of the repository narrowed it; `overruled` are the
    settings that speak of the reference too, and come too late or would widen it. `kind` is the kind of change that
    it is for, None for all.
    """

    key: str
    value: object
    source: str
    kind: ChangeKind | None = None
    narrowed: Setting | None = None
    overruled: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class _Stacks:
    """All settings that hold for one reference, by field, those that win first: of the organisation, the repository."""

    firm: dict[str, Setting]
    organisation: dict[str, list[Setting]]
    repository: dict[str, list[Setting]]


@dataclass(frozen=True, slots=True)
class Policy:
    """All that settings say about references; without any, it says nothing but its defaults.

    `organisation` are the settings of whoever runs pinbot, `repository` those in the repository, which can only narrow
    them. `ignores` is what both ask of remarks (see `assembled`).
    """

    defaults: Values = field(default_factory=Values)
    ignores: IgnorePolicy = field(default_factory=IgnorePolicy)
    organisation: Rulebook = field(default_factory=Rulebook)
    repository: Rulebook = field(default_factory=Rulebook)
    asked: Asked = field(default_factory=Asked)
    code: CodeRepository = field(default_factory=CodeRepository)
    _matchers: tuple[Matcher, Matcher] = field(init=False, repr=False, compare=False)
    _values: dict[tuple[int, int, Level | None, bool], Values] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Prepare the matching. What a repository calls its own makes no rule of the organisation hold."""
        organisation = Matcher(self.organisation, self.organisation.own, self.code, self.mirrors)
        own = (*self.organisation.own, *self.repository.own)
        repository = Matcher(self.repository, own, self.code, self.mirrors)
        object.__setattr__(self, "_matchers", (organisation, repository))

    @property
    def mirrors(self) -> Mirrors:
        """The mirrors; a repository cannot name any."""
        return self.organisation.mirrors

    def of(self, finding: Finding, kind: ChangeKind | None = None) -> Values:
        """Return the values for a reference; with `kind`, for a change of that kind to it."""
        situation = self._situation(finding, kind)
        if situation not in self._values:
            stacks = self._stacks(*situation)
            found: dict[str, Any] = {name: self._origin(name, stacks).value for name in _named(stacks)}
            self._values[situation] = replace(self.defaults, **found)
        return self._values[situation]

    def explain(self, finding: Finding) -> tuple[Origin, ...]:
        """Return each key with its value and where that comes from; then what differs for one kind of change."""
        plain = self._origins(finding, None)
        return (
            *plain,
            *(
                replace(origin, kind=kind)
                for kind in KINDS
                for origin, usual in zip(self._origins(finding, kind), plain, strict=True)
                if (origin.value, origin.source) != (usual.value, usual.source)
            ),
        )

    def denial(self, reference: Reference) -> str | None:
        """Say why the digest of a reference must not be used; None where it may."""
        denied = (*self.organisation.denied, *self.repository.denied)
        found = next((d for d in denied if d.digest == reference.digest), None)
        if found is None:
            return None
        return f"{found.source} denies this digest{': ' if found.reason else ''}{found.reason}"

    def distrust(self, reference: Reference) -> str | None:
        """Say why the registry of a reference is not trusted; None where it is."""
        names = names_of(reference, self.mirrors)
        for book in (self.organisation, self.repository):
            if book.trusted and not below(book.trusted)(names):
                return f"{names[0]} is not among the trusted registries of {book.trusted_source}"
        return None

    def is_own(self, reference: Reference) -> bool:
        """Whether the settings call an image the organisation's own."""
        return below((*self.organisation.own, *self.repository.own))(names_of(reference, self.mirrors))

    def tag_refusal(self, values: Values, tag: str) -> str | None:
        """Say why a tag may not be taken; None where it may."""
        for pattern in values.allowed_tags:
            if not searcher((pattern,))(tag):
                return f"allowed-tags does not allow {tag}: {pattern} is not found in it"
        denied = next((p for p in values.denied_tags if searcher((p,))(tag)), None)
        return None if denied is None else f"denied-tags denies {tag}: {denied} is found in it"

    def is_urgent(self, reference: Reference) -> bool:
        """Whether `--now` names this image, with its tag or without: no cooldown, no settling."""
        if not self.asked.now:
            return False
        names = names_of(reference, self.mirrors)
        tagged = tuple(f"{name}:{reference.effective_tag}" for name in names)
        return any(map(whole(self.asked.now), (*names, *tagged)))

    def _situation(self, finding: Finding, kind: ChangeKind | None) -> tuple[int, int, Level | None, bool]:
        """All that the values of a finding depend on: the rules that hold, the remark on the line, and `--now`."""
        organisation, repository = (matcher.of(finding, kind) for matcher in self._matchers)
        remark = next((d.level for d in finding.directives if isinstance(d, LevelRemark)), None)
        return organisation, repository, remark, bool(finding.reference and self.is_urgent(finding.reference))

    def _stacks(self, organisation: int, repository: int, remark: Level | None, urgent: bool) -> _Stacks:
        ours, theirs = self._matchers
        level = () if self.asked.level is None else (Setting("level", self.asked.level, "--level"),)
        return _Stacks(
            {s.field: s for s in reversed([*self._firm(remark, urgent)])},
            _by_field((*ours.settings(organisation), *level, *self.organisation.defaults)),
            _by_field((*theirs.settings(repository), *self.repository.defaults)),
        )

    def _firm(self, remark: Level | None, urgent: bool) -> Iterator[Setting]:
        """Yield what nothing else changes, the strongest first."""
        if remark is not None:
            yield Setting("level", remark, _REMARK)
        if urgent:
            yield from (Setting(name, NO_COOLDOWN, "--now") for name in ("cooldown", "settle"))
        if self.asked.cooldown is not None:
            yield Setting("cooldown", self.asked.cooldown, "--cooldown")

    def _origins(self, finding: Finding, kind: ChangeKind | None) -> tuple[Origin, ...]:
        stacks = self._stacks(*self._situation(finding, kind))
        return tuple(self._origin(name, stacks) for name in FIELDS)

    def _origin(self, name: str, stacks: _Stacks) -> Origin:
        ours, theirs = stacks.organisation.get(name, []), stacks.repository.get(name, [])
        firm = stacks.firm.get(name)
        if firm is not None:
            return Origin(key_of(name), firm.value, firm.source, overruled=(*ours, *theirs))
        default = Setting(name, getattr(self.defaults, name), _DEFAULT)
        said = ours[0] if ours else default
        late = (*ours[1:], *theirs[1:])
        if not theirs:
            return Origin(key_of(name), said.value, said.source, overruled=late)
        if not ours and not TABLE[name].from_default:
            return Origin(key_of(name), theirs[0].value, theirs[0].source, overruled=late)
        return _narrowed(name, said, theirs[0], late)


def _narrowed(name: str, ours: Setting, theirs: Setting, late: tuple[Setting, ...]) -> Origin:
    """Return what remains of the organisation's value; the repository's is overruled where it changes nothing."""
    value = narrowed(name, ours.value, theirs.value)
    if value == ours.value:
        return Origin(key_of(name), value, ours.source, overruled=(theirs, *late))
    source = theirs.source if value == theirs.value else f"{ours.source} and {theirs.source}"
    return Origin(key_of(name), value, source, narrowed=ours, overruled=late)


def _named(stacks: _Stacks) -> set[str]:
    return {*stacks.firm, *stacks.organisation, *stacks.repository}


def _by_field(settings: tuple[Setting, ...]) -> dict[str, list[Setting]]:
    found: dict[str, list[Setting]] = {}
    for setting in settings:
        found.setdefault(setting.field, []).append(setting)
    return found


def assembled(
    organisation: Rulebook, repository: Rulebook, asked: Asked, code: CodeRepository, *, unattended: bool = False
) -> Policy:
    """Return the policy of a run: its settings, the repository's, and the command line.

    What runs `unattended` waits for three days where nothing else is said.
    """
    ignores = organisation.ignores.stricter(repository.ignores)
    defaults = Values(cooldown=UNATTENDED_COOLDOWN) if unattended else Values()
    return Policy(defaults, ignores, organisation, repository, asked, code)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run goes by: its policy, its time (UTC), and what people declined by closing pull requests.

    `hurried` is what an emergency has offered, as tokens of `declined`, as long as that is neither merged nor closed.
    """

    policy: Policy
    now: datetime
    declined: Declined = field(default_factory=Declined)
    hurried: frozenset[str] = frozenset()

    @property
    def today(self) -> date:
        """The day, for what expires."""
        return self.now.date()
