"""Jenkins pipelines, declarative and scripted: https://www.jenkins.io/doc/book/pipeline/jenkinsfile/, and the steps of
shared libraries (https://www.jenkins.io/doc/book/pipeline/shared-libraries/).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pinbot.formats._base import About, Companions, Format, finding_at
from pinbot.formats._claims import placed
from pinbot.formats._groovy import tokens
from pinbot.formats._jenkins_pods import pod_findings
from pinbot.formats._jenkins_uses import Use, Walk
from pinbot.formats._jenkins_values import HUB, Values
from pinbot.oci.reference import Reference
from pinbot.source.finding import Aside, Finding, Published, Yield
from pinbot.source.text import SourceFile

NAME = "jenkinsfile"
_CLAIMED = placed(
    r"(?:.*/)?(?:jenkinsfile(?:[._-][^/]*)?(?<!\.md)(?<!\.txt)(?<!\.adoc)(?<!\.rst)|[^/]*[._-]jenkinsfile|[^/]*\.groovy)"
)
_MADE, _PUSHED = "docker.build of this pipeline makes it", "the pipeline pushes it"
# The longest pipelines that people write have some 100 KB.
_MAX_BYTES = 256 * 1024


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    walk = Walk(list(tokens(file.text)))
    values = Values(file, walk.definitions)
    made = {values.text(use.argument) for use in walk.builds} - {""}
    for use in walk.uses:
        yield _finding(file, use, values, made)
    for pod in walk.pods:
        definitions = walk.definitions.get(pod.name or "", ())
        string = pod.string or (definitions[0].value if len(definitions) == 1 else None)
        if string is not None:
            yield from pod_findings(file, string, NAME)
    for use in walk.builds if "push" in file.text else ():
        yield from _published(file, use, values)


def _finding(file: SourceFile, use: Use, values: Values, made: set[str]) -> Finding:
    standing = values.standing(use)
    if values.text(use.argument) in made or use.pushed:
        standing = Aside("local", _PUSHED if use.pushed else _MADE, standing.reference)
    finding = finding_at(file, NAME, use.where, values.span(use.argument), standing)
    return replace(finding, variables=values.names(use.argument))


def _published(file: SourceFile, use: Use, values: Values) -> Iterator[Published]:
    host, text = values.registry(use), values.text(use.argument)
    reference = Reference.parse_or_none(f"{host}/{text}" if host not in HUB else text)
    if host is not None and reference is not None:
        line = file.position(use.argument.span.start).line
        yield Published(reference.registry, reference.path, f"{file.path}, line {line}")


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Jenkins pipelines",
        url="https://www.jenkins.io/doc/book/pipeline/docker/",
        files="`Jenkinsfile`, `Jenkinsfile.release`, `web.jenkinsfile`, and `*.groovy` (shared libraries)",
        places=(
            "`agent { docker '…' }` and `agent { docker { image '…' } }`",
            "`docker.image('…')`",
            "`containerTemplate(image: '…')`",
            "the containers of a pod in `yaml '''…'''`",
            "variables that are set once: one that ends a reference and feeds nothing else carries the digest",
        ),
        path="Jenkinsfile",
        example="""\
pipeline {
    agent {
        docker { image 'maven:3.9-eclipse-temurin-21' }
    }
    stages {
        stage('Test') {
            steps {
                sh 'mvn -B verify'
            }
        }
    }
}
""",
        limits=(
            "inside of `docker.withRegistry` or beside a `registryUrl`, a name is relative to that registry: refused",
            "what `docker.build` makes, or the pipeline pushes, is `local`",
            "values that Groovy computes, parameters among them, are `variable`",
            "`agent { dockerfile … }`, labels and `yamlFile` name no image here",
        ),
    ),
    claims=_CLAIMED,
    needles=((b"docker", b"containerTemplate", b"yaml"),),
    max_bytes=_MAX_BYTES,
)
