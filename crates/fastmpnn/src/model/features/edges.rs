//! The features of an edge, for every family: distances of atom pairs as radial basis functions, the relative position
//! along the chain, and in CA-only networks the relative orientation (published `ProteinFeatures` and its variants).
//!
//! features = [position embedding ; pairs × Gaussians ; orientation] → Linear → layer norm → W_e.
//!
//! The position embedding takes only 2·reach + 2 values, so its share of the linear map is a table of that many rows.
//! The Gaussians' share is a separate product that skips those that are zero.

use fastmpnn_kernels::{
    Buffer, Kernels, PackedMatrix, PairDistances, RadialBasis, RadialScratch, RowPoints, Rows, RowsMut, WeightedBias,
    padded,
};

use crate::error::WeightsError;
use crate::featurize::{EdgeLayout, Graph};
use crate::model::layers::{Columns, Loader, Norm};
use crate::model::mixture::ProductKind;
use crate::model::weight::{NarrowRows, RadialWeight, WideLinear};
use crate::weights::Config;

/// The trained part of the features.
#[derive(Debug)]
pub(crate) struct EdgeFeatures {
    layout: &'static EdgeLayout,
    /// Share of the linear map that each relative position adds, `[2·reach + 2, H]`; the last row is for residues of
    /// different chains.
    positions: Buffer,
    reach: i32,
    basis: RadialBasis,
    /// The Gaussians' share, pair after pair.
    radial: RadialWeight,
    /// The orientation's share, where there is one.
    orientation: Option<PackedMatrix>,
    norm: Norm,
    /// W_e
    embed: WideLinear,
    stride: usize,
    zeros: Buffer,
}

/// Edges that are worked on together: those from `residue` to some of its neighbors, from the neighbor `first` on.
#[derive(Clone, Copy)]
pub(crate) struct EdgeTile {
    pub(crate) residue: usize,
    pub(crate) first: usize,
}

/// Memory for a few edges, reused.
#[derive(Debug, Default)]
pub(crate) struct EdgeScratch {
    points: RowPoints,
    distances: PairDistances,
    radial: RadialScratch,
    orientations: Buffer,
    embedded: Buffer,
    ones: Vec<f32>,
    narrow: NarrowRows,
}

impl EdgeFeatures {
    pub(crate) fn load(loader: &Loader<'_>, config: &Config) -> Result<EdgeFeatures, WeightsError> {
        let (layout, tensors) = (EdgeLayout::of(config.family), config.family.edge_tensors());
        let Config { hidden, position_width, position_reach, radial_functions, .. } = *config;
        let inputs = position_width + layout.pairs.len() * radial_functions + layout.orientations;
        let weight = &*loader.checkpoint.values(tensors.embedding, &[hidden, inputs])?;
        let gaussians = layout.pairs.len() * radial_functions;
        let orientation = (layout.orientations > 0)
            .then(|| loader.pack_columns(weight, inputs, position_width + gaussians, layout.orientations));
        let (nearest, farthest) = layout.centers;
        let step = (farthest - nearest) / (radial_functions - 1) as f32;
        let centers: Vec<f32> = (0..radial_functions).map(|index| nearest + step * index as f32).collect();
        let basis = RadialBasis::new(&centers, (farthest - nearest) / radial_functions as f32);
        let of_gaussians = Columns { stride: inputs, first: position_width, inputs: gaussians };
        let radial = loader.pack_radial(weight, of_gaussians, basis.fits_integers(layout.pairs.len()));
        Ok(EdgeFeatures {
            layout,
            positions: position_table(loader, config, weight, inputs)?,
            reach: position_reach as i32,
            basis,
            radial,
            orientation,
            norm: Norm::load(loader, tensors.norm, hidden)?,
            embed: loader.wide_linear(ProductKind::Features, "W_e", [hidden; 2], 1.0)?,
            stride: padded(hidden),
            zeros: Buffer::zeros(padded(hidden)),
        })
    }

    /// Writes the embedded features of a tile to `edges`, `[edges, H]`: h_E before the first encoder layer.
    pub(crate) fn fill(
        &self,
        kernels: Kernels,
        graph: &Graph,
        tile: EdgeTile,
        scratch: &mut EdgeScratch,
        edges: &mut [f32],
    ) {
        self.normalized(kernels, graph, tile, scratch, edges.len() / self.stride);
        let EdgeScratch { embedded, narrow, .. } = scratch;
        let rows = Rows::new(embedded, self.stride);
        self.embed.weight.matmul(kernels, rows, narrow, &self.embed.bias, RowsMut::new(edges, self.stride));
    }

