"""What changed between two images, by what the registry gave: the reasons for a reviewer to say yes or no.

Nothing here is proven: manifests are as the registry has them, everything else is the word of whoever built the image.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from pinbot.oci.digest import Digest
from pinbot.oci.manifest import Manifest
from pinbot.oci.platform import Platform
from pinbot.oci.resolution import Runtime
from pinbot.oci.statement import Provenance
from pinbot.planning.images import Image, image, platforms_of, questions
from pinbot.planning.known import Known
from pinbot.planning.labels import comparison, normal
from pinbot.planning.packages import PackageDiff, package_diff
from pinbot.planning.platforms import USUAL
from pinbot.planning.rebuilds import Rebuild, compare
from pinbot.planning.settings_diff import SettingChange, setting_changes

# Of each platform the manifest is read, and at Docker Hub that is a pull: no more than these, the usual first.
_MOST_PLATFORMS = 4
# BuildKit's actions name the run (https://docs.docker.com/build/metadata/attestations/slsa-definitions/), on GitHub, on
# Gitea and Forgejo, and on GitLab.
_RUN = re.compile(r"/(?:actions/runs|-/(?:jobs|pipelines))/[0-9]+(?:/(?:attempts|jobs)/[0-9]+)?/?$")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Layers:
    """How many layers there are before and after, how many of those after were there before, the lowest among them."""

    old: int
    new: int
    kept: int
    same_base: bool


# Without slots, so that what takes long, and every part of a text asks for, is worked out once.
@dataclass(frozen=True)
class Evidence:
    """Two images beside each other; `old` is None where there is only one, at a first pin.

    What cannot be said is None: where one side is not known, or both are for different platforms.
    """

    new: Image
    old: Image | None = None

    @property
    def added(self) -> tuple[Platform, ...]:
        """The platforms that only the new image is for."""
        return _only(self.new.platforms, self.old.platforms) if self.old and self.old.platforms else ()

    @property
    def gone(self) -> tuple[Platform, ...]:
        """The platforms that only the old image is for."""
        return _only(self.old.platforms, self.new.platforms) if self.old and self.new.platforms else ()

    @property
    def looked_into(self) -> tuple[Platform | None, Platform | None] | None:
        """The platforms before and after of which labels, layers, settings and packages are, where there are others."""
        if self.old is None or len({*self.old.platforms, *self.new.platforms}) < 2:
            return None
        return self.old.platform, self.new.platform

    @property
    def sizes(self) -> tuple[tuple[Platform, int | None, int | None], ...]:
        """The sizes before and after, in bytes, of each platform that was looked at."""
        looked_at = dict.fromkeys((*self.new.manifests, *(self.old.manifests if self.old else ())))
        return tuple((one, self.old.size(one) if self.old else None, self.new.size(one)) for one in looked_at)

    @property
    def layers(self) -> Layers | None:
        """What became of the layers."""
        if (manifests := self._both(_manifest)) is None:
            return None
        before, after = ([layer.digest for layer in one.layers] for one in manifests)
        there = {*before}
        return Layers(len(before), len(after), sum(one in there for one in after), before[:1] == after[:1])

    @cached_property
    def settings(self) -> tuple[SettingChange, ...] | None:
        """What differs in how containers are run: where it was looked into, and then what differs elsewhere."""
        if (runtimes := self._both(_runtime)) is None:
            return None
        first = setting_changes(*runtimes)
        return (*first, *(change for change in self._elsewhere if replace(change, platform=None) not in first))

    @property
    def becomes_root(self) -> bool:
        """Whether root runs what another user ran."""
        return any(change.becomes_root for change in self.settings or ())

    @cached_property
    def packages(self) -> PackageDiff | None:
        """What became of the packages; None also where not both images come with a list of them."""
        lists = self._both(lambda one: one.statements.packages if one.statements else None)
        return package_diff(*lists) if lists else None

    @property
    def same_source(self) -> bool | None:
        """Whether both say that they are from one repository; None where not both say from which."""
        sources = self._both(lambda one: one.labels.source or None)
        return normal(sources[0]) == normal(sources[1]) if sources else None

    @property
    def comparison(self) -> str | None:
        """The address where a forge compares the two revisions."""
        revisions = self._both(lambda one: one.labels.revision or None)
        return comparison(self.new.labels.source, *revisions) if revisions and self.same_source else None

    @property
    def same_builder(self) -> bool | None:
        """Whether both were built by one builder from one repository, say the statements of both.

        A builder may be named by the run that built the image, which is another one each time; whose run it was counts.
        False also where only the old image has such a statement, or names them in it; None where it does not.
        """
        if self.old is None or not (before := _provenance(self.old)) or self.new.statements is None:
            return None
        if (after := _provenance(self.new)) is None:
            return False
        # BuildKit's builder has no name unless it is given one; of nobody nobody can say that it is the same.
        if any(was and is_now != was for was, is_now in zip(_built(before), _built(after), strict=True)):
            return False
        return True if before.builder else None

    @property
    def is_backward(self) -> bool:
        """Whether the new image was made before the old one."""
        moments = self._both(lambda one: one.created)
        return moments is not None and moments[1] < moments[0]

    @property
    def rebuild(self) -> Rebuild:
        """Whether the labels say that one is a rebuild of the other."""
        is_one = self.old is None or self.old.platform == self.new.platform
        before, after = (one.labels if one and one.config and is_one else None for one in (self.old, self.new))
        return compare(before, after, immutable=False)

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be looked up, each sentence once."""
        old = [f"of the earlier image: {one}" for one in self.old.problems] if self.old else []
        return tuple(dict.fromkeys((*self.new.problems, *old)))

    @property
    def _elsewhere(self) -> Iterator[SettingChange]:
        """What differs on the other platforms that both are for."""
        before, after = self.old.runtimes if self.old else {}, self.new.runtimes
        for platform in after:
            if platform in before and platform != self.new.platform:
                yield from (replace(c, platform=platform) for c in setting_changes(before[platform], after[platform]))

    def _both(self, part: Callable[[Image], _T | None]) -> tuple[_T, _T] | None:
        if self.old is None or self.old.platform != self.new.platform:
            return None
        before, after = part(self.old), part(self.new)
        return None if before is None or after is None else (before, after)


