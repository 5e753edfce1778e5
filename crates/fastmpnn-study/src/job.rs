//! Work that can be timed: prepared once, then run repeatedly.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use fastmpnn::Engine;
use serde_json::Value;

use crate::accuracy::{Accuracy, Answer};
use crate::error::StudyError;
use crate::subject::Subject;
use crate::task::{Drawing, Task};

/// One run of a variant.
#[derive(Debug, Default)]
pub(crate) struct Timed {
    /// The time it took, ms.
    pub(crate) ms: f64,
    /// An answer for each structure; may be empty in runs that are not checked.
    pub(crate) answers: Vec<Answer>,
    /// Accuracy, if the variant measures it itself rather than through its answers.
    pub(crate) accuracy: Option<Accuracy>,
    /// Peak memory, if the variant runs in its own process anyway, MB (10⁶ bytes).
    pub(crate) peak_rss_mb: Option<f64>,
    /// Further numbers for the row.
    pub(crate) more: BTreeMap<String, Value>,
}

/// Runs a variant once. The argument says whether its answers will be checked.
pub(crate) type Job = Box<dyn FnMut(bool) -> Result<Timed, StudyError>>;

/// Prepares a variant to do a task for some structures.
pub(crate) type Start = Box<dyn Fn(&[Arc<Subject>], Task) -> Result<Job, StudyError>>;

/// Performs a task for each structure with an engine, one after another.
pub(crate) fn engine_answers(
    engine: &Engine,
    subjects: &[Arc<Subject>],
    task: Task,
    drawing: Drawing,
    check: bool,
) -> Result<Timed, StudyError> {
    let mut timed = Timed::default();
    for subject in subjects {
        let clock = Instant::now();
        let encoding = engine.encode(&subject.structure)?;
        let mut answer = Answer::default();
        match task {
            Task::Encode => {}
            Task::Forward => {
                answer.log_p = Some(subject.log_p(engine, &encoding)?);
            }
            Task::Design(samples) => {
                let mut designer = engine.designer(&encoding, &subject.structure, &subject.plan)?;
                designer = designer.with_reuse(drawing.reuse);
                if drawing.one_at_a_time {
                    designer = designer.one_at_a_time();
                }
                let designs = designer.sample(0..samples, drawing.temperature)?;
                answer.designs = designs.into_iter().map(|design| design.sequence).collect();
            }
        }
        timed.ms += clock.elapsed().as_secs_f64() * 1e3;
        if check && answer.log_p.is_none() {
            answer.log_p = Some(subject.log_p(engine, &encoding)?);
        }
        timed.answers.push(answer);
    }
    Ok(timed)
}

/// A job of an engine.
pub(crate) fn engine_job(engine: Arc<Engine>, subjects: &[Arc<Subject>], task: Task, drawing: Drawing) -> Job {
    let subjects = subjects.to_vec();
    Box::new(move |check| engine_answers(&engine, &subjects, task, drawing, check))
}