    /// The features of those edges after the layer norm, into `scratch.embedded`.
    fn normalized(&self, kernels: Kernels, graph: &Graph, tile: EdgeTile, scratch: &mut EdgeScratch, edges: usize) {
        let EdgeTile { residue, first } = tile;
        let neighbors = &graph.neighbors(residue)[first..][..edges];
        let EdgeScratch { points, distances, radial, orientations, embedded, ones, .. } = scratch;
        embedded.resize(edges * self.stride);
        for (row, &neighbor) in embedded.chunks_exact_mut(self.stride).zip(neighbors) {
            let place = self.position_class(graph, residue, neighbor as usize);
            row.copy_from_slice(&self.positions[place * self.stride..][..self.stride]);
        }
        let sites = graph.sites(residue);
        points.fill(sites.len(), neighbors.iter().map(|&neighbor| graph.sites(neighbor as usize)));
        kernels.pair_distances(sites, points, self.layout.pairs, distances);
        if let (Some(alphas), false) = (self.layout.alphas, graph.farthest.is_empty()) {
            for (distance, &neighbor) in distances.of(alphas).iter_mut().zip(neighbors) {
                if !graph.resolved[neighbor as usize] {
                    *distance = graph.farthest[residue];
                }
            }
        }
        let rows = RowsMut::new(embedded, self.stride);
        self.radial.radial_product(kernels, &self.basis, distances, radial, rows);
        if let Some(map) = &self.orientation {
            let width = padded(map.inputs());
            orientations.resize(edges * width);
            ones.resize(edges, 1.0);
            for (row, &neighbor) in orientations.chunks_exact_mut(width).zip(neighbors) {
                let numbers = graph.orientation(residue, neighbor as usize);
                row[..numbers.len()].copy_from_slice(&numbers);
            }
            let no_bias = WeightedBias { bias: &self.zeros, row_weights: &ones[..edges] };
            let out = RowsMut::new(embedded, self.stride);
            kernels.matmul_accumulate(Rows::new(orientations, width), map, no_bias, out);
        }
        self.norm.apply(kernels, RowsMut::new(embedded, self.stride));
    }

    /// The row of the position table: offset along the chain from −reach to reach, then one for other chains. In a
    /// cyclic chain of L places the offset is taken modulo L, to −L/2 < offset ≤ L/2. ColabDesign's `add_cyclic_offset`
    /// does the same, except for residues exactly opposite each other, whose sign depends on the numbering there.
    fn position_class(&self, graph: &Graph, center: usize, neighbor: usize) -> usize {
        if graph.chain[center] != graph.chain[neighbor] {
            return 2 * self.reach as usize + 1;
        }
        let mut offset = graph.position[center].saturating_sub(graph.position[neighbor]);
        if let Some(&places @ 1..) = graph.cycle.get(center) {
            let forward = offset.rem_euclid(places);
            offset = if forward > places / 2 { forward - places } else { forward };
        }
        offset.saturating_add(self.reach).clamp(0, 2 * self.reach) as usize
    }
}

/// W[:, ..P]·(embedding of each relative position), `[2·reach + 2, H]`.
fn position_table(loader: &Loader<'_>, config: &Config, weight: &[f32], inputs: usize) -> Result<Buffer, WeightsError> {
    let name = config.family.edge_tensors().positions;
    let width = config.position_width;
    let places = 2 * config.position_reach + 2;
    let embedding = &*loader.checkpoint.values(&format!("{name}.weight"), &[width, places])?;
    let bias = &*loader.checkpoint.values(&format!("{name}.bias"), &[width])?;
    let rows: Vec<f32> =
        (0..places).flat_map(|place| (0..width).map(move |k| embedding[k * places + place] + bias[k])).collect();
    let stride = padded(config.hidden);
    let mut table = Buffer::zeros(places * stride);
    let map = loader.pack_columns(weight, inputs, 0, width);
    let zeros = Buffer::zeros(stride);
    loader.kernels.matmul(Rows::new(&rows, width), &map, &zeros, RowsMut::new(&mut table, stride));
    Ok(table)
}
