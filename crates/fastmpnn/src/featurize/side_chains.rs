//! The current side chains, and the neighbors of a residue in the order in which the packer's decoder sees them.

use super::context::ContextAtoms;
use crate::chemistry::{Letter, MAX_ATOMS, SideChain};
use crate::structure::Point;

/// The number of context atoms that a residue sees (`atom_context_num`).
pub(crate) const CONTEXT_ATOMS: usize = 16;

/// Neighbors of a residue, those with the most atoms first.
#[derive(Debug)]
pub(crate) struct SortedNeighbors {
    /// `[N, K]`
    pub(crate) residues: Vec<u32>,
    /// The slot of that neighbor in the graph's list. `[N, K]`
    pub(crate) slots: Vec<u32>,
    /// K
    pub(crate) degree: usize,
}

/// The current atom positions.
#[derive(Clone, Copy)]
pub(crate) struct PlacedAtoms<'a> {
    /// Å `[N, 14]`
    pub(crate) positions: &'a [[Point; MAX_ATOMS]],
    /// The number of atoms of each residue; 0 where it is masked. `[N]`
    pub(crate) counts: &'a [u8],
    /// `[N]`
    pub(crate) letters: &'a [Letter],
}

/// Atoms, and the neighbors of their residues.
#[derive(Clone, Copy)]
pub(crate) struct PlacedNeighbors<'a> {
    pub(crate) atoms: PlacedAtoms<'a>,
    pub(crate) neighbors: &'a SortedNeighbors,
}

/// Atoms, and what their residues see of ligands.
#[derive(Clone, Copy)]
pub(crate) struct PlacedContext<'a> {
    pub(crate) atoms: PlacedAtoms<'a>,
    /// The atoms whose elements are seen.
    pub(crate) elements: &'a ContextAtoms,
    /// The atoms whose positions are seen.
    pub(crate) context: &'a ContextAtoms,
}

/// The number of atoms of a resolved residue with the given letter.
pub(crate) fn atom_count(letter: Letter) -> u8 {
    SideChain::of(letter).atoms.len() as u8
}

impl SortedNeighbors {
    /// Of the neighbors of each residue, `[N, K]`.
    pub(crate) fn new(neighbors: &[u32], degree: usize, counts: &[u8]) -> SortedNeighbors {
        let mut slots: Vec<u32> = Vec::with_capacity(neighbors.len());
        for row in neighbors.chunks(degree.max(1)) {
            let begin = slots.len();
            slots.extend(0..row.len() as u32);
            slots[begin..].sort_by_key(|&slot| std::cmp::Reverse(counts[row[slot as usize] as usize]));
        }
        let residues =
            slots.iter().enumerate().map(|(edge, &slot)| neighbors[edge / degree * degree + slot as usize]).collect();
        SortedNeighbors { residues, slots, degree }
    }

    /// The neighbors of a residue.
    pub(crate) fn of(&self, residue: usize) -> &[u32] {
        &self.residues[residue * self.degree..][..self.degree]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbors_are_sorted_by_their_atoms_and_keep_their_slots() {
        let counts = [4, 14, 8, 8];
        let sorted = SortedNeighbors::new(&[0, 2, 1, 3, 0, 2], 3, &counts);
        assert_eq!(sorted.of(0), [1, 2, 0]);
        assert_eq!(sorted.of(1), [3, 2, 0]);
        assert_eq!(sorted.slots, [2, 1, 0, 0, 2, 1]);
    }
}
