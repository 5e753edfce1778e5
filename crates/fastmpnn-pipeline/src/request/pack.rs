//! `pack`: side chains for a backbone and a sequence.

use std::path::PathBuf;

use fastmpnn::spec::{DesignSpec, SpecWords};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::groups::DEFAULT_SEED;
use super::{FolderSettings, InputSettings, Request, SideChainSettings, flat_in_json};
use crate::error::PipelineError;

/// Side chains for the native sequence of each structure, or for those of a FASTA file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, remote = "Self")]
pub struct PackRequest {
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub input: InputSettings,
    /// The FASTA file whose sequences are packed on the one structure given; the native sequence when null.
    pub fasta: Option<PathBuf>,
    /// The chains to pack, such as `A,B`; the others keep their side chains. All when null.
    pub chains: Option<String>,
    /// Selections of residues that keep their side chains, such as `A1-10,B5`.
    pub fix: Vec<String>,
    /// Selections of the only residues to pack, such as `A20-35`; overrides `fix`.
    pub repack: Vec<String>,
    /// Whether the atoms of ligands are hidden from the network.
    pub no_ligand: bool,
    /// Chains whose last residue is bonded to their first, such as `A,B`.
    pub cyclic: Option<String>,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub side_chains: SideChainSettings,
    /// The seed of all random numbers.
    pub seed: u64,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub folder: FolderSettings,
}

flat_in_json!(PackRequest);

impl Default for PackRequest {
    fn default() -> PackRequest {
        PackRequest {
            input: InputSettings::default(),
            fasta: None,
            chains: None,
            fix: Vec::new(),
            repack: Vec::new(),
            no_ligand: false,
            cyclic: None,
            side_chains: SideChainSettings::default(),
            seed: DEFAULT_SEED,
            folder: FolderSettings::default(),
        }
    }
}

impl PackRequest {
    /// Which residues are packed, as what is designed.
    pub(crate) fn spec(&self) -> DesignSpec {
        DesignSpec {
            chains: self.chains.clone(),
            fix: self.fix.clone(),
            redesign: self.repack.clone(),
            cyclic: self.cyclic.clone(),
            words: SpecWords::PACKING,
            ..DesignSpec::default()
        }
    }
}

impl Request for PackRequest {
    const NAME: &'static str = "pack";

    const OF_A_STRUCTURE: &'static [&'static [&'static str]] = &[
        InputSettings::OF_A_STRUCTURE,
        &["fasta", "chains", "fix", "repack", "no_ligand", "cyclic", "seed"],
        SideChainSettings::OF_A_STRUCTURE,
    ];

    fn check(&self) -> Result<(), PipelineError> {
        self.side_chains.check()?;
        self.folder.check()
    }
}
