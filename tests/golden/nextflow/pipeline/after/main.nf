#!/usr/bin/env nextflow
nextflow.enable.dsl = 2

include { ALIGN } from './modules/align'

process REPORT {
    tag "$sample"
    container "quay.io/biocontainers/multiqc:1.25--pyhdfd78af_0@sha256:aad8aeb65d460bb7cfd7822a0741fdea39a55a0a0479ce0c64cfa97db8a49ffe"   // the newest
    input:
        path '*'
    script:
    """
    multiqc --title "container 'x'" ${params.extra ?: ""} .
    """
}
