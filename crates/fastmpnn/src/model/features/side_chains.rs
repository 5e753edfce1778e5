//! The features of the current side chains in the packer's decoder: the distance of every pair of atoms of neighboring
//! residues, the residues' letters, and the distances to the context atoms (published `features_decode`).
//!
//! An edge has 14 × 14 atom pairs of 16 Gaussians each, 3136 numbers, of which most are zero: residues have eight heavy
//! atoms on average, and a pair with a missing atom contributes nothing. Three steps keep the zeros out of the
//! products:
//!
//! - A residue's atoms fill the first of its fourteen places. Its neighbors are sorted by their number of atoms, so the
//!   edges that a block of pairs applies to are the first rows, and a block that applies to none is skipped.
//! - The distances between backbone atoms, N, CA, C, O and CB, do not change while the side chains move. Their share of
//!   the linear map, with that of the letters, is computed once.
//! - Consecutive linear maps with nothing between them are merged.
//!
//! ```text
//! edge     F = norm(W·[196 pairs × 16 Gaussians ; letter of i ; letter of j])
//! context  V = norm(E·(P·[16 Gaussians ; element] of 14 atoms × 16 context atoms)) = norm(Σ (E·P)·Gaussians + table[slot][element])
//! ```

use fastmpnn_kernels::{Buffer, Kernels, PackedMatrix, RadialBasis, Rows, RowsMut, WeightedBias, padded};

use crate::chemistry::{MAX_ATOMS, VOCABULARY};
use crate::error::WeightsError;
use crate::featurize::{CONTEXT_ATOMS, PlacedContext, PlacedNeighbors, distance};
use crate::model::layers::{Loader, Norm};

/// Atoms of a residue that do not move with its side chain: N, CA, C, O, CB.
const BACKBONE_ATOMS: usize = 5;

/// Runs of a neighbor's atoms that go through the linear map together, the backbone first.
const RUNS: [(usize, usize); 4] = [(0, BACKBONE_ATOMS), (5, 8), (8, 11), (11, MAX_ATOMS)];

/// Gaussians of a distance (`num_rbf`), and their first and last center, Å; σ is the span over their number.
const GAUSSIANS: usize = 16;
const NEAREST_CENTER: f32 = 0.0;
const FARTHEST_CENTER: f32 = 20.0;

/// Elements in the published table, atomic numbers with 0 for none.
const ELEMENTS: usize = 120;

/// Context atoms that go through their map together.
const CONTEXT_RUN: usize = 8;

/// A distance whose Gaussians are all zero, Å: that of an absent atom.
const FAR: f32 = 1000.0;

/// The trained part.
#[derive(Debug)]
pub(crate) struct SideChainFeatures {
    basis: RadialBasis,
    /// The share of the pairs (a, run of b), for each atom a of the center and each of [`RUNS`].
    pairs: Vec<[PackedMatrix; RUNS.len()]>,
    /// What the center's letter adds, and what the neighbor's does. `[V, H]` each
    letters: [Buffer; 2],
    edge_norm: Norm,
    /// E·P of the pairs (a, run of context atoms).
    context: Vec<[PackedMatrix; CONTEXT_ATOMS / CONTEXT_RUN]>,
    /// What the atom in each slot adds, by its element. `[16, 120, H]`
    elements: Buffer,
    node_norm: Norm,
    zeros: Buffer,
    stride: usize,
}

/// Memory of a thread, reused.
#[derive(Debug, Default)]
pub(crate) struct SideChainScratch {
    distances: Vec<f32>,
    gaussians: Buffer,
    ones: Vec<f32>,
    order: Vec<usize>,
    rows: Buffer,
}

/// The features of residues that stand one after another, while they are made.
pub(crate) struct ResidueFeatures<'a> {
    pub(crate) kernels: Kernels,
    /// The first of the residues.
    pub(crate) first: usize,
    pub(crate) scratch: &'a mut SideChainScratch,
    /// Rows of each residue's edges `[residues, K, H]`, or a row each `[residues, H]`.
    pub(crate) out: &'a mut [f32],
}

/// Which pairs are summed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pairs {
    /// Pairs of two backbone atoms.
    Backbone,
    /// All other pairs.
    SideChain,
}

