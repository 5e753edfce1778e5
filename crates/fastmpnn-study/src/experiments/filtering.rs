//! Drawing more designs than are kept, ranked by score before an expensive validator.

use std::collections::BTreeMap;
use std::time::Instant;

use fastmpnn::decode::Design;
use fastmpnn::score::mean_where;
use fastmpnn::weights::Checkpoint;
use serde_json::Value;

use super::jobs::Machinery;
use crate::accuracy::Answer;
use crate::bench::Bench;
use crate::error::StudyError;
use crate::expectation::Expect;
use crate::experiment::Experiment;
use crate::job::{Job, Start, Timed};
use crate::task::{Drawing, Task};
use crate::variant::Variant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "filtering",
    title: "Filtering before validation",
    question: "What does it cost to draw many designs and keep the best few, next to a validator that takes seconds per design?",
    variants,
    finish: None,
};

/// Designs that go on to the validator.
const KEPT: usize = 8;

/// Seconds that a structure predictor takes for a design, in the rows' estimate.
const VALIDATOR_SECONDS: f64 = 30.0;

const DRAWN: [u64; 5] = [8, 16, 32, 64, 128];
const DRAWN_QUICK: [u64; 3] = [8, 32, 64];

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let machinery = Machinery { threads: bench.settings.threads, ..Machinery::default() };
    let drawn: &[u64] = if bench.settings.quick { &DRAWN_QUICK } else { &DRAWN };
    let variants = drawn.iter().map(|&drawn| {
        let name = if drawn as usize == KEPT {
            format!("{KEPT} drawn, all kept")
        } else {
            format!("{drawn} drawn, the best {KEPT} kept")
        };
        let start = draw_and_rank(machinery, bench.drawing());
        Variant::new(bench, name, Task::Design(drawn), start).expect(Expect::Within(1e-4))
    });
    Ok(variants.collect())
}

/// Mean −ln p of the designed residues, nats: lower is better.
fn score(design: &Design, designed: &[bool]) -> f64 {
    mean_where(&design.negative_log_likelihood, |residue| designed[residue]).unwrap_or(f64::INFINITY)
}

fn draw_and_rank(machinery: Machinery, drawing: Drawing) -> Start {
    Box::new(move |subjects, task| {
        let engine = machinery.engine(&Checkpoint::embedded()?)?;
        let subjects = subjects.to_vec();
        Ok(Box::new(move |check| {
            let mut timed = Timed::default();
            for subject in &subjects {
                let clock = Instant::now();
                let encoding = engine.encode(&subject.structure)?;
                let designer = engine.designer(&encoding, &subject.structure, &subject.plan)?;
                let designs = designer.sample(0..task.sequences(), drawing.temperature)?;
                let mut ranked: Vec<(f64, Design)> =
                    designs.into_iter().map(|design| (score(&design, &subject.plan.designed), design)).collect();
                ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
                ranked.truncate(KEPT);
                let ms = clock.elapsed().as_secs_f64() * 1e3;
                timed.ms += ms;
                let kept = ranked.len() as f64;
                let mean = ranked.iter().map(|(score, _)| score).sum::<f64>() / kept;
                let seconds = ms / 1e3;
                timed.more = BTreeMap::from([
                    ("kept".to_owned(), Value::from(ranked.len())),
                    ("kept_per_s".to_owned(), Value::from(kept / seconds)),
                    ("kept_mean_score".to_owned(), Value::from(mean)),
                    ("validator_s".to_owned(), Value::from(VALIDATOR_SECONDS)),
                    // The share that drawing and ranking add to the validator's time.
                    ("share_of_validation".to_owned(), Value::from(seconds / (kept * VALIDATOR_SECONDS))),
                ]);
                let mut answer =
                    Answer { designs: ranked.into_iter().map(|(_, design)| design.sequence).collect(), log_p: None };
                if check {
                    answer.log_p = Some(subject.log_p(&engine, &encoding)?);
                }
                timed.answers.push(answer);
            }
            Ok(timed)
        }) as Job)
    })
}
