"""ARG defaults behind a FROM: what they give, and where a digest goes."""

from __future__ import annotations

import pytest

from pinbot.source.finding import Aside, Fixed
from tests.fakes.memory import BUMP, run_once
from tests.formats._dockerfiles import DIGEST, FORMATS, pinned, scanned, told

CARRIED = [
    pytest.param("ARG V=3\nFROM a:${V}", "ARG V=3@…\nFROM a:${V}", id="the variable ends the reference"),
    pytest.param("ARG V=3\nFROM a:$V", "ARG V=3@…\nFROM a:$V", id="without braces"),
    pytest.param('ARG V="3"\nFROM a:$V', 'ARG V="3@…"\nFROM a:$V', id="inside the quotes"),
    pytest.param("ARG V='3'\nFROM \"a:$V\"", "ARG V='3@…'\nFROM \"a:$V\"", id="inside single quotes"),
    pytest.param("ARG I=a\nFROM $I", "ARG I=a:latest@…\nFROM $I", id="the whole reference"),
    pytest.param("FROM a:${V:-3}", "FROM a:${V:-3@…}", id="a default in place"),
    pytest.param("FROM a:${V-3} AS x", "FROM a:${V-3@…} AS x", id="a default for an unset variable"),
    pytest.param("ARG V\nFROM a:${V:-3}", "ARG V\nFROM a:${V:-3@…}", id="an ARG without a default"),
    pytest.param("ARG V=\nFROM a:${V:-3}", "ARG V=\nFROM a:${V:-3@…}", id="an empty ARG"),
    pytest.param("ARG V=1\nFROM a${V:+:3}", "ARG V=1\nFROM a${V:+:3@…}", id="an alternative"),
    pytest.param("FROM a:${V:-${W:-3}}", "FROM a:${V:-${W:-3@…}}", id="a default in a default"),
    pytest.param("ARG V=${V:-a:3}\nFROM $V", "ARG V=${V:-a:3@…}\nFROM $V", id="an ARG of its own name"),
    pytest.param("ARG A=3\nARG B=$A\nFROM a:$B", "ARG A=3@…\nARG B=$A\nFROM a:$B", id="an ARG of an ARG"),
    pytest.param(
        "ARG A=2\nARG B=3.$A\nFROM a:$B", "ARG A=2@…\nARG B=3.$A\nFROM a:$B", id="the end of an ARG of an ARG"
    ),
    pytest.param("ARG V=1\nARG V=2\nFROM a:$V", "ARG V=1\nARG V=2@…\nFROM a:$V", id="the last definition counts"),
    pytest.param("ARG A=1 V=2 B=3\nFROM a:$V", "ARG A=1 V=2@… B=3\nFROM a:$V", id="one ARG with several names"),
    pytest.param("ARG V=3\\\n.1\nFROM a:$V", "ARG V=3\\\n.1@…\nFROM a:$V", id="a value with a continuation"),
    pytest.param(
        "ARG R=r.io\nARG V=3\nFROM $R/a:$V", "ARG R=r.io\nARG V=3@…\nFROM $R/a:$V", id="another one in the name"
    ),
    pytest.param(
        "ARG V=3\nFROM a:$V\nARG V=4\nRUN echo $V",
        "ARG V=3@…\nFROM a:$V\nARG V=4\nRUN echo $V",
        id="a stage's own default hides it",
    ),
    pytest.param(
        "ARG BUILDPLATFORM=3\nFROM a:$BUILDPLATFORM",
        "ARG BUILDPLATFORM=3@…\nFROM a:$BUILDPLATFORM",
        id="an ARG wins over a predefined one",
    ),
]


@pytest.mark.parametrize(("before", "after"), CARRIED)
def test_the_variable_carries_the_digest(before: str, after: str) -> None:
    assert pinned(before) == after


