//! What an edge is seen by, for every family: distances of atom pairs as radial basis functions, the relative position
//! along the chain, and in CA-only networks the relative orientation (published `ProteinFeatures` and its variants).
//!
//! features = [position embedding ; pairs × Gaussians ; orientation] → Linear → layer norm → W_e.
//!
//! The position embedding takes only 2·reach + 2 values, so its share of the linear map is a table of that many rows.
//! The rest goes through the map a few atom pairs at a time, in memory that stays in the first-level cache.

use fastmpnn_kernels::{Buffer, Kernels, QuantizedRows, RadialBasis, Rows, RowsMut, padded};

use super::{Graph, backbone, ca_only};
use crate::error::WeightsError;
use crate::model::Precision;
use crate::model::config::{Config, Family};
use crate::model::edge_weight::{EdgeLinear, EdgeWeight};
use crate::model::layers::{Loader, Norm};
use crate::structure::Point;

/// How a family sees an edge, and what its trained numbers are called.
#[derive(Debug)]
pub(crate) struct EdgeLayout {
    /// The atom pairs in the published order, as (site of the centre, site of the neighbour).
    pub(crate) pairs: &'static [(usize, usize)],
    /// Pairs that go through the linear map at a time; divides their number.
    pub(crate) pairs_at_a_time: usize,
    /// Numbers of an edge's orientation, which follow the Gaussians: none or [`ca_only::ORIENTATIONS`].
    pub(crate) orientations: usize,
    /// First and last centre of the Gaussians, Å; their σ is the span over their number.
    pub(crate) centers: (f32, f32),
    /// Name of the linear map of relative positions.
    pub(crate) positions: &'static str,
    /// Name of the weight of the linear map of all features.
    pub(crate) embedding: &'static str,
    /// Name of the layer norm after it.
    pub(crate) norm: &'static str,
}

impl EdgeLayout {
    /// The layout of a family.
    pub(crate) fn of(family: Family) -> &'static EdgeLayout {
        match family {
            Family::Protein | Family::Membrane | Family::Ligand => &backbone::EDGES,
            Family::CaOnly => &ca_only::EDGES,
            Family::Packer => &backbone::PACKER_EDGES,
        }
    }
}

/// The trained part of the features.
#[derive(Debug)]
pub(crate) struct EdgeFeatures {
    layout: &'static EdgeLayout,
    pairs_at_a_time: usize,
    /// Share of the linear map that each relative position adds, `[2·reach + 2, H]`; the last is for other chains.
    positions: Buffer,
    reach: i32,
    basis: RadialBasis,
    /// The Gaussians' share, a block of pairs after another; the orientation's is the end of the last block's.
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
    inputs: Buffer,
    embedded: Buffer,
    ones: Vec<f32>,
    integers: QuantizedRows,
}

