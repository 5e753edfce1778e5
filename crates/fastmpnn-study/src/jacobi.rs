//! Fixed-point decoding: draft a whole sequence, verify it in one pass, and repeat until nothing changes.
//!
//! With the random number of each residue fixed beforehand, the letter of a residue is a function of the letters before
//! it in the order. A pass over all residues at once evaluates every one of these functions on the letters of the pass
//! before (Jacobi's method). After pass n at least the first n residues of the order are correct, whatever the draft
//! was; usually far more are. When a pass changes nothing, the sequence is the one that decoding residue by residue
//! draws.

use fastmpnn::chemistry::{Letter, Sequence};
use fastmpnn::decode::Draw;
use fastmpnn::spec::DesignPlan;

use crate::accuracy::LogP;
use crate::error::StudyError;

/// The settings of a draw; tied groups are not supported: their residues are drawn independently.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft<'a> {
    /// Which residues are designed and which letters they may have.
    pub(crate) plan: &'a DesignPlan,
    /// Whether a residue has its backbone. `[N]`
    pub(crate) resolved: &'a [bool],
    /// The native letters, which residues keep that are not designed. `[N]`
    pub(crate) native: &'a [Letter],
    /// The number in 0 ≤ u < 1 that decides each residue's letter. `[N]`
    pub(crate) numbers: &'a [f64],
    /// The sampling temperature.
    pub(crate) temperature: f32,
}

/// A sequence, and the number of passes until it converged, including the last one, which changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    /// The sequence.
    pub(crate) sequence: Sequence,
    /// The number of passes.
    pub(crate) passes: usize,
}

/// Draws a sequence; `score` gives ln p of every letter at every residue given those before it in the order.
pub(crate) fn settle(
    draft: Draft<'_>,
    start: Sequence,
    mut score: impl FnMut(&[Letter]) -> Result<LogP, StudyError>,
) -> Result<Settled, StudyError> {
    let mut sequence = start;
    let designed: Vec<usize> =
        (0..sequence.len()).filter(|&residue| draft.plan.designed[residue] && draft.resolved[residue]).collect();
    for ((letter, &native), &designed) in sequence.iter_mut().zip(draft.native).zip(&draft.plan.designed) {
        if !designed {
            *letter = native;
        }
    }
    // One pass more than the number of residues is always enough.
    for pass in 1..=designed.len() + 1 {
        let log_p = score(&sequence)?;
        let mut changed = false;
        for &residue in &designed {
            let draw = Draw {
                bias: &draft.plan.bias[residue],
                omitted: draft.plan.omitted[residue],
                temperature: draft.temperature,
                uniform: draft.numbers[residue],
            };
            let letter = draw.letter(&log_p[residue]);
            changed |= letter != sequence[residue];
            sequence[residue] = letter;
        }
        if !changed {
            return Ok(Settled { sequence, passes: pass });
        }
    }
    Ok(Settled { sequence, passes: designed.len() + 1 })
}
