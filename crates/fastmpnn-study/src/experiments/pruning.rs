//! Smaller networks: layers dropped from the trained one, and the published study's untrained shapes.

use std::sync::Arc;

use fastmpnn::weights::Checkpoint;

use super::jobs::Machinery;
use crate::bench::Bench;
use crate::checkpoints::{Shape, untrained, with_layers};
use crate::error::StudyError;
use crate::expectation::Expect;
use crate::experiment::Experiment;
use crate::job::{Start, engine_job};
use crate::task::Task;
use crate::variant::Variant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "pruning",
    title: "Pruning",
    question: "What is left of the trained network when layers are dropped, and what do the smaller shapes cost?",
    variants,
    finish: None,
};

/// The layers that are kept: the name, encoder layers, decoder layers.
const KEPT: [(&str, &[usize], &[usize]); 7] = [
    ("3 + 3 layers", &[0, 1, 2], &[0, 1, 2]),
    ("without the last encoder layer", &[0, 1], &[0, 1, 2]),
    ("without the middle encoder layer", &[0, 2], &[0, 1, 2]),
    ("without the last decoder layer", &[0, 1, 2], &[0, 1]),
    ("without the middle decoder layer", &[0, 1, 2], &[0, 2]),
    ("2 + 2 layers", &[0, 1], &[0, 1]),
    ("1 + 1 layers", &[0], &[0]),
];

/// The published study's shapes: "Minimal" has two layers of 64 each, "EXTREME" and its second version smaller graphs.
const SHAPES: [(&str, Shape); 4] = [
    ("untrained 3 + 3, 128 wide, k = 48", Shape { encoder: 3, decoder: 3, hidden: 128, neighbors: 48 }),
    ("untrained \"Minimal\": 2 + 2, 64 wide, k = 48", Shape { encoder: 2, decoder: 2, hidden: 64, neighbors: 48 }),
    ("untrained \"EXTREME\": 2 + 2, 64 wide, k = 16", Shape { encoder: 2, decoder: 2, hidden: 64, neighbors: 16 }),
    ("untrained \"EXTREME-v2\": 2 + 2, 64 wide, k = 12", Shape { encoder: 2, decoder: 2, hidden: 64, neighbors: 12 }),
];

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let mut variants = Vec::new();
    for (index, (name, encoder, decoder)) in KEPT.into_iter().enumerate() {
        let start = network(bench, move |trained| with_layers(trained, encoder, decoder));
        let variant = Variant::new(bench, name, Task::Forward, start).with_quality();
        variants.push(if index == 0 { variant } else { variant.expect(Expect::Finite) });
    }
    for (name, shape) in SHAPES {
        let start = network(bench, move |trained| untrained(trained, shape));
        let variant = Variant::new(bench, name, Task::Forward, start).untrained().with_quality();
        variants.push(variant.note("random weights: only its speed means something"));
    }
    Ok(variants)
}

fn network(bench: &Bench, make: impl Fn(&Checkpoint) -> Result<Checkpoint, StudyError> + 'static) -> Start {
    let (threads, drawing) = (bench.settings.threads, bench.drawing());
    Box::new(move |subjects, task| {
        let checkpoint = make(&Checkpoint::embedded()?)?;
        let engine = Arc::new(Machinery { threads, ..Machinery::default() }.engine(&checkpoint)?);
        Ok(engine_job(engine, subjects, task, drawing))
    })
}
