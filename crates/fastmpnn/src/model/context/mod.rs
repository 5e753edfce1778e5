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
//! - A message between atoms depends on the receiver's state and on their distance, not on the sender. P(d), all that
//!   the network computes from a distance, is a function of one number: it is tabulated when the network is loaded and
//!   then interpolated, which leaves one product per pair of the published four.
//! - Consecutive linear maps with nothing between them are merged: B·W_v of a place, the map of a pair.
//! - An absent atom neither sends nor receives messages (`Y_m`, `Y_m_edges`), so it is left out.
//!
//! - The layers among atoms do not depend on the residue, so residues that see the same atoms share their result; and
//!   in the first of these layers, residues share the message of every pair of atoms that they both see.
//!
//! Integers and split numbers apply here as in the rest of the network; where stored values are rounded, the context
//! encoder is left in f32.

mod atoms;
mod block;
mod residue;
mod residues;
mod scratch;
mod sets;

use fastmpnn_kernels::{Buffer, Kernels, PackedMatrix, Rows, RowsMut, padded};
use rayon::prelude::*;

use self::atoms::AtomLayer;
use self::block::feed_forward;
use self::residue::{AtomInputs, ResidueLayer};
use self::residues::Residues;
pub(crate) use self::scratch::ContextScratch;
use self::sets::{AtomSets, SetRange};
use super::Workers;
use super::arithmetic::Arithmetic;
use super::features::{ContextLayout, ELEMENTS, PlaceFeatures, element_states};
use super::layers::{Linear, Loader, MessageSums, Norm};
use crate::error::WeightsError;
use crate::featurize::{ContextAtoms, Graph};
use crate::weights::Config;

/// Residues, or sets of atoms, that go through the layers together: their atoms' states and the hidden layer of the
/// feed-forward block stay in the second-level cache, and each weight is read once for all of them.
const TOGETHER: usize = 4;

/// The most residues in a task. Within a task each set of atoms, and each message of the first layer among them, is
/// computed once; the table of pairs grows with the square of the number of atoms.
const MOST_IN_A_TASK: usize = 64;

/// The trained part.
#[derive(Debug)]
pub(crate) struct ContextEncoder {
    places: PlaceFeatures,
    /// y of each element before the first layer. `[ELEMENTS, H]`
    atoms: Buffer,
    /// A·y + b1 of each element in the first layer. `[ELEMENTS, H]`
    atom_centers: Buffer,
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

/// What a task encodes: the residues from `first` on, in their context.
#[derive(Clone, Copy)]
struct Task<'a> {
    graph: &'a Graph,
    context: &'a ContextAtoms,
    first: usize,
}

