//! Decoding with all letters given, one layer after the other.

use fastmpnn_kernels::{Buffer, Rows, RowsMut};
use rayon::prelude::*;

use super::batch::{Batch, add_letters, neighbor_rows};
use super::given::GivenSequence;
use super::states::{Item, SHARED, UNDECODED};
use crate::chemistry::{Letter, VOCABULARY};
use crate::model::{EncodedGraph, Model, Scratch, Workers};

/// What every residue sees of its neighbors.
#[derive(Clone, Copy)]
enum Shown<'a> {
    /// The backbone of all neighbors, and the letters of those with a smaller rank.
    Letters(GivenSequence<'a>),
    /// The backbone of all neighbors, and the letters of those that the residue knows. `[N]`, `[N, N]`
    Known { sequence: &'a [Letter], known: &'a [bool] },
    /// The backbone of the visible neighbors, and nothing of the others. `[N, K]`
    Backbone { visible: &'a [bool] },
}

/// What a teacher-forced layer takes in, besides the states of the residues.
#[derive(Clone, Copy)]
struct LayerInputs<'a> {
    layer: usize,
    /// The layer's terms of neighbors: of undecoded ones, then of decoded ones. `[2·N, H]`
    table: &'a [f32],
    shown: Shown<'a>,
}

/// A task's share of a teacher-forced layer.
struct LayerShare<'a> {
    first: usize,
    nodes: &'a mut [f32],
    /// This layer's center terms on entry, the next layer's on return.
    center: &'a mut [f32],
    /// The next layer's rows of decoded neighbors.
    decoded: &'a mut [f32],
    /// `None` where decoded neighbors show nothing.
    letters: Option<&'a [Letter]>,
}

impl Model {
    /// The logits of every residue, `[N, V]`, given a sequence and the rank of each residue in the decoding order:
    /// residue i sees the letters of those with a smaller rank.
    pub(crate) fn teacher_force(
        &self,
        encoding: &EncodedGraph,
        workers: &Workers,
        sequence: &[Letter],
        rank: &[u32],
    ) -> Vec<[f32; VOCABULARY]> {
        let nodes = self.teacher_forced_states(encoding, workers, sequence, rank, self.decoder.len());
        self.logits_of_all(encoding, &nodes)
    }

    /// The logits of every residue, `[N, V]`, when the residue of a row of `known`, `[N, N]`, sees the letters of the
    /// columns that are true.
    pub(crate) fn with_known_letters(
        &self,
        encoding: &EncodedGraph,
        workers: &Workers,
        sequence: &[Letter],
        known: &[bool],
    ) -> Vec<[f32; VOCABULARY]> {
        let nodes = self.decoded_states(encoding, workers, Shown::Known { sequence, known }, self.decoder.len());
        self.logits_of_all(encoding, &nodes)
    }

    /// The logits of every residue, `[N, V]`, from the backbone of its visible neighbors alone; `visible` is `[N, K]`.
    pub(crate) fn with_visible_neighbors(
        &self,
        encoding: &EncodedGraph,
        workers: &Workers,
        visible: &[bool],
    ) -> Vec<[f32; VOCABULARY]> {
        let hiding = encoding.hiding(visible, self.stride());
        let nodes = self.decoded_states(&hiding, workers, Shown::Backbone { visible }, self.decoder.len());
        self.logits_of_all(encoding, &nodes)
    }

    /// The logits of the states of all residues, including those without a backbone.
    fn logits_of_all(&self, encoding: &EncodedGraph, nodes: &[f32]) -> Vec<[f32; VOCABULARY]> {
        let mut logits = self.logits(nodes);
        for (row, &resolved) in logits.iter_mut().zip(&encoding.graph.resolved) {
            if !resolved {
                *row = self.logits_of_masked();
            }
        }
        logits
    }

    /// h_V after the first `depth` decoder layers, `[N, H]`.
    pub(crate) fn teacher_forced_states(
        &self,
        encoding: &EncodedGraph,
        workers: &Workers,
        sequence: &[Letter],
        rank: &[u32],
        depth: usize,
    ) -> Buffer {
        self.decoded_states(encoding, workers, Shown::Letters(GivenSequence { sequence, rank }), depth)
    }

