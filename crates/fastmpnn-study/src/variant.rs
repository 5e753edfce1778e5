//! One way to do a piece of work.

use std::sync::Arc;

use crate::bench::Bench;
use crate::error::StudyError;
use crate::expectation::Expect;
use crate::job::{Job, Start};
use crate::subject::Subject;
use crate::task::Task;

/// The number of runs of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Protocol {
    /// Runs that are not timed, before the others.
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
    /// The task that it performs.
    pub(crate) task: Task,
    /// The structures that it works on.
    pub(crate) subjects: Vec<Arc<Subject>>,
    /// The number of its threads.
    pub(crate) threads: usize,
    /// The sampling temperature of its designs, if it differs from the settings'.
    pub(crate) temperature: Option<f32>,
    /// Whether the weights are trained ones.
    pub(crate) trained: bool,
    /// Whether its arithmetic is emulated in software, so that its time is not meaningful.
    pub(crate) emulated: bool,
    /// The check that its answer must pass.
    pub(crate) expect: Expect,
    /// Whether its quality is measured on the panel.
    pub(crate) quality: bool,
    /// Fixed numbers of runs instead of the settings'.
    pub(crate) protocol: Option<Protocol>,
    /// A remark needed to read its row.
    pub(crate) note: Option<String>,
    /// Prepares its job.
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

    /// Puts the variant in a group.
    pub(crate) fn group(self, group: impl Into<String>) -> Variant {
        Variant { group: Some(group.into()), ..self }
    }

    /// Sets its structures.
    pub(crate) fn on(self, subjects: Vec<Arc<Subject>>) -> Variant {
        Variant { subjects, ..self }
    }

    /// Sets its number of threads.
    pub(crate) fn threads(self, threads: usize) -> Variant {
        Variant { threads, ..self }
    }

    /// Sets the check of its answer.
    pub(crate) fn expect(self, expect: Expect) -> Variant {
        Variant { expect, ..self }
    }

    /// Sets the temperature at which its designs are drawn.
    pub(crate) fn temperature(self, temperature: f32) -> Variant {
        Variant { temperature: Some(temperature), ..self }
    }

    /// Marks its weights as untrained.
    pub(crate) fn untrained(self) -> Variant {
        Variant { trained: false, expect: Expect::Finite, ..self }
    }

    /// Marks its arithmetic as emulated in software.
    pub(crate) fn emulated(self) -> Variant {
        Variant { emulated: true, ..self }
    }

    /// Has its quality measured on the panel.
    pub(crate) fn with_quality(self) -> Variant {
        Variant { quality: true, ..self }
    }

    /// Sets fixed numbers of runs.
    pub(crate) fn protocol(self, protocol: Protocol) -> Variant {
        Variant { protocol: Some(protocol), ..self }
    }

    /// Adds a remark.
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