FIXED = [
    pytest.param("ARG V=3\nFROM a:$V-slim", "V does not end", id="in the middle"),
    pytest.param("ARG R=r.io\nFROM $R/a:3", "R does not end", id="at the beginning"),
    pytest.param("ARG V=3\nARG W=slim\nFROM a:$V-$W", "V does not end", id="two in the tag"),
    pytest.param("ARG A=3\nARG B=$A-slim\nFROM a:$B", "A does not end", id="in the middle of an ARG"),
    pytest.param('ARG P=""\nARG Q=\nFROM nginx:1.20${P}$Q', "Q is empty by default", id="empty ones at the end"),
    pytest.param("ARG V=3 E=\nFROM a:$V$E", "E is empty by default", id="an empty one behind the tag"),
    pytest.param(
        "ARG V=3\nFROM a:$V\nFROM b:$V",
        "V feeds the FROM on line 2 and the FROM on line 3",
        id="shared by two images (peers 16)",
    ),
    pytest.param("ARG V=3\nFROM a:$V.$V", "V feeds the FROM on line 2 twice", id="twice in one"),
    pytest.param("ARG V=3\nARG W=$V\nFROM a:$V", "V feeds ARG W", id="used by another ARG"),
    pytest.param("ARG V=linux/arm64\nFROM --platform=$V a:${V#linux/}", "", id="a form that is not followed"),
    pytest.param(
        "ARG V=3\nFROM --platform=$V a:$V", "V feeds the FROM on line 2 and --platform", id="used by a platform"
    ),
    pytest.param(
        "ARG V=3\nFROM a:$V\nARG V\nRUN echo $V", "ARG V on line 3", id="declared again in a stage (peers 16)"
    ),
]


@pytest.mark.parametrize(("text", "reason"), FIXED)
def test_no_other_variable_does(text: str, reason: str) -> None:
    standing = next(f.standing for f in scanned(text).findings)
    assert isinstance(standing, Fixed | Aside)
    assert reason in standing.reason
    assert pinned(text) == text


UNKNOWN = [
    pytest.param("FROM $X", "no ARG before the first FROM sets X", id="undefined"),
    pytest.param("ARG X\nFROM a:$X", "ARG X has no default", id="no default"),
    pytest.param("FROM b\nARG X=1\nFROM a:$X", "no ARG before the first FROM sets X", id="defined in a stage"),
    pytest.param("ARG X=\nFROM $X", "X is empty by default", id="empty"),
    pytest.param("FROM a:$TARGETARCH", "TARGETARCH depends on the platform", id="predefined"),
    pytest.param("FROM a:${TARGETARCH:-amd64}", "TARGETARCH depends on the platform", id="predefined with a default"),
    pytest.param("ARG TARGETARCH\nFROM a:$TARGETARCH", "TARGETARCH depends", id="a predefined one declared"),
    pytest.param("ARG A=$B\nFROM a:$A", "no ARG before the first FROM sets B", id="through another"),
    pytest.param("ARG X=ab\nFROM ${X#a}", "${X#…}", id="a prefix taken off"),
    pytest.param("ARG X=ab\nFROM ${X%b}", "${X%…}", id="a suffix taken off"),
    pytest.param("ARG X=ab\nFROM ${X/a/b}", "${X/…}", id="a replacement"),
    pytest.param("FROM ${X:?no}", "ARG", id="a variable that has to be given"),
    pytest.param("ARG R=\nFROM $R/a:1", "is not a repository", id="a default that makes no reference"),
    pytest.param("ARG X={{ x }}\nFROM $X", "", id="a template in a value"),
]


@pytest.mark.parametrize(("text", "reason"), UNKNOWN)
def test_an_unknown_value_is_variable(text: str, reason: str) -> None:
    standing = scanned(text).findings[-1].standing
    assert isinstance(standing, Aside)
    assert standing.status == "variable"
    assert reason in standing.reason or text.startswith("FROM ${X:?")


@pytest.mark.parametrize(
    "text", ["FROM ${", "FROM ${}", "FROM ${X", "FROM ${X:-a", "FROM 'a", "FROM ${X:a}", 'FROM "$X']
)
def test_a_broken_substitution_is_invalid_or_unknown(text: str) -> None:
    assert told(text)[0].outcome in {"invalid", "variable"}


REFRESHED = [
    pytest.param(f"ARG D={DIGEST}\nFROM a:1@$D", id="a digest in an ARG of its own"),
    pytest.param(f"ARG H=@{DIGEST}\nARG T=1\nFROM a:$T$H", id="with the at sign"),
    pytest.param(f"ARG V=1@{DIGEST}\nFROM a:$V", id="behind the tag"),
    pytest.param(f"ARG V=1\nFROM a:$V@{DIGEST}", id="behind a variable, as its author wrote it"),
    pytest.param(f"FROM a:${{V:-1@{DIGEST}}}", id="in a default"),
    pytest.param(f"ARG D={DIGEST}\nFROM a:1${{D:+@$D}}", id="in an ARG that also decides whether it counts"),
]


