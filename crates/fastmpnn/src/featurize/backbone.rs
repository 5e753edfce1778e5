//! The edge features of ProteinMPNN: distances of 25 backbone atom pairs as radial basis functions, and the relative
//! position along the chain (published `ProteinFeatures`).
//!
//! features = [position embedding (16) ; 25 pairs × 16 Gaussians] → Linear → layer norm → W_e.
//!
//! The position embedding takes only 2·32 + 2 values, so its share of the linear map is a table of that many rows.
//! The Gaussians go through the map a few atom pairs at a time, in memory that stays in the first-level cache.

use fastmpnn_kernels::{Buffer, Kernels, QuantizedRows, RadialBasis, Rows, RowsMut, padded};

use super::Graph;
use crate::error::WeightsError;
use crate::model::config::{ATOM_PAIRS, Config};
use crate::model::edge_weight::{EdgeLinear, EdgeWeight};
use crate::model::layers::{Loader, Norm};
use crate::structure::Point;

/// The 25 pairs in the published order, as (atom of the centre, atom of the neighbour): N = 0, CA = 1, C = 2, O = 3,
/// CB = 4.
const PAIRS: [(usize, usize); ATOM_PAIRS] = [
    (1, 1),
    (0, 0),
    (2, 2),
    (3, 3),
    (4, 4),
    (1, 0),
    (1, 2),
    (1, 3),
    (1, 4),
    (0, 2),
    (0, 3),
    (0, 4),
    (4, 2),
    (4, 3),
    (3, 2),
    (0, 1),
    (2, 1),
    (3, 1),
    (4, 1),
    (2, 0),
    (3, 0),
    (4, 0),
    (2, 4),
    (3, 4),
    (2, 3),
];

/// Pairs that go through the linear map at a time: 5 · 16 numbers for 24 edges are 8 KB.
const PAIRS_AT_A_TIME: usize = 5;

/// First and last centre of the Gaussians, Å; σ is a sixteenth of their span in the published networks.
const NEAREST_CENTER: f32 = 2.0;
const FARTHEST_CENTER: f32 = 22.0;

/// The trained part of the features.
#[derive(Debug)]
pub(crate) struct BackboneFeatures {
    /// Share of the linear map that each relative position adds, `[2·reach + 2, H]`; the last is for other chains.
    positions: Buffer,
    reach: i32,
    basis: RadialBasis,
    /// The Gaussians' share, a block of pairs after another.
    radial: Vec<EdgeWeight>,
    norm: Norm,
    /// W_e
    embed: EdgeLinear,
    stride: usize,
    zeros: Buffer,
}

/// Memory for a few edges, reused.
#[derive(Debug, Default)]
pub(crate) struct EdgeScratch {
    distances: Vec<f32>,
    gaussians: Buffer,
    embedded: Buffer,
    ones: Vec<f32>,
    integers: QuantizedRows,
}

impl BackboneFeatures {
    pub(crate) fn load(loader: &Loader<'_>, config: &Config) -> Result<BackboneFeatures, WeightsError> {
        let Config { hidden, position_width, position_reach, radial_functions, .. } = *config;
        let inputs = position_width + ATOM_PAIRS * radial_functions;
        let weight = loader.checkpoint.values("features.edge_embedding.weight", &[hidden, inputs])?;
        let block = PAIRS_AT_A_TIME * radial_functions;
        let radial = (0..ATOM_PAIRS / PAIRS_AT_A_TIME)
            .map(|index| loader.pack_edge_columns(weight, inputs, position_width + index * block, block))
            .collect();
        let step = (FARTHEST_CENTER - NEAREST_CENTER) / (radial_functions - 1) as f32;
        let centers: Vec<f32> = (0..radial_functions).map(|index| NEAREST_CENTER + step * index as f32).collect();
        let sigma = (FARTHEST_CENTER - NEAREST_CENTER) / radial_functions as f32;
        Ok(BackboneFeatures {
            positions: position_table(loader, config, weight, inputs)?,
            reach: position_reach as i32,
            basis: RadialBasis::new(&centers, sigma),
            radial,
            norm: Norm::load(loader, "features.norm_edges", hidden)?,
            embed: loader.edge_linear("W_e", hidden, hidden)?,
            stride: padded(hidden),
            zeros: Buffer::zeros(padded(hidden)),
        })
    }

