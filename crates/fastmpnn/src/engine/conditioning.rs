//! The logits of given sequences, by what each residue is shown of them.

use rayon::prelude::*;

use super::Engine;
use super::checks::{check_neighbors, check_permutation, check_places, check_sequence};
use crate::chemistry::{Letter, Sequence, VOCABULARY};
use crate::error::EngineError;
use crate::model::{Decoding, EncodedGraph, Encoding, MovedResidue, Network};
use crate::score::log_likelihood;
use crate::structure::Structure;

/// What a residue is shown before it is asked for its letter. Ranks are places in a decoding order: each of 0 … N − 1
/// once. `[N]` each
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conditioning {
    /// The backbone alone.
    Backbone,
    /// The backbone, and the letters of the residues of smaller rank.
    Earlier {
        /// The letters.
        sequence: Sequence,
        /// The order.
        rank: Vec<u32>,
    },
    /// The backbone, and the letters that come before it when it alone leaves its place in the order, for one just
    /// before the residues of rank `before` and greater: 0 is the first place, and N the last.
    Moved {
        /// The letters.
        sequence: Sequence,
        /// The order of all residues.
        rank: Vec<u32>,
        /// Where each residue goes when it is asked, 0 … N.
        before: Vec<u32>,
    },
    /// The backbone of some neighbors; of the others neither their letters nor where they are. It tells what a residue
    /// owes to which neighbors. The published networks were not trained on such input.
    VisibleNeighbors {
        /// Whether each residue sees each of its neighbors, in the order of
        /// [`Graph::neighbors`](crate::featurize::Graph::neighbors). `[N, K]`
        visible: Vec<bool>,
    },
}

impl Engine {
    /// The logits of every letter at every residue, given what a residue is shown. `[N, V]`
    ///
    /// # Errors
    /// [`EngineError::SequenceLength`], [`EngineError::Order`], [`EngineError::TableLength`] and [`EngineError::Setting`] for
    /// what does not fit the structure, and those of an encoding that does not.
    pub fn logits(
        &self,
        encoding: &Encoding,
        structure: &Structure,
        given: &Conditioning,
    ) -> Result<Vec<[f32; VOCABULARY]>, EngineError> {
        let graph = self.states_of(encoding, structure)?;
        let Network { model, workers } = &self.network;
        Ok(match given {
            Conditioning::Backbone => self.backbone_logits(graph),
            Conditioning::Earlier { sequence, rank } => {
                check_sequence(structure, sequence)?;
                check_permutation(structure, rank)?;
                model.teacher_force(graph, workers, sequence, rank)
            }
            Conditioning::VisibleNeighbors { visible } => {
                check_neighbors(graph, visible)?;
                model.with_visible_neighbors(graph, workers, visible)
            }
            Conditioning::Moved { sequence, rank, before } => {
                check_sequence(structure, sequence)?;
                check_permutation(structure, rank)?;
                check_places(structure, before)?;
                self.moved_logits(graph, sequence, rank, before)
            }
        })
    }

    /// [`Conditioning::Moved`]
    fn moved_logits(
        &self,
        graph: &EncodedGraph,
        sequence: &[Letter],
        rank: &[u32],
        before: &[u32],
    ) -> Vec<[f32; VOCABULARY]> {
        let Network { model, workers } = &self.network;
        let allowance = self.allowance();
        let bytes = model.projection_bytes(graph);
        model.keep_projections(graph, workers, || allowance.for_edge_terms(bytes));
        let _states = allowance.indispensable(2 * workers.threads() as u64 * Decoding::bytes_a_sample(model, graph));
        workers.install(|| {
            let moves: Vec<MovedResidue> =
                (0..).zip(before).map(|(residue, &before)| MovedResidue { residue, before }).collect();
            let task = moves.len().div_ceil(4 * workers.threads()).max(1);
            let decode = |moves: &[MovedResidue]| {
                let mut decoding = model.begin_decoding(graph);
                let mut scratch = workers.scratch();
                let logits = moves
                    .iter()
                    .map(|&moved| model.decode_moved(graph, sequence, rank, moved, &mut decoding, &mut scratch));
                logits.collect::<Vec<_>>()
            };
            moves.par_chunks(task).flat_map_iter(decode).collect()
        })
    }

    /// ln p of every letter at every residue, given the letters of `sequence` at the residues of smaller rank.
    /// `[N, V]`, nats
    ///
    /// # Errors
    /// As [`Engine::logits`].
    pub fn autoregressive(
        &self,
        encoding: &Encoding,
        structure: &Structure,
        sequence: &[Letter],
        rank: &[u32],
    ) -> Result<Vec<[f32; VOCABULARY]>, EngineError> {
        let graph = self.states_of(encoding, structure)?;
        check_sequence(structure, sequence)?;
        check_permutation(structure, rank)?;
        let logits = self.network.model.teacher_force(graph, &self.network.workers, sequence, rank);
        Ok(logits.iter().map(log_likelihood).collect())
    }

    /// ln p of every letter at every residue, given the backbone alone. `[N, V]`, nats
    ///
    /// # Errors
    /// [`EngineError::OtherNetwork`] for an encoding of another network.
    pub fn unconditional(&self, encoding: &Encoding) -> Result<Vec<[f32; VOCABULARY]>, EngineError> {
        self.check_network(encoding)?;
        Ok(self.backbone_logits(&encoding.states).iter().map(log_likelihood).collect())
    }

    fn backbone_logits(&self, graph: &EncodedGraph) -> Vec<[f32; VOCABULARY]> {
        let count = graph.graph.len();
        // With equal ranks nothing comes before anything, and the letters are never looked at.
        self.network.model.teacher_force(graph, &self.network.workers, &vec![Letter::X; count], &vec![0; count])
    }

    /// ln p of every letter at every residue, given the letters of all other residues. `[N, V]`, nats
    ///
    /// A residue comes last in its own order; the others come before it in the order of `rank`.
    ///
    /// # Errors
    /// As [`Engine::logits`].
    pub fn conditional(
        &self,
        encoding: &Encoding,
        structure: &Structure,
        sequence: &[Letter],
        rank: &[u32],
    ) -> Result<Vec<[f32; VOCABULARY]>, EngineError> {
        let graph = self.states_of(encoding, structure)?;
        check_sequence(structure, sequence)?;
        check_permutation(structure, rank)?;
        let last = vec![rank.len() as u32; rank.len()];
        let logits = self.moved_logits(graph, sequence, rank, &last);
        Ok(logits.iter().map(log_likelihood).collect())
    }
}
