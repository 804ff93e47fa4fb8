{
  "cwlVersion": "v1.2",
  "class": "Workflow",
  "steps": {
    "align": {"run": "tools/align.cwl", "in": {}, "out": []},
    "count": {"run": {"class": "CommandLineTool", "hints": {"DockerRequirement": {"dockerPull": "debian:12-slim@sha256:c666c5a9d80a0fa58394f804854d704a75070a582b3ca141667a6bff182e525e"}}}}
  }
}
