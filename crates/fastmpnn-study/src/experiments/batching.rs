//! Batches: samples of one structure, and structures.

use std::sync::Arc;

use super::jobs::{plain, structure_a_thread};
use crate::bench::Bench;
use crate::error::StudyError;
use crate::experiment::Experiment;
use crate::task::Task;
use crate::variant::Variant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "batching",
    title: "Batching",
    question: "What is gained by batching: samples that share a structure, and separate structures?",
    variants,
    finish: None,
};

const FULL: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];
const QUICK: [u64; 5] = [1, 2, 4, 8, 32];

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let sizes: &[u64] = if bench.settings.quick { &QUICK } else { &FULL };
    let sizes: Vec<u64> = sizes.iter().copied().filter(|&size| size <= bench.settings.most_batch).collect();
    let threads = bench.settings.threads;
    let mut variants = Vec::new();
    for &size in &sizes {
        let name = format!("{size} sample{}", if size == 1 { "" } else { "s" });
        let variant = Variant::new(bench, name, Task::Design(size), plain(bench, threads));
        variants.push(variant.group("samples of one structure"));
    }
    for &size in &sizes {
        let subjects = vec![bench.timed(); size as usize];
        let name = format!("{size} structure{}", if size == 1 { "" } else { "s" });
        let together =
            Variant::new(bench, format!("{name}, all threads on each"), Task::Forward, plain(bench, threads));
        variants.push(together.group("structures").on(subjects.iter().map(Arc::clone).collect()));
        if threads > 1 && size > 1 {
            let start = structure_a_thread(bench, threads);
            let apart = Variant::new(bench, format!("{name}, one a thread"), Task::Forward, start);
            variants.push(apart.group("structures").on(subjects));
        }
    }
    Ok(variants)
}
