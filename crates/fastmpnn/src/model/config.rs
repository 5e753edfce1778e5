//! The sizes of a network, read off its checkpoint.

use crate::error::WeightsError;
use crate::weights::Checkpoint;

/// Which features a network takes and which parts it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Backbone atoms N, CA, C, O: ProteinMPNN and SolubleMPNN.
    Protein,
}

/// The sizes of a network; every one comes from the checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Which features and parts.
    pub family: Family,
    /// K, neighbours a residue.
    pub neighbours: usize,
    /// H, width of nodes and edges.
    pub hidden: usize,
    /// Width of the feed-forward block.
    pub feed_forward: usize,
    /// Encoder layers.
    pub encoder_layers: usize,
    /// Decoder layers.
    pub decoder_layers: usize,
    /// Width of the relative-position embedding.
    pub position_width: usize,
    /// Relative positions further apart than this share one embedding.
    pub position_reach: usize,
    /// Radial basis functions an atom pair.
    pub radial_functions: usize,
}

/// Atom pairs of the backbone features: five atoms by five.
pub(crate) const ATOM_PAIRS: usize = 25;

impl Config {
    /// Reads the sizes off a checkpoint's tensors; K is in its metadata (`neighbours`).
    pub fn of(checkpoint: &Checkpoint) -> Result<Config, WeightsError> {
        let unsupported = |reason: String| WeightsError::Unsupported { name: checkpoint.name().to_owned(), reason };
        match checkpoint.metadata("family") {
            Some("protein") => {}
            Some(family) => return Err(unsupported(format!("its family is {family:?}; only protein is known"))),
            None => return Err(unsupported("its metadata do not name a family".into())),
        }
        let neighbours = checkpoint
            .metadata("neighbours")
            .and_then(|text| text.parse().ok())
            .filter(|&count| count > 0)
            .ok_or_else(|| unsupported("its metadata do not say how many neighbours a residue has".into()))?;
        let two = |name: &str| match checkpoint.tensor(name)?.shape[..] {
            [rows, columns] if rows > 0 && columns > 0 => Ok((rows, columns)),
            _ => Err(unsupported(format!("tensor {name} is not a matrix"))),
        };
        let (hidden, edge_inputs) = two("features.edge_embedding.weight")?;
        let (position_width, positions) = two("features.embeddings.linear.weight")?;
        let (feed_forward, _) = two("encoder_layers.0.dense.W_in.weight")?;
        let count =
            |stack: &str| (0..).take_while(|layer| checkpoint.contains(&format!("{stack}.{layer}.W1.weight"))).count();
        let radial = edge_inputs.saturating_sub(position_width);
        if radial == 0 || !radial.is_multiple_of(16 * ATOM_PAIRS) {
            return Err(unsupported(format!("{radial} radial features are not {ATOM_PAIRS} atom pairs of 16 or 32 …")));
        }
        if positions < 4 || !positions.is_multiple_of(2) {
            return Err(unsupported(format!("{positions} relative positions are not 2 · reach + 2")));
        }
        Ok(Config {
            family: Family::Protein,
            neighbours,
            hidden,
            feed_forward,
            encoder_layers: count("encoder_layers"),
            decoder_layers: count("decoder_layers"),
            position_width,
            position_reach: (positions - 2) / 2,
            radial_functions: radial / ATOM_PAIRS,
        })
    }
}
