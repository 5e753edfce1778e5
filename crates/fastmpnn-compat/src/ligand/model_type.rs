//! The network that a script of LigandMPNN runs.

use std::path::Path;

use anyhow::{Result, bail};
use fastmpnn::spec::{Environment, MembraneClass};
use fastmpnn::weights::Family;
use fastmpnn::{Engine, EngineOptions};

use crate::checkpoints;
use crate::python::argparse::Values;

/// `--model_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModelType {
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

    /// The type called `name`; `None` if there is none.
    pub(crate) fn named(name: &str) -> Option<ModelType> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
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

/// A loaded network.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) kind: ModelType,
    pub(crate) engine: Engine,
    /// The path of its checkpoint, as in the options.
    pub(crate) path: String,
    /// The count of random numbers that torch draws to initialize it.
    pub(crate) initial_draws: u64,
}

impl Network {
    /// Loads the network that a script would load.
    pub(crate) fn load(kind: ModelType, values: &Values, script: &Path, options: &EngineOptions) -> Result<Network> {
        let path = values.text(&format!("--checkpoint_{}", kind.name())).to_owned();
        let checkpoint = checkpoints::ligand(&path, script)?;
        let family = checkpoint.family()?;
        if family != kind.family() {
            bail!("{path}: this is a network of the family {}, which {} is not", family.name(), kind.name());
        }
        let initial_draws = checkpoints::initial_draws(&checkpoint)?;
        let engine = Engine::with_checkpoint(&checkpoint, options)?;
        Ok(Network { kind, engine, path, initial_draws })
    }

    /// What it sees around the backbone: ligands or none, the side chains of some residues, and the membrane labels of
    /// residues, numbered as in the published code.
    pub(crate) fn environment(&self, ligands: bool, side_chains_of: Vec<bool>, labels: &[u8]) -> Environment {
        let class = |&label: &u8| MembraneClass::ALL.get(usize::from(label)).copied().unwrap_or_default();
        Environment::default()
            .with_ligands(ligands)
            .with_side_chains_of(side_chains_of)
            .with_membrane(labels.iter().map(class).collect())
    }
}
