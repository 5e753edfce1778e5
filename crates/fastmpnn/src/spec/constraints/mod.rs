//! What whole sequences must satisfy: a net charge, numbers of letters, motifs that do not occur.
//!
//! Texts are parsed ([`parse`](self)), resolved to residues of a structure ([`Constraints`]), and together with the
//! letters that each residue may have they are a [`Problem`]: which partial sequences can still be completed.
//!
//! # What counts
//!
//! - Charge: K and R count +1, D and E −1, all other letters 0; so do H, which is mostly neutral at pH 7, and the ends of
//!   chains, of which one is positive and one negative.
//! - Counts and charges go over all residues of the protein, or of the selection before the colon: fixed ones and those
//!   without a backbone count with their native letters, X counts for nothing.
//! - Motifs are sought in each chain in which something is designed, between its ends and between its gaps: residues are
//!   adjacent where their positions along the chain are. In a cyclic chain the first residue follows the last.

mod goals;
mod motif;
mod parse;
mod problem;
mod resolved;
mod search;
#[cfg(test)]
mod tests;

pub use goals::Constraints;
pub(crate) use problem::{Parts as ProblemParts, Problem, Sum as ProblemSum};
pub(super) use resolved::{Choices, check_goals, constraints};
pub(crate) use search::Completion;
