#!/usr/bin/env nextflow

// nextflow run workflows/nextflow --input 'backbones/*.pdb' --outdir runs/nextflow --args '--num-seqs 8'

include { FASTMPNN_DESIGN } from './modules/local/fastmpnn/design/main'

workflow {
    // Structures go to the machines in batches, so that a process has more to do than to start.
    structures = Channel.fromPath(params.input, checkIfExists: true)
        .toSortedList()
        .flatMap { files -> files.collate(params.batch) }
        .map { files -> [[id: "${files[0].simpleName}_${files.size()}"], files] }

    FASTMPNN_DESIGN(structures)

    FASTMPNN_DESIGN.out.fasta
        .flatMap { meta, files -> files instanceof List ? files : [files] }
        .collectFile(name: 'designs.fa', storeDir: params.outdir, sort: { file -> file.name })

    FASTMPNN_DESIGN.out.designs
        .map { meta, table -> table }
        .collectFile(name: 'designs.csv', storeDir: params.outdir, keepHeader: true, skip: 1)
}