impl SideChainFeatures {
    pub(crate) fn load(loader: &Loader<'_>, hidden: usize) -> Result<SideChainFeatures, WeightsError> {
        let stride = padded(hidden);
        let pair_inputs = MAX_ATOMS * MAX_ATOMS * GAUSSIANS;
        let inputs = pair_inputs + 2 * VOCABULARY;
        let weight = &*loader.checkpoint.values("features.dec_edge_embedding1.weight", &[hidden, inputs])?;
        let pairs = (0..MAX_ATOMS)
            .map(|a| {
                RUNS.map(|(first, last)| {
                    let column = (a * MAX_ATOMS + first) * GAUSSIANS;
                    loader.pack_columns(weight, inputs, column, (last - first) * GAUSSIANS)
                })
            })
            .collect();
        let letter_table = |first: usize| {
            let mut table = Buffer::zeros(VOCABULARY * stride);
            for (letter, row) in table.chunks_exact_mut(stride).enumerate() {
                for (value, weights) in row.iter_mut().zip(weight.chunks_exact(inputs)) {
                    *value = weights[first + letter];
                }
            }
            table
        };
        let step = (FARTHEST_CENTER - NEAREST_CENTER) / (GAUSSIANS - 1) as f32;
        let centers: Vec<f32> = (0..GAUSSIANS).map(|index| NEAREST_CENTER + step * index as f32).collect();
        let (context, elements) = context_maps(loader, hidden)?;
        Ok(SideChainFeatures {
            basis: RadialBasis::new(&centers, (FARTHEST_CENTER - NEAREST_CENTER) / GAUSSIANS as f32),
            pairs,
            letters: [letter_table(pair_inputs), letter_table(pair_inputs + VOCABULARY)],
            edge_norm: Norm::load(loader, "features.dec_norm_edges1", hidden)?,
            context,
            elements,
            node_norm: Norm::load(loader, "features.dec_norm_nodes1", hidden)?,
            zeros: Buffer::zeros(stride),
            stride,
        })
    }

    /// Computes the share of the letters and of the pairs of backbone atoms for some residues' edges, `[residues, K,
    /// H]`.
    pub(crate) fn begin_edges(&self, around: PlacedNeighbors<'_>, made: &mut ResidueFeatures<'_>) {
        let &mut ResidueFeatures { first, ref mut out, .. } = made;
        let PlacedNeighbors { atoms, neighbors } = around;
        let stride = self.stride;
        for (offset, edges) in out.chunks_exact_mut(neighbors.degree * stride).enumerate() {
            let letter = |table: usize, residue: usize| {
                let row = atoms.letters[residue].index() * stride;
                &self.letters[table][row..row + stride]
            };
            let own = letter(0, first + offset);
            for (edge, &neighbor) in edges.chunks_exact_mut(stride).zip(neighbors.of(first + offset)) {
                for ((value, a), b) in edge.iter_mut().zip(own).zip(letter(1, neighbor as usize)) {
                    *value = a + b;
                }
            }
        }
        self.add_pairs(Pairs::Backbone, around, made);
    }

    /// Completes what [`SideChainFeatures::begin_edges`] made: F of the edges, `[residues, K, H]`.
    pub(crate) fn finish_edges(&self, around: PlacedNeighbors<'_>, made: &mut ResidueFeatures<'_>) {
        self.add_pairs(Pairs::SideChain, around, made);
        self.edge_norm.apply(made.kernels, RowsMut::new(made.out, self.stride));
    }

    fn add_pairs(&self, wanted: Pairs, around: PlacedNeighbors<'_>, made: &mut ResidueFeatures<'_>) {
        let &mut ResidueFeatures { kernels, first, ref mut scratch, ref mut out } = made;
        let PlacedNeighbors { atoms, neighbors } = around;
        let stride = self.stride;
        let tile = neighbors.degree * stride;
        for (a, runs) in self.pairs.iter().enumerate() {
            for (&(begin, end), weight) in RUNS.iter().zip(runs) {
                let backbone = a < BACKBONE_ATOMS && end <= BACKBONE_ATOMS;
                if backbone != (wanted == Pairs::Backbone) {
                    continue;
                }
                // A block's weights are read once for all residues.
                for (offset, edges) in out.chunks_exact_mut(tile).enumerate() {
                    let residue = first + offset;
                    if usize::from(atoms.counts[residue]) <= a {
                        continue;
                    }
                    let row = neighbors.of(residue);
                    let edge_count = row.partition_point(|&other| usize::from(atoms.counts[other as usize]) > begin);
                    if edge_count == 0 {
                        continue;
                    }
                    let center = atoms.positions[residue][a];
                    scratch.distances.clear();
                    for &other in &row[..edge_count] {
                        let count = usize::from(atoms.counts[other as usize]);
                        let positions = &atoms.positions[other as usize];
                        scratch
                            .distances
                            .extend((begin..end).map(|b| if b < count { distance(center, positions[b]) } else { FAR }));
                    }
                    self.add_gaussians(kernels, end - begin, weight, scratch, &mut edges[..edge_count * stride]);
                }
            }
        }
    }

