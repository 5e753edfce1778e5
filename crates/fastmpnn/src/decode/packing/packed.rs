//! The result of a packing.

use crate::chemistry::{FIRST_SIDE_CHAIN_GROUP, Letter, MAX_ATOMS, MAX_TORSIONS, SideChain};
use crate::error::EngineError;
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
    /// The published B-factor of an atom: the log density of the torsion that places it, of χ1 for the backbone. `None`
    /// if there is no such residue, or its letter has no such atom.
    pub fn b_factor(&self, residue: usize, atom: usize) -> Option<f32> {
        let ideal = SideChain::of(*self.sequence.get(residue)?).atoms.get(atom)?;
        let torsion = usize::from(ideal.group).saturating_sub(FIRST_SIDE_CHAIN_GROUP);
        self.log_density.get(residue)?.get(torsion).copied()
    }

    /// Checks that every table has an entry for each residue of the structure.
    pub(crate) fn check(&self, structure: &Structure) -> Result<(), EngineError> {
        let Packing { sequence, resolved, packed, atoms, angles, log_density } = self;
        let expected = structure.residues.len();
        let tables = [
            ("sequence", sequence.len()),
            ("resolved", resolved.len()),
            ("packed", packed.len()),
            ("atoms", atoms.len()),
            ("angles", angles.len()),
            ("log_density", log_density.len()),
        ];
        match tables.into_iter().find(|&(_, found)| found != expected) {
            None => Ok(()),
            Some((table, found)) => {
                Err(EngineError::TableLength { structure: structure.name.clone(), table, found, expected })
            }
        }
    }

    /// Restores the original positions of the atoms of residues that were not packed. Atoms missing in the structure
    /// keep their ideal positions.
    ///
    /// # Errors
    /// [`EngineError::TableLength`] if the structure has another number of residues.
    pub fn keep_side_chains(&mut self, structure: &Structure) -> Result<(), EngineError> {
        self.check(structure)?;
        for (index, residue) in structure.residues.iter().enumerate().filter(|&(index, _)| !self.packed[index]) {
            for (position, ideal) in self.atoms[index].iter_mut().zip(SideChain::of(self.sequence[index]).atoms) {
                if let Some(atom) = residue.atom_in_place_of(ideal.name) {
                    *position = atom.position;
                }
            }
        }
        Ok(())
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
