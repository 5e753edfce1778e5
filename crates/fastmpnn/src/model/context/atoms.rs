//! The layers among the atoms that a residue sees.

use fastmpnn_kernels::{Buffer, FunctionTable, Kernels, Rows, RowsMut, WeightedBias, padded};

use super::block::{Block, feed_forward};
use super::sets::{AtomSets, SetRange};
use crate::error::WeightsError;
use crate::featurize::{ContextAtom, distance};
use crate::model::features::{ContextLayout, pair_states};
use crate::model::layers::{Linear, Loader, NodeUpdate};
use crate::model::mixture::ProductKind;
use crate::model::weight::{NarrowRows, WideLinear};

/// The step of the table of P(d), Å. The published networks tell bond lengths apart: near 2.5 Å, P changes by up to 48
/// per Å. There the interpolation error is 5.5·10⁻⁶ for values up to 18, which is f32's own rounding of the sum;
/// elsewhere it is smaller. The error falls with the sixth power of the step.
const TABLE_STEP: f32 = 1.0 / 32.0;

/// Intervals of a table, up to 28 Å: 6 Å past the last Gaussian's center, where they are all 10⁻¹⁰ or less.
const TABLE_INTERVALS: usize = 28 * 32;

/// The distance of an atom to itself, Å: √10⁻⁶.
const SELF_DISTANCE: f32 = 1e-3;

/// Marks a pair that has no message.
const NONE: u32 = u32::MAX;

/// `DecLayerJ`
#[derive(Debug)]
pub(super) struct AtomLayer {
    /// A; b1 and the pair's biases
    center: Linear,
    /// P(d)
    pairs: FunctionTable,
    /// W2
    second: WideLinear,
    pub(super) node: NodeUpdate,
}

/// Messages of the first layer, each computed once. In this layer an atom's state depends on its element alone, so a
/// message depends only on its two atoms, and all residues that see both atoms share it.
#[derive(Debug, Default)]
pub(super) struct PairMessages {
    /// The number of each seen atom, at the atom's index minus `lowest`; [`NONE`] for other atoms.
    numbers: Vec<u32>,
    lowest: u32,
    /// The number of seen atoms.
    count: usize,
    /// The row of each pair's message, `[count, count]`; [`NONE`] where no set has both.
    rows: Vec<u32>,
    /// gelu(W2·gelu(A·y_i + P(d_ij))). `[pairs, H]`
    messages: Buffer,
    first: Buffer,
    distances: Vec<f32>,
    narrow: NarrowRows,
}

/// Memory of [`AtomLayer::sum_messages`], reused.
#[derive(Debug, Default)]
pub(super) struct AtomScratch {
    /// A·y `[rows, H]`
    centers: Buffer,
    /// The first layer of some pairs' messages. `[pairs, H]`
    messages: Buffer,
    distances: Vec<f32>,
    ones: Vec<f32>,
    narrow: NarrowRows,
}

impl AtomLayer {
    pub(super) fn load(
        loader: &Loader<'_>,
        layer: &str,
        hidden: usize,
        layout: &ContextLayout,
    ) -> Result<AtomLayer, WeightsError> {
        let weight = &*loader.checkpoint.values(&format!("{layer}.W1.weight"), &[hidden, 2 * hidden])?;
        let of_pair = Block { weight, stride: 2 * hidden, first: hidden };
        let (map, bias) = of_pair.after(loader, "W_edges_y", hidden)?;
        let stride = padded(hidden);
        let distances = FunctionTable::arguments(TABLE_INTERVALS, TABLE_STEP);
        let states = pair_states(loader, hidden, layout, &distances)?;
        let mut rows = Buffer::zeros(states.len());
        let map = loader.kernels.pack(&map, hidden, hidden);
        let zeros = Buffer::zeros(stride);
        loader.kernels.matmul(Rows::new(&states, stride), &map, &zeros, RowsMut::new(&mut rows, stride));
        Ok(AtomLayer {
            center: Block { weight, stride: 2 * hidden, first: 0 }.with_bias(loader, layer, &bias)?,
            pairs: FunctionTable::new(rows, stride, TABLE_STEP),
            second: loader.wide_linear(ProductKind::Context, &format!("{layer}.W2"), [hidden; 2], 1.0)?,
            node: NodeUpdate::load(loader, layer, hidden, feed_forward(loader, layer)?)?,
        })
    }

    /// A·y + b1 for each row of `states`.
    pub(super) fn center_terms(&self, kernels: Kernels, states: Rows<'_>, out: RowsMut<'_>) {
        kernels.matmul(states, &self.center.weight, &self.center.bias, out);
    }