impl EdgeFeatures {
    pub(crate) fn load(loader: &Loader<'_>, config: &Config) -> Result<EdgeFeatures, WeightsError> {
        let layout = EdgeLayout::of(config.family);
        let Config { hidden, position_width, position_reach, radial_functions, .. } = *config;
        let inputs = position_width + layout.pairs.len() * radial_functions + layout.orientations;
        let weight = loader.checkpoint.values(layout.embedding, &[hidden, inputs])?;
        let pairs_at_a_time = match loader.precision {
            // As integers all of them fit the first-level cache, and a product's sums become floats once.
            Precision::Q16 => layout.pairs.len(),
            _ => layout.pairs_at_a_time,
        };
        let width = pairs_at_a_time * radial_functions;
        let blocks = layout.pairs.len() / pairs_at_a_time;
        let radial = (0..blocks)
            .map(|index| {
                let rest = if index + 1 == blocks { layout.orientations } else { 0 };
                loader.pack_edge_columns(weight, inputs, position_width + index * width, width + rest)
            })
            .collect();
        let (nearest, farthest) = layout.centers;
        let step = (farthest - nearest) / (radial_functions - 1) as f32;
        let centers: Vec<f32> = (0..radial_functions).map(|index| nearest + step * index as f32).collect();
        Ok(EdgeFeatures {
            layout,
            pairs_at_a_time,
            positions: position_table(loader, config, (weight, inputs))?,
            reach: position_reach as i32,
            basis: RadialBasis::new(&centers, (farthest - nearest) / radial_functions as f32),
            radial,
            norm: Norm::load(loader, layout.norm, hidden)?,
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

    /// The features of those edges after the layer norm, into `scratch.embedded`.
    fn normalised(
        &self,
        kernels: Kernels,
        graph: &Graph,
        (residue, first): (usize, usize),
        scratch: &mut EdgeScratch,
        edges: usize,
    ) {
        let neighbours = &graph.neighbours(residue)[first..][..edges];
        let EdgeScratch { distances, inputs, embedded, ones, integers } = scratch;
        let EdgeLayout { pairs, orientations, .. } = *self.layout;
        let pairs_at_a_time = self.pairs_at_a_time;
        embedded.resize(edges * self.stride);
        ones.resize(edges, 1.0);
        for (row, &neighbour) in embedded.chunks_exact_mut(self.stride).zip(neighbours) {
            let place = self.position_class(graph, residue, neighbour as usize);
            row.copy_from_slice(&self.positions[place * self.stride..][..self.stride]);
        }
        let gaussians = pairs_at_a_time * self.basis.count();
        // The rows' stride is the hidden states', for which the products have a microkernel of its own.
        let width = padded(gaussians + orientations).max(self.stride);
        inputs.resize(edges * width);
        distances.resize(edges * pairs_at_a_time, 0.0);
        for (block, (pairs, weight)) in pairs.chunks_exact(pairs_at_a_time).zip(&self.radial).enumerate() {
            for (row, &neighbour) in distances.chunks_exact_mut(pairs_at_a_time).zip(neighbours) {
                pair_distances(graph.sites(residue), graph.sites(neighbour as usize), pairs, row);
            }
            kernels.radial_basis(&self.basis, distances, pairs_at_a_time, RowsMut::new(inputs, width));
            if orientations > 0 && block + 1 == self.radial.len() {
                for (row, &neighbour) in inputs.chunks_exact_mut(width).zip(neighbours) {
                    let numbers = ca_only::orientation(graph, residue, neighbour as usize);
                    row[gaussians..gaussians + orientations].copy_from_slice(&numbers);
                }
            }
            let no_bias = (&self.zeros[..], &ones[..edges]);
            let out = RowsMut::new(embedded, self.stride);
            weight.matmul_accumulate(kernels, (Rows::new(inputs, width), integers), no_bias, out);
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

fn pair_distances(center: &[Point], neighbour: &[Point], pairs: &[(usize, usize)], out: &mut [f32]) {
    for (distance, &(a, b)) in out.iter_mut().zip(pairs) {
        let (p, q) = (center[a], neighbour[b]);
        let (x, y, z) = (p[0] - q[0], p[1] - q[1], p[2] - q[2]);
        *distance = (x * x + y * y + z * z + 1e-6).sqrt();
    }
}

/// W[:, ..P]·(embedding of each relative position), `[2·reach + 2, H]`.
fn position_table(
    loader: &Loader<'_>,
    config: &Config,
    (weight, inputs): (&[f32], usize),
) -> Result<Buffer, WeightsError> {
    let name = EdgeLayout::of(config.family).positions;
    let width = config.position_width;
    let places = 2 * config.position_reach + 2;
    let embedding = loader.checkpoint.values(&format!("{name}.weight"), &[width, places])?;
    let bias = loader.checkpoint.values(&format!("{name}.bias"), &[width])?;
    let rows: Vec<f32> =
        (0..places).flat_map(|place| (0..width).map(move |k| embedding[k * places + place] + bias[k])).collect();
    let stride = padded(config.hidden);
    let mut table = Buffer::zeros(places * stride);
    let map = loader.pack_columns(weight, inputs, 0, width);
    let zeros = Buffer::zeros(stride);
    loader.kernels.matmul(Rows::new(&rows, width), &map, &zeros, RowsMut::new(&mut table, stride));
    Ok(table)
}
