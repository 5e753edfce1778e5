//! Where the letters of a sampler come from.

use super::observer::LettersSoFar;
use super::order::MaskedMember;
use crate::chemistry::{Letter, VOCABULARY};
use crate::error::EngineError;

/// Decides letters while sequences are decoded.
pub trait LetterSource: Sync {
    /// The letter that is drawn for a group.
    fn letter(&self, group: &ReadyGroup<'_>) -> Letter;

    /// The letter that a member of a group carries, in turn; `before` is that of the member before it, and for the first
    /// one the letter drawn. All carry the letter drawn where this is not said otherwise.
    fn member_letter(&self, _member: usize, before: Letter) -> Letter {
        before
    }

    /// What a member without a backbone means to its group.
    fn masked_member(&self) -> MaskedMember {
        MaskedMember::Decides
    }
}

/// Residues whose letter is drawn now: one on its own, or a tied group.
#[derive(Clone, Copy, Debug)]
pub struct ReadyGroup<'a> {
    /// The sample they are part of, by the number it was asked for with.
    pub sample: u64,
    /// Which of the tied groups it is.
    pub tie: Option<usize>,
    /// Residue indexes, in the written order of the tied group.
    pub members: &'a [usize],
    /// The members' logits, at T = 1 and without biases; those of a residue without a backbone say nothing. `[members, V]`
    pub logits: &'a [[f32; VOCABULARY]],
}

/// Decides the letters of a level at once, knowing what is drawn already.
pub(crate) trait LevelSource: LetterSource {
    /// A letter for each group.
    fn letters(&self, groups: &[(ReadyGroup<'_>, LettersSoFar<'_>)]) -> Result<Vec<Letter>, EngineError>;

    /// Pairs of residues of which the later one is drawn when the earlier one has its letter.
    fn pairs(&self) -> Vec<[usize; 2]>;
}

/// Where letters come from.
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

    /// The residues that each one waits for beside its neighbors, `[N]`; empty for none.
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
