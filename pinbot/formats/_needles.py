"""Words without which a file holds nothing for a format: most files are told by them, before anything is parsed.

Each of the words is a look through the whole file, and thirty formats have two or three each. RE2 looks for all of them
at once (https://github.com/google/re2/blob/main/re2/set.h), which pays from some dozens of files on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pinbot.formats._base import Format, Needle

# So many files of one claim are looked through word by word: loading RE2 and learning the words takes as long.
_FEW = 40
# A pattern that every text matches: where it is not among the answers, RE2 has given up, and has said nothing.
_ALWAYS = b""
# So many answers are kept for one combination of formats; files of one repository give some dozens.
_MOST_KNOWN = 4_096


class Words:
    """Finds the words of formats in files; learns those of each combination of formats once."""

    def __init__(self) -> None:
        self._files: Counter[tuple[str, ...]] = Counter()
        self._searches: dict[tuple[str, ...], _Search] = {}

    def reasons(self, claimed: Sequence[Format], data: bytes) -> Sequence[Format]:
        """Return the formats that have a reason to look into the data."""
        key = tuple([one.name for one in claimed])
        search = self._searches.get(key)
        if search is None:
            self._files[key] += 1
            if self._files[key] <= _FEW:
                return _reasons(claimed, data, {})
            search = self._searches[key] = _Search(claimed)
        return search.reasons(data)


class _Search:
    """Looks for all words of some formats at once; what the same words say is decided once."""

    def __init__(self, claimed: Sequence[Format]) -> None:
        import re2

        options = re2.Options()
        options.encoding, options.log_errors = re2.Options.Encoding.LATIN1, False
        self._claimed = claimed
        self._words = (_ALWAYS, *sorted({word for one in claimed for word in _words(one)}))
        self._set = re2.Set.SearchSet(options)
        for word in self._words:
            self._set.Add(re2.escape(word))
        self._set.Compile()
        self._known: dict[tuple[int, ...], Sequence[Format]] = {}

    def reasons(self, data: bytes) -> Sequence[Format]:
        """Return the formats that have a reason to look into the data."""
        # With an end of a line before it the first line is one like all others.
        found = tuple(sorted(self._set.Match(b"\n" + data)))
        decided = self._known.get(found)
        if decided is None:
            known = {word: number in found for number, word in enumerate(self._words)}
            # Where RE2 has given up, each word is looked for by itself.
            decided = _reasons(self._claimed, data, known if known[_ALWAYS] else {})
            if known[_ALWAYS] and len(self._known) < _MOST_KNOWN:
                self._known[found] = decided
        return decided


def _reasons(claimed: Sequence[Format], data: bytes, known: dict[bytes, bool]) -> Sequence[Format]:
    return [f for f in claimed if not is_foreign(f, data, known) and lacking(f, data, known) is None]


def is_foreign(one: Format, data: bytes, known: dict[bytes, bool]) -> bool:
    """Whether a line begins as none of the format's files has it; `known` keeps what was looked for in the data."""
    return any(data.startswith(word) or _stands(b"\n" + word, data, known) for word in one.never)


def lacking(one: Format, data: bytes, known: dict[bytes, bool]) -> Needle | None:
    """Return the first needle of a format that stands nowhere; `known` keeps what was looked for in the data."""
    for needle in one.needles:
        if not _stands(needle, data, known):
            return needle
    return None


def _stands(needle: Needle, data: bytes, known: dict[bytes, bool]) -> bool:
    for word in needle if isinstance(needle, tuple) else (needle,):
        found = known.get(word)
        if found is None:
            found = known[word] = word in data
        if found:
            return True
    return False


def _words(one: Format) -> Iterator[bytes]:
    for needle in one.needles:
        yield from needle if isinstance(needle, tuple) else (needle,)
    for word in one.never:
        yield b"\n" + word
