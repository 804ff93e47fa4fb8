"""Draws the pull requests of `tests/real/bodies` as a forge shows them, into `docs/pictures`: `make pictures`.

GitHub's own renderer makes the HTML, Debian's chromium the pictures. The style is a plain one: what matters is what is
folded, what stands out, and how wide the tables get.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import cmarkgfm
from cmarkgfm.cmark import Options

ROOT = Path(__file__).parent.parent
BODIES, PICTURES = ROOT / "tests/real/bodies", ROOT / "docs/pictures"
WIDTH = 1000
# In which pictures the details of the image are unfolded.
UNFOLDED = {"became-root", "refresh-with-packages", "twelve-pins", "version"}
_HEIGHT = re.compile(r'data-height="([0-9]+)"')
_ALERT = re.compile(r"<blockquote>\s*<p>\[!WARNING\]</p>")
_STYLE = """
body { font: 14px/1.5 "DejaVu Sans", sans-serif; color: #1f2328; margin: 0; padding: 20px 24px; background: #fff; }
h1 { font-size: 22px; font-weight: 400; margin: 0 0 14px; padding-bottom: 10px; border-bottom: 1px solid #d1d9e0; }
table { border-collapse: collapse; margin: 0 0 14px; font-size: 12.5px; }
th, td { border: 1px solid #d1d9e0; padding: 5px 10px; text-align: left; vertical-align: top; }
tr:nth-child(2n) td { background: #f6f8fa; }
code { font: 12px "DejaVu Sans Mono", monospace; background: #818b981f; border-radius: 5px; padding: 2px 5px;
  overflow-wrap: break-word; }
details { margin: 0 0 12px; } summary { cursor: pointer; margin-bottom: 8px; }
blockquote { margin: 0 0 14px; padding: 2px 14px; border-left: 4px solid #9a6700; }
blockquote b { color: #9a6700; } blockquote ul { padding-left: 18px; margin: 4px 0; }
h2 { font-size: 18px; margin: 18px 0 10px; padding-bottom: 5px; border-bottom: 1px solid #d1d9e0; }
li:has(input) { list-style: none; margin-left: -22px; } li { margin-bottom: 4px; }
a { color: #0969da; } hr { border: 0; border-top: 1px solid #d1d9e0; margin: 18px 0; } p { margin: 0 0 12px; }
"""
_MEASURE = '<script>document.body.setAttribute("data-height", document.documentElement.scrollHeight)</script>'


def main() -> None:
    """Draw all of them."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for source in sorted(BODIES.glob("*.md")):
            page = Path(folder) / f"{source.stem}.html"
            page.write_text(_page(source), "utf-8")
            _draw(page, PICTURES / f"{source.stem}.png")


def _page(source: Path) -> str:
    title, _, body = source.read_text("utf-8").partition("\n")
    html = cmarkgfm.github_flavored_markdown_to_html(body, Options.CMARK_OPT_UNSAFE)
    html = _ALERT.sub("<blockquote><p><b>⚠ Warning</b></p>", html)
    html = html.replace("<p>[!WARNING]</p>", "<p><b>⚠ Warning</b></p>")
    if source.stem in UNFOLDED:
        html = html.replace("<details>", "<details open>", 1)
    head = f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style>"
    return f"{head}<body><h1>{title}</h1>{html}{_MEASURE}"


def _draw(page: Path, picture: Path) -> None:
    found = _HEIGHT.search(_chromium("--dump-dom", f"--window-size={WIDTH},200", str(page)))
    height = int(found[1]) if found else WIDTH
    # A window of a browser is a little smaller inside than it is told to be.
    _chromium(f"--screenshot={picture}", f"--window-size={WIDTH},{height}", str(page))


def _chromium(*arguments: str) -> str:
    usual = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1"]
    done = subprocess.run(["chromium", *usual, *arguments], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


if __name__ == "__main__":
    main()
