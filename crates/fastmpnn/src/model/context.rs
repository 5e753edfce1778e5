//! The context encoder: what the atoms around a residue add to its state (published `context_encoder_layers`,
//! `y_context_encoder_layers` and the maps around them).
//!
//! Every residue has its own copy of the atoms it sees. Two stacks of layers take turns: in one the atoms of a residue
//! exchange messages (`DecLayerJ`), in the other they send theirs to the residue (`DecLayer`):
//!
//! ```text
//! y_i = table[element of i]                                                            i, j: atoms of one residue
//! h   = W_c·h_V
//! layer l:  y_i = update(y_i, Σ_j gelu(W2·gelu(A·y_i + P(d_ij))))                       a² messages a residue
//!           h   = update(h,   Σ_i gelu(W2·gelu(A·h + B·place_i + C·y_i)))               a messages a residue
//! h_V = h_V + norm(V_C·h)
//! ```
//!
//! - A message between atoms sees the receiver's state and their distance, and nothing of the sender. P(d), everything
//!   that the network makes of a distance, is a function of one number: it is tabulated when the network is loaded, and
//!   interpolated, which leaves one product a pair of the published four.
//! - Maps that follow each other without anything between them are one: B·W_v of a place, the map of a pair.
//! - An atom that is not there sends nothing and receives nothing (`Y_m`, `Y_m_edges`), so it is left out.
//!
//! All of it is f32, whatever the precision of the network.

use fastmpnn_kernels::{Buffer, EdgeTerms, FunctionTable, Kernels, PackedMatrix, Rows, RowsMut, padded};
use rayon::prelude::*;

use super::layers::{Linear, Loader, NodeUpdate, Norm};
use super::{Config, Precision, Workers};
use crate::error::WeightsError;
use crate::featurize::{
    ContextAtoms, ContextLayout, ELEMENTS, Graph, PlaceFeatures, PlaceScratch, distance, element_states, pair_states,
};

/// Residues that are worked on together: their atoms' states, and what the feed-forward block makes of them, stay in the
/// second-level cache, and each weight is read once for all.
const RESIDUES_TOGETHER: usize = 4;

/// The step of P(d), Å. The published networks tell bond lengths apart: around 2.5 Å P changes by up to 48 an Å. There the
/// interpolation is off by 5.5·10⁻⁶ of values up to 18, which is f32's own rounding of the sum; elsewhere by less. The
/// error falls with the sixth power of the step.
const TABLE_STEP: f32 = 1.0 / 32.0;

/// Intervals of a table, up to 28 Å: 6 Å past the last Gaussian's centre, where they are all 10⁻¹⁰ or less.
const TABLE_INTERVALS: usize = 28 * 32;

/// The distance of an atom to itself, Å: √10⁻⁶.
const SELF_DISTANCE: f32 = 1e-3;

/// The trained part.
#[derive(Debug)]
pub(crate) struct ContextEncoder {
    places: PlaceFeatures,
    /// y of each element before the first layer. `[ELEMENTS, H]`
    atoms: Buffer,
    layers: Vec<ContextLayer>,
    /// W_c
    input: Linear,
    /// V_C
    output: PackedMatrix,
    /// V_C_norm
    norm: Norm,
    hidden: usize,
    feed_forward: usize,
    zeros: Buffer,
}

/// A layer among the atoms and one from the atoms to the residue.
#[derive(Debug)]
struct ContextLayer {
    atom: AtomLayer,
    residue: ResidueLayer,
}

/// `DecLayerJ`
#[derive(Debug)]
struct AtomLayer {
    /// A; b1 and the pair's biases
    center: Linear,
    /// P(d)
    pairs: FunctionTable,
    /// W2
    second: Linear,
    node: NodeUpdate,
}

/// `DecLayer`
#[derive(Debug)]
struct ResidueLayer {
    /// A; b1 and the place's biases
    center: Linear,
    /// B·W_v
    place: PackedMatrix,
    /// C
    atom: PackedMatrix,
    /// W2
    second: Linear,
    node: NodeUpdate,
}

