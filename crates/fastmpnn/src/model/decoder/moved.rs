//! One residue decoded at another place in the order.

use fastmpnn_kernels::{Buffer, Rows, RowsMut};

use super::batch::{Batch, add_letters, gather, neighbor_rows};
use super::given::GivenSequence;
use super::states::{Decoding, Item, SHARED, UNDECODED};
use crate::chemistry::VOCABULARY;
use crate::model::{EncodedGraph, Model, Scratch};

/// A residue moved in the order to just before the residues of rank `before` and greater.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MovedResidue {
    pub(crate) residue: u32,
    pub(crate) before: u32,
}

impl Model {
    /// The logits of a residue that is moved in the order of a given sequence.
    ///
    /// A residue's state in the last layer depends on the layer below at those neighbors that are decoded before it,
    /// their states on the next layer below at theirs, and so on: only these states are computed. `decoding` is memory
    /// to reuse; the states of other residues in it do not matter.
    pub(crate) fn decode_moved(
        &self,
        encoding: &EncodedGraph,
        given: GivenSequence<'_>,
        moved: MovedResidue,
        decoding: &mut Decoding,
        scratch: &mut Scratch,
    ) -> [f32; VOCABULARY] {
        let GivenSequence { sequence, rank } = given;
        let MovedResidue { residue: moved, before } = moved;
        let stride = self.stride();
        if !encoding.graph.resolved[moved as usize] {
            return self.logits_of_masked();
        }
        // Twice the rank, so that there is a place between two.
        let place = |residue: u32| match residue == moved {
            true => 2 * u64::from(before),
            false => 2 * u64::from(rank[residue as usize]) + 1,
        };
        let block = |item: Item, neighbor: u32| if place(neighbor) < place(item.residue) { SHARED } else { UNDECODED };
        // The items whose states each layer reads, first layer first, and at the end the residue itself.
        let mut taken = vec![vec![Item { block: SHARED as u32, residue: moved }]];
        for _ in &self.decoder {
            let decoded = |item, neighbor| block(item, neighbor) == SHARED;
            taken.push(with_neighbors(encoding, &taken[taken.len() - 1], decoded));
        }
        let mut inputs = taken.pop().unwrap_or_default();
        let mut nodes = gather(&encoding.nodes, &inputs, stride);
        for layer in 0..self.decoder.len() {
            let terms = match layer {
                0 => gather(&encoding.undecoded[0], &inputs, stride),
                _ => self.neighbor_terms(layer, &nodes),
            };
            for (&item, term) in inputs.iter().zip(terms.chunks_exact(stride)) {
                let row = &mut decoding.tables[layer][item.rows(decoding.residues, stride)];
                row.copy_from_slice(term);
                add_letters(&self.decoder[layer], &sequence[item.residue as usize..][..1], row, stride);
            }
            let outputs = taken.pop().unwrap_or_default();
            let mut kept = Buffer::zeros(outputs.len() * stride);
            for (target, item) in kept.chunks_exact_mut(stride).zip(&outputs) {
                // Both lists are sorted by residue, and the outputs are among the inputs.
                let position = inputs.partition_point(|input| input.residue < item.residue);
                target.copy_from_slice(&nodes[position * stride..][..stride]);
            }
            nodes = kept;
            let mut center = Buffer::zeros(nodes.len());
            let out = RowsMut::new(&mut center, stride);
            self.decoder[layer].message.center_terms(self.kernels, Rows::new(&nodes, stride), out);
            let index = neighbor_rows(encoding, &outputs, block);
            let batch = Batch { items: &outputs, center: &center, index: &index, remembered: None, nodes: &mut nodes };
            self.advance(encoding, layer, &decoding.tables[layer], batch, scratch);
            inputs = outputs;
        }
        self.logits(&nodes)[0]
    }
}

/// The items and those of their neighbors that are `wanted`, each once, sorted by residue.
fn with_neighbors(encoding: &EncodedGraph, items: &[Item], wanted: impl Fn(Item, u32) -> bool) -> Vec<Item> {
    let mut residues: Vec<u32> = items.iter().map(|item| item.residue).collect();
    for &item in items {
        let neighbors = encoding.graph.neighbors(item.residue as usize).iter();
        residues.extend(neighbors.copied().filter(|&neighbor| wanted(item, neighbor)));
    }
    residues.sort_unstable();
    residues.dedup();
    residues.into_iter().map(|residue| Item { block: SHARED as u32, residue }).collect()
}
