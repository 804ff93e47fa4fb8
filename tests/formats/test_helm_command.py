"""Commands that set Helm values from outside."""

from __future__ import annotations

import time

import pytest

from pinbot.formats import helm_command, helm_values
from pinbot.formats._claims import Claims
from pinbot.source.finding import Override
from tests.formats._scanning import scanned

FORMATS = (helm_command.FORMAT,)
LIMIT_SECONDS = 2.0


def keys(text: str, path: str = "deploy.sh") -> list[str]:
    """Return the keys of what a file sets."""
    return [one.key for one in scanned(path, text, formats=FORMATS).relations if isinstance(one, Override)]


@pytest.mark.parametrize("path", ["deploy.sh", "Makefile", ".github/workflows/a.yml", ".gitlab-ci.yml", "Jenkinsfile"])
def test_claims_files_with_commands(path: str) -> None:
    assert Claims(FORMATS).of(path)


SET = [
    pytest.param("helm upgrade web . --set image.tag=$SHA", ["image.tag"], id="a value"),
    pytest.param("helm install web . --set=image.tag=$SHA", ["image.tag"], id="behind an equals sign"),
    pytest.param('helm upgrade web . --set "image.tag=$SHA"', ["image.tag"], id="in quotes"),
    pytest.param("helm upgrade web . --set image.tag='$SHA'", ["image.tag"], id="a value in quotes"),
    pytest.param("helm upgrade web . --set-string image.tag=1", ["image.tag"], id="as a string"),
    pytest.param("helm upgrade web . --set image.tag=${{ github.sha }}", ["image.tag"], id="an expression"),
    pytest.param("helm upgrade a . --set x=$(git log) --set image.tag=1", ["image.tag"], id="behind a substitution"),
    pytest.param("helm upgrade a . --set a=1,web.image.tag=2,b=3", ["web.image.tag"], id="one of several"),
    pytest.param("helm upgrade a . \\\n  --wait \\\n  --set image.tag=1", ["image.tag"], id="on several lines"),
    pytest.param("helm upgrade a . --set a[0].imageTag=1 --set image=x", ["a[0].imageTag", "image"], id="other keys"),
    pytest.param("ARGS=(--set image.tag=1)\nhelm upgrade a .", ["image.tag"], id="in a variable"),
    pytest.param("argocd app set web --helm-set image.tag=1", ["image.tag"], id="Argo CD"),
    pytest.param("helm template . --set image.tag=1 | kubectl apply -f -", ["image.tag"], id="a template applied"),
    pytest.param("yq -i '.image.tag = strenv(TAG)' helm/values.yaml", ["image.tag"], id="a file that is edited"),
]


@pytest.mark.parametrize(("text", "expected"), SET)
def test_tells_which_tags_are_set(text: str, expected: list[str]) -> None:
    assert keys(text) == [f"helm {path}" for path in expected]


NOTHING = [
    pytest.param("# helm upgrade web . --set image.tag=1", id="a remark"),
    pytest.param("helm upgrade web . --set replicas=2 --set image.pullPolicy=Never", id="other values"),
    pytest.param("helm lint . --set image.tag=1", id="a check"),
    pytest.param("helm template . --set image.tag=1 > out.yaml", id="a template that is not applied"),
    pytest.param("yq '.image.tag' helm/values.yaml", id="a file that is read"),
    pytest.param("docker service update --set image.tag=1", id="another tool"),
]


@pytest.mark.parametrize("text", NOTHING)
def test_leaves_other_commands_alone(text: str) -> None:
    assert keys(text) == []


def test_says_where_the_command_stands() -> None:
    text = "jobs:\n  a:\n    steps:\n      - run: |\n          helm upgrade a . \\\n            --set image.tag=1\n"
    (override,) = scanned(".github/workflows/a.yml", text, formats=FORMATS).relations
    assert override == Override("helm image.tag", ".github/workflows/a.yml:5")


def test_the_values_of_a_chart_may_be_set_by_that_key() -> None:
    (finding,) = scanned("values.yaml", "image: {repository: a, tag: v1}", formats=(helm_values.FORMAT,)).findings
    assert keys("helm upgrade a . --set image.tag=1")[0] in finding.settable


@pytest.mark.parametrize("line", ["helm --set " + "a" * 500_000, "yq '" * 200_000, "--set a=" + "b," * 300_000])
def test_hostile_lines_take_linear_time(line: str) -> None:
    started = time.process_time()
    assert keys(f"helm\n{line}") == []
    assert time.process_time() - started < LIMIT_SECONDS
