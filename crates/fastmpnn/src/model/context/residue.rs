//! The layers from the atoms to the residue that sees them.

use fastmpnn_kernels::{Buffer, EdgeTerms, Kernels, PackedMatrix, Rows, RowsMut, WeightedBias};

use super::block::{Block, feed_forward};
use super::residues::Residues;
use crate::error::WeightsError;
use crate::model::features::ContextLayout;
use crate::model::layers::{Columns, Linear, Loader, MessageSums, NodeScratch, NodeUpdate};
use crate::model::mixture::ProductKind;
use crate::model::weight::{Hidden, NarrowRows, Next, Weight, WideLinear};

/// `DecLayer`
#[derive(Debug)]
pub(super) struct ResidueLayer {
    /// A; b1 and the place's biases
    center: Linear,
    /// B·W_v
    place: Weight,
    /// C
    pub(super) atom: PackedMatrix,
    /// W2
    second: WideLinear,
    node: NodeUpdate,
}

/// What the atoms around some residues bring into the messages to them.
#[derive(Clone, Copy)]
pub(super) struct AtomInputs<'a> {
    /// The places of the residues' atoms, residue after residue, nearest atom first. `[atoms, H]`
    pub(super) places: &'a [f32],
    /// C·y of the atoms of all sets. `[rows, H]`
    pub(super) terms: &'a [f32],
}

/// Memory of [`ResidueLayer::apply`], reused.
#[derive(Debug, Default)]
pub(super) struct ResidueScratch {
    /// A message's first layer. `[atoms, H]`
    messages: Hidden,
    /// A·h and Σ m·g. `[residues, H]`
    centers: Buffer,
    sums: Buffer,
    counts: Vec<f32>,
    update: NodeScratch,
    narrow: NarrowRows,
    ones: Vec<f32>,
    index: Vec<u32>,
}

impl ResidueLayer {
    pub(super) fn load(
        loader: &Loader<'_>,
        layer: &str,
        hidden: usize,
        layout: &ContextLayout,
    ) -> Result<ResidueLayer, WeightsError> {
        let stride = 3 * hidden;
        let weight = &*loader.checkpoint.values(&format!("{layer}.W1.weight"), &[hidden, stride])?;
        let (place, bias) = Block { weight, stride, first: hidden }.after(loader, layout.places, hidden)?;
        Ok(ResidueLayer {
            center: Block { weight, stride, first: 0 }.with_bias(loader, layer, &bias)?,
            place: loader.pack_wide(ProductKind::Context, &place, Columns { stride: hidden, first: 0, inputs: hidden }),
            atom: loader.kernels.pack_columns(weight, stride, 2 * hidden, hidden),
            second: loader.wide_linear(ProductKind::Context, &format!("{layer}.W2"), [hidden; 2], 1.0)?,
            node: NodeUpdate::load(loader, layer, hidden, feed_forward(loader, layer)?)?,
        })
    }

    /// Computes h = update(h, Σ_i gelu(W2·gelu(A·h + B·place_i + C·y_i))) for some residues.
    pub(super) fn apply(
        &self,
        kernels: Kernels,
        residues: &Residues<'_>,
        atoms: AtomInputs<'_>,
        hidden: &mut [f32],
        scratch: &mut ResidueScratch,
    ) {
        let AtomInputs { places, terms } = atoms;
        let stride = residues.stride;
        let count = residues.range.len();
        let ResidueScratch { messages, centers, sums, counts, update, narrow, ones, index } = scratch;
        for buffer in [&mut *centers, &mut *sums] {
            buffer.resize(count * stride);
        }
        counts.clear();
        counts.resize(count, 0.0);
        let out = RowsMut::new(centers, stride);
        kernels.matmul(Rows::new(hidden, stride), &self.center.weight, &self.center.bias, out);
        sums.fill(0.0);
        let mut begin = 0;
        for (place, residue) in residues.range.clone().enumerate() {
            let Some(set) = residues.sets.of_residue(residue) else { continue };
            let atoms = &residues.sets.atoms()[set.clone()];
            let rows = begin * stride..(begin + set.len()) * stride;
            begin += set.len();
            counts[place] = set.len() as f32;
            ones.resize(set.len().max(ones.len()), 1.0);
            index.clear();
            let seen = residues.context.seen(residues.first + residue);
            index.extend(seen.iter().map(|&atom| (set.start + atoms.partition_point(|&other| other < atom)) as u32));
            let center = &centers[place * stride..][..stride];
            let of_atoms = EdgeTerms { center, table: Rows::new(terms, stride), index };
            let next = Next { weight: &self.second.weight, hidden: messages };
            self.place.edge_gelu_for(kernels, Rows::new(&places[rows], stride), narrow, of_atoms, next);
            let weights = WeightedBias { bias: &self.second.bias, row_weights: &ones[..set.len()] };
            let sum = &mut sums[place * stride..][..stride];
            self.second.weight.matmul_gelu_sum(kernels, messages.rows(), narrow, weights, sum);
        }
        ones.resize(count.max(ones.len()), 1.0);
        self.node.apply(kernels, MessageSums { sums: Rows::new(sums, stride), counts }, hidden, update, ones);
        residues.clear_unresolved(hidden);
    }
}
