//! Two processors: threads that share one structure, one structure per thread, and one process per share of the
//! structures.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use fastmpnn::chemistry::{Sequence, parse_sequence};

use super::jobs::{plain, structure_a_thread};
use crate::accuracy::Answer;
use crate::bench::{Bench, Program};
use crate::error::StudyError;
use crate::expectation::Expect;
use crate::experiment::Experiment;
use crate::job::{Job, Start, Timed};
use crate::memory;
use crate::subject::Subject;
use crate::task::{Drawing, Task};
use crate::variant::Variant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "pipeline_parallel",
    title: "Threads and processes",
    question: "Is a processor better used by another thread, or by another process?",
    variants,
    finish: None,
};

/// The number of structures to process.
const STRUCTURES: usize = 4;
const SEQUENCES: u64 = 4;

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let threads = bench.settings.threads;
    let subjects: Vec<Arc<Subject>> = bench.subjects.iter().cycle().take(STRUCTURES).map(Arc::clone).collect();
    let task = Task::Design(SEQUENCES);
    let add = |name: &str, start: Start| Variant::new(bench, name, task, start).on(subjects.clone());
    let mut variants = vec![add("one thread", plain(bench, 1)).group("in one process").threads(1)];
    if threads > 1 {
        variants.push(add("threads share a structure", plain(bench, threads)).group("in one process"));
        variants.push(add("a structure a thread", structure_a_thread(bench, threads)).group("in one process"));
    }
    let files = subjects.iter().all(|subject| subject.path.is_some());
    if let Some(program) = bench.program.as_ref().filter(|_| files) {
        let note = "whole processes: starting, reading files and writing FASTA included";
        let processes = |count, each| start_processes(program, count, each, bench.drawing());
        let whole = [
            ("one process, one thread", 1, 1),
            ("one process, all threads", 1, threads),
            ("a process a processor, one thread each", threads, 1),
        ];
        for (name, count, each) in whole.into_iter().filter(|one| threads > 1 || one.1 * one.2 == 1) {
            let variant = add(name, processes(count, each)).group("whole processes").threads(count * each).note(note);
            // The sequences are compared letter by letter; likelihoods are not printed.
            variants.push(variant.expect(Expect::Equal));
        }
    }
    Ok(variants)
}

/// `fastmpnn design` on equal shares of the files at once.
fn start_processes(program: &Program, processes: usize, threads: usize, drawing: Drawing) -> Start {
    let path = program.path.clone();
    Box::new(move |subjects, task| {
        let files: Vec<PathBuf> = subjects.iter().filter_map(|subject| subject.path.clone()).collect();
        let path = path.clone();
        Ok(Box::new(move |check| {
            let clock = Instant::now();
            let share = files.len().div_ceil(processes).max(1);
            let failed = |reason: String| StudyError::Process { command: "fastmpnn design".to_owned(), reason };
            let design = |files: &[PathBuf]| {
                let mut command = Command::new(&path);
                command.arg("design").args(files);
                command.args(["--quiet", "--num-seqs", &task.sequences().to_string()]);
                command.args(["--temperature", &drawing.temperature.to_string(), "--seed", &drawing.seed.to_string()]);
                command.args(["--threads", &threads.to_string()]);
                finished(command, check)
            };
            // A lane runs a processor's share, one process after another.
            let lane = |files: &[PathBuf]| -> Result<Output, String> {
                let mut lane = Output::default();
                for files in runs(files) {
                    let output = design(files)?;
                    lane.text += &output.text;
                    lane.peak_mb = lane.peak_mb.max(output.peak_mb);
                }
                Ok(lane)
            };
            let lanes: Vec<Result<Output, String>> = std::thread::scope(|scope| {
                let lane = &lane;
                let lanes: Vec<_> = files.chunks(share).map(|files| scope.spawn(move || lane(files))).collect();
                let join = |lane: std::thread::ScopedJoinHandle<'_, _>| {
                    lane.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                };
                lanes.into_iter().map(join).collect()
            });
            let ms = clock.elapsed().as_secs_f64() * 1e3;
            let (mut text, mut peak) = (String::new(), 0.0);
            for lane in lanes {
                let output = lane.map_err(failed)?;
                text += &output.text;
                peak += output.peak_mb;
            }
            let answers = answers(&text, task).map_err(failed)?;
            Ok(Timed { ms, answers, peak_rss_mb: (peak > 0.0).then_some(peak), ..Timed::default() })
        }) as Job)
    })
}

/// The output of processes.
#[derive(Debug, Default)]
struct Output {
    /// The text that they wrote.
    text: String,
    /// The most memory one of them had, MB (10⁶ bytes); 0 if it was not watched.
    peak_mb: f64,
}

/// Waits for a process. With `look`, it polls the process's memory, which makes it slightly slower.
fn finished(mut command: Command, look: bool) -> Result<Output, String> {
    let told = |error: std::io::Error| error.to_string();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(told)?;
    let mut peak_mb: f64 = 0.0;
    // The output fits in a pipe's buffer, so the process does not wait for it to be read.
    while look && child.try_wait().map_err(told)?.is_none() {
        peak_mb = peak_mb.max(memory::peak_of(child.id()).unwrap_or(0.0));
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let output = child.wait_with_output().map_err(told)?;
    match output.status.success() {
        true => Ok(Output { text: String::from_utf8_lossy(&output.stdout).into_owned(), peak_mb }),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

/// The files in runs in which no file occurs twice, since one process refuses two structures of the same name.
fn runs(files: &[PathBuf]) -> Vec<&[PathBuf]> {
    let mut runs = Vec::new();
    let mut first = 0;
    for end in 1..=files.len() {
        if files.get(end).is_none_or(|next| files[first..end].contains(next)) {
            runs.push(&files[first..end]);
            first = end;
        }
    }
    runs
}

/// The designs in FASTA text, where each structure has its native sequence first.
fn answers(text: &str, task: Task) -> Result<Vec<Answer>, String> {
    let sequences: Vec<Sequence> = text
        .lines()
        .filter(|line| !line.starts_with('>'))
        .map(|line| parse_sequence(&line.replace('/', "")).map_err(|letter| format!("{letter:?} is not a letter")))
        .collect::<Result<_, _>>()?;
    let each = task.sequences() as usize + 1;
    Ok(sequences.chunks(each).map(|records| Answer { designs: records[1..].to_vec(), log_p: None }).collect())
}
