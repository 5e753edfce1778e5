//! What an engine or a packer cannot carry out.

use thiserror::Error;

use super::{PlanError, WeightsError};

/// The error returned by a hook.
pub type HookFailure = Box<dyn std::error::Error + Send + Sync>;

/// A request that the engine cannot carry out.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The requested instruction set is not available.
    #[error("{0}")]
    Isa(#[from] fastmpnn_kernels::IsaError),
    /// The checkpoint cannot be used.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The worker threads could not be started.
    #[error("the worker threads could not be started: {0}")]
    Threads(String),
    /// No residue of the structure has the atoms that the network needs.
    #[error("{structure}: no protein residue has a {needed}")]
    NoResidues {
        /// The structure's name.
        structure: String,
        /// What a residue must have.
        needed: &'static str,
    },
    /// An atom has coordinates that are not finite.
    #[error("{structure}: an atom of residue {residue} has coordinates that are not finite")]
    Position {
        /// The structure's name.
        structure: String,
        /// Its residue.
        residue: String,
    },
    /// A chain whose range exceeds the residues of the structure.
    #[error("{structure}: chain {chain} holds residues that the structure does not have")]
    Chain {
        /// The structure's name.
        structure: String,
        /// The chain's id.
        chain: String,
    },
    /// A sequence does not fit the structure.
    #[error("{structure}: the sequence has {found} residues, the structure {expected}")]
    SequenceLength {
        /// The structure's name.
        structure: String,
        /// The sequence's length.
        found: usize,
        /// N.
        expected: usize,
    },
    /// A decoding order is not a permutation of the residues.
    #[error("{structure}: a decoding order must name each of the {expected} residues once")]
    Order {
        /// The structure's name.
        structure: String,
        /// N.
        expected: usize,
    },
    /// A table by residue has the wrong length.
    #[error("{structure}: `{table}` has {found} entries, the structure {expected} residues")]
    TableLength {
        /// The structure's name.
        structure: String,
        /// The table's field.
        table: &'static str,
        /// Its length.
        found: usize,
        /// N.
        expected: usize,
    },
    /// A plan whose number of environments is not the number of states.
    #[error("{structure}: there are {expected} states, and the plan has environments for {found}")]
    StateCount {
        /// The name of the protein.
        structure: String,
        /// The states of the plan.
        found: usize,
        /// The states that there are.
        expected: usize,
    },
    /// A plan that does not fit the structure.
    #[error("{structure}: {reason}")]
    Plan {
        /// The structure's name.
        structure: String,
        /// What is wrong with it.
        #[source]
        reason: PlanError,
    },
    /// An encoding of another structure.
    #[error("{structure}: the encoding was made of another structure")]
    OtherStructure {
        /// The structure's name.
        structure: String,
    },
    /// An encoding that was made in another environment than that of the plan: with or without ligands, with other side
    /// chains, membrane classes or cyclic chains.
    #[error("{structure}: the encoding was made in another environment than the plan's")]
    OtherEnvironment {
        /// The structure's name.
        structure: String,
    },
    /// An encoding that was made with another network, precision or number of neighbors.
    #[error("the encoding was made with another network: {found}; this is {expected}")]
    OtherNetwork {
        /// What it was made with.
        found: String,
        /// The engine's own.
        expected: String,
    },
    /// An observer stopped the work.
    #[error("the work was cancelled")]
    Cancelled,
    /// A hook failed.
    #[error("a logits hook failed: {0}")]
    Hook(#[source] HookFailure),
    /// A hook left logits from which no letter can be drawn.
    #[error("a logits hook left no usable logits for residue {residue}, counted from 0, of sample {sample}")]
    HookLogits {
        /// The sample's number.
        sample: u64,
        /// The residue's index; of a tied group that of its first member.
        residue: usize,
    },
    /// Angles are drawn before their distributions were predicted.
    #[error("the torsion distributions have not been predicted for the current atom positions")]
    NotPredicted,
    /// A setting is outside its range.
    #[error("{setting} is {value}; allowed is {allowed}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// Its value.
        value: String,
        /// The values it may have.
        allowed: String,
    },
    /// Bytes that are not an encoding, or one of another network.
    #[error("not a saved encoding for this network: {0}")]
    SavedEncoding(String),
    /// No precision has this name.
    #[error("no precision is called {0:?}; the known names are f32, bf16x3, bf16, f16 and q16")]
    Precision(String),
}
