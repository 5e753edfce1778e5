//! Integers: the library's q16, and q16 and int8 in one part of the network at a time.

use fastmpnn::Precision;

use super::jobs::{Machinery, library, operations};
use crate::bench::Bench;
use crate::error::StudyError;
use crate::expectation::Expect;
use crate::experiment::Experiment;
use crate::network::{EdgeNumbers, Form, Formulation, Numerics, Part};
use crate::task::Task;
use crate::variant::Variant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "quantization",
    title: "Quantization",
    question: "Do integers save time, how many bits do they need, and which layer is the most sensitive?",
    variants,
    finish: None,
};

const PARTS: [(&str, Part); 7] = [
    ("features", Part::Features),
    ("encoder 1", Part::Encoder(0)),
    ("encoder 2", Part::Encoder(1)),
    ("encoder 3", Part::Encoder(2)),
    ("decoder 1", Part::Decoder(0)),
    ("decoder 2", Part::Decoder(1)),
    ("decoder 3", Part::Decoder(2)),
];

const EMULATED: &str = "integers of 7 bits multiplied in f32, exactly: the accuracy is int8's, the time is not";

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let threads = bench.settings.threads;
    let engine = |precision| library(bench, Machinery { threads, precision, ..Machinery::default() });
    let mut variants = vec![
        Variant::new(bench, "f32", Task::Forward, engine(Precision::F32)).group("forward").with_quality(),
        Variant::new(bench, "q16", Task::Forward, engine(Precision::Q16))
            .group("forward")
            .expect(Expect::Within(0.5))
            .with_quality(),
        Variant::new(bench, "f32, 8 designs", Task::Design(8), engine(Precision::F32)).group("8 designs"),
        Variant::new(bench, "q16, 8 designs", Task::Design(8), engine(Precision::Q16))
            .group("8 designs")
            .expect(Expect::Within(0.5)),
    ];
    let split = |numerics| operations(bench, Formulation { form: Form::Split, numerics }, threads);
    let group = "operation by operation";
    variants.push(
        Variant::new(bench, "f32, operation by operation", Task::Forward, split(Numerics::default())).group(group),
    );
    let whole = [("q16", EdgeNumbers::Q16), ("int8", EdgeNumbers::Int8), ("int8 weights", EdgeNumbers::Int8Weights)];
    for (name, edges) in whole {
        let start = split(Numerics { edges, ..Numerics::default() });
        let variant = Variant::new(bench, format!("{name}, whole network"), Task::Forward, start);
        let variant = variant.group(group).expect(Expect::Finite).with_quality();
        variants.push(if edges == EdgeNumbers::Q16 { variant } else { variant.emulated().note(EMULATED) });
    }
    for (name, edges) in [("q16", EdgeNumbers::Q16), ("int8", EdgeNumbers::Int8)] {
        for (part_name, part) in PARTS {
            let start = split(Numerics { edges, part: Some(part), ..Numerics::default() });
            let variant = Variant::new(bench, format!("{name} in {part_name}"), Task::Forward, start);
            let variant = variant.group(group).expect(Expect::Finite);
            variants.push(if edges == EdgeNumbers::Int8 { variant.emulated().note(EMULATED) } else { variant });
        }
    }
    Ok(variants)
}
