//! The logits at every residue, conditioned on parts of a given sequence.

use rayon::prelude::*;

use super::Engine;
use super::checks::{check_given, check_neighbors, check_places, check_sequence, check_table};
use crate::chemistry::{Letter, Sequence, VOCABULARY};
use crate::decode::{Reuse, Reused};
use crate::error::EngineError;
use crate::model::{Decoding, EncodedGraph, Encoding, GivenSequence, Model, MovedResidue, MovingOrder, Network};
use crate::score::log_likelihood;
use crate::structure::Structure;

/// The letters on which a residue's logits are conditioned. Ranks are positions in a decoding order, a permutation of
/// 0 … N − 1. All arrays are `[N]`, except as stated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conditioning {
    /// The backbone alone.
    Backbone,
    /// The backbone, and the letters of the residues with smaller rank.
    Earlier {
        /// The letters.
        sequence: Sequence,
        /// The order.
        rank: Vec<u32>,
    },
    /// The backbone, and the letters that precede a residue when it alone is moved within the order, to just before the
    /// residues of rank `before` and greater: 0 is the first position, and N the last.
    Moved {
        /// The letters.
        sequence: Sequence,
        /// The order of all residues.
        rank: Vec<u32>,
        /// The position to which each residue is moved, 0 … N.
        before: Vec<u32>,
    },
    /// The backbone, and the letters that a table says, in all decoder layers at once. Where two residues know each other's
    /// letters, each reaches itself by way of the other, which no decoding order allows: ColabDesign's `ar_mask` of all
    /// ones but for the diagonal is such a table.
    Known {
        /// The letters.
        sequence: Sequence,
        /// Whether the residue of a row knows the letter of that of a column. `[N, N]`
        known: Vec<bool>,
    },
    /// The backbone of some neighbors; the others are hidden completely, letters and positions. The difference shows
    /// the influence of each neighbor. The published networks were not trained on such input.
    VisibleNeighbors {
        /// Whether each residue sees each of its neighbors, in the order of
        /// [`Graph::neighbors`](crate::featurize::Graph::neighbors). `[N, K]`
        visible: Vec<bool>,
    },
}

impl Engine {
    /// The logits of every letter at every residue under the given conditioning. `[N, V]`
    ///
    /// # Errors
    /// [`EngineError::SequenceLength`], [`EngineError::Order`], [`EngineError::TableLength`] and
    /// [`EngineError::Setting`] if the conditioning does not fit the structure, [`EngineError::OtherNetwork`] and
    /// [`EngineError::OtherStructure`] if the encoding does not.
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
                check_given(structure, GivenSequence { sequence, rank })?;
                model.teacher_force(graph, workers, sequence, rank)
            }
            Conditioning::Known { sequence, known } => {
                check_sequence(structure, sequence)?;
                check_table(graph, known)?;
                model.with_known_letters(graph, workers, sequence, known)
            }
            Conditioning::VisibleNeighbors { visible } => {
                check_neighbors(graph, visible)?;
                model.with_visible_neighbors(graph, workers, visible)
            }
            Conditioning::Moved { sequence, rank, before } => {
                let given = GivenSequence { sequence, rank };
                check_given(structure, given)?;
                check_places(structure, before)?;
                self.moved_logits(graph, given, before)
            }
        })
    }

    /// [`Conditioning::Moved`]
    fn moved_logits(&self, graph: &EncodedGraph, given: GivenSequence<'_>, before: &[u32]) -> Vec<[f32; VOCABULARY]> {
        let Network { model, workers } = &self.network;
        let allowance = self.allowance();
        let reused = Reused::default();
        reused.keep(&self.network, graph, &allowance, before.len(), Reuse::default());
        let order = MovingOrder { encoding: graph, given, memo: reused.memo() };
        let states = Model::order_states(&self.network, order);
        let _states = allowance.indispensable(2 * workers.threads() as u64 * Decoding::bytes_a_sample(model, graph));
        workers.install(|| {
            let moves: Vec<MovedResidue> =
                (0..).zip(before).map(|(residue, &before)| MovedResidue { residue, before }).collect();
            let task = moves.len().div_ceil(4 * workers.threads()).max(1);
            let decode = |moves: &[MovedResidue]| {
                let mut decoding = states.decoding(model, graph);
                let mut scratch = workers.scratch(model.kernels);
                let logits =
                    moves.iter().map(|&moved| model.decode_moved(order, &states, moved, &mut decoding, &mut scratch));
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
        check_given(structure, GivenSequence { sequence, rank })?;
        let logits = self.network.model.teacher_force(graph, &self.network.workers, sequence, rank);
        Ok(logits.iter().map(log_likelihood).collect())
    }

    /// ln p of every letter at every residue, given the backbone alone. `[N, V]`, nats
    ///
    /// # Errors
    /// [`EngineError::OtherNetwork`] if the encoding was made with another network.
    pub fn unconditional(&self, encoding: &Encoding) -> Result<Vec<[f32; VOCABULARY]>, EngineError> {
        self.check_network(encoding)?;
        Ok(self.backbone_logits(&encoding.states).iter().map(log_likelihood).collect())
    }

    fn backbone_logits(&self, graph: &EncodedGraph) -> Vec<[f32; VOCABULARY]> {
        let count = graph.graph.len();
        // With equal ranks no residue precedes another, so the letters are never read.
        self.network.model.teacher_force(graph, &self.network.workers, &vec![Letter::X; count], &vec![0; count])
    }

    /// ln p of every letter at every residue, given the letters of all other residues. `[N, V]`, nats
    ///
    /// Each residue is decoded last, after all others in the order of `rank`.
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
        let given = GivenSequence { sequence, rank };
        check_given(structure, given)?;
        let last = vec![rank.len() as u32; rank.len()];
        let logits = self.moved_logits(graph, given, &last);
        Ok(logits.iter().map(log_likelihood).collect())
    }
}
