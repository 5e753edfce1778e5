//! The network that designs sequences, packed for this processor.

use fastmpnn_kernels::{Buffer, Kernels, padded};

use super::Precision;
use super::context::ContextEncoder;
use super::encoder::Encoder;
use super::layers::{DecoderLayer, Linear, Loader};
use super::tiles::tile_edges;
use crate::chemistry::VOCABULARY;
use crate::error::WeightsError;
use crate::weights::{Checkpoint, Config, Family};

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
    /// W_s `[V, H]`
    letter_embedding: Vec<f32>,
    /// W_out
    pub(crate) output: Linear,
    /// At least H zeros: the bias of products that have none.
    pub(crate) zeros: Buffer,
}

impl Model {
    /// Packs a checkpoint's tensors for these kernels, to compute in `precision`.
    ///
    /// # Errors
    /// If the checkpoint is a packer's, or its tensors are not those of a supported network.
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
        let embedding = checkpoint.values("W_s.weight", &[VOCABULARY, hidden])?;
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
            letter_embedding: embedding.to_vec(),
            output: loader.linear("W_out", VOCABULARY, hidden, 1.0)?,
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

    /// What the decoder adds for each letter, `W_s.weight`. `[V, H]`
    pub fn letter_embedding(&self) -> &[f32] {
        &self.letter_embedding
    }

    /// Floats from one row of H numbers to the next.
    pub(crate) fn stride(&self) -> usize {
        padded(self.config.hidden)
    }

    /// The number of edges that the decoder processes at a time.
    pub(crate) fn tile_edges(&self, degree: usize) -> usize {
        tile_edges(self.stride(), degree)
    }
}
