//! The recorded states of decoded residues: the tables of neighbor terms.

use fastmpnn_kernels::Buffer;

use crate::chemistry::{Letter, VOCABULARY};
use crate::model::{EncodedGraph, Model};

/// The block of a table for neighbors that have not been decoded.
pub(crate) const UNDECODED: usize = 0;

/// The block of a table for decoded residues that all samples have in common: the fixed ones.
pub(crate) const SHARED: usize = 1;

/// A residue of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// The block its state is recorded in: [`SHARED`], or 2 + the sample.
    pub(crate) block: u32,
    pub(crate) residue: u32,
}

/// The states of several samples of one structure while they are decoded.
#[derive(Debug)]
pub(crate) struct Decoding {
    /// The tables of neighbor terms, `[(2 + samples)·N, H]` a layer.
    pub(super) tables: Vec<Buffer>,
    pub(super) residues: usize,
    pub(super) stride: usize,
}

/// The result of decoding a batch of items.
#[derive(Debug)]
pub(crate) struct BatchStates {
    /// `[items, V]`
    pub(crate) logits: Vec<[f32; VOCABULARY]>,
    /// C·h_j of the items' own states, `[items, H]` for each layer but the first, whose terms are in the structure's
    /// tables.
    pub(super) rows: Vec<Buffer>,
}

impl Item {
    pub(super) fn rows(self, residues: usize, stride: usize) -> std::ops::Range<usize> {
        let row = self.block as usize * residues + self.residue as usize;
        row * stride..(row + 1) * stride
    }
}

impl Decoding {
    /// The bytes that the states of one more sample take.
    pub(crate) fn bytes_a_sample(model: &Model, encoding: &EncodedGraph) -> u64 {
        (model.decoder.len() * encoding.nodes.len() * size_of::<f32>()) as u64
    }

    /// The same shared states, and room for those of `samples` sequences.
    pub(crate) fn with_samples(&self, samples: usize) -> Decoding {
        let make = |shared: &Buffer| {
            let mut table = Buffer::zeros((2 + samples) * self.residues * self.stride);
            table[..shared.len()].copy_from_slice(shared);
            table
        };
        Decoding { tables: self.tables.iter().map(make).collect(), ..*self }
    }
}

impl Model {
    /// Room for the states of the residues that all samples share.
    pub(crate) fn begin_decoding(&self, encoding: &EncodedGraph) -> Decoding {
        let make = |undecoded: &Buffer| {
            let mut table = Buffer::zeros(2 * undecoded.len());
            table[..undecoded.len()].copy_from_slice(undecoded);
            table
        };
        let stride = self.stride();
        Decoding { tables: encoding.undecoded.iter().map(make).collect(), residues: encoding.graph.len(), stride }
    }

    /// Makes the states of decoded items visible to later ones, but not yet their letters.
    pub(crate) fn record_states(
        &self,
        encoding: &EncodedGraph,
        decoding: &mut Decoding,
        items: &[Item],
        states: &BatchStates,
    ) {
        let stride = self.stride();
        for (position, &item) in items.iter().enumerate() {
            let target = item.rows(decoding.residues, stride);
            let own = item.residue as usize * stride..(item.residue as usize + 1) * stride;
            for (layer, table) in decoding.tables.iter_mut().enumerate() {
                let row = match layer {
                    0 => &encoding.undecoded[0][own.clone()],
                    _ => &states.rows[layer - 1][position * stride..][..stride],
                };
                table[target.clone()].copy_from_slice(row);
            }
        }
    }

    /// Makes an item visible to later ones with the encoder's state in the first layer and a state of zero in the others.
    pub(crate) fn record_undecoded(&self, encoding: &EncodedGraph, decoding: &mut Decoding, item: Item) {
        let stride = self.stride();
        let own = item.residue as usize * stride..(item.residue as usize + 1) * stride;
        if let (Some(table), Some(undecoded)) = (decoding.tables.first_mut(), encoding.undecoded.first()) {
            table[item.rows(decoding.residues, stride)].copy_from_slice(&undecoded[own]);
        }
    }

    /// Makes an item's letter visible to later ones. A masked residue shows its letter and a state of zero.
    pub(crate) fn record_letter(&self, decoding: &mut Decoding, item: Item, letter: Letter) {
        let stride = self.stride();
        let target = item.rows(decoding.residues, stride);
        for (table, layer) in decoding.tables.iter_mut().zip(&self.decoder) {
            let letter = &layer.letters[letter.index() * stride..][..stride];
            for (value, &term) in table[target.clone()].iter_mut().zip(letter) {
                *value += term;
            }
        }
    }
}
