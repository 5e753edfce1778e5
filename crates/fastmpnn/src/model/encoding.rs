//! The encoding of a structure, with its network and the structure's fingerprint.

use std::fmt;
use std::sync::Arc;

use super::{EncodedGraph, Precision};
use crate::featurize::Graph;
use crate::structure::Fingerprint;

/// The encoder's output for a structure, shared by every sequence that is scored or drawn on it. It owns its data, and
/// clones share them. It records the network and the structure that it was made with; calls with others return an
/// error.
#[derive(Clone, Debug)]
pub struct Encoding {
    pub(crate) states: Arc<EncodedGraph>,
    pub(crate) origin: Arc<EncodingOrigin>,
}

/// What an encoding was made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EncodingOrigin {
    pub(crate) network: NetworkIdentity,
    pub(crate) structure: Fingerprint,
}

/// What determines an encoding besides the structure: two engines with equal identities make equal encodings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NetworkIdentity {
    pub(crate) checkpoint_sha256: Arc<str>,
    pub(crate) precision: Precision,
    /// K
    pub(crate) neighbors: usize,
}

impl Encoding {
    /// The graph that was encoded.
    pub fn graph(&self) -> &Graph {
        &self.states.graph
    }

    /// N, the number of residues; of all states together where several were encoded.
    pub fn residues(&self) -> usize {
        self.states.graph.len()
    }
}

impl fmt::Display for NetworkIdentity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NetworkIdentity { checkpoint_sha256, precision, neighbors } = self;
        write!(out, "checkpoint {checkpoint_sha256} in {precision} with {neighbors} neighbors")
    }
}
