//! Results that are kept from residue to residue while a sequence is drawn.

use std::time::Instant;

use fastmpnn::chemistry::Letter;
use fastmpnn::decode::{Draw, Reuse};
use fastmpnn::weights::Checkpoint;

use super::jobs::{Machinery, library_drawing};
use crate::accuracy::Answer;
use crate::bench::Bench;
use crate::error::StudyError;
use crate::experiment::Experiment;
use crate::job::{Job, Start, Timed};
use crate::task::{Drawing, Task};
use crate::variant::Variant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "kv_cache",
    title: "Caching while decoding",
    question: "When residues are decoded one after another, what is gained by keeping earlier results?",
    variants,
    finish: None,
};

/// Enough that first-layer messages are memoized.
const SEQUENCES: u64 = 8;

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let threads = bench.settings.threads;
    let machinery = Machinery { threads, ..Machinery::default() };
    let mut variants = vec![
        Variant::new(bench, "nothing cached", Task::Design(1), without_cache(machinery, bench.drawing()))
            .note("one sequence: each further one takes as long. A pass of the whole decoder for every residue"),
    ];
    let levels = [
        ("node states cached", Reuse::States, true),
        ("edge projections cached", Reuse::EdgeTerms, true),
        ("first-layer messages memoized", Reuse::Messages, true),
        ("all of these, level by level", Reuse::Messages, false),
    ];
    for (name, reuse, one_at_a_time) in levels {
        let drawing = Drawing { reuse, one_at_a_time, ..bench.drawing() };
        variants.push(Variant::new(bench, name, Task::Design(SEQUENCES), library_drawing(machinery, drawing)));
    }
    Ok(variants)
}

/// For every residue in the decoding order: the whole decoder on the letters so far, one letter drawn.
fn without_cache(machinery: Machinery, drawing: Drawing) -> Start {
    Box::new(move |subjects, task| {
        let engine = machinery.engine(&Checkpoint::embedded()?)?;
        let subjects = subjects.to_vec();
        Ok(Box::new(move |check| {
            let mut timed = Timed::default();
            for subject in &subjects {
                let clock = Instant::now();
                let (structure, plan) = (&subject.structure, &subject.plan);
                let encoding = engine.encode(structure)?;
                let mut answer = Answer::default();
                for sample in 0..task.sequences() {
                    let rank = engine.decoding_rank(&encoding, structure, plan, sample)?;
                    let numbers = engine.letter_numbers(structure, plan, sample);
                    let mut order: Vec<usize> = (0..rank.len()).collect();
                    order.sort_by_key(|&residue| rank[residue]);
                    let mut sequence = subject.native.clone();
                    // The order hides letters that are not drawn yet, whatever they are.
                    let designed = |residue: &usize| plan.designed[*residue] && subject.resolved[*residue];
                    order.iter().filter(|residue| designed(residue)).for_each(|&residue| sequence[residue] = Letter::X);
                    for residue in order.into_iter().filter(designed) {
                        let log_p = engine.autoregressive(&encoding, structure, &sequence, &rank)?;
                        let draw = Draw {
                            bias: &plan.bias[residue],
                            omitted: plan.omitted[residue],
                            temperature: drawing.temperature,
                            uniform: numbers[residue],
                        };
                        sequence[residue] = draw.letter(&log_p[residue]);
                    }
                    answer.designs.push(sequence);
                }
                timed.ms += clock.elapsed().as_secs_f64() * 1e3;
                if check {
                    answer.log_p = Some(subject.log_p(&engine, &encoding)?);
                }
                timed.answers.push(answer);
            }
            Ok(timed)
        }) as Job)
    })
}