/// Memory of a thread, reused.
#[derive(Debug, Default)]
pub(crate) struct ContextScratch {
    place: PlaceScratch,
    /// The published V of the atoms. `[rows, H]`
    places: Buffer,
    /// y `[rows, H]`
    atoms: Buffer,
    /// A·y or C·y `[rows, H]`
    terms: Buffer,
    /// Σ m·g of the atoms. `[rows, H]`
    sums: Buffer,
    counts: Vec<f32>,
    /// A message's first layer for some pairs. `[pairs, H]`
    messages: Buffer,
    /// For each atom the distances to the others of its residue, Å.
    distances: Vec<f32>,
    /// h, A·h and Σ m·g of the residues. `[residues, H]`
    hidden: Buffer,
    centers: Buffer,
    hidden_sums: Buffer,
    hidden_counts: Vec<f32>,
    wide: Buffer,
    ones: Vec<f32>,
    index: Vec<u32>,
}

/// The atoms of some residues, one after another.
struct Batch<'a> {
    graph: &'a Graph,
    context: &'a ContextAtoms,
    first: usize,
    residues: usize,
}

impl<'a> Batch<'a> {
    /// For each residue that sees atoms: its place in the batch, its first row, and its atoms.
    fn groups(&self) -> impl Iterator<Item = (usize, usize, &'a [u32])> + use<'a> {
        let (context, first) = (self.context, self.first);
        let mut row = 0;
        (0..self.residues).filter_map(move |place| {
            let seen = context.seen(first + place);
            let begin = row;
            row += seen.len();
            (!seen.is_empty()).then_some((place, begin, seen))
        })
    }

    fn rows(&self) -> usize {
        self.groups().map(|(_, _, seen)| seen.len()).sum()
    }
}

impl ContextEncoder {
    /// That of the network, LigandMPNN or its packer.
    pub(crate) fn load(loader: &Loader<'_>, config: &Config) -> Result<ContextEncoder, WeightsError> {
        let (hidden, layout) = (config.hidden, &ContextLayout::of(config.family));
        let loader = &Loader { precision: Precision::F32, ..*loader };
        let stride = padded(hidden);
        let zeros = Buffer::zeros(stride);
        let states = element_states(loader, hidden)?;
        let first = loader.linear("W_nodes_y", hidden, hidden, 1.0)?;
        let mut atoms = Buffer::zeros(ELEMENTS * stride);
        let rows = RowsMut::new(&mut atoms, stride);
        loader.kernels.matmul(Rows::new(&states, stride), &first.weight, &first.bias, rows);
        let layers = (0..)
            .take_while(|layer| loader.checkpoint.contains(&format!("context_encoder_layers.{layer}.W1.weight")))
            .map(|layer| {
                Ok(ContextLayer {
                    atom: AtomLayer::load(loader, &format!("y_context_encoder_layers.{layer}"), (hidden, layout))?,
                    residue: ResidueLayer::load(loader, &format!("context_encoder_layers.{layer}"), (hidden, layout))?,
                })
            })
            .collect::<Result<Vec<_>, WeightsError>>()?;
        let output = loader.checkpoint.values("V_C.weight", &[hidden, hidden])?;
        Ok(ContextEncoder {
            places: PlaceFeatures::load(loader, (hidden, layout))?,
            atoms,
            layers,
            input: loader.linear("W_c", hidden, hidden, 1.0)?,
            output: loader.kernels.pack(output, hidden, hidden),
            norm: Norm::load(loader, "V_C_norm", hidden)?,
            hidden,
            feed_forward: feed_forward(loader, "context_encoder_layers.0")?,
            zeros,
        })
    }

    /// Adds the context's share to `nodes`, h_V after the encoder, `[N, H]`.
    pub(crate) fn apply(
        &self,
        kernels: Kernels,
        (graph, context): (&Graph, &ContextAtoms),
        nodes: &mut [f32],
        workers: &Workers,
    ) {
        let stride = padded(self.hidden);
        workers.install(|| {
            let share = RESIDUES_TOGETHER * stride;
            nodes.par_chunks_mut(share).enumerate().for_each(|(index, nodes)| {
                let first = index * RESIDUES_TOGETHER;
                let batch = Batch { graph, context, first, residues: nodes.len() / stride };
                self.encode(kernels, &batch, nodes, (self.layers.len(), &mut workers.scratch().context));
            });
        });
    }

