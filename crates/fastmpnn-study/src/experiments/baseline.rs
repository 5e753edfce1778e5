//! The starting point: f32, one structure, in the published study's protocol and in ours.

use super::jobs::plain;
use crate::bench::Bench;
use crate::error::StudyError;
use crate::experiment::Experiment;
use crate::task::Task;
use crate::variant::{Protocol, Variant};

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "baseline",
    title: "Baseline",
    question: "How fast is the f32 network on one structure, measured as the published study measured it?",
    variants,
    finish: None,
};

/// The protocol of the published study.
const PUBLISHED: Protocol = Protocol { warmups: 10, runs: 50 };

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let threads = bench.settings.threads;
    let mut variants = vec![
        Variant::new(bench, "forward, the published protocol", Task::Forward, plain(bench, threads))
            .group("forward")
            .protocol(PUBLISHED)
            .note("10 warm-ups and 50 runs; the published study gives mean ± standard deviation"),
        Variant::new(bench, "forward", Task::Forward, plain(bench, threads)).group("forward"),
    ];
    if threads > 1 {
        let one = Variant::new(bench, "forward, one thread", Task::Forward, plain(bench, 1));
        variants.push(one.group("forward").threads(1));
    }
    variants.push(Variant::new(bench, "features and encoder", Task::Encode, plain(bench, threads)).group("encode"));
    for sequences in [1, 8] {
        let name = format!("{sequences} design{}", if sequences == 1 { "" } else { "s" });
        variants.push(Variant::new(bench, name, Task::Design(sequences), plain(bench, threads)).group("design"));
    }
    Ok(variants)
}
