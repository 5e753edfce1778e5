//! Jobs that several experiments share.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use fastmpnn::chemistry::Letter;
use fastmpnn::kernels::Kernels;
use fastmpnn::weights::Checkpoint;
use fastmpnn::{Engine, EngineOptions, Precision};
use serde_json::Value;

use crate::accuracy::Answer;
use crate::bench::Bench;
use crate::error::StudyError;
use crate::jacobi::{Draft, settle};
use crate::job::{Job, Start, Timed, engine_job};
use crate::network::{Formulation, Network};
use crate::subject::Subject;
use crate::task::{Drawing, Task};

/// The parts of an engine.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Machinery {
    pub(super) threads: usize,
    pub(super) precision: Precision,
    pub(super) neighbors: Option<usize>,
}

impl Machinery {
    pub(super) fn engine(self, checkpoint: &Checkpoint) -> Result<Engine, StudyError> {
        let options = EngineOptions::default()
            .with_threads(NonZeroUsize::new(self.threads))
            .with_precision(self.precision)
            .with_neighbors(self.neighbors.and_then(NonZeroUsize::new));
        Ok(Engine::with_checkpoint(checkpoint, &options)?)
    }
}

/// The library on the trained network.
pub(super) fn library(bench: &Bench, machinery: Machinery) -> Start {
    library_drawing(machinery, bench.drawing())
}

/// The library on the trained network, with a way of drawing.
pub(super) fn library_drawing(machinery: Machinery, drawing: Drawing) -> Start {
    Box::new(move |subjects, task| {
        let engine = Arc::new(machinery.engine(&Checkpoint::embedded()?)?);
        Ok(engine_job(engine, subjects, task, drawing))
    })
}

/// The default engine on `threads` threads.
pub(super) fn plain(bench: &Bench, threads: usize) -> Start {
    library(bench, Machinery { threads, ..Machinery::default() })
}

/// The network operation by operation.
pub(super) fn operations(bench: &Bench, formulation: Formulation, threads: usize) -> Start {
    let drawing = bench.drawing();
    Box::new(move |subjects, task| {
        let kernels = Kernels::detect()?;
        let network = Network::new(kernels, &Checkpoint::embedded()?, formulation, threads)?;
        let samples = match task {
            Task::Design(samples) => samples,
            Task::Encode | Task::Forward => 0,
        };
        let mut prepared = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let samples = fixed_samples(subject, samples, threads)?;
            prepared.push(Prepared { subject: Arc::clone(subject), samples });
        }
        Ok(Box::new(move |check| operations_once(&network, &prepared, task, drawing.temperature, check)) as Job)
    })
}

/// A structure, and the orders and numbers of its samples.
struct Prepared {
    subject: Arc<Subject>,
    samples: Vec<FixedSample>,
}

/// The order and random numbers that determine a sample.
struct FixedSample {
    /// The decoding order. `[N]`
    rank: Vec<u32>,
    /// The number in 0 ≤ u < 1 that decides each residue's letter. `[N]`
    numbers: Vec<f64>,
}

/// The order and numbers of each sample, equal to the library's.
fn fixed_samples(subject: &Subject, samples: u64, threads: usize) -> Result<Vec<FixedSample>, StudyError> {
    if samples == 0 {
        return Ok(Vec::new());
    }
    let engine = Machinery { threads, ..Machinery::default() }.engine(&Checkpoint::embedded()?)?;
    let encoding = engine.encode(&subject.structure)?;
    let draw = |sample| {
        let rank = engine.decoding_rank(&encoding, &subject.structure, &subject.plan, sample)?;
        Ok(FixedSample { rank, numbers: engine.letter_numbers(&subject.structure, &subject.plan, sample) })
    };
    (0..samples).map(draw).collect()
}

fn operations_once(
    network: &Network,
    prepared: &[Prepared],
    task: Task,
    temperature: f32,
    check: bool,
) -> Result<Timed, StudyError> {
    let mut timed = Timed::default();
    let mut lost = Vec::new();
    for Prepared { subject, samples } in prepared {
        let clock = Instant::now();
        let encoded = network.encode(&subject.structure);
        let mut answer = Answer::default();
        if task == Task::Forward {
            answer.log_p = Some(network.decode(&encoded, &subject.native, &subject.rank));
        }
        for FixedSample { rank, numbers } in samples {
            let draft = Draft {
                plan: &subject.plan,
                resolved: &subject.resolved,
                native: &subject.native,
                numbers,
                temperature,
            };
            let start = vec![Letter::X; subject.native.len()];
            let settled = settle(draft, start, |sequence| Ok(network.decode(&encoded, sequence, rank)))?;
            answer.designs.push(settled.sequence);
        }
        timed.ms += clock.elapsed().as_secs_f64() * 1e3;
        if check {
            lost.push(encoded.wiring().neighbors_lost());
            if answer.log_p.is_none() {
                answer.log_p = Some(network.decode(&encoded, &subject.native, &subject.rank));
            }
        }
        timed.answers.push(answer);
    }
    if let Some(most) = lost.into_iter().reduce(f64::max) {
        timed.more = BTreeMap::from([("neighbours_lost".to_owned(), Value::from(most))]);
    }
    Ok(timed)
}

/// Distributes structures among engines of one thread each: whichever is free takes the next.
pub(super) fn structure_a_thread(bench: &Bench, threads: usize) -> Start {
    let drawing = bench.drawing();
    Box::new(move |subjects, task| {
        let checkpoint = Checkpoint::embedded()?;
        let machinery = Machinery { threads: 1, ..Machinery::default() };
        let engines = (0..threads).map(|_| machinery.engine(&checkpoint)).collect::<Result<Vec<_>, _>>()?;
        let subjects = subjects.to_vec();
        Ok(Box::new(move |check| share_out(&engines, &subjects, task, drawing, check)) as Job)
    })
}

fn share_out(
    engines: &[Engine],
    subjects: &[Arc<Subject>],
    task: Task,
    drawing: Drawing,
    check: bool,
) -> Result<Timed, StudyError> {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let next = AtomicUsize::new(0);
    let clock = Instant::now();
    let work = |engine: &Engine| -> Result<Vec<(usize, Answer)>, StudyError> {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(subject) = subjects.get(index) else { return Ok(done) };
            let timed = crate::job::engine_answers(engine, std::slice::from_ref(subject), task, drawing, check)?;
            done.extend(timed.answers.into_iter().map(|answer| (index, answer)));
        }
    };
    let shares: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = engines.iter().map(|engine| scope.spawn(|| work(engine))).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        threads.into_iter().map(join).collect()
    });
    let ms = clock.elapsed().as_secs_f64() * 1e3;
    let mut answers: Vec<(usize, Answer)> = Vec::new();
    for share in shares {
        answers.extend(share?);
    }
    answers.sort_by_key(|(index, _)| *index);
    Ok(Timed { ms, answers: answers.into_iter().map(|(_, answer)| answer).collect(), ..Timed::default() })
}