    /// What the first `depth` layers make of one residue, given its h_V: the places of its atoms, their states, `[atoms, H]`
    /// each, and its own, `[H]`.
    #[cfg(test)]
    pub(crate) fn stages(
        &self,
        kernels: Kernels,
        (graph, context): (&Graph, &ContextAtoms),
        (residue, depth): (usize, usize),
        node: &[f32],
    ) -> [Buffer; 3] {
        let mut scratch = ContextScratch::default();
        let batch = Batch { graph, context, first: residue, residues: 1 };
        self.encode(kernels, &batch, &mut node.to_vec(), (depth, &mut scratch));
        [scratch.places, scratch.atoms, scratch.hidden]
    }

    /// Multiply-adds for residues that see `atoms` atoms in total, with Σ a² = `pairs`.
    pub(crate) fn operations(&self, residues: u64, (atoms, pairs): (u64, u64)) -> u64 {
        let hidden = self.hidden as u64;
        let square = hidden * hidden;
        let update = square + 2 * hidden * self.feed_forward as u64;
        let layers = self.layers.len() as u64;
        // W2 a pair and A·y an atom.
        let messages = layers * (pairs + atoms) * square;
        let of_atoms = layers * atoms * (update + 3 * square) + atoms * PlaceFeatures::operations(self.hidden);
        let of_residues = residues * (layers * (update + square) + 2 * square);
        messages + of_atoms + of_residues
    }

    /// Adds the context's share to the states of a batch's residues.
    fn encode(
        &self,
        kernels: Kernels,
        batch: &Batch<'_>,
        nodes: &mut [f32],
        (depth, scratch): (usize, &mut ContextScratch),
    ) {
        let stride = padded(self.hidden);
        self.begin(kernels, batch, nodes, scratch);
        for layer in &self.layers[..depth] {
            layer.atom.sum_messages(kernels, batch, scratch);
            let ContextScratch { sums, counts, atoms, wide, ones, .. } = scratch;
            layer.atom.node.apply(kernels, (Rows::new(sums, stride), counts), atoms, (wide, ones));
            layer.residue.apply(kernels, batch, &self.zeros, scratch);
        }
        let ContextScratch { hidden, hidden_sums, .. } = scratch;
        let out = RowsMut::new(hidden_sums, stride);
        kernels.matmul(Rows::new(hidden, stride), &self.output, &self.zeros, out);
        self.norm.apply(kernels, RowsMut::new(hidden_sums, stride));
        for (value, &added) in nodes.iter_mut().zip(hidden_sums.iter()) {
            *value += added;
        }
    }

    /// Sizes everything for the batch and fills in what the layers start from: places, y, h, distances.
    fn begin(&self, kernels: Kernels, batch: &Batch<'_>, nodes: &[f32], scratch: &mut ContextScratch) {
        let stride = padded(self.hidden);
        let rows = batch.rows();
        let atom = |index: u32| batch.context.atoms()[index as usize];
        for buffer in [&mut scratch.places, &mut scratch.atoms, &mut scratch.terms, &mut scratch.sums] {
            buffer.resize(rows * stride);
        }
        for buffer in [&mut scratch.hidden, &mut scratch.centers, &mut scratch.hidden_sums] {
            buffer.resize(batch.residues * stride);
        }
        scratch.ones.resize(rows.max(batch.residues), 1.0);
        scratch.counts.clear();
        scratch.distances.clear();
        scratch.hidden_counts.clear();
        scratch.hidden_counts.resize(batch.residues, 0.0);
        for (place, begin, seen) in batch.groups() {
            let sites = batch.graph.sites(batch.first + place);
            let places = &mut scratch.places[begin * stride..][..seen.len() * stride];
            self.places.fill(kernels, sites, seen.iter().map(|&index| atom(index)), &mut scratch.place, places);
            let states = scratch.atoms[begin * stride..].chunks_exact_mut(stride);
            for ((i, &index), state) in seen.iter().enumerate().zip(states) {
                let element = usize::from(atom(index).element);
                state.copy_from_slice(&self.atoms[element * stride..][..stride]);
                let others = seen.iter().enumerate().filter(|&(j, _)| j != i);
                let position = atom(index).position;
                scratch.distances.extend(others.map(|(_, &other)| distance(position, atom(other).position)));
            }
            scratch.counts.resize(begin + seen.len(), seen.len() as f32);
            scratch.hidden_counts[place] = seen.len() as f32;
        }
        let hidden = RowsMut::new(&mut scratch.hidden, stride);
        kernels.matmul(Rows::new(nodes, stride), &self.input.weight, &self.input.bias, hidden);
        batch.clear_unresolved(&mut scratch.hidden, stride);
    }
}

impl Batch<'_> {
    /// Sets the rows of residues without a backbone to zero.
    fn clear_unresolved(&self, rows: &mut [f32], stride: usize) {
        for (row, &resolved) in rows.chunks_exact_mut(stride).zip(&self.graph.resolved[self.first..]) {
            if !resolved {
                row.fill(0.0);
            }
        }
    }
}

