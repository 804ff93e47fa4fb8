"""The ARGs of a Dockerfile and what each of them feeds: https://docs.docker.com/reference/dockerfile/#scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field

from pinbot.formats._pieces import Step, Value


@dataclass(slots=True)
class Arguments:
    """The ARGs before the first FROM, as far as they have been read, and who uses each definition.

    `unset` begins the sentence about a name that none of them sets, `given` are the values that a build gives from
    outside, in place of the defaults.
    """

    values: MutableMapping[str, tuple[int, Value]] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)
    uses: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    exposed: dict[str, int] = field(default_factory=dict)
    unset: str = "no ARG before the first FROM sets"
    given: Mapping[str, Value] = field(default_factory=dict)

    def define(self, name: str, value: Value | None) -> None:
        """Add an ARG; one without a default leaves what is there."""
        self.declared.add(name)
        value = self.given.get(name, value)
        if value is not None:
            self.values[name] = (len(self.uses), value)
            self.uses[len(self.uses)] = []

    def override(self, name: str) -> str:
        """Say how the value of an ARG is set from outside."""
        return f"--build-arg {name}=…"

    def why_shared(self, steps: Iterable[Step]) -> str | None:
        """Say what else than one reference the variables of `steps` feed; None where there is nothing."""
        for step in steps:
            users = self.uses[step.definition] if step.definition is not None else []
            if len(users) > 1:
                both = f"{users[0]} and {users[1]}" if users[0] != users[1] else f"{users[0]} twice"
                return f"{step.name} feeds {both}, and a digest in its value would reach both"
            if step.definition is not None and step.name in self.exposed:
                line = self.exposed[step.name]
                return (
                    f"ARG {step.name} on line {line} lets a stage see the value, so a digest in it could end up there"
                )
        return None
