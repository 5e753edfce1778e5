//! Half precision: the cost of storing or multiplying numbers in 16 bits, and the failures when distances are also in 16
//! bits.

use fastmpnn::Precision;

use super::jobs::{Machinery, library, operations};
use crate::bench::Bench;
use crate::error::StudyError;
use crate::expectation::Expect;
use crate::experiment::Experiment;
use crate::network::{Form, Format, Formulation, Numerics};
use crate::task::Task;
use crate::variant::Variant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "precision",
    title: "Half precision",
    question: "What do bf16 and f16 cost in accuracy and gain in time, and what breaks when everything is halved?",
    variants,
    finish: None,
};

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let threads = bench.settings.threads;
    let mut variants = Vec::new();
    let kernels = bench.kernels()?;
    for precision in [Precision::F32, Precision::Bf16x3, Precision::Bf16, Precision::F16] {
        if precision.on(kernels) != precision {
            continue;
        }
        let start = library(bench, Machinery { threads, precision, ..Machinery::default() });
        let variant = Variant::new(bench, precision.name(), Task::Forward, start).group("storage").with_quality();
        variants.push(match precision {
            Precision::F32 => variant,
            Precision::Bf16x3 => variant.expect(Expect::Finite).note("products of numbers split into two bf16"),
            Precision::Bf16 if precision.substitute(kernels).is_none() => {
                variant.expect(Expect::Finite).note("products of numbers rounded to bf16")
            }
            _ => variant.expect(Expect::Finite).note("rounded numbers in f32 memory: an accuracy, not a saving"),
        });
    }
    let whole = [
        ("f32, operation by operation", Format::F32, Format::F32),
        ("all in bf16, distances in f32", Format::Bf16, Format::F32),
        ("all in f16, distances in f32", Format::F16, Format::F32),
        ("all in bf16, distances too", Format::Bf16, Format::Bf16),
        ("all in f16, distances too", Format::F16, Format::F16),
    ];
    for (name, format, distances) in whole {
        let numerics = Numerics { format, distances, ..Numerics::default() };
        let start = operations(bench, Formulation { form: Form::Published, numerics }, threads);
        let variant = Variant::new(bench, name, Task::Forward, start).group("all in half");
        variants.push(match format {
            Format::F32 => variant,
            _ => variant
                .expect(Expect::Finite)
                .with_quality()
                .emulated()
                .note("every tensor is rounded after every operation, in software: the time says nothing"),
        });
    }
    Ok(variants)
}
