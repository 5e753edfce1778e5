//! The network: [`Graph`](crate::featurize::Graph) to [`Encoding`], and the decoder's passes over it.

mod budget;
mod context;
mod decoder;
mod encoder;
mod encoding;
mod features;
pub(crate) mod layers;
mod memo;
mod network;
mod operations;
mod packer;
mod precision;
mod saved;
pub(crate) mod weight;
mod workers;

use fastmpnn_kernels::{Buffer, Kernels, padded};

pub(crate) use budget::{MemoryBudget, Reservation};
pub(crate) use decoder::{Decoding, Item, SHARED, UNDECODED};
pub(crate) use encoder::{EncodedGraph, KeptEdgeTerms};
pub use encoding::Encoding;
pub(crate) use encoding::{EncodingOrigin, NetworkIdentity};
pub(crate) use memo::{MessageMemo, NO_LETTER, Seen, seen};
pub(crate) use network::{Network, PackerNetwork};
pub use operations::{Operations, PackingOperations};
pub(crate) use packer::{PackerEncoding, PackerMemory, PackerModel, PackerScratch, TorsionHead};
pub use precision::Precision;
pub(crate) use workers::Scratch;
pub use workers::Workers;

use crate::error::WeightsError;
use crate::weights::{Checkpoint, Config, Family};
pub(crate) use context::{ContextEncoder, ContextScratch};
use encoder::Encoder;
use layers::{DecoderLayer, Linear, Loader};

/// A network, packed for this processor.
#[derive(Debug)]
pub struct Model {
    pub(crate) config: Config,
    pub(crate) kernels: Kernels,
    pub(crate) precision: Precision,
    pub(crate) encoder: Encoder,
    /// What context atoms add to the encoder's nodes, where the network sees them.
    pub(crate) context: Option<ContextEncoder>,
    pub(crate) decoder: Vec<DecoderLayer>,
    /// W_out
    pub(crate) output: Linear,
    /// H zeros and more: the bias of products that have none.
    pub(crate) zeros: Buffer,
}

impl Model {
    /// Packs a checkpoint, to compute in that precision.
    pub fn load(kernels: Kernels, checkpoint: &Checkpoint, precision: Precision) -> Result<Model, WeightsError> {
        let config = Config::of(checkpoint)?;
        let unsupported = |reason: &str| {
            Err(WeightsError::Unsupported { name: checkpoint.name().to_owned(), reason: reason.to_owned() })
        };
        match config.family {
            Family::Protein | Family::CaOnly | Family::Membrane | Family::Ligand => {}
            Family::Packer => return unsupported("a packer places side chains and draws no sequences"),
        }
        let loader = Loader { checkpoint, kernels, precision };
        let Config { hidden, feed_forward, .. } = config;
        let vocabulary = crate::chemistry::VOCABULARY;
        let embedding = checkpoint.values("W_s.weight", &[vocabulary, hidden])?;
        let decoder = (0..config.decoder_layers)
            .map(|layer| {
                DecoderLayer::load(&loader, &format!("decoder_layers.{layer}"), hidden, feed_forward, embedding)
            })
            .collect::<Result<_, _>>()?;
        Ok(Model {
            encoder: Encoder::load(&loader, &config)?,
            context: match config.context_atoms {
                Some(_) => Some(ContextEncoder::load(&loader, &config)?),
                None => None,
            },
            decoder,
            output: loader.linear("W_out", vocabulary, hidden, 1.0)?,
            zeros: Buffer::zeros(padded(hidden)),
            kernels,
            precision,
            config,
        })
    }

    /// The network's sizes.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Floats from one row of H numbers to the next.
    pub(crate) fn stride(&self) -> usize {
        padded(self.config.hidden)
    }

    /// How many edges the decoder works on at a time.
    pub(crate) fn tile_edges(&self, degree: usize) -> usize {
        tile_edges(self.stride(), degree)
    }
}

/// How many edges of `stride` numbers are worked on at a time: a tile that leaves room in the first-level cache for its
/// product and a panel of weights, and divides K evenly.
fn tile_edges(stride: usize, degree: usize) -> usize {
    const TILE_FLOATS: usize = 24 * 128;
    let most = (TILE_FLOATS / stride).max(1);
    degree.div_ceil(degree.div_ceil(most).max(1)).max(1)
}
