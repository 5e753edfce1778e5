#!/usr/bin/env nextflow

// nextflow run workflows/nextflow --input 'backbones/*.pdb' --outdir runs/nextflow --args '--num-seqs 8'

include { FASTMPNN_COLLECT } from './modules/local/fastmpnn/collect/main'
include { FASTMPNN_DESIGN } from './modules/local/fastmpnn/design/main'

workflow {
    // Structures go to the machines in batches, so that a process has more to do than to start.
    structures = Channel.fromPath(params.input, checkIfExists: true)
        .toSortedList()
        .flatMap { files -> files.collate(params.batch) }
        .map { files -> [[id: "${files[0].simpleName}_${files.size()}"], files] }

    FASTMPNN_DESIGN(structures)

    FASTMPNN_DESIGN.out.results
        .map { meta, folder -> folder }
        .toSortedList { folder -> folder.name }
        .map { folders -> [[id: 'designs'], folders] }
        .set { results }

    FASTMPNN_COLLECT(results)
}
