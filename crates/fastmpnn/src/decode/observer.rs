//! Observers, which follow the progress of a task and can stop it, and hooks, which change logits.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::chemistry::{Letter, VOCABULARY};
use crate::error::HookFailure;
use crate::model::{NO_LETTER, Seen};

/// The progress of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// Samples that are decoded together have finished a level, a set of residues that do not depend on each other.
    Level {
        /// The first of the samples, by its number. The pilot designs of goals for whole sequences have the last numbers
        /// that there are.
        first_sample: u64,
        /// The number of samples.
        samples: usize,
        /// The finished level, from 1.
        level: usize,
        /// The number of levels; a random order of a few hundred residues has about 70.
        levels: usize,
    },
    /// A packing has finished a denoising step.
    PackingStep {
        /// The finished step, from 1.
        step: usize,
        /// The number of steps.
        steps: usize,
    },
}

/// Follows the progress of a task. It is called on the worker threads, concurrently.
///
/// Implemented by closures `Fn(Progress) -> ControlFlow<()>`.
pub trait Observer: Send + Sync {
    /// Called after each step. [`ControlFlow::Break`] stops the task, which then fails with
    /// [`EngineError::Cancelled`](crate::error::EngineError::Cancelled).
    fn progress(&self, progress: Progress) -> ControlFlow<()>;
}

impl<F: Fn(Progress) -> ControlFlow<()> + Send + Sync> Observer for F {
    fn progress(&self, progress: Progress) -> ControlFlow<()> {
        self(progress)
    }
}

/// Sees the logits of a level before letters are drawn, and may change them: for constraints, for statistics, or to
/// choose letters.
///
/// Implemented by closures `Fn(&mut Level) -> Result<(), HookFailure>`. Hooks are called on the worker threads,
/// concurrently for different samples. The result must depend only on the level; otherwise designs depend on the
/// schedule.
pub trait LogitsHook: Send + Sync {
    /// Changes the level's logits. A letter with logit −∞ is not drawn; NaN, +∞, and a residue without any letter left
    /// are errors.
    fn adjust(&self, level: &mut Level<'_>) -> Result<(), HookFailure>;

    /// Pairs of residues whose later member in the decoding order must be drawn after the earlier one has its letter.
    /// Without it, residues that are not neighbors in the graph may share a level or swap levels.
    fn pairs(&self) -> Vec<[usize; 2]> {
        Vec::new()
    }
}

impl<F: Fn(&mut Level<'_>) -> Result<(), HookFailure> + Send + Sync> LogitsHook for F {
    fn adjust(&self, level: &mut Level<'_>) -> Result<(), HookFailure> {
        self(level)
    }
}

/// The residues and tied groups drawn next, for all samples that are decoded together.
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
    /// The letters of the sample known so far.
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

    /// The logits from which letters are drawn, at T = 1 and before biases; for a tied group Σ weight · logits / n.
    /// `[items, V]`
    pub fn logits(&self) -> &[[f32; VOCABULARY]] {
        self.logits
    }

    /// The logits, mutable. `[items, V]`
    pub fn logits_mut(&mut self) -> &mut [[f32; VOCABULARY]] {
        self.logits
    }

    /// Each item with its logits.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&LevelItem<'a>, &mut [f32; VOCABULARY])> {
        self.items.iter().zip(self.logits.iter_mut())
    }
}

impl LettersSoFar<'_> {
    /// The letter of a residue; `None` if it is not drawn yet or the residue does not exist.
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

    /// The letters of all residues. `[N]`
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

/// The observer and hooks of a designer.
#[derive(Clone, Default)]
pub(crate) struct Watch {
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) hooks: Vec<Arc<dyn LogitsHook>>,
}

impl Watch {
    /// Whether the observer, if there is one, lets the task continue.
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
