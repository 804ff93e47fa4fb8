process ALIGN {
    container 'quay.io/biocontainers/bwa:0.7.18--he4a0461_1@sha256:5306f64d5cfe1c6ce3e3fa84f55d20f1a16c34376aa33d060e842ffc783e75b8'
    script:
    'bwa mem'
}

process SORT {
    container "${ params.sif ? 'https://example.org/samtools.sif' : 'biocontainers/samtools:1.21' }"
    script:
    'samtools sort'
}