impl AtomLayer {
    fn load(
        loader: &Loader<'_>,
        layer: &str,
        (hidden, layout): (usize, &ContextLayout),
    ) -> Result<AtomLayer, WeightsError> {
        let weight = loader.checkpoint.values(&format!("{layer}.W1.weight"), &[hidden, 2 * hidden])?;
        let of_pair = Block { weight, stride: 2 * hidden, first: hidden };
        let (map, bias) = of_pair.after(loader, "W_edges_y", hidden)?;
        let stride = padded(hidden);
        let distances = FunctionTable::arguments(TABLE_INTERVALS, TABLE_STEP);
        let states = pair_states(loader, (hidden, layout), &distances)?;
        let mut rows = Buffer::zeros(states.len());
        let map = loader.kernels.pack(&map, hidden, hidden);
        let zeros = Buffer::zeros(stride);
        loader.kernels.matmul(Rows::new(&states, stride), &map, &zeros, RowsMut::new(&mut rows, stride));
        Ok(AtomLayer {
            center: Block { weight, stride: 2 * hidden, first: 0 }.with_bias(loader, layer, &bias)?,
            pairs: FunctionTable::new(rows, stride, TABLE_STEP),
            second: loader.linear(&format!("{layer}.W2"), hidden, hidden, 1.0)?,
            node: NodeUpdate::load(loader, layer, hidden, feed_forward(loader, layer)?)?,
        })
    }

    /// Σ_j gelu(W2·gelu(A·y_i + P(d_ij))) of each atom of the batch.
    fn sum_messages(&self, kernels: Kernels, batch: &Batch<'_>, scratch: &mut ContextScratch) {
        let stride = self.pairs.width();
        let ContextScratch { atoms, terms, sums, messages, distances, ones, .. } = scratch;
        let out = RowsMut::new(terms, stride);
        kernels.matmul(Rows::new(atoms, stride), &self.center.weight, &self.center.bias, out);
        let (weight, bias) = (&self.second.weight, &self.second.bias[..]);
        // Each atom's message to itself first, all in one product, which leaves an even number of rows for the others.
        messages.resize(terms.len());
        for (center, message) in terms.chunks_exact(stride).zip(messages.chunks_exact_mut(stride)) {
            kernels.interpolate_gelu(&self.pairs, &[SELF_DISTANCE], center, RowsMut::new(message, stride));
        }
        kernels.matmul_gelu(Rows::new(messages, stride), weight, bias, RowsMut::new(sums, stride));
        let mut distances = &distances[..];
        let mut rows = terms.chunks_exact(stride).zip(sums.chunks_exact_mut(stride));
        for (_, _, seen) in batch.groups() {
            let others = seen.len() - 1;
            messages.resize(others * stride);
            for (center, sum) in rows.by_ref().take(seen.len()) {
                let (own, rest) = distances.split_at(others);
                distances = rest;
                if others > 0 {
                    kernels.interpolate_gelu(&self.pairs, own, center, RowsMut::new(messages, stride));
                    kernels.matmul_gelu_sum(Rows::new(messages, stride), weight, (bias, &ones[..others]), sum);
                }
            }
        }
    }
}

impl ResidueLayer {
    fn load(
        loader: &Loader<'_>,
        layer: &str,
        (hidden, layout): (usize, &ContextLayout),
    ) -> Result<ResidueLayer, WeightsError> {
        let stride = 3 * hidden;
        let weight = loader.checkpoint.values(&format!("{layer}.W1.weight"), &[hidden, stride])?;
        let (place, bias) = Block { weight, stride, first: hidden }.after(loader, layout.places, hidden)?;
        Ok(ResidueLayer {
            center: Block { weight, stride, first: 0 }.with_bias(loader, layer, &bias)?,
            place: loader.kernels.pack(&place, hidden, hidden),
            atom: loader.kernels.pack_columns(weight, stride, 2 * hidden, hidden),
            second: loader.linear(&format!("{layer}.W2"), hidden, hidden, 1.0)?,
            node: NodeUpdate::load(loader, layer, hidden, feed_forward(loader, layer)?)?,
        })
    }

