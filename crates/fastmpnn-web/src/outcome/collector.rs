//! Collects the events of a run into a result, and passes them on as they come.

use std::ops::ControlFlow;

use fastmpnn_pipeline::event::{Event, Observer, Outcome, Progress};
use serde::Serialize;
use serde_json::{Value, json};

use super::design::DesignedStructure;
use super::nim::NimAnswer;
use super::others::{PackedSequence, PackedStructure, ProbabilityTable, ScannedStructure, ScoredStructure};
use super::result::FailedFile;
use crate::task::{Kind, Task};

/// Warnings and notes of a run that are kept.
const MOST_SENTENCES: usize = 200;

/// Who hears of a run while it goes on.
pub(crate) trait Audience {
    /// Hears of something; `data` is JSON.
    fn hear(&self, event: &'static str, data: String);

    /// Hears how far the run is.
    fn progress(&self, done: u64, total: u64, unit: &'static str);

    /// Whether the run is to stop.
    fn wants_stop(&self) -> bool;
}

/// The results of a run.
#[derive(Debug)]
pub(crate) enum Found {
    Designs(Vec<DesignedStructure>),
    Scores(Vec<ScoredStructure>),
    Probabilities(Vec<ProbabilityTable>),
    Scans(Vec<ScannedStructure>),
    Packings(Vec<PackedStructure>),
    Nim(Box<NimAnswer>),
}

/// What is said of a run beside its results.
#[derive(Debug, Default)]
pub(crate) struct RunReport {
    pub(crate) warnings: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) failures: Vec<FailedFile>,
}

/// Collects the events of a run.
pub(crate) struct Collector<'a> {
    audience: &'a dyn Audience,
    pub(crate) found: Found,
    pub(crate) report: RunReport,
    done: u64,
    total: u64,
    unit: &'static str,
}

impl<'a> Collector<'a> {
    pub(crate) fn new(task: &Task, audience: &'a dyn Audience) -> Collector<'a> {
        let found = match task.kind() {
            _ if task.for_nim => Found::Nim(Box::default()),
            Kind::Design => Found::Designs(Vec::new()),
            Kind::Score => Found::Scores(Vec::new()),
            Kind::Probabilities => Found::Probabilities(Vec::new()),
            Kind::Scan => Found::Scans(Vec::new()),
            Kind::Pack => Found::Packings(Vec::new()),
        };
        Collector { audience, found, report: RunReport::default(), done: 0, total: 0, unit: "steps" }
    }

    fn tell(&self, event: &'static str, structure: &str, data: &impl Serialize) {
        let mut value = serde_json::to_value(data).unwrap_or_default();
        if let Value::Object(map) = &mut value {
            map.insert("structure".to_owned(), structure.into());
        }
        self.audience.hear(event, value.to_string());
    }

    fn keep(&mut self, outcome: &Outcome<'_>) {
        match (outcome, &mut self.found) {
            (Outcome::Native(native), Found::Designs(structures)) => {
                let structure = DesignedStructure::begin(native);
                self.audience.hear("native", serde_json::to_string(&structure).unwrap_or_default());
                structures.push(structure);
            }
            (Outcome::Design(design), Found::Designs(structures)) => {
                let Some(structure) = structures.last_mut() else { return };
                structure.add(design);
                if let (Some(last), name) = (structure.designs.last(), structure.name.clone()) {
                    let last = serde_json::to_value(last).unwrap_or_default();
                    self.tell("design", &name, &last);
                }
            }
            (Outcome::Packing(packing), Found::Designs(structures)) => {
                let sequence = PackedSequence::of(packing);
                if let Some(structure) = structures.last_mut() {
                    structure.packings.push(sequence.clone());
                }
                self.tell("packing", &packing.structure.name, &sequence);
            }
            (Outcome::Native(native), Found::Nim(answer)) => answer.begin(native),
            (Outcome::Design(design), Found::Nim(answer)) => answer.add(design),
            (Outcome::Score(score), Found::Scores(structures)) => {
                if structures.last().is_none_or(|last| last.name != score.row.name) {
                    structures.push(ScoredStructure::begin(score));
                }
                let Some(structure) = structures.last_mut() else { return };
                structure.add(score);
                if let (Some(last), name) = (structure.sequences.last(), structure.name.clone()) {
                    let last = serde_json::to_value(last).unwrap_or_default();
                    self.tell("score", &name, &last);
                }
            }
            (Outcome::Probabilities(values), Found::Probabilities(tables)) => {
                tables.push(ProbabilityTable::of(values));
                self.audience.hear("probabilities", json!({ "structure": values.structure.name }).to_string());
            }
            (Outcome::Scan(scan), Found::Scans(structures)) => {
                structures.push(ScannedStructure::of(scan));
                self.audience.hear("scan", json!({ "structure": scan.name }).to_string());
            }
            (Outcome::Packing(packing), Found::Packings(structures)) => {
                let name = &packing.structure.name;
                if structures.last().is_none_or(|last| last.name != *name) {
                    structures.push(PackedStructure::begin(packing));
                }
                let sequence = PackedSequence::of(packing);
                if let Some(structure) = structures.last_mut() {
                    structure.sequences.push(sequence.clone());
                }
                self.tell("packing", name, &sequence);
            }
            _ => {}
        }
    }

    fn sentence(&mut self, event: &'static str, sentence: String) {
        let sentences = if event == "warning" { &mut self.report.warnings } else { &mut self.report.notes };
        if sentences.len() < MOST_SENTENCES {
            self.audience.hear(event, json!({ "text": sentence }).to_string());
            sentences.push(sentence);
        }
    }

    fn progress(&mut self, progress: Progress<'_>) {
        match progress {
            Progress::Started { total, unit } => (self.done, self.total, self.unit) = (0, total, unit.plural()),
            Progress::Advanced(steps) => self.done += steps,
            Progress::Level { .. } | Progress::PackingStep { .. } => {}
            _ => return,
        }
        self.audience.progress(self.done, self.total, self.unit);
    }
}

impl Observer for Collector<'_> {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        match event {
            Event::Warning(warning) => self.sentence("warning", format!("{}: {}", warning.file, warning.message)),
            Event::Note(note) => {
                let about = note.about.as_ref().map_or_else(String::new, |name| format!("{name}: "));
                self.sentence("note", format!("{about}{}", note.message));
            }
            Event::Progress(progress) => self.progress(progress),
            Event::Result(outcome) => self.keep(outcome),
            Event::Failure(failure) => {
                let failed = FailedFile { input: failure.input.to_owned(), error: failure.error.message().to_string() };
                self.audience.hear("failure", serde_json::to_string(&failed).unwrap_or_default());
                self.report.failures.push(failed);
            }
            _ => {}
        }
        if self.audience.wants_stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
