//! Fewer steps: levels, colors, and drafting a whole sequence that is verified at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use fastmpnn::chemistry::Letter;
use fastmpnn::featurize::Graph;
use fastmpnn::spec::OrderKind;
use fastmpnn::weights::Checkpoint;
use serde_json::Value;

use super::jobs::Machinery;
use crate::accuracy::Answer;
use crate::bench::Bench;
use crate::error::StudyError;
use crate::experiment::Experiment;
use crate::jacobi::{Draft, settle};
use crate::job::{Job, Start, Timed};
use crate::task::{Drawing, Task};
use crate::variant::Variant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "speculative",
    title: "Fewer decoding steps",
    question: "How many sequential steps does an exact sample need: residue by residue, by levels, by colors, by drafts?",
    variants,
    finish: None,
};

const TEMPERATURES: [f32; 4] = [0.0, 0.1, 0.3, 1.0];

/// The way a sequence is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Steps {
    OneAtATime,
    Levels,
    Drafts,
}

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let machinery = Machinery { threads: bench.settings.threads, ..Machinery::default() };
    let colored = Arc::new(bench.timed().with_order(OrderKind::Colored));
    let mut variants = Vec::new();
    for temperature in TEMPERATURES {
        let drawing = Drawing { temperature, ..bench.drawing() };
        let ways = [
            ("one at a time", Steps::OneAtATime, bench.timed()),
            ("by levels", Steps::Levels, bench.timed()),
            ("by levels of a colored order", Steps::Levels, Arc::clone(&colored)),
            ("draft and verify", Steps::Drafts, bench.timed()),
        ];
        for (name, steps, subject) in ways {
            let start = draw(machinery, drawing, steps);
            let variant = Variant::new(bench, format!("{name}, T = {temperature}"), Task::Design(1), start);
            variants.push(variant.group(format!("T = {temperature}")).temperature(temperature).on(vec![subject]));
        }
    }
    Ok(variants)
}

/// Draws one sequence on an encoding that was made before.
fn draw(machinery: Machinery, drawing: Drawing, steps: Steps) -> Start {
    Box::new(move |subjects, _| {
        let engine = machinery.engine(&Checkpoint::embedded()?)?;
        let subjects = subjects.to_vec();
        Ok(Box::new(move |check| {
            let mut timed = Timed::default();
            for subject in &subjects {
                let encoding = &engine.encode(&subject.structure)?;
                let clock = Instant::now();
                let (sequence, count) = if steps == Steps::Drafts {
                    // Every pass needs every edge's term.
                    engine.keep_edge_terms(encoding)?;
                    let rank = engine.decoding_rank(encoding, &subject.structure, &subject.plan, 0)?;
                    let numbers = engine.letter_numbers(&subject.structure, &subject.plan, 0);
                    let draft = Draft {
                        plan: &subject.plan,
                        resolved: &subject.resolved,
                        native: &subject.native,
                        numbers: &numbers,
                        temperature: drawing.temperature,
                    };
                    let start = vec![Letter::X; subject.native.len()];
                    let settled = settle(draft, start, |sequence| {
                        Ok(engine.autoregressive(encoding, &subject.structure, sequence, &rank)?)
                    })?;
                    (settled.sequence, settled.passes)
                } else {
                    let mut designer = engine.designer(encoding, &subject.structure, &subject.plan)?;
                    if steps == Steps::OneAtATime {
                        designer = designer.one_at_a_time();
                    }
                    let mut designs = designer.sample(0..1, drawing.temperature)?;
                    let design = designs.pop();
                    let (sequence, rank) = design.map(|design| (design.sequence, design.rank)).unwrap_or_default();
                    let count = match steps {
                        Steps::OneAtATime => subject.residues,
                        _ => levels(encoding.graph(), &rank),
                    };
                    (sequence, count)
                };
                timed.ms += clock.elapsed().as_secs_f64() * 1e3;
                timed.more = BTreeMap::from([("steps".to_owned(), Value::from(count))]);
                let mut answer = Answer { designs: vec![sequence], log_p: None };
                if check {
                    answer.log_p = Some(subject.log_p(&engine, encoding)?);
                }
                timed.answers.push(answer);
            }
            Ok(timed)
        }) as Job)
    })
}

/// The number of levels of an order: a residue waits for its neighbors that come before it.
fn levels(graph: &Graph, rank: &[u32]) -> usize {
    let mut order: Vec<usize> = (0..rank.len()).collect();
    order.sort_by_key(|&residue| rank[residue]);
    let mut level = vec![0; rank.len()];
    for residue in order {
        let before = graph.neighbors(residue).iter().filter(|&&neighbor| rank[neighbor as usize] < rank[residue]);
        level[residue] = 1 + before.map(|&neighbor| level[neighbor as usize]).max().unwrap_or(0);
    }
    level.into_iter().max().unwrap_or(0)
}
