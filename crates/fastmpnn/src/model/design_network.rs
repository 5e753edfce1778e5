//! The network that designs sequences, packed for this processor.

use fastmpnn_kernels::{Buffer, Kernels, TileInstructions, padded};

use super::Precision;
use super::arithmetic::Arithmetic;
use super::context::ContextEncoder;
use super::encoder::Encoder;
use super::layers::{DecoderLayer, Linear, Loader, load_layers};
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
    pub(crate) arithmetic: Arithmetic,
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
        let arithmetic = Arithmetic::of(precision, kernels);
        Ok(Model { precision: precision.on(kernels), ..Model::computed_as(arithmetic, kernels, checkpoint)? })
    }

    /// Packs a checkpoint's tensors for these kernels, to compute as `arithmetic` says.
    pub(crate) fn computed_as(
        arithmetic: Arithmetic,
        kernels: Kernels,
        checkpoint: &Checkpoint,
    ) -> Result<Model, WeightsError> {
        let config = Config::of(checkpoint)?;
        let unsupported = |reason: &str| {
            Err(WeightsError::Unsupported { name: checkpoint.name().to_owned(), reason: reason.to_owned() })
        };
        match config.family {
            Family::Protein | Family::CaOnly | Family::Membrane | Family::Ligand => {}
            Family::Packer => return unsupported("a packer places side chains and draws no sequences"),
        }
        let loader = Loader { checkpoint, kernels, arithmetic };
        let Config { hidden, feed_forward, .. } = config;
        let embedding = &*checkpoint.values("W_s.weight", &[VOCABULARY, hidden])?;
        let decoder_layer =
            |layer| DecoderLayer::load(&loader, &format!("decoder_layers.{layer}"), hidden, feed_forward, embedding);
        let decoder = || load_layers(config.decoder_layers, decoder_layer);
        let (encoder, decoder) = rayon::join(|| Encoder::load(&loader, &config), decoder);
        Ok(Model {
            encoder: encoder?,
            context: match config.context_atoms {
                Some(_) => Some(ContextEncoder::load(&loader, &config)?),
                None => None,
            },
            decoder: decoder?,
            letter_embedding: embedding.to_vec(),
            output: loader.linear("W_out", VOCABULARY, hidden, 1.0)?,
            zeros: Buffer::zeros(padded(hidden)),
            kernels,
            precision: Precision::F32,
            arithmetic,
            config,
        })
    }

    /// The instructions that multiply its split numbers; `None` where its products are of floats or integers.
    pub fn tiles(&self) -> Option<TileInstructions> {
        match self.arithmetic {
            Arithmetic::Split(_) => self.kernels.plan().tiles(),
            _ => None,
        }
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
        tile_edges(self.arithmetic, self.stride(), degree)
    }
}
