//! `scan`: the effect of every single mutation on the likelihood.

use std::path::PathBuf;

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

/// ln p of every letter relative to the native one, at every residue that would be designed; or ln p of given mutants
/// relative to that of the native sequence.
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
    /// `unconditional`, none, which is faster. Mutants of `mutations` and `double` are scored as whole sequences, residue
    /// after residue; with `unconditional` as the sum of their single mutations.
    pub mode: ProbabilityMode,
    /// Mutants to compare with the native sequence, instead of every single mutation: lists such as `A23V,A24I+A30L`, in
    /// which `+` joins the mutations of a mutant, or `@FILE` for a file of such lists. A residue may be written with its
    /// native letter, `A:I23V`, which is checked then.
    pub mutations: Vec<String>,
    /// Selections such as `A23-30`: every double mutant at two of these residues, instead of every single mutation.
    pub double: Vec<String>,
    /// Number of random decoding orders over which conditional forms are averaged.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub num_orders: u32,
    /// The seed of the decoding orders.
    pub seed: u64,
    /// The file for the table of all mutations; its ending sets the format: .csv, .parquet or .jsonl. None when null.
    pub table: Option<PathBuf>,
    /// The CSV file for the matrix of every single mutation, a row for each residue and a column for each letter; for
    /// several structures a folder, in which each has one. None when null.
    pub matrix: Option<PathBuf>,
    /// The SVG file for the heat map of every single mutation; for several structures a folder, in which each has one.
    /// None when null.
    pub heat_map: Option<PathBuf>,
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
            mutations: Vec::new(),
            double: Vec::new(),
            num_orders: 1,
            seed: DEFAULT_SEED,
            table: None,
            matrix: None,
            heat_map: None,
            context: ContextSettings::default(),
            membrane: MembraneSettings::default(),
            network: NetworkSettings::default(),
        }
    }
}

impl ScanRequest {
    /// Whether given mutants are compared, instead of every single mutation.
    pub fn is_of_mutants(&self) -> bool {
        !self.mutations.is_empty() || !self.double.is_empty()
    }
}

impl Request for ScanRequest {
    const NAME: &'static str = "scan";

    const OF_A_STRUCTURE: &'static [&'static [&'static str]] = &[
        InputSettings::OF_A_STRUCTURE,
        ResidueSettings::OF_A_STRUCTURE,
        &["cyclic", "mutations", "double", "num_orders", "seed"],
        ContextSettings::OF_A_STRUCTURE,
        MembraneSettings::OF_A_STRUCTURE,
    ];

    fn check(&self) -> Result<(), PipelineError> {
        self.residues.check(&self.input)?;
        self.membrane.check()?;
        check_orders("num_orders", self.num_orders)?;
        if self.mode == ProbabilityMode::Autoregressive {
            let mode = Field("mode");
            return Err(refusal(format!(
                "{mode} autoregressive depends on the order at each residue: {mode} conditional or unconditional compares"
            )));
        }
        let listed = [("mutations", !self.mutations.is_empty()), ("double", !self.double.is_empty())];
        let drawn = [("matrix", self.matrix.is_some()), ("heat_map", self.heat_map.is_some())];
        if let Some((listed, _)) = listed.iter().find(|(_, given)| *given)
            && let Some((drawn, _)) = drawn.iter().find(|(_, given)| *given)
        {
            let (listed, drawn) = (Field(listed), Field(drawn));
            return Err(refusal(format!(
                "{drawn} shows every single mutation, and {listed} asks for others: drop one"
            )));
        }
        self.network.check()
    }
}
