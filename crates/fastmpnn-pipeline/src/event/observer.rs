//! What a run says while it goes on: warnings, notes, progress, results, failures. The answer to any of them may stop it.

use std::ops::ControlFlow;

use fastmpnn::structure::ResidueId;

use super::results::Outcome;
use crate::error::PipelineError;
use crate::message::Message;

/// Hears of everything that happens in a run.
pub trait Observer {
    /// Takes an event. [`ControlFlow::Break`] stops the run at the next level of decoding: what is complete by then is
    /// written, and the summary says that the run was stopped.
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()>;

    /// How texts in the files of a run call a setting of the request.
    fn field_name(&self, field: &str) -> String {
        field.to_owned()
    }
}

/// Hears nothing and stops nothing.
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

/// Something that happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Something is odd, and the run goes on.
    Warning(&'a Warning),
    /// Something worth knowing.
    Note(&'a Note),
    /// How far the run is.
    Progress(Progress<'a>),
    /// A result.
    Result(&'a Outcome<'a>),
    /// An input could not be used; the others are worked on all the same.
    Failure(&'a Failure<'a>),
}

/// Something odd about an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What messages call the file or folder that it is about.
    pub file: String,
    /// The residue, where it is about one.
    pub residue: Option<ResidueId>,
    /// What it is about.
    pub kind: WarningKind,
    /// A sentence without the file's name.
    pub message: Message,
}

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WarningKind {
    /// What the file says, or lacks.
    Structure,
    /// What was understood of the request otherwise than it may have been meant.
    Specification,
    /// Ligand atoms that the network does not see.
    UnseenLigands,
    /// Decoder edge terms that exceed the memory limit, so that decoding takes longer.
    EdgesRecomputed,
    /// The format that structures are written in.
    Format,
    /// Side chains that could not be kept.
    SideChains,
    /// Sequences that belong to nothing, or that say they are the same.
    Sequences,
    /// A sequence of which nothing is scored.
    NothingScored,
}

/// Something worth knowing about a run or one of its structures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The structure's name or its file, where the note is about one.
    pub about: Option<String>,
    /// What it is about.
    pub kind: NoteKind,
    /// A sentence without the name.
    pub message: Message,
}

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoteKind {
    /// The inputs as a whole: what was not read, and what they are called.
    Inputs,
    /// Which model of a file was read, or that its models are states.
    Models,
    /// Labels in the file that nobody asked for.
    Labels,
    /// What is designed, fixed, tied, omitted and biased.
    Plan,
    /// What the network sees of ligands.
    Ligands,
    /// Where a membrane is, and the residues in it.
    Membrane,
    /// That the decoder's edge terms are kept, and the memory they take.
    EdgesKept,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// The inputs are known, of which there are that many; nothing is loaded yet.
    Inputs(usize),
    /// The work begins, or is counted anew in another unit: `total` steps.
    Started {
        /// The number of steps.
        total: u64,
        /// What a step is.
        unit: Unit,
    },
    /// The next input is worked on.
    Input {
        /// What messages call it.
        file: &'a str,
        /// Which one, from 0.
        index: usize,
        /// The number of inputs.
        count: usize,
    },
    /// The sequences of the structure in hand are read, of which there are that many.
    Sequences(usize),
    /// Samples that are decoded together have finished a level: residues that do not wait for each other. A stop here takes
    /// effect with the next level, and the samples in hand are lost.
    Level {
        /// The first of the samples, by its number from 0.
        first_sample: u64,
        /// The number of samples.
        samples: usize,
        /// The level that is done, from 1.
        level: usize,
        /// The number of levels.
        levels: usize,
    },
    /// A packing has finished a denoising step. A stop here takes effect with the next, and the packing is lost.
    PackingStep {
        /// The step that is done, from 1.
        step: usize,
        /// The number of steps.
        steps: usize,
    },
    /// That many steps more are done.
    Advanced(u64),
    /// Nothing is to be said, but the answer is heard.
    Working,
    /// All inputs have been worked on.
    Ended,
}

/// What the steps of a run are.
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
    /// Several of them.
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
    /// What messages call it.
    pub input: &'a str,
    /// Why.
    pub error: &'a PipelineError,
}
