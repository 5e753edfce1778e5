//! What is packed, and how.

use crate::chemistry::Letter;
use crate::error::EngineError;

/// How side chains are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackingSettings {
    /// Denoising steps (`sc_num_denoising_steps`), 1 or more.
    pub steps: usize,
    /// Angles drawn of each torsion in each step (`sc_num_samples`), 1 or more.
    pub samples: usize,
}

/// The most steps, and the most angles of a torsion in a step.
pub const MAX_PACKING_COUNT: usize = 1 << 20;

impl PackingSettings {
    pub(super) fn check(&self) -> Result<(), EngineError> {
        check_count("steps", self.steps)?;
        check_count("samples", self.samples)
    }
}

pub(super) fn check_count(setting: &'static str, count: usize) -> Result<(), EngineError> {
    if (1..=MAX_PACKING_COUNT).contains(&count) {
        return Ok(());
    }
    Err(EngineError::Setting { setting, value: count.to_string(), allowed: format!("1 to {MAX_PACKING_COUNT}") })
}

/// A denoising step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackingStep {
    /// Which one, from 0.
    pub step: usize,
    /// Angles drawn of each torsion, 1 or more.
    pub samples: usize,
}

impl Default for PackingSettings {
    /// The published ones.
    fn default() -> PackingSettings {
        PackingSettings { steps: 3, samples: 16 }
    }
}

/// What a packing sees of the atoms of ligands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LigandSight {
    /// Everything.
    #[default]
    Seen,
    /// Which elements are nearest to each residue, and not where they are: what the published code leaves of ligands that
    /// are to be hidden (`pack_with_ligand_context` 0).
    Elements,
    /// Nothing.
    Hidden,
}

impl From<bool> for LigandSight {
    /// Whether they are seen.
    fn from(seen: bool) -> LigandSight {
        if seen { LigandSight::Seen } else { LigandSight::Hidden }
    }
}

/// What is packed.
#[derive(Clone, Debug, Default)]
pub struct PackingChoice {
    /// The letter of each residue. `[N]`
    pub sequence: Vec<Letter>,
    /// The residues that are packed; the others keep their side chains where all atoms are there. `[N]`
    pub packed: Vec<bool>,
    /// What is seen of ligand atoms.
    pub ligands: LigandSight,
    /// The residues of cyclic chains, as in [`Environment::cyclic`]. `[N]`, or empty
    pub cyclic: Vec<bool>,
}
