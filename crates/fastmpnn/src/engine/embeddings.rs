//! The states of a network's layers, which heads for other tasks are trained on.

use super::checks::check_given;
use super::{Conditioning, Engine};
use crate::chemistry::Letter;
use crate::error::EngineError;
use crate::model::{Encoding, GivenSequence, Network};
use crate::structure::Structure;

impl Engine {
    /// h_V after the first `depth` decoder layers, `[N, H]`; zeros at residues without a backbone. After all of them, the
    /// logits are a linear map of it.
    ///
    /// # Errors
    /// As [`Engine::logits`], and [`EngineError::Setting`] for [`Conditioning::Moved`], [`Conditioning::Known`] and
    /// [`Conditioning::VisibleNeighbors`], and if the network has fewer layers.
    pub fn decoder_states(
        &self,
        encoding: &Encoding,
        structure: &Structure,
        given: &Conditioning,
        depth: usize,
    ) -> Result<Vec<f32>, EngineError> {
        let graph = self.states_of(encoding, structure)?;
        let Network { model, workers } = &self.network;
        let count = graph.graph.len();
        let layers = model.decoder.len();
        if depth == 0 || depth > layers {
            let allowed = format!("1 to {layers}");
            return Err(EngineError::Setting { setting: "depth", value: depth.to_string(), allowed });
        }
        let states = match given {
            Conditioning::Backbone => {
                model.teacher_forced_states(graph, workers, &vec![Letter::X; count], &vec![0; count], depth)
            }
            Conditioning::Earlier { sequence, rank } => {
                check_given(structure, GivenSequence { sequence, rank })?;
                model.teacher_forced_states(graph, workers, sequence, rank, depth)
            }
            Conditioning::Moved { .. } | Conditioning::Known { .. } | Conditioning::VisibleNeighbors { .. } => {
                return Err(EngineError::Setting {
                    setting: "given",
                    value: "letters by place or by table, or visible neighbors".to_owned(),
                    allowed: "the backbone, or the letters of earlier residues".to_owned(),
                });
            }
        };
        let mut states = unpadded(&states, model.stride(), model.config.hidden);
        let rows = states.chunks_exact_mut(model.config.hidden).zip(&graph.graph.resolved);
        rows.filter(|(_, resolved)| !**resolved).for_each(|(row, _)| row.fill(0.0));
        Ok(states)
    }

    /// h_V of the encoder, `[N, H]`.
    ///
    /// # Errors
    /// [`EngineError::OtherNetwork`] for an encoding of another network.
    pub fn encoder_nodes(&self, encoding: &Encoding) -> Result<Vec<f32>, EngineError> {
        self.check_network(encoding)?;
        let model = &self.network.model;
        Ok(unpadded(&encoding.states.nodes, model.stride(), model.config.hidden))
    }

    /// h_E of the encoder, `[N, K, H]`, in the order of [`Graph::neighbors`](crate::featurize::Graph::neighbors).
    ///
    /// # Errors
    /// [`EngineError::OtherNetwork`] for an encoding of another network.
    pub fn encoder_edges(&self, encoding: &Encoding) -> Result<Vec<f32>, EngineError> {
        self.check_network(encoding)?;
        let model = &self.network.model;
        Ok(unpadded(&encoding.states.edges, model.stride(), model.config.hidden))
    }
}

/// Rows without the padding between their width and the stride.
fn unpadded(rows: &[f32], stride: usize, width: usize) -> Vec<f32> {
    rows.chunks_exact(stride).flat_map(|row| &row[..width]).copied().collect()
}
