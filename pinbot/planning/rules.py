"""What one settings file says about references: its rules in order, its defaults, and whom it trusts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from pinbot.oci.digest import Digest
from pinbot.oci.mirrors import Mirrors
from pinbot.planning.matching import CodeRepository, Match, Tests, below, names_of
from pinbot.planning.values import ChangeKind, IgnorePolicy
from pinbot.source.finding import Finding

OWN = Match(own=True)


@dataclass(frozen=True, slots=True)
class Setting:
    """One value that somebody gave to a field of Values; `source` says where: `config.yaml:14 (rule "databases")`."""

    field: str
    value: object
    source: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What is set where a match holds."""

    match: Match
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Denied:
    """A digest that must not be used."""

    digest: Digest
    source: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One settings file. `own` and `trusted` are names, or globs over them, that also stand for all below them.

    `own_source` and `trusted_source` say where they are set. Nothing in `trusted` means that all are. Only the
    organisation's settings have `mirrors`.
    """

    rules: tuple[Rule, ...] = ()
    defaults: tuple[Setting, ...] = ()
    own: tuple[str, ...] = ()
    own_source: str = ""
    trusted: tuple[str, ...] = ()
    trusted_source: str = ""
    denied: tuple[Denied, ...] = ()
    ignores: IgnorePolicy = field(default_factory=IgnorePolicy)
    mirrors: Mirrors = field(default_factory=Mirrors)

    @property
    def in_order(self) -> tuple[Rule, ...]:
        """The rules, and behind them the one that comes with `own`: such images are watched."""
        if not self.own:
            return self.rules
        return (*self.rules, Rule(OWN, (Setting("mode", "watch", f"{self.own_source} (own)"),)))

    @property
    def asks_for_repository(self) -> bool:
        """Whether some rule depends on which repository this is."""
        return any(rule.match.repository for rule in self.rules)


# Compared as an object: it only remembers what it was asked.
@dataclass(frozen=True, eq=False)
class Matcher:
    """Tells which rules of a rulebook hold for a finding, as the bits of a number: the first rule is the lowest bit.

    What is asked again and again, the same image, path, tag, is matched once; `own` are the names that are own ones.
    """

    book: Rulebook
    own: tuple[str, ...]
    code: CodeRepository
    mirrors: Mirrors = field(default_factory=Mirrors)
    _known: dict[tuple[object, ...], int] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def _rules(self) -> tuple[Rule, ...]:
        return self.book.in_order

    @cached_property
    def _tests(self) -> tuple[Tests, ...]:
        owns = below(self.own)
        return tuple(Tests.of(rule.match, owns) for rule in self._rules)

    @cached_property
    def _possible(self) -> int:
        return _bits(test.match.suits_repository(self.code) for test in self._tests)

    @cached_property
    def _picky(self) -> dict[str, int]:
        """Which rules have a condition of each sort."""
        matches = [rule.match for rule in self._rules]
        return {
            "kind": _bits(bool(m.kind) for m in matches),
            "place": _bits(bool(m.format or m.stage) for m in matches),
            "image": _bits(m.needs_image for m in matches),
            "tag": _bits(bool(m.tag) for m in matches),
            "path": _bits(bool(m.path) for m in matches),
        }

    def of(self, finding: Finding, kind: ChangeKind | None) -> int:
        """Return the rules that hold for a finding, of a change of that kind."""
        if not self._rules:
            return 0
        reference, stage, path = finding.reference, finding.stage, finding.path
        names = names_of(reference, self.mirrors) if reference else ()
        tag = reference.effective_tag if reference else None
        rules = self._left(self._possible, "kind", kind, lambda test: test.match.suits_kind(kind))
        rules = self._left(
            rules, "place", (finding.format, stage), lambda test: test.suits_place(finding.format, stage)
        )
        rules = self._left(rules, "image", names, lambda test: test.suits_image(names))
        rules = self._left(rules, "tag", tag, lambda test: test.suits_tag(tag))
        return self._left(rules, "path", path, lambda test: test.path(path))

    def settings(self, rules: int) -> Iterator[Setting]:
        """Yield what these rules set, the first first."""
        for number, rule in enumerate(self._rules):
            if rules >> number & 1:
                yield from rule.settings

    def _left(self, rules: int, sort: str, value: object, holds: Callable[[Tests], bool]) -> int:
        """Return those of the rules that hold by one sort of condition; the others are not asked."""
        asked = rules & self._picky[sort]
        if not asked:
            return rules
        key = (sort, value, asked)
        if key not in self._known:
            self._known[key] = sum(1 << n for n, test in enumerate(self._tests) if asked >> n & 1 and holds(test))
        return rules & ~asked | self._known[key]


def _bits(flags: Iterable[bool]) -> int:
    return sum(1 << number for number, flag in enumerate(flags) if flag)
