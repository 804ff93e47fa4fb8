"""Commands that set Helm values from outside (https://helm.sh/docs/intro/using_helm/): then the tag is theirs.

`helm upgrade --set image.tag=$SHA` renders that tag with whatever digest stands in the values, and `yq -i` writes it
there. Such a command holds no reference to pin; it says which tags must not get a digest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pinbot.formats._base import About, Companions, Format
from pinbot.formats._helm import value_key
from pinbot.formats._suspects import looks_suspect
from pinbot.formats._suspects_shell import logical_lines
from pinbot.source.finding import Override, Yield
from pinbot.source.text import SourceFile

_SET = re.compile(r"""--(?:helm-)?set(?:-string|-literal)?(?:=|[ \t]+)["']?(?P<pairs>[\w.\[\]\\/-]+=[^\s"']*)""")
_EDITED = re.compile(r"""["'][ ]*\.(?P<path>[\w.\[\]-]+)[ ]*\|?=""")
# Commands that deploy nothing.
_RENDERS = re.compile(r"\bhelm[ \t]+(?:template|lint|unittest|show)\b")
_KEYS = ("tag", "image", "version", "digest")
_MAX_LINE = 10_000  # characters: nobody writes a longer command by hand


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    for number, line in logical_lines(file.text):
        if len(line) > _MAX_LINE or (_RENDERS.search(line) and "kubectl" not in line):
            continue
        for path in dict.fromkeys(_paths(line)):
            if path.lower().endswith(_KEYS):
                yield Override(value_key(path), f"{file.path}:{number}")


def _paths(line: str) -> Iterator[str]:
    """Yield the paths of the values that a command sets."""
    for match in _SET.finditer(line):
        yield from (pair.partition("=")[0] for pair in match["pairs"].split(",") if "=" in pair)
    if "yq" in line:
        yield from (match["path"] for match in _EDITED.finditer(line))


FORMAT = Format(
    "helm-command",
    _scan,
    About(
        title="Helm commands",
        url="https://helm.sh/docs/intro/using_helm/#customizing-the-chart-before-installing",
        files="scripts, Makefiles, and the files of CI systems",
        places=(
            "`--set image.tag=…`: a tag in the values that is set from outside gets no digest beside it",
            "`yq -i '.image.tag = …'`, which writes the tag itself",
        ),
        path="deploy.sh",
        example="""\
helm upgrade --install web charts/web --set image.tag="$GITHUB_SHA"
""",
        limits=(
            "the command says nothing of a chart that could be trusted, so it counts for the values of every chart",
            "`helm template`, `lint` and `unittest` deploy nothing and do not count",
        ),
    ),
    claims=looks_suspect,
    general=True,
    needles=((b"helm", b"Helm", b"yq"), (b"--set", b"--helm-set", b"yq")),
)
