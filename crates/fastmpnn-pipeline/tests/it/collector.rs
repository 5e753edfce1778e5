//! An observer that records its events.

use std::ops::ControlFlow;
use std::path::PathBuf;

use fastmpnn_pipeline::event::{DesignResult, Event, NoteKind, Observer, Outcome, Progress, ScanResult, WarningKind};
use fastmpnn_pipeline::input::Sources;
use fastmpnn_pipeline::run::{LoadEngines, Resources};

/// The events, in order.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    /// A word for each event.
    pub(crate) order: Vec<String>,
    pub(crate) warnings: Vec<(WarningKind, String)>,
    pub(crate) notes: Vec<(NoteKind, String)>,
    pub(crate) failures: Vec<String>,
    pub(crate) designs: Vec<DesignResult>,
    pub(crate) fasta: Vec<u8>,
    pub(crate) scores: Vec<f64>,
    pub(crate) probabilities: Vec<Vec<[f32; 21]>>,
    pub(crate) scans: Vec<ScanResult>,
    pub(crate) packings: usize,
    /// Stops the run after an event with this word.
    pub(crate) stop_at: Option<&'static str>,
}

impl Observer for Collector {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        let word = match event {
            Event::Warning(warning) => {
                self.warnings.push((warning.kind, warning.message.to_string()));
                "warning"
            }
            Event::Note(note) => {
                self.notes.push((note.kind, note.message.to_string()));
                "note"
            }
            Event::Failure(failure) => {
                self.failures.push(failure.error.to_string());
                "failure"
            }
            Event::Progress(Progress::Started { .. }) => "started",
            Event::Progress(Progress::Input { .. }) => "input",
            Event::Progress(Progress::Advanced(_)) => "advanced",
            Event::Progress(Progress::Ended) => "ended",
            Event::Progress(Progress::Level { .. }) => "level",
            Event::Progress(Progress::PackingStep { .. }) => "step",
            Event::Progress(_) => "working",
            Event::Result(outcome) => self.result(outcome),
            _ => "other",
        };
        self.order.push(word.to_owned());
        if self.stop_at == Some(word) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Collector {
    fn result(&mut self, outcome: &Outcome<'_>) -> &'static str {
        match outcome {
            Outcome::Native(native) => {
                native.write_fasta(&mut self.fasta).unwrap();
                "native"
            }
            Outcome::Design(design) => {
                design.write_fasta(&mut self.fasta).unwrap();
                self.designs.push(design.result.clone());
                "design"
            }
            Outcome::Score(score) => {
                self.scores.extend(score.row.score);
                "score"
            }
            Outcome::Probabilities(values) => {
                self.probabilities.push(values.values.to_vec());
                "probabilities"
            }
            Outcome::Packing(packing) => {
                self.packings += packing.ranked.len();
                "packing"
            }
            Outcome::Scan(scan) => {
                self.scans.push(scan.clone());
                "scan"
            }
            _ => "other result",
        }
    }

    /// The events without those that only ask whether to continue.
    pub(crate) fn told(&self) -> Vec<&str> {
        self.order.iter().map(String::as_str).filter(|word| !["working", "level", "step"].contains(word)).collect()
    }
}

/// Runs something with the disk and a thread.
pub(crate) fn with_resources<T>(work: impl FnOnce(&mut Resources<'_>) -> T) -> T {
    let mut engines = LoadEngines::new(std::num::NonZeroUsize::new(1), None);
    work(&mut Resources::new(Sources::disk(), &mut engines))
}

/// An example structure.
pub(crate) fn example(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)
}
