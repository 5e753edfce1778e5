//! The encoder's messages, materialized and in tiles that stay in the first-level cache: the counterpart of "flash
//! attention" in a network without attention.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastmpnn::kernels::Kernels;
use fastmpnn::weights::Checkpoint;
use serde_json::Value;

use super::jobs::{operations, plain};
use crate::bench::Bench;
use crate::error::StudyError;
use crate::experiment::Experiment;
use crate::job::Start;
use crate::network::{Form, Formulation, Network};
use crate::subject::Subject;
use crate::task::Task;
use crate::variant::Variant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "fused_attention",
    title: "Fused tiles",
    question: "How much time and memory is saved by not writing messages to memory?",
    variants,
    finish: None,
};

/// Residues of the second, larger structure.
const LARGE: usize = 1000;
const LARGE_QUICK: usize = 300;

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let length = if bench.settings.quick { LARGE_QUICK } else { LARGE }.min(bench.settings.most_residues);
    let large = Arc::new(bench.timed().of_length(length, APART)?);
    let mut variants = Vec::new();
    for subject in [bench.timed(), large] {
        let threads = bench.settings.threads;
        let residues = subject.residues;
        let add = |name: &str, start: Start| {
            Variant::new(bench, format!("{name}, {residues} residues"), Task::Encode, start)
                .group(format!("{residues} residues"))
                .on(vec![Arc::clone(&subject)])
        };
        for (name, form) in [("materialized, as published", Form::Published), ("materialized, W1 split", Form::Split)] {
            let start = with_bytes(operations(bench, Formulation::exact(form), threads), form, &subject);
            variants.push(add(name, start));
        }
        variants.push(add("fused tiles", with_tile_bytes(plain(bench, threads), threads)));
    }
    Ok(variants)
}

/// The distance between copies of the structure, Å: side by side, as dense as one copy.
const APART: f32 = 40.0;

/// Records the bytes of messages that are in memory at once.
fn with_bytes(start: Start, form: Form, subject: &Arc<Subject>) -> Start {
    let edges = subject.structure.residues.len();
    Box::new(move |subjects, task| {
        let mut job = start(subjects, task)?;
        let network = Network::new(Kernels::detect()?, &Checkpoint::embedded()?, Formulation::exact(form), 1)?;
        let bytes = network.message_bytes(edges * network.degree(edges));
        drop(network);
        Ok(Box::new(move |check| {
            let mut timed = job(check)?;
            timed.more = BTreeMap::from([("message_bytes".to_owned(), Value::from(bytes))]);
            Ok(timed)
        }))
    })
}

/// A tile has three arrays of 24 edges of 128 floats: the edges' states and two hidden layers.
fn with_tile_bytes(start: Start, threads: usize) -> Start {
    const TILE: usize = 24 * 128 * 3 * size_of::<f32>();
    Box::new(move |subjects, task| {
        let mut job = start(subjects, task)?;
        Ok(Box::new(move |check| {
            let mut timed = job(check)?;
            timed.more = BTreeMap::from([("message_bytes".to_owned(), Value::from((TILE * threads) as u64))]);
            Ok(timed)
        }))
    })
}