    /// Computes the first layer's messages between every two atoms that occur together in a set. `centers` are the
    /// center terms of each element's initial state, `[elements, H]`.
    pub(super) fn fill_messages(
        &self,
        kernels: Kernels,
        sets: &AtomSets,
        atoms: &[ContextAtom],
        centers: &[f32],
        pairs: &mut PairMessages,
    ) {
        let stride = self.pairs.width();
        let atom_of = pairs.ask_for(sets);
        let wanted = pairs.rows.iter().filter(|&&row| row != NONE).count();
        pairs.messages.resize(wanted * stride);
        let PairMessages { count, rows, messages, first, distances, narrow, .. } = pairs;
        let mut made = 0;
        for (&index, rows) in atom_of.iter().zip(rows.chunks_exact_mut((*count).max(1))) {
            let atom = atoms[index as usize];
            distances.clear();
            for (row, &other) in rows.iter_mut().zip(&atom_of).filter(|(row, _)| **row != NONE) {
                *row = (made + distances.len()) as u32;
                distances.push(distance(atom.position, atoms[other as usize].position));
            }
            let out = &mut messages[made * stride..][..distances.len() * stride];
            made += distances.len();
            first.resize(out.len());
            let center = &centers[usize::from(atom.element) * stride..][..stride];
            kernels.interpolate_gelu(&self.pairs, distances, center, RowsMut::new(first, stride));
            let (second, out) = (&self.second, RowsMut::new(out, stride));
            second.weight.matmul_gelu(kernels, Rows::new(first, stride), narrow, &second.bias, out);
        }
    }

    /// Writes Σ_j gelu(W2·gelu(A·y_i + P(d_ij))) of each atom of some sets to `sums`; `states` are their y. `[rows, H]`
    /// each
    pub(super) fn sum_messages(
        &self,
        kernels: Kernels,
        some: SetRange<'_>,
        states: &[f32],
        sums: &mut [f32],
        scratch: &mut AtomScratch,
    ) {
        let SetRange { sets, atoms, range } = some;
        let stride = self.pairs.width();
        let AtomScratch { centers, messages, distances, ones, narrow } = scratch;
        centers.resize(states.len());
        self.center_terms(kernels, Rows::new(states, stride), RowsMut::new(centers, stride));
        let (weight, bias) = (&self.second.weight, &self.second.bias[..]);
        // Each atom's message to itself comes first, all in one product; this leaves an even number of rows for the
        // others.
        messages.resize(states.len());
        for (center, message) in centers.chunks_exact(stride).zip(messages.chunks_exact_mut(stride)) {
            kernels.interpolate_gelu(&self.pairs, &[SELF_DISTANCE], center, RowsMut::new(message, stride));
        }
        weight.matmul_gelu(kernels, Rows::new(messages, stride), narrow, bias, RowsMut::new(sums, stride));
        let mut rows = centers.chunks_exact(stride).zip(sums.chunks_exact_mut(stride));
        for set in sets.each(range) {
            let set = &sets.atoms()[set];
            let others = set.len() - 1;
            messages.resize(others * stride);
            ones.resize(others.max(ones.len()), 1.0);
            for (&index, (center, sum)) in set.iter().zip(rows.by_ref()) {
                if others == 0 {
                    continue;
                }
                let position = atoms[index as usize].position;
                let others_of = set.iter().filter(|&&other| other != index);
                distances.clear();
                distances.extend(others_of.map(|&other| distance(position, atoms[other as usize].position)));
                kernels.interpolate_gelu(&self.pairs, distances, center, RowsMut::new(messages, stride));
                let rows_in = Rows::new(messages, stride);
                weight.matmul_gelu_sum(
                    kernels,
                    rows_in,
                    narrow,
                    WeightedBias { bias, row_weights: &ones[..others] },
                    sum,
                );
            }
        }
    }
}

impl PairMessages {
    /// Marks the pairs that occur in the sets. Returns the atoms in the order of their numbers.
    fn ask_for(&mut self, sets: &AtomSets) -> Vec<u32> {
        let mut atoms = sets.atoms().to_vec();
        atoms.sort_unstable();
        atoms.dedup();
        self.count = atoms.len();
        self.lowest = atoms.first().copied().unwrap_or(0);
        let highest = atoms.last().map_or(0, |last| last + 1 - self.lowest);
        self.numbers.clear();
        self.numbers.resize(highest as usize, NONE);
        for (number, &atom) in atoms.iter().enumerate() {
            self.numbers[(atom - self.lowest) as usize] = number as u32;
        }
        self.rows.clear();
        self.rows.resize(self.count * self.count, NONE);
        for set in sets.each(0..sets.len()) {
            let set = &sets.atoms()[set];
            for &atom in set {
                let row = self.number(atom) * self.count;
                for &other in set {
                    let place = row + self.number(other);
                    self.rows[place] = 0;
                }
            }
        }
        atoms
    }

    fn number(&self, atom: u32) -> usize {
        self.numbers[(atom - self.lowest) as usize] as usize
    }

    /// Writes Σ_j of the messages to each atom of some sets to `sums`, `[rows, H]`.
    pub(super) fn sum(&self, kernels: Kernels, some: SetRange<'_>, sums: &mut [f32]) {
        let SetRange { sets, range, .. } = some;
        let stride = sums.len() / sets.rows(range.clone()).len().max(1);
        let mut messages: Vec<&[f32]> = Vec::new();
        let mut sums = sums.chunks_exact_mut(stride.max(1));
        for set in sets.each(range) {
            let set = &sets.atoms()[set];
            for (&atom, sum) in set.iter().zip(sums.by_ref()) {
                let rows = &self.rows[self.number(atom) * self.count..][..self.count];
                messages.clear();
                messages.extend(set.iter().map(|&other| {
                    let row = rows[self.number(other)] as usize;
                    &self.messages[row * stride..][..stride]
                }));
                sum.fill(0.0);
                kernels.add_rows(&messages, sum);
            }
        }
    }
}
