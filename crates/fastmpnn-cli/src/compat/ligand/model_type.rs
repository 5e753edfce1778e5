//! Which network a script of LigandMPNN runs.

use std::path::Path;

use anyhow::{Result, bail};
use fastmpnn::Engine;
use fastmpnn::spec::{Environment, MembraneClass};
use fastmpnn::weights::Family;

use crate::compat::checkpoints;
use crate::compat::python::argparse::Values;

/// `--model_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::compat) enum ModelType {
    Protein,
    Ligand,
    PerResidueMembrane,
    GlobalMembrane,
    Soluble,
}

impl ModelType {
    const ALL: [ModelType; 5] = [
        ModelType::Protein,
        ModelType::Ligand,
        ModelType::PerResidueMembrane,
        ModelType::GlobalMembrane,
        ModelType::Soluble,
    ];

    /// The one of that name.
    pub(in crate::compat) fn named(name: &str) -> Option<ModelType> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Its name on the command line.
    pub(in crate::compat) fn name(self) -> &'static str {
        match self {
            ModelType::Protein => "protein_mpnn",
            ModelType::Ligand => "ligand_mpnn",
            ModelType::PerResidueMembrane => "per_residue_label_membrane_mpnn",
            ModelType::GlobalMembrane => "global_label_membrane_mpnn",
            ModelType::Soluble => "soluble_mpnn",
        }
    }

    fn family(self) -> Family {
        match self {
            ModelType::Protein | ModelType::Soluble => Family::Protein,
            ModelType::Ligand => Family::Ligand,
            ModelType::PerResidueMembrane | ModelType::GlobalMembrane => Family::Membrane,
        }
    }
}

/// A network at work.
#[derive(Debug)]
pub(in crate::compat) struct Network {
    pub(in crate::compat) kind: ModelType,
    pub(in crate::compat) engine: Engine,
    /// Its checkpoint as the options name it.
    pub(in crate::compat) path: String,
    /// How many numbers torch draws to make it.
    pub(in crate::compat) initial_draws: u64,
}

impl Network {
    /// Loads the one that a script would load.
    pub(in crate::compat) fn load(kind: ModelType, values: &Values, script: &Path) -> Result<Network> {
        let path = values.text(&format!("--checkpoint_{}", kind.name())).to_owned();
        let checkpoint = checkpoints::ligand(&path, script)?;
        let family = checkpoint.family()?;
        if family != kind.family() {
            bail!("{path}: this is a network of the family {}, which {} is not", family.name(), kind.name());
        }
        let initial_draws = checkpoints::initial_draws(&checkpoint)?;
        let engine = Engine::with_checkpoint(&checkpoint, &crate::threads::engine_options())?;
        Ok(Network { kind, engine, path, initial_draws })
    }

    /// What it is told of the surroundings: whether it sees ligands, the side chains of which residues, and the labels of
    /// residues, in the numbers that the published code gives them.
    pub(in crate::compat) fn environment(
        &self,
        ligands: bool,
        side_chains_of: Vec<bool>,
        labels: &[u8],
    ) -> Environment {
        let class = |&label: &u8| MembraneClass::ALL.get(usize::from(label)).copied().unwrap_or_default();
        Environment { ligands, side_chains_of, membrane: labels.iter().map(class).collect(), ..Environment::default() }
    }
}
