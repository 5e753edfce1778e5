//! Settings of a packing.

use crate::chemistry::Letter;
use crate::error::EngineError;

/// How side chains are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PackingSettings {
    /// The number of denoising steps (`sc_num_denoising_steps`), 1 or more.
    pub steps: usize,
    /// The number of angles drawn for each torsion in each step (`sc_num_samples`), 1 or more.
    pub samples: usize,
}

impl PackingSettings {
    /// With another [`PackingSettings::steps`].
    #[must_use]
    pub fn with_steps(self, steps: usize) -> PackingSettings {
        PackingSettings { steps, ..self }
    }

    /// With another [`PackingSettings::samples`].
    #[must_use]
    pub fn with_samples(self, samples: usize) -> PackingSettings {
        PackingSettings { samples, ..self }
    }
}

/// The largest number of steps, and of angles per torsion and step.
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
    /// The step's number, from 0.
    pub step: usize,
    /// The number of angles drawn for each torsion, 1 or more.
    pub samples: usize,
}

impl Default for PackingSettings {
    /// The published settings.
    fn default() -> PackingSettings {
        PackingSettings { steps: 3, samples: 16 }
    }
}

/// How the packer sees the atoms of ligands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LigandSight {
    /// Elements and positions.
    #[default]
    Seen,
    /// The elements of the atoms nearest to each residue, without their positions: what the published code shows of
    /// hidden ligands (`pack_with_ligand_context` 0).
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

/// The sequence and the residues to pack.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PackingChoice {
    /// The letter of each residue. `[N]`
    pub sequence: Vec<Letter>,
    /// Whether each residue is packed; the others keep their side chains if all atoms are present. `[N]`
    pub packed: Vec<bool>,
    /// How ligand atoms are seen.
    pub ligands: LigandSight,
    /// The residues of cyclic chains, as in [`Environment::cyclic`](crate::spec::Environment::cyclic). `[N]`, or empty
    pub cyclic: Vec<bool>,
}

impl PackingChoice {
    /// With another [`PackingChoice::sequence`].
    #[must_use]
    pub fn with_sequence(self, sequence: Vec<Letter>) -> PackingChoice {
        PackingChoice { sequence, ..self }
    }

    /// With another [`PackingChoice::packed`].
    #[must_use]
    pub fn with_packed(self, packed: Vec<bool>) -> PackingChoice {
        PackingChoice { packed, ..self }
    }

    /// With another [`PackingChoice::ligands`].
    #[must_use]
    pub fn with_ligands(self, ligands: LigandSight) -> PackingChoice {
        PackingChoice { ligands, ..self }
    }

    /// With another [`PackingChoice::cyclic`].
    #[must_use]
    pub fn with_cyclic(self, cyclic: Vec<bool>) -> PackingChoice {
        PackingChoice { cyclic, ..self }
    }
}
