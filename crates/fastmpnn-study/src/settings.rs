//! The settings of the study.

use serde::{Deserialize, Serialize};

/// The settings of the study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Few runs and small sizes, to check that everything works. Its numbers must not be quoted.
    pub quick: bool,
    /// The number of threads of a variant that does not set its own.
    pub threads: usize,
    /// Most timed runs of a variant.
    pub rounds: usize,
    /// Fewest timed runs of a variant, however long they take.
    pub least_rounds: usize,
    /// The time that the timed runs of a variant may take together, s.
    pub seconds_a_variant: f64,
    /// Sequences drawn for each structure of the panel to measure quality.
    pub quality_sequences: u64,
    /// Experiments on length leave out structures larger than this.
    #[serde(default = "any_size")]
    pub most_residues: usize,
    /// Experiments on batches leave out batches larger than this.
    #[serde(default = "any_batch")]
    pub most_batch: u64,
    /// Sampling temperature of designs.
    pub temperature: f32,
    /// Seed of designs.
    pub seed: u64,
    /// The structure that is timed.
    pub timed: String,
    /// The structures that quality is measured on.
    pub panel: Vec<String>,
    /// The way peak_rss_mb is measured.
    pub memory: String,
}

fn any_size() -> usize {
    usize::MAX
}

fn any_batch() -> u64 {
    u64::MAX
}

impl Settings {
    /// The settings of the full study, on `threads` threads.
    pub fn full(threads: usize) -> Settings {
        Settings {
            quick: false,
            threads,
            rounds: 25,
            least_rounds: 5,
            seconds_a_variant: 1.2,
            quality_sequences: 2,
            most_residues: any_size(),
            most_batch: any_batch(),
            temperature: 0.1,
            seed: 37,
            timed: String::new(),
            panel: Vec::new(),
            memory: "VmHWM of a fresh process that does the variant once and nothing else".to_owned(),
        }
    }

    /// Settings with which everything takes a few minutes.
    pub fn quick(threads: usize) -> Settings {
        Settings {
            quick: true,
            rounds: 9,
            least_rounds: 3,
            seconds_a_variant: 0.35,
            quality_sequences: 2,
            ..Settings::full(threads)
        }
    }
}