    /// h_V after the first `depth` decoder layers, `[N, H]`. Nodes that are not visible are hidden here; the edges to
    /// them are hidden in the encoding ([`EncodedGraph::hiding`]).
    fn decoded_states(&self, encoding: &EncodedGraph, workers: &Workers, shown: Shown<'_>, depth: usize) -> Buffer {
        let stride = self.stride();
        let residues = encoding.graph.len();
        let sequence = match shown {
            Shown::Letters(given) => Some(given.sequence),
            Shown::Known { sequence, .. } => Some(sequence),
            Shown::Backbone { .. } => None,
        };
        let mut nodes = encoding.nodes.clone();
        if residues == 0 || depth == 0 {
            return nodes;
        }
        let mut table = Buffer::zeros(2 * residues * stride);
        let mut next_table = Buffer::zeros(2 * residues * stride);
        let mut center = encoding.center.clone();
        let (undecoded, decoded) = table.split_at_mut(residues * stride);
        undecoded.copy_from_slice(&encoding.undecoded[0]);
        if let Some(sequence) = sequence {
            decoded.copy_from_slice(&encoding.undecoded[0]);
            add_letters(&self.decoder[0], sequence, decoded, stride);
        }
        let task = workers.residues_a_task(residues);
        for layer in 0..depth {
            let inputs = LayerInputs { layer, table: &table, shown };
            let (undecoded, decoded) = next_table.split_at_mut(residues * stride);
            if let Some(rows) = encoding.undecoded.get(layer + 1) {
                undecoded.copy_from_slice(rows);
            }
            let shares = nodes
                .par_chunks_mut(task * stride)
                .zip(center.par_chunks_mut(task * stride))
                .zip(decoded.par_chunks_mut(task * stride))
                .enumerate();
            workers.install(|| {
                shares.for_each(|(index, ((nodes, center), decoded))| {
                    let first = index * task;
                    let letters = sequence.map(|sequence| &sequence[first..first + nodes.len() / stride]);
                    let share = LayerShare { first, nodes, center, decoded, letters };
                    self.decode_layer(encoding, inputs, share, &mut workers.scratch(self.kernels));
                });
            });
            std::mem::swap(&mut table, &mut next_table);
        }
        nodes
    }

    fn decode_layer(
        &self,
        encoding: &EncodedGraph,
        inputs: LayerInputs<'_>,
        share: LayerShare<'_>,
        scratch: &mut Scratch,
    ) {
        let stride = self.stride();
        let LayerInputs { layer, table, shown } = inputs;
        let LayerShare { first, nodes, center, decoded, letters } = share;
        let items: Vec<Item> = (first..first + nodes.len() / stride)
            .map(|residue| Item { block: SHARED as u32, residue: residue as u32 })
            .collect();
        let index = match shown {
            Shown::Letters(given) => neighbor_rows(encoding, &items, seen_by_rank(given.rank)),
            Shown::Known { known, .. } => neighbor_rows(encoding, &items, seen_by_table(known, encoding.graph.len())),
            Shown::Backbone { visible } => visible_rows(encoding, &items, visible),
        };
        let batch = Batch { items: &items, center, index: &index, remembered: None, nodes };
        self.advance(encoding, layer, table, batch, scratch);
        if let Some(next) = self.decoder.get(layer + 1) {
            let nodes = Rows::new(nodes, stride);
            next.message.center_terms(self.kernels, nodes, RowsMut::new(center, stride));
            if let Some(letters) = letters {
                next.message.neighbor_terms(self.kernels, nodes, &self.zeros, RowsMut::new(decoded, stride));
                add_letters(next, letters, decoded, stride);
            }
        }
    }
}

/// Sees neighbors of a smaller rank as decoded, in the block that all samples share.
fn seen_by_rank(rank: &[u32]) -> impl Fn(Item, u32) -> usize {
    |item, neighbor| if rank[neighbor as usize] < rank[item.residue as usize] { SHARED } else { UNDECODED }
}

/// Sees as decoded what the row of the residue says, `known [N, N]`.
fn seen_by_table(known: &[bool], residues: usize) -> impl Fn(Item, u32) -> usize {
    move |item, neighbor| match known[item.residue as usize * residues + neighbor as usize] {
        true => SHARED,
        false => UNDECODED,
    }
}

/// The table row of each item's neighbors, `[items, K]`: that of an undecoded neighbor where `visible`, `[N, K]`, is
/// true, otherwise a row of zeros in the shared block.
fn visible_rows(encoding: &EncodedGraph, items: &[Item], visible: &[bool]) -> Vec<u32> {
    let (residues, degree) = (encoding.graph.len(), encoding.graph.degree());
    let of_item = |item: &Item| {
        let residue = item.residue as usize;
        let row = |(&neighbor, &visible): (&u32, &bool)| {
            let block = if visible { UNDECODED } else { SHARED };
            (block * residues) as u32 + neighbor
        };
        encoding.graph.neighbors(residue).iter().zip(&visible[residue * degree..]).map(row)
    };
    items.iter().flat_map(of_item).collect()
}
