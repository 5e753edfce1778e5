//! `scan`: the effect of every single mutation on the likelihood.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::checks::check_orders;
use super::groups::DEFAULT_SEED;
use super::{
    ContextSettings, InputSettings, MembraneSettings, NetworkSettings, ProbabilityMode, Request, ResidueSettings,
    flat_in_json,
};
use crate::error::{PipelineError, refusal};
use crate::message::Field;

/// ln p of every letter relative to the native one, at every residue that would be designed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, remote = "Self")]
pub struct ScanRequest {
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub input: InputSettings,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub residues: ResidueSettings,
    /// Chains whose last residue is bonded to their first, such as `A,B`.
    pub cyclic: Option<String>,
    /// The letters on which ln p is conditioned: `conditional`, the native letters of all other residues;
    /// `unconditional`, none, which is faster.
    pub mode: ProbabilityMode,
    /// Number of random decoding orders over which the conditional form is averaged.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub num_orders: u32,
    /// The seed of the decoding orders.
    pub seed: u64,
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

flat_in_json!(ScanRequest);

impl Default for ScanRequest {
    fn default() -> ScanRequest {
        ScanRequest {
            input: InputSettings::default(),
            residues: ResidueSettings::default(),
            cyclic: None,
            mode: ProbabilityMode::Conditional,
            num_orders: 1,
            seed: DEFAULT_SEED,
            context: ContextSettings::default(),
            membrane: MembraneSettings::default(),
            network: NetworkSettings::default(),
        }
    }
}

impl Request for ScanRequest {
    const NAME: &'static str = "scan";

    fn check(&self) -> Result<(), PipelineError> {
        self.residues.check(&self.input)?;
        check_orders("num_orders", self.num_orders)?;
        if self.mode == ProbabilityMode::Autoregressive {
            let mode = Field("mode");
            return Err(refusal(format!(
                "{mode} autoregressive depends on the order at each residue: {mode} conditional or unconditional compares"
            )));
        }
        self.network.check()
    }
}
