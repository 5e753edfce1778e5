// Designs sequences for one structure, or for several in one go. The program fastmpnn is on PATH, or in the container that
// the configuration names.
process FASTMPNN_DESIGN {
    tag "${meta.id}"
    label 'process_low'

    input:
    tuple val(meta), path(pdb)

    output:
    tuple val(meta), path("${prefix}/seqs/*.fa")  , emit: fasta
    tuple val(meta), path("${prefix}/designs.csv"), emit: designs
    tuple val(meta), path("${prefix}")            , emit: results
    path "versions.yml"                           , emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    fastmpnn design \\
        ${args} \\
        --threads ${task.cpus} \\
        --quiet \\
        --out ${prefix} \\
        ${pdb}

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        fastmpnn: \$(fastmpnn --version | awk 'NR == 1 { print \$2 }')
    END_VERSIONS
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir -p ${prefix}/seqs
    touch ${prefix}/seqs/${meta.id}.fa ${prefix}/designs.csv ${prefix}/settings.json

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        fastmpnn: \$(fastmpnn --version | awk 'NR == 1 { print \$2 }')
    END_VERSIONS
    """
}
