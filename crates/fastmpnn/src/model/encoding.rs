//! The encoding of a structure, with its network and the structure's fingerprint.

use std::fmt;
use std::sync::Arc;

use super::{EncodedGraph, Precision};
use crate::featurize::Graph;
use crate::spec::Environment;
use crate::structure::Fingerprint;
use crate::weights::{Config, Family};

/// The encoder's output for a structure, shared by every sequence that is scored or drawn on it. It owns its data, and
/// clones share them. It records the network, the structure and the environment that it was made with; calls with
/// others return an error.
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
    /// [`environment_fingerprint`]
    pub(crate) environment: Fingerprint,
}

/// A hash of what a network sees of the environments of one state after the other, each of `residues`. It is the same for
/// environments that are the same to the network, and for one environment of several states as for those of each.
pub(crate) fn environment_fingerprint(environments: &[Environment], residues: usize, config: &Config) -> Fingerprint {
    let membrane = config.family == Family::Membrane;
    let context = config.context_atoms.is_some();
    let mut bytes = Vec::with_capacity(environments.len() * residues);
    for environment in environments {
        let Environment { ligands, side_chains_of, membrane: classes, cyclic } = environment;
        let is_true = |table: &[bool], index: usize| table.get(index) == Some(&true);
        bytes.extend((0..residues).map(|index| {
            let class = classes.get(index).filter(|_| membrane).copied().unwrap_or_default() as u8;
            let flags = [is_true(cyclic, index), context && *ligands, context && is_true(side_chains_of, index)];
            flags.into_iter().fold(class, |byte, flag| byte << 1 | u8::from(flag))
        }));
    }
    Fingerprint::of(&bytes)
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