@pytest.mark.parametrize("text", REFRESHED)
def test_a_digest_in_one_piece_is_refreshed(text: str) -> None:
    done, files = run_once({"Dockerfile": text.encode()}, FORMATS, BUMP)
    (change,) = done.changes
    assert files["Dockerfile"].decode() == text.replace(DIGEST, str(change.new.digest))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"ARG D={DIGEST[7:]}\nFROM a:1@sha256:$D", id="its hex in a variable"),
        pytest.param(f"ARG D={DIGEST}\nFROM a:1@$D\nFROM b:1@$D", id="shared by two images (peers 16)"),
    ],
)
def test_a_digest_in_pieces_or_shared_is_not(text: str) -> None:
    done, files = run_once({"Dockerfile": text.encode()}, FORMATS, BUMP)
    assert (done.changes, files["Dockerfile"]) == ((), text.encode())


def test_names_the_variables_in_the_order_they_were_followed() -> None:
    (finding,) = scanned("ARG B=1\nARG A=$B\nFROM ${R:-r.io}/a:$A").findings
    assert finding.variables == ("R", "A", "B")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        pytest.param("FROM a:'1'.2", "a:1.2", id="single quotes within a word"),
        pytest.param('FROM a:"1".2', "a:1.2", id="double quotes within a word"),
        pytest.param("FROM a:1''", "a:1", id="empty quotes"),
        pytest.param(r"FROM a\:1", "a:1", id="an escaped character stands for itself"),
        pytest.param(r"FROM a:1\.2\.3", "a:1.2.3", id="two escaped characters"),
        pytest.param("# escape=`\nFROM a`:1", "a:1", id="the other escape character"),
        pytest.param("ARG V=1\nFROM 'a:$V'", "invalid", id="single quotes keep a variable from being replaced"),
        pytest.param("ARG V=1\nFROM \"a:$V\"'.2'", "fixed a:1.2", id="quotes of both kinds in one word"),
        pytest.param('ARG V=1\nFROM "a:\\$V"', "invalid", id="an escaped dollar within quotes is a dollar"),
        pytest.param('FROM "a:1\\.2"', "invalid", id="within quotes only quote, dollar and escape are escaped"),
        pytest.param("FROM a:1$", "invalid", id="a dollar that begins no name"),
        pytest.param("FROM a:1}", "invalid", id="a brace that closes nothing"),
        pytest.param("FROM a:'1", "invalid", id="a single quote that does not close"),
        pytest.param('FROM a:"1', "invalid", id="a double quote that does not close"),
        pytest.param("FROM a:${V:-1", "invalid", id="a brace that does not close"),
        pytest.param("FROM ${:-a}", "invalid", id="a substitution without a name"),
        pytest.param("ARG V=1\nFROM a:${V:?say-it}", "a:1", id="a demand that is met"),
        pytest.param("ARG V=\nFROM a${V:?say-it}", "variable", id="a demand that an empty value does not meet"),
        pytest.param("ARG V=\nFROM a${V?say-it}", "fixed a", id="a demand that only asks for being set"),
        pytest.param("FROM a:${V?say-it}", "variable", id="a demand that nothing meets"),
        pytest.param("ARG V=\nFROM a:1${V+.2}", "a:1.2", id="an alternative for a variable that is set and empty"),
        pytest.param("ARG V=\nFROM a:1${V:+.2}", "fixed a:1", id="no alternative for an empty one"),
        pytest.param("FROM a:1${V:+.2}", "fixed a:1", id="no alternative for one that nobody sets"),
        pytest.param("ARG V=\nFROM a:${V-1}", "variable", id="no default for one that is set and empty"),
        pytest.param("ARG V=2\nFROM a:${V:-'1'}", "a:2", id="a default that is not needed"),
        pytest.param('FROM "a:${V:-"1.2"}"', "a:1.2", id="quotes in a default within quotes"),
    ],
)
def test_words_are_read_as_a_shell_does(text: str, outcome: str) -> None:
    assert told(text)[0].outcome == outcome


def test_values_that_double_each_other_are_followed_only_so_far() -> None:
    doubled = "".join(f"ARG V{n}=$V{n - 1}$V{n - 1}\n" for n in range(1, 30))
    assert told(f"ARG V0=a\n{doubled}FROM $V29")[0].outcome == "variable"
    chained = "".join(f"ARG V{n}=$V{n - 1}\n" for n in range(1, 100))
    assert told(f"ARG V0=a\n{chained}FROM $V99")[0].outcome == "variable"
    assert told(f"FROM {'a' * 5000}${{V:-b}}")[0].outcome == "variable"


def test_an_option_of_a_dev_container_template_is_variable() -> None:
    assert told("FROM a:1-${templateOption:variant}")[0].outcome == "variable"
