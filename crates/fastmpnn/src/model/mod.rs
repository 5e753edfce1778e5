//! The network: from a [`Graph`](crate::featurize::Graph) to an [`Encoding`], and the decoder's passes over it.

mod arithmetic;
mod budget;
mod context;
mod decoder;
mod design_network;
mod encoded_graph;
mod encoder;
mod encoding;
mod features;
pub(crate) mod layers;
mod likelihood;
mod memo;
mod mixture;
mod network;
mod operations;
mod packer;
mod precision;
mod saved;
mod scratch;
mod stored_precision;
mod tiles;
pub(crate) mod weight;
mod workers;

pub(crate) use arithmetic::Arithmetic;
pub(crate) use budget::{MemoryBudget, Reservation};
pub(crate) use decoder::{
    BLOCKS_A_SEQUENCE, Decoding, GivenGroup, GivenSequence, Item, MovedResidue, MovingOrder, Recorded, SHARED,
    UNDECODED,
};
pub use design_network::Model;
pub(crate) use encoded_graph::{EncodedGraph, KeptEdgeTerms};
pub use encoding::Encoding;
pub(crate) use encoding::{EncodingOrigin, NetworkIdentity, environment_fingerprint};
pub use likelihood::log_likelihood;
pub(crate) use memo::{MessageMemo, NO_LETTER, Remembered, Seen, seen};
#[cfg(test)]
pub(crate) use mixture::Mixture;
pub(crate) use network::{Network, PackerNetwork};
pub use operations::{Operations, PackingOperations};
pub(crate) use packer::{PackerEncoding, PackerMemory, PackerModel, TorsionHead};
pub use precision::Precision;
pub(crate) use scratch::Scratch;
pub use stored_precision::StoredPrecision;
pub use workers::Workers;
