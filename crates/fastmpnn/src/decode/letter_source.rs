//! Sources of the letters of a sampler.

use super::constraints::GoalState;
use super::observer::LettersSoFar;
use super::order::MaskedMember;
use crate::chemistry::{Letter, VOCABULARY};
use crate::error::EngineError;

/// Decides letters while sequences are decoded.
pub trait LetterSource: Sync {
    /// The letter that is drawn for a group.
    fn letter(&self, group: &ReadyGroup<'_>) -> Letter;

    /// The letter of a member of a group; called for one member after another. `before` is the letter of the previous
    /// member, and for the first one the letter drawn. By default all members get the letter drawn.
    fn member_letter(&self, _member: usize, before: Letter) -> Letter {
        before
    }

    /// How a member without a backbone affects its group.
    fn masked_member(&self) -> MaskedMember {
        MaskedMember::Decides
    }
}

/// Residues whose letter is drawn now: one on its own, or a tied group.
#[derive(Clone, Copy, Debug)]
pub struct ReadyGroup<'a> {
    /// The number of their sample, as requested.
    pub sample: u64,
    /// The index of the tied group; `None` for a single residue.
    pub tie: Option<usize>,
    /// Residue indexes, in the written order of the tied group.
    pub members: &'a [usize],
    /// The members' logits, at T = 1 and without biases; those of a residue without a backbone are meaningless.
    /// `[members, V]`
    pub logits: &'a [[f32; VOCABULARY]],
}

/// Decides the letters of a level at once, given the letters drawn so far.
pub(crate) trait LevelSource: LetterSource {
    /// A letter for each group.
    fn letters(
        &self,
        groups: &[(ReadyGroup<'_>, LettersSoFar<'_>)],
        goals: &mut SampleGoals<'_>,
    ) -> Result<Vec<Letter>, EngineError>;

    /// The state in which a sample begins whose groups are drawn in this order, each named by its first member; `None`
    /// where nothing is asked of whole sequences.
    fn begin(&self, order: &dyn Fn() -> Vec<usize>) -> Option<GoalState>;

    /// Pairs of residues whose later member is drawn only after the earlier one.
    fn pairs(&self) -> Vec<[usize; 2]>;
}

/// The states of the samples of a level.
pub(crate) struct SampleGoals<'a> {
    /// The sample of each group.
    pub(super) places: &'a [usize],
    /// The state of each sample.
    pub(super) goals: &'a mut [Option<GoalState>],
}

impl SampleGoals<'_> {
    /// The state of a group's sample.
    pub(super) fn of(&mut self, group: usize) -> Option<&mut GoalState> {
        self.goals[self.places[group]].as_mut()
    }
}

/// A source of letters.
#[derive(Clone, Copy)]
pub(crate) enum Letters<'a> {
    /// Group by group.
    OneByOne(&'a dyn LetterSource),
    /// Level by level.
    ByLevel(&'a dyn LevelSource),
}

impl Letters<'_> {
    pub(super) fn source(&self) -> &dyn LetterSource {
        match self {
            Letters::OneByOne(source) => *source,
            Letters::ByLevel(source) => *source,
        }
    }

    /// See [`LevelSource::begin`].
    pub(super) fn begin(&self, order: &dyn Fn() -> Vec<usize>) -> Option<GoalState> {
        match self {
            Letters::OneByOne(_) => None,
            Letters::ByLevel(source) => source.begin(order),
        }
    }

    /// Whether a letter may depend on those of its level and of the levels before, wherever they are in the order.
    pub(super) fn in_levels(&self) -> bool {
        self.begin(&Vec::new).is_some()
    }

    /// The residues that each residue waits for in addition to its neighbors, `[N]`; empty for none.
    pub(super) fn partners(&self, residues: usize) -> Vec<Vec<u32>> {
        let pairs = match self {
            Letters::OneByOne(_) => Vec::new(),
            Letters::ByLevel(source) => source.pairs(),
        };
        let mut partners = if pairs.is_empty() { Vec::new() } else { vec![Vec::new(); residues] };
        for [first, second] in pairs.into_iter().filter(|pair| pair.iter().all(|&residue| residue < residues)) {
            partners[first].push(second as u32);
            partners[second].push(first as u32);
        }
        partners
    }
}
