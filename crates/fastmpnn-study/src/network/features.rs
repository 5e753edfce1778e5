//! The edge features, materialized: 25 distances, 400 Gaussians and 16 position numbers per edge.

use fastmpnn::featurize::backbone_pairs;
use fastmpnn::kernels::{RadialBasis, RowsMut, padded};

use super::graph::{Wiring, distance};
use super::layers::Loader;
use super::numbers::{Format, MapShape, Part};
use super::tensor::{Linear, Norm, Tensor, Worker};
use crate::error::StudyError;

/// First and last center of the Gaussians, Å; σ is a sixteenth of their span in the published networks.
const CENTERS: [f32; 2] = [2.0, 22.0];

#[derive(Debug)]
pub(super) struct Features {
    basis: RadialBasis,
    /// Rows by relative position, `[2·reach + 2, P]`.
    positions: Tensor,
    reach: i32,
    /// edge_embedding
    embedding: Linear,
    norm: Norm,
    /// W_e
    edges: Linear,
}

impl Features {
    pub(super) fn load(loader: &Loader<'_>) -> Result<Features, StudyError> {
        let config = loader.config;
        let (hidden, width) = (config.hidden, config.position_width);
        let count = config.radial_functions;
        let inputs = width + backbone_pairs().len() * count;
        let step = (CENTERS[1] - CENTERS[0]) / (count - 1) as f32;
        let centers: Vec<f32> = (0..count).map(|index| CENTERS[0] + step * index as f32).collect();
        let places = 2 * config.position_reach + 2;
        let map = &*loader.checkpoint.values("features.embeddings.linear.weight", &[width, places])?;
        let bias = &*loader.checkpoint.values("features.embeddings.linear.bias", &[width])?;
        let mut positions = Tensor::zeros(places, width);
        for place in 0..places {
            for column in 0..width {
                positions.data[place * padded(width) + column] = map[column * places + place] + bias[column];
            }
        }
        loader.numerics.format.round(&mut positions.data);
        let embedding = &*loader.checkpoint.values("features.edge_embedding.weight", &[hidden, inputs])?;
        let numbers = loader.numerics.edges_of(Part::Features);
        Ok(Features {
            basis: RadialBasis::new(&centers, (CENTERS[1] - CENTERS[0]) / count as f32),
            positions,
            reach: config.position_reach as i32,
            embedding: loader.linear(numbers, embedding, None, MapShape { outputs: hidden, inputs }),
            norm: loader.norm("features.norm_edges", hidden)?,
            edges: loader.named(numbers, "W_e", MapShape { outputs: hidden, inputs: hidden })?,
        })
    }

    /// h_E before the first layer, `[N·K, H]`.
    pub(super) fn edges(&self, worker: &Worker, wiring: &Wiring, format: Format) -> Tensor {
        let (count, degree) = (wiring.len() * wiring.degree(), wiring.degree());
        let ends = |edge: usize| {
            let residue = edge / degree;
            (residue, wiring.neighbors(residue)[edge % degree] as usize)
        };
        let distances = worker.make(count, backbone_pairs().len(), |first, out| {
            for (offset, row) in out.chunks_exact_mut(padded(backbone_pairs().len())).enumerate() {
                let (residue, neighbor) = ends(first + offset);
                for (value, &(a, b)) in row.iter_mut().zip(backbone_pairs()) {
                    *value = match format {
                        Format::F32 => exact_distance(wiring.atoms()[residue][a], wiring.atoms()[neighbor][b]),
                        _ => distance(format, wiring.atoms()[residue][a], wiring.atoms()[neighbor][b]),
                    };
                }
            }
        });
        let gaussians = worker.make(count, backbone_pairs().len() * self.basis.count(), |first, out| {
            let stride = padded(backbone_pairs().len() * self.basis.count());
            let rows = out.len() / stride;
            let packed: Vec<f32> = (first..first + rows).flat_map(|edge| distances.row(edge)).copied().collect();
            worker.kernels().radial_basis(&self.basis, &packed, backbone_pairs().len(), RowsMut::new(out, stride));
        });
        let width = self.positions.width;
        let joined = worker.make(count, width + gaussians.width, |first, out| {
            for (offset, row) in out.chunks_exact_mut(padded(width + gaussians.width)).enumerate() {
                let (residue, neighbor) = ends(first + offset);
                row[..width].copy_from_slice(self.positions.row(self.place(wiring, residue, neighbor)));
                row[width..width + gaussians.width].copy_from_slice(gaussians.row(first + offset));
            }
        });
        let mut embedded = worker.linear(&joined, &self.embedding);
        worker.normalize(&mut embedded, &self.norm);
        worker.linear(&embedded, &self.edges)
    }

    fn place(&self, wiring: &Wiring, residue: usize, neighbor: usize) -> usize {
        let graph = wiring.graph();
        if graph.chains()[residue] != graph.chains()[neighbor] {
            return 2 * self.reach as usize + 1;
        }
        let offset = graph.positions()[residue].saturating_sub(graph.positions()[neighbor]);
        offset.saturating_add(self.reach).clamp(0, 2 * self.reach) as usize
    }
}

fn exact_distance(a: [f32; 3], b: [f32; 3]) -> f32 {
    let [x, y, z] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    (x * x + y * y + z * z + 1e-6).sqrt()
}
