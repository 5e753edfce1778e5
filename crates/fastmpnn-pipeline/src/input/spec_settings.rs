//! The settings that a specification is made of.

use fastmpnn::spec::DesignSpec;
use serde::Deserialize;

use crate::request::{
    ContextSettings, DesignRequest, LetterSettings, MembraneSettings, ProbsRequest, ResidueSettings, ScanRequest,
    ScoreRequest,
};

/// The settings that a specification is made of, and what bears on whether a network takes it. Every request has them under
/// the same names, so that those of a manifest's row are read from the JSON of any request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SpecSettings {
    #[serde(flatten)]
    pub(crate) residues: ResidueSettings,
    pub(crate) cyclic: Option<String>,
    #[serde(flatten)]
    pub(crate) letters: LetterSettings,
    #[serde(flatten)]
    pub(crate) context: ContextSettings,
    pub(crate) ligand_cutoff: Option<f32>,
    #[serde(flatten)]
    pub(crate) membrane: MembraneSettings,
    pub(crate) seed: u64,
    /// Whether side chains are packed: the packer sees ligands whatever the network does.
    pub(crate) pack: bool,
}

impl SpecSettings {
    /// The specification without the files that its selections call.
    pub(crate) fn spec(&self) -> DesignSpec {
        let ResidueSettings { chains, fix, pdb_labels, trb: _, redesign, order } = self.residues.clone();
        let MembraneSettings { membrane_global, membrane_buried, membrane_interface, .. } = self.membrane.clone();
        DesignSpec {
            chains,
            fix,
            pdb_labels,
            redesign,
            order,
            cyclic: self.cyclic.clone(),
            no_ligand: self.context.no_ligand,
            side_chain_context: self.context.side_chain_context,
            membrane_global,
            membrane_buried,
            membrane_interface,
            seed: self.seed,
            ..self.letters.spec()
        }
    }
}

impl From<&DesignRequest> for SpecSettings {
    fn from(request: &DesignRequest) -> SpecSettings {
        let DesignRequest { residues, cyclic, letters, context, ligand_cutoff, membrane, sampling, pack, .. } =
            request.clone();
        SpecSettings { residues, cyclic, letters, context, ligand_cutoff, membrane, seed: sampling.seed, pack }
    }
}

impl From<&ScoreRequest> for SpecSettings {
    fn from(request: &ScoreRequest) -> SpecSettings {
        let ScoreRequest { residues, cyclic, context, membrane, seed, .. } = request.clone();
        SpecSettings { residues, cyclic, context, membrane, seed, ..SpecSettings::default() }
    }
}

impl From<&ScanRequest> for SpecSettings {
    fn from(request: &ScanRequest) -> SpecSettings {
        let ScanRequest { residues, cyclic, context, membrane, seed, .. } = request.clone();
        SpecSettings { residues, cyclic, context, membrane, seed, ..SpecSettings::default() }
    }
}

impl From<&ProbsRequest> for SpecSettings {
    fn from(request: &ProbsRequest) -> SpecSettings {
        let ProbsRequest { chains, order, no_ligand, cyclic, membrane, seed, .. } = request.clone();
        let residues = ResidueSettings { chains, order, ..ResidueSettings::default() };
        let context = ContextSettings { no_ligand, ..ContextSettings::default() };
        SpecSettings { residues, cyclic, context, membrane, seed, ..SpecSettings::default() }
    }
}
