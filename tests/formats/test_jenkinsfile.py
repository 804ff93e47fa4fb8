"""Jenkins pipelines: where images are named, which variables are followed, and what is text or computed."""

from __future__ import annotations

import pytest

from pinbot.formats import jenkinsfile
from pinbot.formats._claims import Claims
from pinbot.source.finding import Fixed, Published, Writable
from tests.formats._scanning import reasons, scanned, told

FORMATS = (jenkinsfile.FORMAT,)
PATH = "Jenkinsfile"


@pytest.mark.parametrize(
    "path",
    [
        PATH,
        "a/jenkinsfile",
        "Jenkinsfile.release",
        "Jenkinsfile-ci",
        "web.jenkinsfile",
        "web.Jenkinsfile",
        "vars/a.groovy",
    ],
)
def test_claims_by_name(path: str) -> None:
    assert Claims(FORMATS).of(path)


@pytest.mark.parametrize("path", ["Jenkinsfile.md", "jenkins.yaml", "Jenkinsfiles", "build.gradle", "Jenkinsfile.txt"])
def test_leaves_other_files_alone(path: str) -> None:
    assert not Claims(FORMATS).of(path)


TAKEN = [
    pytest.param("agent { docker 'nginx' }", id="an agent in short"),
    pytest.param("agent { docker('nginx') }", id="an agent in parentheses"),
    pytest.param("agent { docker image: 'nginx', args: '-v /a' }", id="an agent with named arguments"),
    pytest.param("agent { docker { image 'nginx' } }", id="an agent at length"),
    pytest.param("agent {\n  docker {\n    args '-v'\n    image \"nginx\"\n  }\n}", id="an agent on several lines"),
    pytest.param("agent { docker { image('nginx') } }", id="an agent with parentheses inside"),
    pytest.param("docker.image('nginx').inside { }", id="an image of a script"),
    pytest.param("docker.image 'nginx'", id="an image of a script without parentheses"),
    pytest.param("def c = docker.image(\n  'nginx'\n)", id="an image on a line of its own"),
    pytest.param("withDockerContainer('nginx') { }", id="a step in a container"),
    pytest.param("withDockerContainer(args: '-v', image: 'nginx') { }", id="a step with named arguments"),
    pytest.param("dockerNode(dockerHost: 'tcp://a', image: 'nginx') { }", id="a node"),
    pytest.param("containerTemplate(name: 'a', image: 'nginx')", id="a container"),
    pytest.param("containerTemplate name: 'a', image: 'nginx'", id="a container without parentheses"),
    pytest.param("containerTemplate(envVars: [envVar(key: 'a', value: 'b')], image: 'nginx')", id="behind a list"),
    pytest.param("containerTemplate { name 'a'\n image 'nginx' }", id="a container as a block"),
    pytest.param("kubernetes { yaml '''\nspec: {containers: [{image: nginx}]}\n''' }", id="a pod"),
    pytest.param("podTemplate(yaml: '''\nspec: {containers: [{image: nginx}]}\n''')", id="a pod as an argument"),
    pytest.param('yaml """\\\nspec: {initContainers: [{image: nginx}]}\n"""', id="a pod behind a backslash"),
    pytest.param("def p = '''spec: {containers: [{image: nginx}]}'''\nyaml p", id="a pod in a variable"),
]


@pytest.mark.parametrize("text", TAKEN)
def test_takes_every_image(text: str) -> None:
    assert told(PATH, text, formats=FORMATS) == [("nginx", "writable")]


