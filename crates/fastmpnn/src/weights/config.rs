//! The sizes of a network and the family it belongs to, read from its checkpoint.

use super::family::EdgeTensors;
use super::{Checkpoint, Family};
use crate::error::WeightsError;

/// The sizes of a network; every one comes from the checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The family, which determines its features and parts.
    pub family: Family,
    /// K, neighbors per residue.
    pub neighbors: usize,
    /// A, the most context atoms that a residue sees; `None` in networks without a context encoder.
    pub context_atoms: Option<usize>,
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
    /// Residues farther apart than this along the chain share one embedding in each direction.
    pub position_reach: usize,
    /// Radial basis functions per atom pair.
    pub radial_functions: usize,
}

impl Config {
    /// Reads the family and the sizes from a checkpoint's tensors. K is in its metadata (`neighbors`); if it is not, K
    /// is that of the family's published networks. A `family` in the metadata must agree with the tensors.
    pub fn of(checkpoint: &Checkpoint) -> Result<Config, WeightsError> {
        let family = checkpoint.family()?;
        let neighbors = checkpoint.neighbors()?;
        let context_atoms = match family.usual_context_atoms() {
            None => None,
            usual => checkpoint.context_atoms()?.or(usual),
        };
        let tensors = family.edge_tensors();
        let (hidden, _) = matrix(checkpoint, tensors.embedding)?;
        let (position_width, positions) = matrix(checkpoint, &format!("{}.weight", tensors.positions))?;
        let (feed_forward, _) = matrix(checkpoint, "encoder_layers.0.dense.W_in.weight")?;
        let count =
            |stack: &str| (0..).take_while(|layer| checkpoint.contains(&format!("{stack}.{layer}.W1.weight"))).count();
        if positions < 4 || !positions.is_multiple_of(2) {
            return Err(unsupported(
                checkpoint,
                format!("its number of relative positions, {positions}, is not 2 · reach + 2"),
            ));
        }
        Ok(Config {
            family,
            neighbors,
            context_atoms,
            hidden,
            feed_forward,
            encoder_layers: count("encoder_layers"),
            decoder_layers: count("decoder_layers"),
            position_width,
            position_reach: (positions - 2) / 2,
            radial_functions: radial_functions(checkpoint, &tensors)?,
        })
    }
}

fn unsupported(checkpoint: &Checkpoint, reason: String) -> WeightsError {
    WeightsError::Unsupported { name: checkpoint.name().to_owned(), reason }
}

/// The rows and columns of a tensor, which must be a matrix.
fn matrix(checkpoint: &Checkpoint, name: &str) -> Result<(usize, usize), WeightsError> {
    match checkpoint.tensor(name)?.shape[..] {
        [rows, columns] if rows > 0 && columns > 0 => Ok((rows, columns)),
        _ => Err(unsupported(checkpoint, format!("tensor {name} is not a matrix"))),
    }
}

/// The number of Gaussians per atom pair, from the width of the edge features.
fn radial_functions(checkpoint: &Checkpoint, tensors: &EdgeTensors) -> Result<usize, WeightsError> {
    let (_, inputs) = matrix(checkpoint, tensors.embedding)?;
    let (position_width, _) = matrix(checkpoint, &format!("{}.weight", tensors.positions))?;
    let pairs = tensors.pairs;
    match inputs.checked_sub(position_width + tensors.orientations) {
        Some(radial) if radial > 0 && radial.is_multiple_of(16 * pairs) => Ok(radial / pairs),
        _ => Err(unsupported(
            checkpoint,
            format!(
                "{inputs} features of an edge are not {position_width} of position, {} of orientation, and 16 or 32 … \
                 of each of {pairs} atom pairs",
                tensors.orientations
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published_checkpoint::published;

    #[test]
    fn soluble_networks_have_the_sizes_of_the_default() {
        let Some(soluble) = published("solublempnn_v_48_020") else { return };
        let default = Checkpoint::embedded().expect("the embedded checkpoint");
        assert_eq!(Config::of(&soluble).expect("its sizes"), Config::of(&default).expect("its sizes"));
    }
}
