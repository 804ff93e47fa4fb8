process ALIGN {
    container 'quay.io/biocontainers/bwa:0.7.18--he4a0461_1'
    script:
    'bwa mem'
}

process SORT {
    container "${ params.sif ? 'https://example.org/samtools.sif' : 'biocontainers/samtools:1.21' }"
    script:
    'samtools sort'
}
