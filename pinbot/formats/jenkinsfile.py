"""Jenkins pipelines, declarative and scripted: https://www.jenkins.io/doc/book/pipeline/jenkinsfile/, and the steps of
shared libraries (https://www.jenkins.io/doc/book/pipeline/shared-libraries/).
"""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.formats._base import About, Companions, Format
from pinbot.formats._claims import placed
from pinbot.source.finding import Yield
from pinbot.source.text import SourceFile

NAME = "jenkinsfile"
_CLAIMED = placed(
    r"(?:.*/)?(?:jenkinsfile(?:[._-][^/]*)?(?<!\.md)(?<!\.txt)(?<!\.adoc)(?<!\.rst)|[^/]*[._-]jenkinsfile|[^/]*\.groovy)"
)
# The longest pipelines that people write have some 100 KB.
_MAX_BYTES = 256 * 1024


def _scan(file: SourceFile, _companions: Companions) -> Iterator[Yield]:
    # Most repositories have no pipeline of Jenkins: those that have one load what reads Groovy.
    from pinbot.formats._jenkins import scan_pipeline

    return scan_pipeline(file, NAME)


FORMAT = Format(
    NAME,
    _scan,
    About(
        title="Jenkins pipelines",
        url="https://www.jenkins.io/doc/book/pipeline/docker/",
        files="`Jenkinsfile`, `Jenkinsfile.release`, `web.jenkinsfile`, and `*.groovy` (shared libraries)",
        places=(
            "`agent { docker '…' }` and `agent { docker { image '…' } }`",
            "`docker.image('…')`, `withDockerContainer('…')` and `dockerNode('…')`",
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
    needles=((b"docker", b"Docker", b"containerTemplate", b"yaml"),),
    max_bytes=_MAX_BYTES,
)
