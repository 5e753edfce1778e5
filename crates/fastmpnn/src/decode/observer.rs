//! Who follows a piece of work, may change what it draws from, and may stop it.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::chemistry::{Letter, VOCABULARY};
use crate::error::HookFailure;
use crate::model::{NO_LETTER, Seen};

/// How far a piece of work has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// Samples that are decoded together have finished a level: residues that do not wait for each other.
    Level {
        /// The first of the samples, by its number.
        first_sample: u64,
        /// The number of samples.
        samples: usize,
        /// The level that is done, from 1.
        level: usize,
        /// All levels; a random order of some hundred residues has about 70.
        levels: usize,
    },
    /// A packing has finished a denoising step.
    PackingStep {
        /// The step that is done, from 1.
        step: usize,
        /// All steps.
        steps: usize,
    },
}

/// Follows a piece of work. It is called on the worker threads, several at a time.
///
/// A closure `Fn(Progress) -> ControlFlow<()>` is one.
pub trait Observer: Send + Sync {
    /// What has been done; [`ControlFlow::Break`] stops the work, whose answer is then
    /// [`EngineError::Cancelled`](crate::error::EngineError::Cancelled).
    fn progress(&self, progress: Progress) -> ControlFlow<()>;
}

impl<F: Fn(Progress) -> ControlFlow<()> + Send + Sync> Observer for F {
    fn progress(&self, progress: Progress) -> ControlFlow<()> {
        self(progress)
    }
}

/// Sees the logits of a level before letters are drawn, and may change them: for constraints, statistics of its own, or
/// letters of its own choice.
///
/// A closure `Fn(&mut Level) -> Result<(), HookFailure>` is one. Hooks are called on the worker threads, several at a time
/// for different samples. A result must depend on nothing but the level, or designs depend on the schedule.
pub trait LogitsHook: Send + Sync {
    /// Changes the level's logits. A letter of −∞ is not drawn; NaN, +∞, and a residue that is left without a letter
    /// are errors.
    fn adjust(&self, level: &mut Level<'_>) -> Result<(), HookFailure>;

    /// Pairs of residues of which the later one in the decoding order is to be drawn when the earlier one has its letter.
    /// Residues that are not neighbors in the graph may be drawn in any order of levels otherwise.
    fn pairs(&self) -> Vec<[usize; 2]> {
        Vec::new()
    }
}

impl<F: Fn(&mut Level<'_>) -> Result<(), HookFailure> + Send + Sync> LogitsHook for F {
    fn adjust(&self, level: &mut Level<'_>) -> Result<(), HookFailure> {
        self(level)
    }
}

/// What is drawn next, of all samples that are decoded together.
#[derive(Debug)]
pub struct Level<'a> {
    items: &'a [LevelItem<'a>],
    logits: &'a mut [[f32; VOCABULARY]],
}

/// A residue, or a tied group, of a sample.
#[derive(Clone, Copy, Debug)]
pub struct LevelItem<'a> {
    /// The sample's number.
    pub sample: u64,
    /// Residue indexes; several for a tied group.
    pub residues: &'a [usize],
    /// What is known of the sample.
    pub letters: LettersSoFar<'a>,
}

/// The letters of a sample that have been drawn at earlier levels, and those of fixed residues.
#[derive(Clone, Copy)]
pub struct LettersSoFar<'a>(pub(crate) &'a [Seen]);

impl<'a> Level<'a> {
    pub(crate) fn new(items: &'a [LevelItem<'a>], logits: &'a mut [[f32; VOCABULARY]]) -> Level<'a> {
        Level { items, logits }
    }

    /// The residues and tied groups. `[items]`
    pub fn items(&self) -> &[LevelItem<'a>] {
        self.items
    }

    /// The logits that letters are drawn from, at T = 1 and before biases; a tied group's are Σ weight · logits / n.
    /// `[items, V]`
    pub fn logits(&self) -> &[[f32; VOCABULARY]] {
        self.logits
    }

    /// The same, to be changed. `[items, V]`
    pub fn logits_mut(&mut self) -> &mut [[f32; VOCABULARY]] {
        self.logits
    }

    /// Each item with its logits.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&LevelItem<'a>, &mut [f32; VOCABULARY])> {
        self.items.iter().zip(self.logits.iter_mut())
    }
}

impl LettersSoFar<'_> {
    /// The letter of a residue; `None` where it is not drawn yet, or there is no such residue.
    pub fn get(&self, residue: usize) -> Option<Letter> {
        let seen = *self.0.get(residue)?;
        if seen == NO_LETTER { None } else { Letter::all().nth(usize::from(seen) - 1) }
    }

    /// N.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no residues.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them. `[N]`
    pub fn iter(&self) -> impl Iterator<Item = Option<Letter>> {
        (0..self.len()).map(|residue| self.get(residue))
    }
}

impl fmt::Debug for LettersSoFar<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters: String = self.iter().map(|letter| letter.map_or('-', Letter::to_char)).collect();
        out.debug_tuple("LettersSoFar").field(&letters).finish()
    }
}

/// Who looks on while sequences are drawn.
#[derive(Clone, Default)]
pub(crate) struct Watch {
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) hooks: Vec<Arc<dyn LogitsHook>>,
}

impl Watch {
    /// Whether the observer, if there is one, lets the work go on.
    pub(crate) fn goes_on(&self, progress: Progress) -> bool {
        self.observer.as_ref().is_none_or(|observer| observer.progress(progress).is_continue())
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Watch { observer, hooks } = self;
        out.debug_struct("Watch").field("observer", &observer.is_some()).field("hooks", &hooks.len()).finish()
    }
}
