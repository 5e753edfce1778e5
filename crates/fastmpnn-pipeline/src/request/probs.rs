//! `probs`: the distribution over the letters at every residue.

use std::path::PathBuf;

use fastmpnn::spec::OrderKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::groups::DEFAULT_SEED;
use super::{InputSettings, LogoSettings, MembraneSettings, NetworkSettings, Request, flat_in_json, schema, text};
use crate::error::{PipelineError, refusal};
use crate::message::Field;

/// The letters on which a probability is conditioned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum ProbabilityMode {
    /// The backbone alone.
    #[default]
    Unconditional,
    /// The backbone and the letters of all other residues.
    Conditional,
    /// The backbone and the letters of the residues before it in a decoding order.
    Autoregressive,
}

/// The probabilities of all 21 letters at every residue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, remote = "Self")]
pub struct ProbsRequest {
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub input: InputSettings,
    /// The letters on which the probabilities are conditioned.
    pub mode: ProbabilityMode,
    /// The FASTA file whose first record supplies the given letters; those of the structure when null.
    pub fasta: Option<PathBuf>,
    /// The chains to which the FASTA file may be limited, such as `A,B`; the others keep their native letters and come
    /// first in the decoding order. All when null.
    pub chains: Option<String>,
    /// The seed of the decoding order.
    pub seed: u64,
    /// The decoding order: `random`; `chain`, from the N to the C terminus; `colored`, by random groups of residues that are
    /// not neighbors.
    #[serde(with = "text")]
    #[schemars(schema_with = "schema::order")]
    pub order: OrderKind,
    /// Whether the atoms of ligands are hidden from networks that see them.
    pub no_ligand: bool,
    /// Whether p is given instead of ln p (nats).
    pub probabilities: bool,
    /// The file to write; its extension sets the format: .npz, .npy or .csv. None when null.
    pub out: Option<PathBuf>,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub logo: LogoSettings,
    /// Chains whose last residue is bonded to their first, such as `A,B`.
    pub cyclic: Option<String>,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub membrane: MembraneSettings,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub network: NetworkSettings,
}

flat_in_json!(ProbsRequest);

impl Default for ProbsRequest {
    fn default() -> ProbsRequest {
        ProbsRequest {
            input: InputSettings::default(),
            mode: ProbabilityMode::default(),
            fasta: None,
            chains: None,
            seed: DEFAULT_SEED,
            order: OrderKind::default(),
            no_ligand: false,
            probabilities: false,
            out: None,
            logo: LogoSettings::default(),
            cyclic: None,
            membrane: MembraneSettings::default(),
            network: NetworkSettings::default(),
        }
    }
}

impl Request for ProbsRequest {
    const NAME: &'static str = "probs";

    const OF_A_STRUCTURE: &'static [&'static [&'static str]] = &[
        InputSettings::OF_A_STRUCTURE,
        &["fasta", "chains", "seed", "order", "no_ligand", "cyclic"],
        MembraneSettings::OF_A_STRUCTURE,
    ];

    fn check(&self) -> Result<(), PipelineError> {
        self.membrane.check()?;
        let mode = Field("mode");
        let useful = format!("{mode} conditional or autoregressive");
        if self.fasta.is_some() && self.mode == ProbabilityMode::Unconditional {
            let fasta = Field("fasta");
            return Err(refusal(format!(
                "{fasta} gives letters, and {mode} unconditional looks at none; add {useful}"
            )));
        }
        if self.chains.is_some() && self.mode == ProbabilityMode::Unconditional {
            let chains = Field("chains");
            return Err(refusal(format!("{chains} has no effect with {mode} unconditional; add {useful}")));
        }
        self.network.check()
    }
}