def without_run(builder: str) -> str:
    """Return whose runs built an image, where its builder is named by the run."""
    return _RUN.sub("", builder)


def gather(
    known: Known,
    old: Digest | None,
    new: Digest,
    declared: Iterable[Platform] = (),
    before: Known | None = None,
) -> Evidence:
    """Return what is known of two digests of a repository, by the platforms that count: all that both are for, or those
    that are `declared`.

    Of a first pin, which has no `old`, no statements are asked for: there is nothing to compare them with, and
    one platform tells what it is. `before`
    are the facts about the repository of `old` where that is another one. Raises Unanswered as long as there is
    something to ask; two rounds answer all of it.
    """
    sides = [*([(before or known, old)] if old else []), (known, new)]
    known.need(*(of.content_question(digest) for of, digest in sides))
    order = _order([platforms_of(of, digest) for of, digest in sides], [platform.normal() for platform in declared])
    is_pair = old is not None
    order = order if is_pair else order[:1]
    known.need(*(q for of, digest in sides for q in questions(of, digest, order, compared=is_pair)))
    earlier = image(before or known, old, order, compared=True) if old else None
    return Evidence(image(known, new, order, compared=is_pair), earlier)


def _order(sides: Sequence[Sequence[Platform]], declared: Sequence[Platform]) -> tuple[Platform, ...]:
    """Return the platforms that are looked into, the one in full first."""
    indexes = [side for side in sides if side]
    shared = [p for p in (indexes[-1] if indexes else ()) if all(p in side for side in indexes)]
    wanted = [p for p in declared if p in shared] or shared
    first = wanted if declared else sorted(wanted, key=lambda platform: platform != USUAL)
    return tuple(first[:_MOST_PLATFORMS])


def _manifest(one: Image) -> Manifest | None:
    return one.manifest


def _runtime(one: Image) -> Runtime | None:
    return one.config.runtime if one.config else None


def _provenance(one: Image) -> Provenance | None:
    return one.statements.provenance if one.statements else None


def _built(one: Provenance) -> tuple[str, str]:
    return without_run(one.builder), normal(one.source)


def _only(some: Iterable[Platform], others: Iterable[Platform]) -> tuple[Platform, ...]:
    return tuple(sorted({*some} - {*others}, key=str))
