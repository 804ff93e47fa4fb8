"""Common Workflow Language: images of tools
(https://www.commonwl.org/v1.2/CommandLineTool.html#DockerRequirement)."""

from __future__ import annotations

from pinbot.formats._base import About
from pinbot.formats._claims import named
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_nodes import lookup

FORMAT = yaml_format(
    "cwl",
    about=About(
        title="Common Workflow Language",
        url="https://www.commonwl.org/v1.2/CommandLineTool.html#DockerRequirement",
        files="`*.cwl`",
        places=("`dockerPull` of a `DockerRequirement`, among requirements and hints, of tools within workflows too",),
        path="tools/align.cwl",
        example="""\
cwlVersion: v1.2
class: CommandLineTool
baseCommand: bwa
requirements:
  DockerRequirement:
    dockerPull: quay.io/biocontainers/bwa:0.7.18--he4a0461_1
inputs: []
outputs: []
""",
        limits=("runners that use Singularity instead of Docker take no tag beside a digest",),
    ),
    claims=named(r".*\.cwl"),
    endings=("cwl",),
    needles=("cwlVersion", "dockerPull"),
    document=lambda root: "" if lookup(root, "cwlVersion") else None,
    routes=(
        Route("**.DockerRequirement.dockerPull"),
        Route("**.requirements[].dockerPull"),
        Route("**.hints[].dockerPull"),
    ),
)
