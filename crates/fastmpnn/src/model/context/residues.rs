//! Residues that go through the layers together, and the atoms they see.

use std::ops::Range;

use super::sets::AtomSets;
use crate::featurize::{ContextAtoms, Graph};

/// Some residues of a task.
pub(super) struct Residues<'a> {
    pub(super) graph: &'a Graph,
    pub(super) context: &'a ContextAtoms,
    /// The sets of atoms that the task's residues see.
    pub(super) sets: &'a AtomSets,
    /// The task's first residue.
    pub(super) first: usize,
    /// Which residues of the task.
    pub(super) range: Range<usize>,
    pub(super) stride: usize,
}

impl Residues<'_> {
    /// Sets the rows of residues without a backbone to zero.
    pub(super) fn clear_unresolved(&self, rows: &mut [f32]) {
        let resolved = &self.graph.resolved[self.first + self.range.start..];
        for (row, &resolved) in rows.chunks_exact_mut(self.stride).zip(resolved) {
            if !resolved {
                row.fill(0.0);
            }
        }
    }
}