UNTOUCHED = [
    pytest.param("// docker.image('nginx')", id="a comment"),
    pytest.param("/* agent { docker 'nginx' } */", id="a long comment"),
    pytest.param("echo \"docker.image('nginx')\"", id="a text"),
    pytest.param("sh '''\n docker.image('nginx')\n'''", id="a script"),
    pytest.param("x = ~/docker.image('nginx')/", id="a pattern"),
    pytest.param("agent { dockerfile { filename 'nginx' } }", id="a Dockerfile"),
    pytest.param("agent { dockerfile true }", id="the Dockerfile"),
    pytest.param("agent { label 'docker' }", id="a label"),
    pytest.param("agent { docker { label 'nginx' } }", id="a label of a container"),
    pytest.param("agent { kubernetes { yamlFile 'pod.yaml' } }", id="a file of YAML"),
    pytest.param("docker.build('nginx')", id="what is built"),
    pytest.param("tools { docker 'nginx' }", id="a tool"),
    pytest.param("image 'nginx' // docker", id="an image of something else"),
    pytest.param("my.docker.image('nginx')", id="the member of another object"),
    pytest.param("container('docker') { }", id="a container by its name"),
    pytest.param("yaml '''a: [''' // image", id="YAML that is none"),
    pytest.param("yaml '''metadata: {labels: {image: nginx}}'''", id="a label of a pod"),
    pytest.param("dockerNode(dockerHost: 'tcp://a') { }", id="a node without an image"),
    pytest.param("withDockerRegistry(url: 'https://r.example') { }", id="a log-in"),
    pytest.param("parameters { string(name: 'image', defaultValue: 'docker') }", id="a parameter"),
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_leaves_what_is_no_image(text: str) -> None:
    assert told(PATH, text, formats=FORMATS) == []


STANDINGS = [
    pytest.param("def V = '1.2'\ndocker.image(\"nginx:${V}\")", "writable", id="a tag at the end"),
    pytest.param("def V = '1.2'\ndocker.image(\"nginx:$V\")", "writable", id="a tag without braces"),
    pytest.param("final String I = 'nginx:1'\ndocker.image(I)", "writable", id="a whole reference"),
    pytest.param("environment { I = 'nginx:1' }\nagent { docker \"${env.I}\" }", "writable", id="an environment"),
    pytest.param("environment { V = '1' }\nagent { docker \"nginx:${V}\" }", "fixed", id="a version scripts may read"),
    pytest.param("env.V = '1'\ndocker.image(\"nginx:${env.V}\")", "fixed", id="a version that is exported"),
    pytest.param("def V = '1'\ndocker.image(\"nginx:${V}-a\")", "fixed", id="a tag in the middle"),
    pytest.param("def V = '1'\ndocker.image(\"nginx:${V}\")\necho V", "fixed", id="a tag that others use"),
    pytest.param("def A = '1', B\nB = '2'\ndocker.image(\"nginx:${A}.${B}\")", "fixed", id="a tag of two"),
    pytest.param("def V = '1'\nV = '2'\ndocker.image(\"nginx:${V}\")", "variable", id="set twice"),
    pytest.param('def V = a()\ndocker.image("nginx:${V}")', "variable", id="set by a call"),
    pytest.param("def V = '1' + x\ndocker.image(\"nginx:${V}\")", "variable", id="put together"),
    pytest.param('docker.image("nginx:${params.V}")', "variable", id="a parameter"),
    pytest.param('docker.image("nginx:${V.trim()}")', "variable", id="a call"),
    pytest.param("docker.image(V)", "variable", id="a variable that is not set"),
    pytest.param("docker.image(params.V ?: 'nginx')", "variable", id="a choice"),
    pytest.param("docker.image('nginx:' + V)", "variable", id="a sum"),
    pytest.param("docker.image('no such Name')", "invalid", id="what is no reference"),
    pytest.param("docker.image('nginx:{{ tag }}')", "variable", id="a template"),
    pytest.param("docker.build('a:1')\ndocker.image('a:1')", "local", id="what is built"),
    pytest.param("docker.image('a:1').push()", "local", id="what is pushed"),
    pytest.param('yaml """spec: {containers: [{image: \'a:${V}\'}]}"""', "variable", id="a variable of a pod"),
    pytest.param("yaml '''spec: {containers: [{image: 1.5}]}'''", "invalid", id="a number in a pod"),
]


@pytest.mark.parametrize(("text", "outcome"), STANDINGS)
def test_a_variable_is_followed_to_where_it_is_set(text: str, outcome: str) -> None:
    assert [outcome for _, outcome in told(PATH, text, formats=FORMATS)] == [outcome]


def test_the_digest_goes_into_the_variable() -> None:
    text = "def V = '1.2'\ndocker.image(\"nginx:${V}\")"
    (finding,) = scanned(PATH, text, formats=FORMATS).findings
    assert isinstance(finding.standing, Writable)
    assert text[: finding.standing.digest.span.start] == "def V = '1.2"
    assert finding.variables == ("V",)


REGISTRIES = [
    pytest.param("docker.withRegistry('https://r.example') { docker.image('a:1') }", "r.example/a:1", id="around it"),
    pytest.param(
        "docker.withRegistry('https://r.example:5000/', 'c') { docker.image('a') }", "r.example:5000/a", id="port"
    ),
    pytest.param("agent { docker { image 'a:1'\n registryUrl 'https://r.example' } }", "r.example/a:1", id="beside it"),
    pytest.param(
        "def R = 'https://r.example'\ndocker.withRegistry(R) { docker.image('a') }", "r.example/a", id="named"
    ),
]


@pytest.mark.parametrize(("text", "reference"), REGISTRIES)
def test_a_name_that_is_relative_to_a_registry_is_refused(text: str, reference: str) -> None:
    (finding,) = scanned(PATH, text, formats=FORMATS).findings
    assert isinstance(finding.standing, Fixed)
    registry, _, name = reference.partition("/")
    assert finding.standing.reference.registry == registry
    assert finding.standing.reference.path == name.partition(":")[0]


@pytest.mark.parametrize("url", ["", "https://index.docker.io/v1/", "https://registry.hub.docker.com"])
def test_a_name_within_docker_hub_is_what_it_is(url: str) -> None:
    text = f"docker.withRegistry('{url}', 'c') {{ docker.image('a:1') }}\ndocker.image('b:1')"
    assert told(PATH, text, formats=FORMATS) == [("a:1", "writable"), ("b:1", "writable")]


def test_a_registry_that_is_computed_makes_the_name_unknown() -> None:
    text = "docker.withRegistry(url()) { docker.image('a:1') }"
    assert told(PATH, text, formats=FORMATS) == [("a:1", "variable")]
    assert reasons(PATH, text, formats=FORMATS) == ["the registry around it is not known"]


def test_what_is_built_and_pushed_is_published() -> None:
    text = "docker.withRegistry('https://r.example') { docker.build('acme/web:1').push() }"
    assert scanned(PATH, text, formats=FORMATS).relations == (
        Published("r.example", "acme/web", "Jenkinsfile, line 1"),
    )


@pytest.mark.parametrize(
    "piece", ["docker{", "agent{docker{image ", "containerTemplate(", "withRegistry(", "x='", "yaml '"]
)
def test_any_file_is_read_in_time(piece: str) -> None:
    text = f"// docker yaml containerTemplate\n{piece * 5_000}"
    assert scanned(PATH, text, formats=FORMATS).skips == ()