    /// out += weight · Gaussians of `scratch.distances`, `[rows, per_row]`.
    fn add_gaussians(
        &self,
        kernels: Kernels,
        per_row: usize,
        weight: &PackedMatrix,
        scratch: &mut SideChainScratch,
        out: &mut [f32],
    ) {
        let SideChainScratch { distances, gaussians, ones, .. } = scratch;
        let rows = distances.len() / per_row;
        // The rows have the stride of the hidden states if they fit: the products have a dedicated microkernel for it.
        let width = padded(per_row * GAUSSIANS).max(self.stride);
        gaussians.resize(rows * width);
        ones.resize(rows.max(ones.len()), 1.0);
        kernels.radial_basis(&self.basis, distances, per_row, RowsMut::new(gaussians, width));
        let no_bias = WeightedBias { bias: &self.zeros, row_weights: &ones[..rows] };
        kernels.matmul_accumulate(Rows::new(gaussians, width), weight, no_bias, RowsMut::new(out, self.stride));
    }

    /// Computes the share of the elements and of the backbone atoms' context for some residues, `[residues, H]`.
    pub(crate) fn begin_context(&self, sight: PlacedContext<'_>, made: &mut ResidueFeatures<'_>) {
        let &mut ResidueFeatures { first, ref mut out, .. } = made;
        for (offset, row) in out.chunks_exact_mut(self.stride).enumerate() {
            row.fill(0.0);
            let elements = sight.elements;
            let seen = elements.seen(first + offset);
            for slot in 0..CONTEXT_ATOMS {
                let element = seen.get(slot).map_or(0, |&atom| elements.atoms()[atom as usize].element);
                let place = (slot * ELEMENTS + usize::from(element)) * self.stride;
                for (value, added) in row.iter_mut().zip(&self.elements[place..place + self.stride]) {
                    *value += added;
                }
            }
        }
        self.add_context(0..BACKBONE_ATOMS, sight, made);
    }

    /// Completes what [`SideChainFeatures::begin_context`] made: V of the residues, `[residues, H]`.
    pub(crate) fn finish_context(&self, sight: PlacedContext<'_>, made: &mut ResidueFeatures<'_>) {
        self.add_context(BACKBONE_ATOMS..MAX_ATOMS, sight, made);
        self.node_norm.apply(made.kernels, RowsMut::new(made.out, self.stride));
    }

    fn add_context(&self, wanted: std::ops::Range<usize>, sight: PlacedContext<'_>, made: &mut ResidueFeatures<'_>) {
        let &mut ResidueFeatures { kernels, first, ref mut scratch, ref mut out } = made;
        let PlacedContext { atoms, context, .. } = sight;
        let stride = self.stride;
        let residues = out.len() / stride;
        // Residues that see context atoms, those with the most atoms of their own first: each map applies to the first
        // rows.
        let mut order = std::mem::take(&mut scratch.order);
        order.clear();
        order.extend((0..residues).filter(|offset| !context.seen(first + offset).is_empty()));
        order.sort_by_key(|offset| std::cmp::Reverse(atoms.counts[first + offset]));
        let mut rows = std::mem::take(&mut scratch.rows);
        rows.resize(order.len() * stride);
        rows.fill(0.0);
        for a in wanted {
            let count = order.partition_point(|offset| usize::from(atoms.counts[first + offset]) > a);
            for (run, weight) in self.context[a].iter().enumerate() {
                let slots = run * CONTEXT_RUN..(run + 1) * CONTEXT_RUN;
                if !order[..count].iter().any(|offset| context.seen(first + offset).len() > slots.start) {
                    continue;
                }
                scratch.distances.clear();
                for &offset in &order[..count] {
                    let (seen, own) = (context.seen(first + offset), atoms.positions[first + offset][a]);
                    scratch.distances.extend(slots.clone().map(|slot| match seen.get(slot) {
                        Some(&atom) => distance(own, context.atoms()[atom as usize].position),
                        None => FAR,
                    }));
                }
                self.add_gaussians(kernels, CONTEXT_RUN, weight, scratch, &mut rows[..count * stride]);
            }
        }
        for (&offset, row) in order.iter().zip(rows.chunks_exact(stride)) {
            for (value, added) in out[offset * stride..][..stride].iter_mut().zip(row) {
                *value += added;
            }
        }
        (scratch.order, scratch.rows) = (order, rows);
    }
}

