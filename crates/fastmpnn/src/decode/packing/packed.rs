//! The result of a packing.

use crate::chemistry::{FIRST_SIDE_CHAIN_GROUP, Letter, MAX_ATOMS, MAX_TORSIONS, SideChain};
use crate::structure::{Point, Structure};

/// The log density that the published code writes for a torsion that was not drawn.
pub const FIXED_LOG_DENSITY: f32 = 2.0;

/// Side chains on a backbone. All residues have ideal bond lengths and angles, including those that were not packed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Packing {
    /// The letter of each residue. `[N]`
    pub sequence: Vec<Letter>,
    /// Whether a residue has atoms: a backbone and a known letter. `[N]`
    pub resolved: Vec<bool>,
    /// Whether its side chain was packed. `[N]`
    pub packed: Vec<bool>,
    /// Its heavy atoms in the order of [`SideChain::atoms`], Å; zeros past the last. `[N, 14]`
    pub atoms: Vec<[Point; MAX_ATOMS]>,
    /// χ1 … χ4, radians, −π … π; entries beyond the residue's last torsion are meaningless. `[N, 4]`
    pub angles: Vec<[f32; MAX_TORSIONS]>,
    /// The log density of each angle under the last step's distribution, nats per radian; [`FIXED_LOG_DENSITY`] where
    /// the residue was not packed. `[N, 4]`
    pub log_density: Vec<[f32; MAX_TORSIONS]>,
}

impl Packing {
    /// The published B-factor of an atom: the log density of the torsion that places it, of χ1 for the backbone.
    pub fn b_factor(&self, residue: usize, atom: usize) -> f32 {
        let atoms = SideChain::of(self.sequence[residue]).atoms;
        let group = atoms.get(atom).map_or(0, |atom| usize::from(atom.group));
        self.log_density[residue][group.saturating_sub(FIRST_SIDE_CHAIN_GROUP)]
    }

    /// Restores the original positions of the atoms of residues that were not packed. Atoms missing in the structure
    /// keep their ideal positions.
    pub fn keep_side_chains(&mut self, structure: &Structure) {
        for (index, residue) in structure.residues.iter().enumerate().filter(|&(index, _)| !self.packed[index]) {
            for (position, ideal) in self.atoms[index].iter_mut().zip(SideChain::of(self.sequence[index]).atoms) {
                if let Some(atom) = residue.atom_in_place_of(ideal.name) {
                    *position = atom.position;
                }
            }
        }
    }

    /// The mean log density of all packed torsions, nats per radian; 0 if there are none.
    pub fn mean_log_density(&self) -> f32 {
        let (mut sum, mut count) = (0.0_f64, 0_u32);
        for ((letter, density), &packed) in self.sequence.iter().zip(&self.log_density).zip(&self.packed) {
            for &value in &density[..if packed { SideChain::of(*letter).torsions() } else { 0 }] {
                sum += f64::from(value);
                count += 1;
            }
        }
        if count == 0 { 0.0 } else { (sum / f64::from(count)) as f32 }
    }
}
