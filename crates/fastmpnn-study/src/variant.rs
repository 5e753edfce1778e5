//! One way to do a piece of work.

use std::sync::Arc;

use crate::bench::Bench;
use crate::error::StudyError;
use crate::expectation::Expect;
use crate::job::{Job, Start};
use crate::subject::Subject;
use crate::task::Task;

/// One way to do a piece of work.
pub struct Variant {
    /// Its name, unique within the experiment.
    pub name: String,
    /// Variants of one group are compared with its first.
    pub group: Option<String>,
    /// What is done.
    pub task: Task,
    /// For which structures.
    pub subjects: Vec<Arc<Subject>>,
    /// Threads that work.
    pub threads: usize,
    /// T of its designs, where it is not the settings'.
    pub temperature: Option<f32>,
    /// Whether the weights are trained ones.
    pub trained: bool,
    /// What must be true of its answer.
    pub expect: Expect,
    /// Whether its quality is measured on the panel.
    pub quality: bool,
    /// Fixed numbers of runs, `(warm-ups, timed)`, instead of the settings'.
    pub protocol: Option<(usize, usize)>,
    /// What must be known to read its row.
    pub note: Option<String>,
    /// Prepares it.
    pub start: Start,
}

impl std::fmt::Debug for Variant {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Variant").field("name", &self.name).field("task", &self.task).finish_non_exhaustive()
    }
}

impl Variant {
    /// A variant that must equal the reference, on trained weights, for the structure that is timed.
    pub fn new(
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
            expect: Expect::Equal,
            quality: false,
            protocol: None,
            note: None,
            start: Box::new(start),
        }
    }

    /// In that group.
    pub fn group(self, group: impl Into<String>) -> Variant {
        Variant { group: Some(group.into()), ..self }
    }

    /// For these structures.
    pub fn on(self, subjects: Vec<Arc<Subject>>) -> Variant {
        Variant { subjects, ..self }
    }

    /// On so many threads.
    pub fn threads(self, threads: usize) -> Variant {
        Variant { threads, ..self }
    }

    /// With that expectation.
    pub fn expect(self, expect: Expect) -> Variant {
        Variant { expect, ..self }
    }

    /// With designs drawn at that temperature.
    pub fn temperature(self, temperature: f32) -> Variant {
        Variant { temperature: Some(temperature), ..self }
    }

    /// On untrained weights.
    pub fn untrained(self) -> Variant {
        Variant { trained: false, expect: Expect::Finite, ..self }
    }

    /// With its quality measured on the panel.
    pub fn with_quality(self) -> Variant {
        Variant { quality: true, ..self }
    }

    /// With so many warm-ups and timed runs.
    pub fn protocol(self, warmups: usize, runs: usize) -> Variant {
        Variant { protocol: Some((warmups, runs)), ..self }
    }

    /// With something to know.
    pub fn note(self, note: impl Into<String>) -> Variant {
        Variant { note: Some(note.into()), ..self }
    }

    pub(crate) fn residues(&self) -> usize {
        self.subjects.iter().map(|subject| subject.residues).sum()
    }

    /// Residues times sequences: what times are compared by.
    pub(crate) fn work(&self) -> f64 {
        (self.residues() as u64 * self.task.sequences().max(1)) as f64
    }
}
