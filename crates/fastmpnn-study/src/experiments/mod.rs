//! The experiments, one per file.

mod baseline;
mod batching;
mod compile;
mod feature_cache;
mod filtering;
mod fused_attention;
mod graph_construction;
mod jobs;
mod k_neighbors;
mod kv_cache;
mod length_scaling;
mod mixed_lengths;
mod pipeline_parallel;
mod precision;
mod pruning;
mod quantization;
mod speculative;
mod torch;

use crate::error::StudyError;
use crate::experiment::Experiment;

/// All experiments, in the order in which they are run and reported.
pub const ALL: [Experiment; 16] = [
    baseline::EXPERIMENT,
    precision::EXPERIMENT,
    quantization::EXPERIMENT,
    compile::EXPERIMENT,
    fused_attention::EXPERIMENT,
    kv_cache::EXPERIMENT,
    batching::EXPERIMENT,
    mixed_lengths::EXPERIMENT,
    length_scaling::EXPERIMENT,
    graph_construction::EXPERIMENT,
    k_neighbors::EXPERIMENT,
    pruning::EXPERIMENT,
    speculative::EXPERIMENT,
    pipeline_parallel::EXPERIMENT,
    feature_cache::EXPERIMENT,
    filtering::EXPERIMENT,
];

/// The experiment called `name`.
pub fn named(name: &str) -> Result<&'static Experiment, StudyError> {
    let available = || ALL.iter().map(|experiment| experiment.name).collect::<Vec<_>>().join(", ");
    let unknown = || StudyError::UnknownExperiment { name: name.to_owned(), available: available() };
    ALL.iter().find(|experiment| experiment.name == name).ok_or_else(unknown)
}
