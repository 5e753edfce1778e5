//! The atoms that residues see, each distinct set of atoms once.
//!
//! The layers among a residue's atoms depend only on which atoms it sees. If a ligand has no more atoms than a residue
//! can see, all residues see the same set.

use std::collections::HashMap;
use std::ops::Range;

use crate::featurize::{ContextAtom, ContextAtoms};

/// The sets of atoms that some residues see.
#[derive(Debug, Default)]
pub(super) struct AtomSets {
    /// The atoms of each set in ascending order, set after set, as indexes of [`ContextAtoms::atoms`].
    atoms: Vec<u32>,
    /// Where each set begins, and where the last one ends.
    starts: Vec<usize>,
    /// The set that each residue sees; `None` where it sees nothing.
    of_residues: Vec<Option<usize>>,
}

/// Some of the sets.
pub(super) struct SetRange<'a> {
    pub(super) sets: &'a AtomSets,
    /// The context's atoms, which the sets refer to by index.
    pub(super) atoms: &'a [ContextAtom],
    pub(super) range: Range<usize>,
}

impl AtomSets {
    /// The sets that `residues` see.
    pub(super) fn of(context: &ContextAtoms, residues: Range<usize>) -> AtomSets {
        let mut sets = AtomSets { starts: vec![0], ..AtomSets::default() };
        let mut known: HashMap<Vec<u32>, usize> = HashMap::new();
        for residue in residues {
            let mut seen = context.seen(residue).to_vec();
            if seen.is_empty() {
                sets.of_residues.push(None);
                continue;
            }
            seen.sort_unstable();
            let next = sets.len();
            let set = *known.entry(seen).or_insert_with_key(|seen| {
                sets.atoms.extend_from_slice(seen);
                sets.starts.push(sets.atoms.len());
                next
            });
            sets.of_residues.push(Some(set));
        }
        sets
    }

    /// The number of sets.
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The atoms of all sets, one for each row of the layers' states.
    pub(super) fn atoms(&self) -> &[u32] {
        &self.atoms
    }

    /// The rows of some sets.
    pub(super) fn rows(&self, sets: Range<usize>) -> Range<usize> {
        self.starts[sets.start]..self.starts[sets.end]
    }

    /// The rows of each of some sets.
    pub(super) fn each(&self, sets: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        sets.map(|set| self.rows(set..set + 1))
    }

    /// The rows of the set that a residue sees, counted from the first of the residues.
    pub(super) fn of_residue(&self, residue: usize) -> Option<Range<usize>> {
        self.of_residues[residue].map(|set| self.rows(set..set + 1))
    }
}