/// The number of Gaussians of a residue that go through the linear maps, from its edges to sorted neighbors and from
/// `seen` context atoms: those of backbone pairs, multiplied once, and the others, multiplied in each step.
pub(crate) fn pair_inputs(counts: &[u8], residue: usize, neighbors: &[u32], seen: usize) -> (u64, u64) {
    let atoms = usize::from(counts[residue]);
    let runs = seen.div_ceil(CONTEXT_RUN) * CONTEXT_RUN;
    let (mut fixed, mut moving) = (atoms.min(BACKBONE_ATOMS) * runs, atoms.saturating_sub(BACKBONE_ATOMS) * runs);
    for &neighbor in neighbors {
        let count = usize::from(counts[neighbor as usize]);
        let pairs = |(begin, end): (usize, usize)| if count > begin { end - begin } else { 0 };
        let all: usize = RUNS.into_iter().map(pairs).sum();
        let backbone = atoms.min(BACKBONE_ATOMS) * pairs(RUNS[0]);
        fixed += backbone;
        moving += atoms * all - backbone;
    }
    ((fixed * GAUSSIANS) as u64, (moving * GAUSSIANS) as u64)
}

type ContextMaps = (Vec<[PackedMatrix; CONTEXT_ATOMS / CONTEXT_RUN]>, Buffer);

/// E·P of the Gaussians, packed, and of the elements with P's bias, `[16, 120, H]`; E is `dec_node_embedding1`, P
/// `W_XY_project_down1`.
fn context_maps(loader: &Loader<'_>, hidden: usize) -> Result<ContextMaps, WeightsError> {
    let (stride, narrow) = (padded(hidden), GAUSSIANS + ELEMENTS);
    let embedding = loader
        .checkpoint
        .values("features.dec_node_embedding1.weight", &[hidden, MAX_ATOMS * CONTEXT_ATOMS * GAUSSIANS])?;
    let project = &*loader.checkpoint.values("features.W_XY_project_down1.weight", &[GAUSSIANS, narrow])?;
    let bias = &*loader.checkpoint.values("features.W_XY_project_down1.bias", &[GAUSSIANS])?;
    let columns = MAX_ATOMS * CONTEXT_ATOMS * GAUSSIANS;
    let mut composed = vec![0.0_f32; hidden * columns];
    for (to, from) in composed.chunks_exact_mut(GAUSSIANS).zip(embedding.chunks_exact(GAUSSIANS)) {
        for (gaussian, value) in to.iter_mut().enumerate() {
            let share =
                |(channel, &weight): (usize, &f32)| f64::from(weight) * f64::from(project[channel * narrow + gaussian]);
            *value = from.iter().enumerate().map(share).sum::<f64>() as f32;
        }
    }
    let maps = (0..MAX_ATOMS)
        .map(|a| {
            std::array::from_fn(|run| {
                let column = (a * CONTEXT_ATOMS + run * CONTEXT_RUN) * GAUSSIANS;
                loader.pack_columns(&composed, columns, column, CONTEXT_RUN * GAUSSIANS)
            })
        })
        .collect();
    let mut elements = Buffer::zeros(CONTEXT_ATOMS * ELEMENTS * stride);
    for (output, weights) in embedding.chunks_exact(columns).enumerate() {
        for slot in 0..CONTEXT_ATOMS {
            // An element counts for every place of the fourteen, whether the residue has that atom or not.
            let channels: [f64; GAUSSIANS] = std::array::from_fn(|channel| {
                let place = |a: usize| f64::from(weights[(a * CONTEXT_ATOMS + slot) * GAUSSIANS + channel]);
                (0..MAX_ATOMS).map(place).sum()
            });
            for element in 0..ELEMENTS {
                let share = |(channel, sum): (usize, &f64)| {
                    sum * (f64::from(project[channel * narrow + GAUSSIANS + element]) + f64::from(bias[channel]))
                };
                let value: f64 = channels.iter().enumerate().map(share).sum();
                elements[(slot * ELEMENTS + element) * stride + output] = value as f32;
            }
        }
    }
    Ok((maps, elements))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pairs_that_are_there_are_multiplied() {
        // Glycine beside alanine: 4 atoms by a run of 5, all of them backbone.
        assert_eq!(pair_inputs(&[4, 5], 0, &[1], 0), (4 * 5 * 16, 0));
        // Alanine beside valine, 7 atoms: a run of 5 and one of 3.
        assert_eq!(pair_inputs(&[5, 7], 0, &[1], 0), (5 * 5 * 16, 5 * 3 * 16));
        // Two context atoms take a run of 8; a masked neighbor takes nothing.
        assert_eq!(pair_inputs(&[6, 0], 0, &[1], 2), (5 * 8 * 16, 8 * 16));
    }
}
