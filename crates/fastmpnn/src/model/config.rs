//! The sizes of a network and the family it belongs to, read off its checkpoint.

use std::fmt;

use crate::error::WeightsError;
use crate::featurize::EdgeLayout;
use crate::weights::Checkpoint;

/// Which features a network takes and which parts it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Backbone atoms N, CA, C, O: ProteinMPNN, and SolubleMPNN, which has other weights and nothing else.
    Protein,
    /// CA atoms alone.
    CaOnly,
    /// Backbone atoms and a class of each residue, in the membrane or not.
    Membrane,
    /// Backbone atoms and the atoms around them that are not protein: LigandMPNN.
    Ligand,
    /// The torsions of side chains, for a given sequence: LigandMPNN's packer.
    Packer,
}

impl Family {
    /// Every family.
    pub const ALL: [Family; 5] = [Family::Protein, Family::CaOnly, Family::Membrane, Family::Ligand, Family::Packer];

    /// The name that a checkpoint's metadata give it.
    pub fn name(self) -> &'static str {
        match self {
            Family::Protein => "protein",
            Family::CaOnly => "ca_only",
            Family::Membrane => "membrane",
            Family::Ligand => "ligand",
            Family::Packer => "packer",
        }
    }

    /// The family whose tensors the checkpoint holds: the packer has a torsion head, LigandMPNN a context encoder, and of
    /// the two that embed their nodes only the membrane's has backbone edges.
    fn of(checkpoint: &Checkpoint) -> Family {
        if checkpoint.contains("W_torsions.weight") {
            Family::Packer
        } else if checkpoint.contains("features.node_project_down.weight") {
            Family::Ligand
        } else if !checkpoint.contains("features.node_embedding.weight") {
            Family::Protein
        } else if radial_functions(checkpoint, EdgeLayout::of(Family::Membrane)).is_ok() {
            Family::Membrane
        } else {
            Family::CaOnly
        }
    }

    /// K of the published networks, where a checkpoint does not name its own.
    fn usual_neighbours(self) -> usize {
        match self {
            Family::Protein | Family::CaOnly | Family::Membrane => 48,
            Family::Ligand | Family::Packer => 32,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
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

impl Config {
    /// Reads the family and the sizes off a checkpoint's tensors. K is in its metadata (`neighbours`); where they do not
    /// say, it is that of the family's published networks. A `family` in the metadata must be the one that is found.
    pub fn of(checkpoint: &Checkpoint) -> Result<Config, WeightsError> {
        let family = Family::of(checkpoint);
        if let Some(named) = checkpoint.metadata("family").filter(|&named| named != family.name()) {
            return Err(unsupported(
                checkpoint,
                format!("its metadata say it is of family {named:?}, its tensors that it is {family}"),
            ));
        }
        let neighbours = match checkpoint.metadata("neighbours") {
            None => family.usual_neighbours(),
            Some(text) => text.parse().ok().filter(|&count| count > 0).ok_or_else(|| {
                unsupported(checkpoint, format!("{text:?} is no number of neighbours that a residue could have"))
            })?,
        };
        let layout = EdgeLayout::of(family);
        let (hidden, _) = matrix(checkpoint, layout.embedding)?;
        let (position_width, positions) = matrix(checkpoint, &format!("{}.weight", layout.positions))?;
        let (feed_forward, _) = matrix(checkpoint, "encoder_layers.0.dense.W_in.weight")?;
        let count =
            |stack: &str| (0..).take_while(|layer| checkpoint.contains(&format!("{stack}.{layer}.W1.weight"))).count();
        if positions < 4 || !positions.is_multiple_of(2) {
            return Err(unsupported(checkpoint, format!("{positions} relative positions are not 2 · reach + 2")));
        }
        Ok(Config {
            family,
            neighbours,
            hidden,
            feed_forward,
            encoder_layers: count("encoder_layers"),
            decoder_layers: count("decoder_layers"),
            position_width,
            position_reach: (positions - 2) / 2,
            radial_functions: radial_functions(checkpoint, layout)?,
        })
    }
}

fn unsupported(checkpoint: &Checkpoint, reason: String) -> WeightsError {
    WeightsError::Unsupported { name: checkpoint.name().to_owned(), reason }
}

/// Rows and columns of a tensor that must be a matrix.
fn matrix(checkpoint: &Checkpoint, name: &str) -> Result<(usize, usize), WeightsError> {
    match checkpoint.tensor(name)?.shape[..] {
        [rows, columns] if rows > 0 && columns > 0 => Ok((rows, columns)),
        _ => Err(unsupported(checkpoint, format!("tensor {name} is not a matrix"))),
    }
}

/// How many Gaussians an atom pair has, from the width of the edges' features.
fn radial_functions(checkpoint: &Checkpoint, layout: &EdgeLayout) -> Result<usize, WeightsError> {
    let (_, inputs) = matrix(checkpoint, layout.embedding)?;
    let (position_width, _) = matrix(checkpoint, &format!("{}.weight", layout.positions))?;
    let pairs = layout.pairs.len();
    match inputs.checked_sub(position_width + layout.orientations) {
        Some(radial) if radial > 0 && radial.is_multiple_of(16 * pairs) => Ok(radial / pairs),
        _ => Err(unsupported(
            checkpoint,
            format!(
                "{inputs} features of an edge are not {position_width} of position, {} of orientation, and 16 or 32 … \
                 of each of {pairs} atom pairs",
                layout.orientations
            ),
        )),
    }
}
