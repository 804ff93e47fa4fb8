{
  "cwlVersion": "v1.2",
  "class": "Workflow",
  "steps": {
    "align": {"run": "tools/align.cwl", "in": {}, "out": []},
    "count": {"run": {"class": "CommandLineTool", "hints": {"DockerRequirement": {"dockerPull": "debian:12-slim"}}}}
  }
}
