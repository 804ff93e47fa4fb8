#!/usr/bin/env nextflow
nextflow.enable.dsl = 2

include { ALIGN } from './modules/align'

process REPORT {
    tag "$sample"
    container "quay.io/biocontainers/multiqc:1.25--pyhdfd78af_0"   // the newest
    input:
        path '*'
    script:
    """
    multiqc --title "container 'x'" ${params.extra ?: ""} .
    """
}
