//! From 50 to 20,000 residues: does time grow with length, or faster?

use std::sync::Arc;
use std::time::Instant;

use fastmpnn::weights::Checkpoint;
use serde_json::Value;

use super::jobs::Machinery;
use crate::accuracy::Answer;
use crate::bench::Bench;
use crate::error::StudyError;
use crate::experiment::Experiment;
use crate::job::{Job, Start, Timed};
use crate::power_law::exponent;
use crate::record::ExperimentRecord;
use crate::task::{Drawing, Task};
use crate::variant::Variant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "length_scaling",
    title: "Length scaling",
    question: "How do time and memory grow with the number of residues?",
    variants,
    finish: Some(finish),
};

const FULL: [usize; 9] = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000];
const QUICK: [usize; 6] = [50, 100, 200, 400, 800, 1600];

/// With more residues the answer is not compared with the reference's, which is the same program.
const COMPARED: usize = 2000;

/// With fewer residues a structure has fewer neighbors than the network takes, or its fixed costs dominate.
const FITTED_FROM: usize = 200;

/// The distance between copies of the structure, Å.
const APART: f32 = 40.0;

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let lengths: &[usize] = if bench.settings.quick { &QUICK } else { &FULL };
    let machinery = Machinery { threads: bench.settings.threads, ..Machinery::default() };
    let mut variants = Vec::new();
    for (group, task) in [("encode", Task::Encode), ("decode", Task::Design(1))] {
        for &length in lengths.iter().filter(|&&length| length <= bench.settings.most_residues) {
            let subject = Arc::new(bench.timed().of_length(length, APART)?);
            let start = stage(machinery, bench.drawing());
            let variant = Variant::new(bench, format!("{group}, {length} residues"), task, start).group(group);
            variants.push(variant.on(vec![subject]).note("copies of the timed structure side by side, cut off"));
        }
    }
    Ok(variants)
}

/// Times the encoder, or one sequence drawn on an encoding.
fn stage(machinery: Machinery, drawing: Drawing) -> Start {
    Box::new(move |subjects, task| {
        let engine = machinery.engine(&Checkpoint::embedded()?)?;
        let subjects = subjects.to_vec();
        let encode = |subject: &Arc<crate::subject::Subject>| engine.encode(&subject.structure);
        // Prepare beforehand only the parts that are not timed.
        let encodings = match task {
            Task::Design(_) => subjects.iter().map(encode).collect::<Result<Vec<_>, _>>()?,
            Task::Encode | Task::Forward => Vec::new(),
        };
        Ok(Box::new(move |check| {
            let mut timed = Timed::default();
            for (index, subject) in subjects.iter().enumerate() {
                let structure = &subject.structure;
                let mut answer = Answer::default();
                let clock = Instant::now();
                let made;
                let encoding = match encodings.get(index) {
                    Some(encoding) => {
                        let designer = engine.designer(encoding, structure, &subject.plan)?;
                        let designs = designer.sample(0..task.sequences(), drawing.temperature)?;
                        answer.designs = designs.into_iter().map(|design| design.sequence).collect();
                        encoding
                    }
                    None => {
                        made = engine.encode(structure)?;
                        &made
                    }
                };
                timed.ms += clock.elapsed().as_secs_f64() * 1e3;
                if subject.native.len() > COMPARED {
                    answer.designs.clear();
                } else if check {
                    answer.log_p = Some(subject.log_p(&engine, encoding)?);
                }
                timed.answers.push(answer);
            }
            Ok(timed)
        }) as Job)
    })
}

fn finish(record: &mut ExperimentRecord) {
    for group in ["encode", "decode"] {
        let rows = record.rows.iter().filter(|row| row.group.as_deref() == Some(group));
        let points: Vec<[f64; 2]> =
            rows.filter(|row| row.residues >= FITTED_FROM).map(|row| [row.residues as f64, row.median_ms]).collect();
        if let Some(exponent) = exponent(&points) {
            record.findings.insert(format!("{group}_exponent"), Value::from(exponent));
        }
    }
}
