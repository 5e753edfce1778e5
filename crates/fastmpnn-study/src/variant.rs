//! One way to do a piece of work.

use std::sync::Arc;

use crate::bench::Bench;
use crate::error::StudyError;
use crate::expectation::Expect;
use crate::job::{Job, Start};
use crate::subject::Subject;
use crate::task::Task;

/// How often a variant runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Protocol {
    /// Runs before the clock starts.
    pub(crate) warmups: usize,
    /// Timed runs.
    pub(crate) runs: usize,
}

/// One way to do a piece of work.
pub(crate) struct Variant {
    /// Its name, unique within the experiment.
    pub(crate) name: String,
    /// Variants of one group are compared with its first.
    pub(crate) group: Option<String>,
    /// A description of the variant.
    pub(crate) task: Task,
    /// For which structures.
    pub(crate) subjects: Vec<Arc<Subject>>,
    /// Threads it works on.
    pub(crate) threads: usize,
    /// The sampling temperature of its designs, where it differs from the settings'.
    pub(crate) temperature: Option<f32>,
    /// Whether the weights are trained ones.
    pub(crate) trained: bool,
    /// Whether its arithmetic is emulated in software, so that its time means nothing.
    pub(crate) emulated: bool,
    /// What must be true of its answer.
    pub(crate) expect: Expect,
    /// Whether its quality is measured on the panel.
    pub(crate) quality: bool,
    /// Fixed numbers of runs instead of the settings'.
    pub(crate) protocol: Option<Protocol>,
    /// A remark needed to read its row.
    pub(crate) note: Option<String>,
    /// Prepares it.
    pub(crate) start: Start,
}

impl std::fmt::Debug for Variant {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Variant").field("name", &self.name).field("task", &self.task).finish_non_exhaustive()
    }
}

impl Variant {
    /// A variant that must equal the reference, on trained weights, for the structure that is timed.
    pub(crate) fn new(
        bench: &Bench,
        name: impl Into<String>,
        task: Task,
        start: impl Fn(&[Arc<Subject>], Task) -> Result<Job, StudyError> + 'static,
    ) -> Variant {
        Variant {
            name: name.into(),
            group: None,
            task,
            subjects: vec![bench.timed()],
            threads: bench.settings.threads,
            temperature: None,
            trained: true,
            emulated: false,
            expect: Expect::Equal,
            quality: false,
            protocol: None,
            note: None,
            start: Box::new(start),
        }
    }

    /// In that group.
    pub(crate) fn group(self, group: impl Into<String>) -> Variant {
        Variant { group: Some(group.into()), ..self }
    }

    /// For these structures.
    pub(crate) fn on(self, subjects: Vec<Arc<Subject>>) -> Variant {
        Variant { subjects, ..self }
    }

    /// On `threads` threads.
    pub(crate) fn threads(self, threads: usize) -> Variant {
        Variant { threads, ..self }
    }

    /// With that expectation.
    pub(crate) fn expect(self, expect: Expect) -> Variant {
        Variant { expect, ..self }
    }

    /// With designs drawn at that temperature.
    pub(crate) fn temperature(self, temperature: f32) -> Variant {
        Variant { temperature: Some(temperature), ..self }
    }

    /// On untrained weights.
    pub(crate) fn untrained(self) -> Variant {
        Variant { trained: false, expect: Expect::Finite, ..self }
    }

    /// With numbers emulated in software.
    pub(crate) fn emulated(self) -> Variant {
        Variant { emulated: true, ..self }
    }

    /// With its quality measured on the panel.
    pub(crate) fn with_quality(self) -> Variant {
        Variant { quality: true, ..self }
    }

    /// With fixed numbers of runs.
    pub(crate) fn protocol(self, protocol: Protocol) -> Variant {
        Variant { protocol: Some(protocol), ..self }
    }

    /// With a remark.
    pub(crate) fn note(self, note: impl Into<String>) -> Variant {
        Variant { note: Some(note.into()), ..self }
    }

    pub(crate) fn residues(&self) -> usize {
        self.subjects.iter().map(|subject| subject.residues).sum()
    }

    /// Residues × sequences: the work that a time is divided by.
    pub(crate) fn work(&self) -> f64 {
        (self.residues() as u64 * self.task.sequences().max(1)) as f64
    }
}
