//! Fewer and more neighbors than the network was trained with.

use super::jobs::{Machinery, library};
use crate::bench::Bench;
use crate::error::StudyError;
use crate::expectation::Expect;
use crate::experiment::Experiment;
use crate::task::Task;
use crate::variant::Variant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "k_neighbors",
    title: "Neighbors",
    question: "How much faster is a smaller graph, and how much accuracy does the trained network lose with it?",
    variants,
    finish: None,
};

/// K of the published networks comes first, since the others are compared with it.
const COUNTS: [usize; 7] = [48, 8, 12, 16, 24, 32, 64];

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let threads = bench.settings.threads;
    let variants = COUNTS.map(|count| {
        let start = library(bench, Machinery { threads, neighbors: Some(count), ..Machinery::default() });
        let variant = Variant::new(bench, format!("k = {count}"), Task::Forward, start).with_quality();
        if count == COUNTS[0] { variant } else { variant.expect(Expect::Finite) }
    });
    Ok(variants.into())
}
