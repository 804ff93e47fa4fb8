#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
requirements:
  - class: InlineJavascriptRequirement
  - class: DockerRequirement
    dockerPull: quay.io/biocontainers/bwa:0.7.18--he4a0461_1
hints:
  SoftwareRequirement:
    packages: [bwa]
baseCommand: [bwa, mem]
inputs: []
outputs: []