    /// Writes the embedded features of the edges from `residue` to its neighbours `first..` to `tile`, `[edges, H]`:
    /// h_E before the first encoder layer.
    pub(crate) fn fill(
        &self,
        kernels: Kernels,
        graph: &Graph,
        (residue, first): (usize, usize),
        scratch: &mut EdgeScratch,
        tile: &mut [f32],
    ) {
        self.normalised(kernels, graph, (residue, first), scratch, tile.len() / self.stride);
        let rows = (Rows::new(&scratch.embedded, self.stride), &mut scratch.integers);
        self.embed.weight.matmul(kernels, rows, &self.embed.bias, RowsMut::new(tile, self.stride));
    }

    /// The features of those edges after `norm_edges`, into `scratch.embedded`.
    fn normalised(
        &self,
        kernels: Kernels,
        graph: &Graph,
        (residue, first): (usize, usize),
        scratch: &mut EdgeScratch,
        edges: usize,
    ) {
        let neighbours = &graph.neighbours(residue)[first..][..edges];
        let EdgeScratch { distances, gaussians, embedded, ones, integers } = scratch;
        embedded.resize(edges * self.stride);
        ones.resize(edges, 1.0);
        for (row, &neighbour) in embedded.chunks_exact_mut(self.stride).zip(neighbours) {
            let place = self.position_class(graph, residue, neighbour as usize);
            row.copy_from_slice(&self.positions[place * self.stride..][..self.stride]);
        }
        // The rows' stride is the hidden states', for which the products have a microkernel of its own.
        let width = padded(PAIRS_AT_A_TIME * self.basis.count()).max(self.stride);
        gaussians.resize(edges * width);
        distances.resize(edges * PAIRS_AT_A_TIME, 0.0);
        for (pairs, weight) in PAIRS.chunks_exact(PAIRS_AT_A_TIME).zip(&self.radial) {
            for (row, &neighbour) in distances.chunks_exact_mut(PAIRS_AT_A_TIME).zip(neighbours) {
                pair_distances(&graph.atoms[residue], &graph.atoms[neighbour as usize], pairs, row);
            }
            kernels.radial_basis(&self.basis, distances, PAIRS_AT_A_TIME, RowsMut::new(gaussians, width));
            let no_bias = (&self.zeros[..], &ones[..edges]);
            let out = RowsMut::new(embedded, self.stride);
            weight.matmul_accumulate(kernels, (Rows::new(gaussians, width), integers), no_bias, out);
        }
        self.norm.apply(kernels, RowsMut::new(embedded, self.stride));
    }

    /// The row of the position table: offset along the chain from −reach to reach, then one for other chains.
    fn position_class(&self, graph: &Graph, center: usize, neighbour: usize) -> usize {
        if graph.chain[center] != graph.chain[neighbour] {
            return 2 * self.reach as usize + 1;
        }
        let offset = graph.position[center].saturating_sub(graph.position[neighbour]);
        offset.saturating_add(self.reach).clamp(0, 2 * self.reach) as usize
    }
}

fn pair_distances(center: &[Point; 5], neighbour: &[Point; 5], pairs: &[(usize, usize)], out: &mut [f32]) {
    for (distance, &(a, b)) in out.iter_mut().zip(pairs) {
        let (p, q) = (center[a], neighbour[b]);
        let (x, y, z) = (p[0] - q[0], p[1] - q[1], p[2] - q[2]);
        *distance = (x * x + y * y + z * z + 1e-6).sqrt();
    }
}

/// W[:, ..P]·(embedding of each relative position), `[2·reach + 2, H]`.
fn position_table(loader: &Loader<'_>, config: &Config, weight: &[f32], inputs: usize) -> Result<Buffer, WeightsError> {
    let width = config.position_width;
    let places = 2 * config.position_reach + 2;
    let embedding = loader.checkpoint.values("features.embeddings.linear.weight", &[width, places])?;
    let bias = loader.checkpoint.values("features.embeddings.linear.bias", &[width])?;
    let rows: Vec<f32> =
        (0..places).flat_map(|place| (0..width).map(move |k| embedding[k * places + place] + bias[k])).collect();
    let stride = padded(config.hidden);
    let mut table = Buffer::zeros(places * stride);
    let map = loader.pack_columns(weight, inputs, 0, width);
    let zeros = Buffer::zeros(stride);
    loader.kernels.matmul(Rows::new(&rows, width), &map, &zeros, RowsMut::new(&mut table, stride));
    Ok(table)
}
