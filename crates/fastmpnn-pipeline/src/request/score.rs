//! `score`: the likelihood of sequences on a backbone.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::checks::check_orders;
use super::groups::DEFAULT_SEED;
use super::{
    ContextSettings, InputSettings, MembraneSettings, NetworkSettings, Request, ResidueSettings, flat_in_json,
};
use crate::error::{PipelineError, refusal};
use crate::message::Field;

/// The likelihood of the native sequence, or of those of a FASTA file, on each structure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, remote = "Self")]
pub struct ScoreRequest {
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub input: InputSettings,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub residues: ResidueSettings,
    /// Chains whose last residue is bonded to their first, such as `A,B`.
    pub cyclic: Option<String>,
    /// The FASTA file whose sequences are scored on the one structure given; the native sequence when null.
    pub fasta: Option<PathBuf>,
    /// A folder with a FASTA file NAME.fa for each structure NAME.
    pub fasta_dir: Option<PathBuf>,
    /// Number of random decoding orders over which the score is averaged.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub num_orders: u32,
    /// The seed of the decoding orders.
    pub seed: u64,
    /// Whether results have a row for every residue.
    pub per_residue: bool,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub context: ContextSettings,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub membrane: MembraneSettings,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub network: NetworkSettings,
}

flat_in_json!(ScoreRequest);

impl Default for ScoreRequest {
    fn default() -> ScoreRequest {
        ScoreRequest {
            input: InputSettings::default(),
            residues: ResidueSettings::default(),
            cyclic: None,
            fasta: None,
            fasta_dir: None,
            num_orders: 1,
            seed: DEFAULT_SEED,
            per_residue: false,
            context: ContextSettings::default(),
            membrane: MembraneSettings::default(),
            network: NetworkSettings::default(),
        }
    }
}

impl Request for ScoreRequest {
    const NAME: &'static str = "score";

    const OF_A_STRUCTURE: &'static [&'static [&'static str]] = &[
        InputSettings::OF_A_STRUCTURE,
        ResidueSettings::OF_A_STRUCTURE,
        &["cyclic", "fasta", "num_orders", "seed"],
        ContextSettings::OF_A_STRUCTURE,
        MembraneSettings::OF_A_STRUCTURE,
    ];

    fn check(&self) -> Result<(), PipelineError> {
        self.residues.check(&self.input)?;
        self.membrane.check()?;
        check_orders("num_orders", self.num_orders)?;
        if self.fasta.is_some() && self.fasta_dir.is_some() {
            let (fasta, fasta_dir) = (Field("fasta"), Field("fasta_dir"));
            return Err(refusal(format!("{fasta} and {fasta_dir} both give sequences: give one of the two")));
        }
        self.network.check()
    }
}