    /// h = update(h, Σ_i gelu(W2·gelu(A·h + B·place_i + C·y_i))) of each residue of the batch.
    fn apply(&self, kernels: Kernels, batch: &Batch<'_>, zeros: &[f32], scratch: &mut ContextScratch) {
        let stride = zeros.len();
        let ContextScratch { places, atoms, terms, messages, hidden, centers, hidden_sums, .. } = scratch;
        kernels.matmul(Rows::new(atoms, stride), &self.atom, zeros, RowsMut::new(terms, stride));
        let out = RowsMut::new(centers, stride);
        kernels.matmul(Rows::new(hidden, stride), &self.center.weight, &self.center.bias, out);
        hidden_sums.fill(0.0);
        for (place, begin, seen) in batch.groups() {
            let rows = begin * stride..(begin + seen.len()) * stride;
            messages.resize(rows.len());
            let index = &mut scratch.index;
            index.clear();
            index.extend(0..seen.len() as u32);
            let center = &centers[place * stride..][..stride];
            let of_atoms = EdgeTerms { center, table: Rows::new(&terms[rows.clone()], stride), index };
            let out = RowsMut::new(messages, stride);
            kernels.edge_gelu(Rows::new(&places[rows], stride), &self.place, of_atoms, out);
            let weights = (&self.second.bias[..], &scratch.ones[..seen.len()]);
            let sum = &mut hidden_sums[place * stride..][..stride];
            kernels.matmul_gelu_sum(Rows::new(messages, stride), &self.second.weight, weights, sum);
        }
        let sums = (Rows::new(hidden_sums, stride), &scratch.hidden_counts[..]);
        self.node.apply(kernels, sums, hidden, (&mut scratch.wide, &scratch.ones));
        batch.clear_unresolved(hidden, stride);
    }
}

/// The columns of a first map that take one part of its input.
#[derive(Clone, Copy)]
struct Block<'a> {
    weight: &'a [f32],
    stride: usize,
    first: usize,
}

impl Block<'_> {
    /// This block after a linear map of that name, as one: block·W `[H, H]` and block·b `[H]`.
    fn after(self, loader: &Loader<'_>, name: &str, hidden: usize) -> Result<(Vec<f32>, Vec<f64>), WeightsError> {
        let inner = loader.checkpoint.values(&format!("{name}.weight"), &[hidden, hidden])?;
        let inner_bias = loader.checkpoint.values(&format!("{name}.bias"), &[hidden])?;
        let mut map = Vec::with_capacity(hidden * hidden);
        let mut bias = Vec::with_capacity(hidden);
        for row in self.weight.chunks_exact(self.stride) {
            let row = &row[self.first..][..hidden];
            let mut product = vec![0.0_f64; hidden];
            for (&outer, inner) in row.iter().zip(inner.chunks_exact(hidden)) {
                for (sum, &inner) in product.iter_mut().zip(inner) {
                    *sum += f64::from(outer) * f64::from(inner);
                }
            }
            map.extend(product.iter().map(|&value| value as f32));
            bias.push(row.iter().zip(inner_bias).map(|(&w, &b)| f64::from(w) * f64::from(b)).sum());
        }
        Ok((map, bias))
    }

    /// This block with the first map's bias and `more`.
    fn with_bias(self, loader: &Loader<'_>, layer: &str, more: &[f64]) -> Result<Linear, WeightsError> {
        let hidden = more.len();
        let mut bias = loader.vector(&format!("{layer}.W1.bias"), hidden, 1.0)?;
        for (value, more) in bias.iter_mut().zip(more) {
            *value = (f64::from(*value) + more) as f32;
        }
        Ok(Linear { weight: loader.kernels.pack_columns(self.weight, self.stride, self.first, hidden), bias })
    }
}

/// The width of a layer's feed-forward block.
fn feed_forward(loader: &Loader<'_>, layer: &str) -> Result<usize, WeightsError> {
    let tensor = loader.checkpoint.tensor(&format!("{layer}.dense.W_in.weight"))?;
    Ok(tensor.shape.first().copied().unwrap_or(0))
}
