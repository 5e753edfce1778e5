// Makes one table of the results of several runs of FASTMPNN_DESIGN, sorted by structure and sample.
process FASTMPNN_COLLECT {
    tag "${meta.id}"
    label 'process_single'

    input:
    tuple val(meta), path(results)

    output:
    tuple val(meta), path("${prefix}.parquet"), emit: table
    path "versions.yml"                       , emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    fastmpnn collect \\
        ${args} \\
        --out ${prefix}.parquet \\
        ${results}

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        fastmpnn: \$(fastmpnn --version | awk 'NR == 1 { print \$2 }')
    END_VERSIONS
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.parquet

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        fastmpnn: \$(fastmpnn --version | awk 'NR == 1 { print \$2 }')
    END_VERSIONS
    """
}
