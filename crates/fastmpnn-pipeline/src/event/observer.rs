//! The events of a run: warnings, notes, progress, results, failures. The answer to any of them may stop the run.

use std::ops::ControlFlow;

use fastmpnn::structure::ResidueId;

use super::results::Outcome;
use crate::error::PipelineError;
use crate::message::Message;

/// Receives the events of a run.
pub trait Observer {
    /// Receives an event. [`ControlFlow::Break`] stops the run at the next level of decoding: results complete by then
    /// are written, and [`Summary::stopped`](crate::run::Summary::stopped) is set.
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()>;

    /// The name of a request's setting in texts that the run writes to files.
    fn field_name(&self, field: &str) -> String {
        field.to_owned()
    }
}

/// Ignores all events.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn observe(&mut self, _: Event<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl<F: FnMut(Event<'_>) -> ControlFlow<()>> Observer for F {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        self(event)
    }
}

/// An event of a run.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Something is odd, and the run goes on.
    Warning(&'a Warning),
    /// Something worth knowing.
    Note(&'a Note),
    /// The progress of the run.
    Progress(Progress<'a>),
    /// A result.
    Result(&'a Outcome<'a>),
    /// An input could not be used; the run continues with the others.
    Failure(&'a Failure<'a>),
}

/// Something odd about an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The name in messages of the file or folder it concerns.
    pub file: String,
    /// The residue it concerns, if any.
    pub residue: Option<ResidueId>,
    /// What it is about.
    pub kind: WarningKind,
    /// The message, without the file's name.
    pub message: Message,
}

/// The subject of a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WarningKind {
    /// The content of the file.
    Structure,
    /// A part of the request whose interpretation may differ from the intention.
    Specification,
    /// Ligand atoms that the network does not see.
    UnseenLigands,
    /// Decoder edge terms that exceed the memory limit, so that decoding takes longer.
    EdgesRecomputed,
    /// The format that structures are written in.
    Format,
    /// Side chains that could not be kept.
    SideChains,
    /// Sequences that belong to none of the structures, or that claim to be the same sample.
    Sequences,
    /// A sequence without any residue to score.
    NothingScored,
}

/// Something worth knowing about a run or one of its structures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The structure's name or file, if the note concerns one.
    pub about: Option<String>,
    /// What it is about.
    pub kind: NoteKind,
    /// The message, without the name.
    pub message: Message,
}

/// The subject of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoteKind {
    /// The inputs as a whole: files that were not read, and names that differ from the files'.
    Inputs,
    /// Which model of a file was read, or that its models are states.
    Models,
    /// Labels in the file that the request does not use.
    Labels,
    /// What is designed, fixed, tied, omitted and biased.
    Plan,
    /// What the network sees of ligands.
    Ligands,
    /// The position of a membrane, and the residues in it.
    Membrane,
    /// The memory taken by the decoder's edge terms, which are kept.
    EdgesKept,
    /// That this processor computes the precision in another way than its name says.
    Precision,
}

/// The progress of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// The inputs are known, and this is their number; nothing is loaded yet.
    Inputs(usize),
    /// The work begins, or its steps are counted in a new unit.
    Started {
        /// The number of steps.
        total: u64,
        /// The unit of a step.
        unit: Unit,
    },
    /// Work on the next input begins.
    Input {
        /// Its name in messages.
        file: &'a str,
        /// Its index, from 0.
        index: usize,
        /// The number of inputs.
        count: usize,
    },
    /// The sequences for the current structure are read, and this is their number.
    Sequences(usize),
    /// Samples that are decoded together have finished a level of residues that do not depend on each other. A stop
    /// here takes effect with the next level, and the current samples are lost.
    Level {
        /// The first of the samples, by its number from 0.
        first_sample: u64,
        /// The number of samples.
        samples: usize,
        /// The finished level, from 1.
        level: usize,
        /// The number of levels.
        levels: usize,
    },
    /// A packing has finished a denoising step. A stop here takes effect with the next, and the packing is lost.
    PackingStep {
        /// The finished step, from 1.
        step: usize,
        /// The number of steps.
        steps: usize,
    },
    /// This number of further steps is done.
    Advanced(u64),
    /// No news, but an opportunity to stop the run.
    Working,
    /// All inputs have been processed.
    Ended,
}

impl Progress<'_> {
    /// Progress that outlives what it tells of; `None` where it names an input.
    pub(crate) fn without_names(self) -> Option<Progress<'static>> {
        Some(match self {
            Progress::Input { .. } => return None,
            Progress::Inputs(count) => Progress::Inputs(count),
            Progress::Started { total, unit } => Progress::Started { total, unit },
            Progress::Sequences(count) => Progress::Sequences(count),
            Progress::Level { first_sample, samples, level, levels } => {
                Progress::Level { first_sample, samples, level, levels }
            }
            Progress::PackingStep { step, steps } => Progress::PackingStep { step, steps },
            Progress::Advanced(steps) => Progress::Advanced(steps),
            Progress::Working => Progress::Working,
            Progress::Ended => Progress::Ended,
        })
    }
}

/// The unit of a run's steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// Designs.
    Designs,
    /// Structures.
    Structures,
    /// Sequences of a FASTA file.
    Sequences,
}

impl Unit {
    /// The plural of the unit.
    pub fn plural(self) -> &'static str {
        match self {
            Unit::Designs => "designs",
            Unit::Structures => "structures",
            Unit::Sequences => "sequences",
        }
    }
}

/// An input that could not be used.
#[derive(Debug)]
pub struct Failure<'a> {
    /// Its name in messages.
    pub input: &'a str,
    /// The reason.
    pub error: &'a PipelineError,
}