impl ContextEncoder {
    /// Loads the context encoder of a network, LigandMPNN or its packer.
    pub(crate) fn load(loader: &Loader<'_>, config: &Config) -> Result<ContextEncoder, WeightsError> {
        let (hidden, layout) = (config.hidden, &ContextLayout::of(config.family));
        let arithmetic = if loader.arithmetic.rounds() { Arithmetic::Floats } else { loader.arithmetic };
        let loader = &Loader { arithmetic, ..*loader };
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
                    atom: AtomLayer::load(loader, &format!("y_context_encoder_layers.{layer}"), hidden, layout)?,
                    residue: ResidueLayer::load(loader, &format!("context_encoder_layers.{layer}"), hidden, layout)?,
                })
            })
            .collect::<Result<Vec<_>, WeightsError>>()?;
        let mut atom_centers = Buffer::zeros(atoms.len());
        if let Some(first) = layers.first() {
            let rows = Rows::new(&atoms, stride);
            first.atom.center_terms(loader.kernels, rows, RowsMut::new(&mut atom_centers, stride));
        }
        let output = &*loader.checkpoint.values("V_C.weight", &[hidden, hidden])?;
        Ok(ContextEncoder {
            places: PlaceFeatures::load(loader, hidden, layout)?,
            atoms,
            atom_centers,
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
        graph: &Graph,
        context: &ContextAtoms,
        nodes: &mut [f32],
        workers: &Workers,
    ) {
        let stride = padded(self.hidden);
        let task = nodes.len().div_ceil(stride).div_ceil(workers.threads()).clamp(1, MOST_IN_A_TASK);
        workers.install(|| {
            nodes.par_chunks_mut(task * stride).enumerate().for_each(|(index, nodes)| {
                let scratch = &mut workers.scratch(kernels).context;
                let task = Task { graph, context, first: index * task };
                self.encode(kernels, task, nodes, self.layers.len(), scratch);
            });
        });
    }

    /// The output of the first `depth` layers for one residue, given its h_V: the places and states of its atoms,
    /// `[atoms, H]` each, nearest first, and its own state, `[H]`.
    #[cfg(test)]
    pub(crate) fn stages(
        &self,
        kernels: Kernels,
        graph: &Graph,
        context: &ContextAtoms,
        residue: usize,
        depth: usize,
        node: &[f32],
    ) -> [Buffer; 3] {
        let mut scratch = ContextScratch::default();
        let task = Task { graph, context, first: residue };
        self.encode(kernels, task, &mut node.to_vec(), depth, &mut scratch);
        let stride = padded(self.hidden);
        let mut sorted = context.seen(residue).to_vec();
        sorted.sort_unstable();
        let mut atoms = Buffer::zeros(scratch.atoms.len());
        for (row, &atom) in atoms.chunks_exact_mut(stride).zip(context.seen(residue)) {
            let place = sorted.partition_point(|&other| other < atom);
            row.copy_from_slice(&scratch.atoms[place * stride..][..stride]);
        }
        [scratch.places, atoms, scratch.hidden]
    }

    /// Multiply-adds for residues that see `atoms` atoms in total, with Σ a² = `pairs`.
    pub(crate) fn operations(&self, residues: u64, atoms: u64, pairs: u64) -> u64 {
        let hidden = self.hidden as u64;
        let square = hidden * hidden;
        let update = square + 2 * hidden * self.feed_forward as u64;
        let layers = self.layers.len() as u64;
        // W2 per pair and A·y per atom.
        let messages = layers * (pairs + atoms) * square;
        let of_atoms = layers * atoms * (update + 3 * square) + atoms * PlaceFeatures::operations(self.hidden);
        let of_residues = residues * (layers * (update + square) + 2 * square);
        messages + of_atoms + of_residues
    }

    /// Adds the context's share to the states of a task's residues, the first of which is `first`.
    fn encode(&self, kernels: Kernels, task: Task<'_>, nodes: &mut [f32], depth: usize, scratch: &mut ContextScratch) {
        let Task { graph, context, first } = task;
        let stride = padded(self.hidden);
        let residues = nodes.len() / stride;
        let sets = &AtomSets::of(context, first..first + residues);
        self.encode_atoms(kernels, sets, context, depth, scratch);
        for start in (0..residues).step_by(TOGETHER) {
            let range = start..(start + TOGETHER).min(residues);
            let nodes = &mut nodes[range.start * stride..range.end * stride];
            let residues = Residues { graph, context, sets, first, range, stride };
            self.encode_residues(kernels, &residues, nodes, depth, scratch);
        }
    }

    /// y of the atoms of all sets, and C·y for each layer among the residues.
    fn encode_atoms(
        &self,
        kernels: Kernels,
        sets: &AtomSets,
        context: &ContextAtoms,
        depth: usize,
        scratch: &mut ContextScratch,
    ) {
        let stride = padded(self.hidden);
        let ContextScratch { pairs, atom, atoms: states, terms, sums, counts, update, ones, .. } = scratch;
        let atoms = context.atoms();
        states.resize(sets.atoms().len() * stride);
        for (state, &index) in states.chunks_exact_mut(stride).zip(sets.atoms()) {
            let element = usize::from(atoms[index as usize].element);
            state.copy_from_slice(&self.atoms[element * stride..][..stride]);
        }
        terms.resize_with(self.layers.len(), Buffer::default);
        terms.iter_mut().for_each(|terms| terms.resize(states.len()));
        if let Some(layer) = self.layers[..depth].first() {
            layer.atom.fill_messages(kernels, sets, atoms, &self.atom_centers, pairs);
        }
        for start in (0..sets.len()).step_by(TOGETHER) {
            let range = start..(start + TOGETHER).min(sets.len());
            let rows = sets.rows(range.clone());
            let floats = rows.start * stride..rows.end * stride;
            let states = &mut states[floats.clone()];
            counts.clear();
            counts.extend(sets.each(range.clone()).flat_map(|set| std::iter::repeat_n(set.len() as f32, set.len())));
            sums.resize(states.len());
            ones.resize(rows.len().max(ones.len()), 1.0);
            for (index, (layer, terms)) in self.layers[..depth].iter().zip(&mut *terms).enumerate() {
                let some = SetRange { sets, atoms, range: range.clone() };
                if index == 0 {
                    pairs.sum(kernels, some, sums);
                } else {
                    layer.atom.sum_messages(kernels, some, states, sums, atom);
                }
                layer.atom.node.apply(
                    kernels,
                    MessageSums { sums: Rows::new(sums, stride), counts },
                    states,
                    update,
                    ones,
                );
                let out = RowsMut::new(&mut terms[floats.clone()], stride);
                kernels.matmul(Rows::new(states, stride), &layer.residue.atom, &self.zeros, out);
            }
        }
    }

    /// Adds the context's share to the states of some residues.
    fn encode_residues(
        &self,
        kernels: Kernels,
        residues: &Residues<'_>,
        nodes: &mut [f32],
        depth: usize,
        scratch: &mut ContextScratch,
    ) {
        let stride = residues.stride;
        let ContextScratch { place, places, hidden, added, terms, residue: memory, .. } = scratch;
        let seen = |residue: usize| residues.context.seen(residues.first + residue);
        places.resize(residues.range.clone().map(|residue| seen(residue).len()).sum::<usize>() * stride);
        let mut rest = &mut places[..];
        for residue in residues.range.clone().filter(|&residue| !seen(residue).is_empty()) {
            let (own, others) = rest.split_at_mut(seen(residue).len() * stride);
            rest = others;
            let sites = residues.graph.sites(residues.first + residue);
            let atoms = seen(residue).iter().map(|&index| residues.context.atoms()[index as usize]);
            self.places.fill(kernels, sites, atoms, place, own);
        }
        hidden.resize(nodes.len());
        let rows = RowsMut::new(hidden, stride);
        kernels.matmul(Rows::new(nodes, stride), &self.input.weight, &self.input.bias, rows);
        residues.clear_unresolved(hidden);
        for (layer, terms) in self.layers[..depth].iter().zip(terms) {
            layer.residue.apply(kernels, residues, AtomInputs { places, terms }, hidden, memory);
        }
        added.resize(nodes.len());
        kernels.matmul(Rows::new(hidden, stride), &self.output, &self.zeros, RowsMut::new(added, stride));
        self.norm.apply(kernels, RowsMut::new(added, stride));
        for (value, &added) in nodes.iter_mut().zip(added.iter()) {
            *value += added;
        }
    }
}
