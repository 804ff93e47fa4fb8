"""Markdown as a forge shows it: rendered by GitHub's own library, and then what GitHub makes of the text in it.

What comes after rendering (mentions, issues, commits, emoji) is described in https://github.github.com/gfm/ and
https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls.
It looks at text outside of links and code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options

_REFERENCES = {
    "mention": re.compile(r"(?:^|[^\w`])@[A-Za-z0-9][\w-]*(?:/[\w-]+)?"),
    "issue": re.compile(r"#[0-9]+|\bGH-[0-9]+", re.IGNORECASE),
    "commit": re.compile(r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{7,40}\b"),
    "emoji": re.compile(r":[a-z0-9_+-]+:"),
    "address": re.compile(r"https?:|www\.|[\w.]+@[\w.]+|xmpp:|mailto:", re.IGNORECASE),
    "mathematics": re.compile(r"\$"),
}


@dataclass
class Rendered(HTMLParser):
    """A rendered text: its tags with how often they are there, the text outside of code, the pieces of code."""

    markdown: str
    tags: dict[str, int] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    text: str = ""
    codes: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Render, with raw HTML let through, and read the result."""
        super().__init__(convert_charrefs=True)
        self.html = cmarkgfm.github_flavored_markdown_to_html(self.markdown, Options.CMARK_OPT_UNSAFE)
        self.feed(self.html)
        self.close()

    @property
    def references(self) -> dict[str, list[str]]:
        """What GitHub would make links or pictures of, by what it is."""
        found = {what: pattern.findall(self.text) for what, pattern in _REFERENCES.items()}
        return {what: some for what, some in found.items() if some}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count a tag."""
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        self._open.append(tag)
        if tag == "code":
            self.codes.append("")

    def handle_endtag(self, tag: str) -> None:
        """Go up, as browsers do: to the tag that is closed, if there is one."""
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        """Keep the text, with a mark where code or a tag is in between."""
        if "code" in self._open:
            self.codes[-1] += data
        else:
            self.text += f"\0{data}"

    def handle_comment(self, data: str) -> None:
        """Keep the comment."""
        self.comments.append(data)
