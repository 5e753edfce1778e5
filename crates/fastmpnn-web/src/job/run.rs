//! Carries out a task.

use std::time::Instant;

use fastmpnn_pipeline::fastmpnn::structure::{read_bytes, read_models_bytes};
use fastmpnn_pipeline::fastmpnn::{Engine, Packer};
use fastmpnn_pipeline::request::{NetworkSettings, Request};
use fastmpnn_pipeline::run::{Engines, Resources, Summary};
use fastmpnn_pipeline::{PipelineError, design, pack, probs, scan, score};
use serde::Serialize;

use crate::engines::KeptEngines;
use crate::limits::Limits;
use crate::outcome::{ALPHABET, Audience, Collector, Found, TaskResult, UsedModel};
use crate::problem::Problem;
use crate::task::{Task, Work};

/// The kept engines, and which of them a run has used.
struct RunEngines<'k> {
    kept: &'k mut KeptEngines,
    used: Option<UsedModel>,
}

impl Engines for RunEngines<'_> {
    fn engine(&mut self, network: &NetworkSettings) -> Result<Engine, PipelineError> {
        let engine = self.kept.engine(network)?;
        let (name, sha256) = (engine.checkpoint_name().to_owned(), engine.checkpoint_sha256().to_owned());
        self.used = Some(UsedModel { name, sha256 });
        Ok(engine)
    }

    fn packer(&mut self, checkpoint: &str) -> Result<Packer, PipelineError> {
        self.kept.packer(checkpoint)
    }
}

/// Carries out a task; the result is JSON.
pub(super) fn run(
    task: &Task,
    kept: &mut KeptEngines,
    limits: &Limits,
    audience: &dyn Audience,
) -> Result<String, Problem> {
    let started = Instant::now();
    check_size(task, limits)?;
    let encodings = kept.encodings();
    let mut engines = RunEngines { kept, used: None };
    let mut collector = Collector::new(task, audience);
    let mut resources = Resources::new(task.sources(), &mut engines).with_encodings(encodings);
    let summary = match &task.work {
        Work::Design(request) => design(request, &mut resources, &mut collector).map(|summary| summary.run),
        Work::Score(request) => score(request, &mut resources, &mut collector),
        Work::Probabilities(request) => probs(request, &mut resources, &mut collector),
        Work::Scan(request) => scan(request, &mut resources, &mut collector),
        Work::Pack(request) => pack(request, &mut resources, &mut collector).map(|summary| summary.run),
    };
    let summary = summary.map_err(|error| Problem::of_pipeline(&error))?;
    let Collector { found, mut report, .. } = collector;
    if let Some(problem) = failure_of_all(&summary) {
        return Err(problem);
    }
    let settings = match &task.work {
        Work::Design(request) => settings(&**request),
        Work::Score(request) => settings(&**request),
        Work::Probabilities(request) => settings(&**request),
        Work::Scan(request) => settings(&**request),
        Work::Pack(request) => settings(&**request),
    };
    let result = TaskResult {
        task: task.kind().name(),
        version: env!("CARGO_PKG_VERSION"),
        model: engines.used,
        settings,
        alphabet: ALPHABET,
        structures: Vec::<()>::new(),
        warnings: std::mem::take(&mut report.warnings),
        notes: std::mem::take(&mut report.notes),
        failures: report.failures,
        stopped: summary.stopped,
        seconds: started.elapsed().as_secs_f64(),
    };
    match found {
        Found::Designs(structures) => json(&result.with(structures)),
        Found::Scores(structures) => json(&result.with(structures)),
        Found::Probabilities(structures) => json(&result.with(structures)),
        Found::Scans(structures) => {
            let mutants: usize = structures.iter().map(|structure| structure.mutants.len()).sum();
            if mutants > limits.mutants {
                let detail = format!("{mutants} mutants: this service compares {} at most", limits.mutants);
                return Err(Problem::unprocessable(detail).of_setting("double"));
            }
            json(&result.with(structures))
        }
        Found::Packings(structures) => json(&result.with(structures)),
        Found::Nim(_) if summary.stopped => {
            Err(Problem::cancelled("the job was cancelled before all designs were made"))
        }
        Found::Nim(answer) => json(&answer),
    }
}

/// Refuses structures that are larger than the limits. They are read again for the work: that takes a few milliseconds.
fn check_size(task: &Task, limits: &Limits) -> Result<(), Problem> {
    let options = task.input().read_options();
    let states = matches!(&task.work, Work::Design(request) if request.states.states);
    let mut residues = 0_usize;
    for file in task.structures() {
        let bytes = file.text.as_bytes();
        // What cannot be read is a failure of its own later.
        residues += match states {
            true => read_models_bytes(&file.name, bytes, &options)
                .map_or(0, |models| models.iter().map(|model| model.residues.len()).sum()),
            false => read_bytes(&file.name, bytes, &options).map_or(0, |structure| structure.residues.len()),
        };
    }
    let refused = |detail: String| Err(Problem::too_large(detail));
    if residues > limits.residues {
        return refused(format!("{residues} residues: this service takes {} at most", limits.residues));
    }
    // Of several structures each has only its share of the designs.
    let files = task.structures().count().max(1) as u64;
    let letters = task.designs().unwrap_or(0).saturating_mul(residues as u64) / files;
    if letters > limits.letters {
        let most = limits.letters;
        return refused(format!("{letters} letters, designs times residues: this service draws {most} at most"));
    }
    Ok(())
}

/// The problem of a run of which no input could be used.
fn failure_of_all(summary: &Summary) -> Option<Problem> {
    let all = !summary.failed.is_empty() && summary.failed.len() >= summary.inputs && summary.results == 0;
    let sentences: Vec<&str> = summary.failed.iter().map(|failed| failed.error.as_str()).collect();
    all.then(|| Problem::unprocessable(sentences.join("; ")))
}

fn settings<R: Request>(request: &R) -> serde_json::Value {
    let mut settings = serde_json::to_value(request).unwrap_or_default();
    if let Some(map) = settings.as_object_mut() {
        map.retain(|name, _| !crate::task::is_refused(name));
    }
    settings
}

fn json(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|error| Problem::internal(format!("the result has no form as JSON: {error}")))
}

impl TaskResult<()> {
    fn with<S>(self, structures: Vec<S>) -> TaskResult<S> {
        let TaskResult {
            task, version, model, settings, alphabet, warnings, notes, failures, stopped, seconds, ..
        } = self;
        TaskResult { task, version, model, settings, alphabet, structures, warnings, notes, failures, stopped, seconds }
    }
}
