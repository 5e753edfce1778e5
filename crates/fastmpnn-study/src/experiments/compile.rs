//! Compilation: the gain from fusing operations, by hand and by torch.

use super::jobs::{operations, plain};
use super::torch::torch_variant;
use crate::bench::Bench;
use crate::error::StudyError;
use crate::experiment::Experiment;
use crate::network::{Form, Formulation};
use crate::peers::TorchMode;
use crate::task::Task;
use crate::variant::Variant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "compile",
    title: "Compilation and fusion",
    question: "What is gained by fusing operations, by hand here and by torch.compile?",
    variants,
    finish: None,
};

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let threads = bench.settings.threads;
    let form = |form| operations(bench, Formulation::exact(form), threads);
    let mut variants = vec![
        Variant::new(bench, "operation by operation, as published", Task::Forward, form(Form::Published))
            .note("the same matrix products as the fused network, on whole tensors"),
        Variant::new(bench, "operation by operation, W1 split and W3 after the sum", Task::Forward, form(Form::Split)),
        Variant::new(bench, "fused by hand", Task::Forward, plain(bench, threads)),
    ];
    if let Some(peers) = &bench.peers {
        for mode in [TorchMode::Eager, TorchMode::Inductor] {
            variants.push(torch_variant(bench, peers, mode));
        }
    }
    Ok(variants)
}
