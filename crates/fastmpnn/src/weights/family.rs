//! The kind of network in a checkpoint, told from its tensors.

use std::fmt;

use super::Checkpoint;
use crate::error::WeightsError;
use crate::structure::BackboneAtoms;

/// Which features a network takes and which parts it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Family {
    /// Backbone atoms N, CA, C, O: ProteinMPNN and SolubleMPNN.
    Protein,
    /// CA atoms alone: ProteinMPNN's `ca_model_weights`.
    CaOnly,
    /// Backbone atoms, and a label of three classes for each residue: both membrane networks, whether one label is given
    /// for the whole protein or one for each residue.
    Membrane,
    /// Backbone atoms, and the atoms of ligands near each residue: LigandMPNN.
    Ligand,
    /// Side-chain torsions for a given sequence: LigandMPNN's packer.
    Packer,
}

impl Family {
    /// All families.
    pub const ALL: [Family; 5] = [Family::Protein, Family::CaOnly, Family::Membrane, Family::Ligand, Family::Packer];

    /// Its name in metadata and listings.
    pub fn name(self) -> &'static str {
        match self {
            Family::Protein => "protein",
            Family::CaOnly => "ca_only",
            Family::Membrane => "membrane",
            Family::Ligand => "ligand",
            Family::Packer => "packer",
        }
    }

    /// The backbone atoms that a residue must have for the network to see it.
    pub fn backbone_atoms(self) -> BackboneAtoms {
        match self {
            Family::CaOnly => BackboneAtoms::Alpha,
            Family::Protein | Family::Membrane | Family::Ligand | Family::Packer => BackboneAtoms::All,
        }
    }

    /// K of the published networks, for checkpoints that do not state it.
    pub(crate) fn usual_neighbors(self) -> usize {
        match self {
            Family::Protein | Family::CaOnly | Family::Membrane => 48,
            Family::Ligand | Family::Packer => 32,
        }
    }

    /// A of the published networks, for checkpoints that do not state it; `None` if the family sees no context atoms.
    pub(crate) fn usual_context_atoms(self) -> Option<usize> {
        match self {
            Family::Protein | Family::CaOnly | Family::Membrane => None,
            Family::Ligand => Some(25),
            Family::Packer => Some(16),
        }
    }
}

/// The names of the tensors of an edge's features in a checkpoint, and their inputs beside the position along the
/// chain.
#[derive(Debug)]
pub(crate) struct EdgeTensors {
    /// The linear map of relative positions.
    pub(crate) positions: &'static str,
    /// The weight of the linear map of all features.
    pub(crate) embedding: &'static str,
    /// The layer norm after it.
    pub(crate) norm: &'static str,
    /// Atom pairs, each seen by its Gaussians.
    pub(crate) pairs: usize,
    /// The number of inputs for an edge's orientation.
    pub(crate) orientations: usize,
}

impl Family {
    /// The tensors of its edges' features.
    pub(crate) fn edge_tensors(self) -> EdgeTensors {
        let design = EdgeTensors {
            positions: "features.embeddings.linear",
            embedding: "features.edge_embedding.weight",
            norm: "features.norm_edges",
            pairs: BACKBONE_PAIRS,
            orientations: 0,
        };
        match self {
            Family::Protein | Family::Membrane | Family::Ligand => design,
            Family::CaOnly => EdgeTensors { pairs: CA_PAIRS, orientations: CA_ORIENTATION, ..design },
            Family::Packer => EdgeTensors {
                positions: "features.positional_embeddings.linear",
                embedding: "features.enc_edge_embedding.weight",
                norm: "features.enc_norm_edges",
                ..design
            },
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Atom pairs of the features of a whole backbone: N, CA, C, O and the virtual CB of both residues, 5 · 5.
const BACKBONE_PAIRS: usize = 25;
/// Atom pairs of the CA-only features: a residue's CA and those of its two neighbors along the chain, 3 · 3.
const CA_PAIRS: usize = 9;
/// Inputs per edge of the CA-only features that are not distances: the direction, 3, and the rotation as a quaternion,
/// 4.
const CA_ORIENTATION: usize = 7;
/// Radial functions come in vectors of this many.
const RADIAL: usize = 16;

impl Checkpoint {
    /// The network's family. It follows from the tensors, so that a fine-tuned file needs no metadata; a `family` in
    /// the metadata must agree with them.
    pub fn family(&self) -> Result<Family, WeightsError> {
        let family = self.family_of_tensors()?;
        match self.metadata("family").filter(|&named| named != family.name()) {
            None => Ok(family),
            Some(named) => {
                let named = named.escape_debug();
                Err(self.unsupported(format!(
                    "its metadata name the family {named}, but its tensors are those of {family}"
                )))
            }
        }
    }

    /// Only the packer has a torsion head, and only it and LigandMPNN have context encoders. Membrane and CA-only
    /// networks both have an embedding of nodes; the width of the edges' features tells them apart.
    fn family_of_tensors(&self) -> Result<Family, WeightsError> {
        if self.contains("W_torsions.weight") {
            return Ok(Family::Packer);
        }
        if self.contains("context_encoder_layers.0.W1.weight") {
            return Ok(Family::Ligand);
        }
        let width = |tensor: &str| match self.tensor(tensor)?.shape[..] {
            [rows, columns] => Ok((rows, columns)),
            _ => Err(self.unsupported(format!("tensor {tensor} is not a matrix"))),
        };
        if !self.contains("features.edge_embedding.weight") || !self.contains("encoder_layers.0.W1.weight") {
            let count = self.tensors.len();
            let reason = format!("its {count} tensors are not those of ProteinMPNN, LigandMPNN or the packer");
            return Err(self.unsupported(reason));
        }
        let (_, inputs) = width("features.edge_embedding.weight")?;
        let (positions, _) = width("features.embeddings.linear.weight")?;
        let of_pairs = |numbers: usize, pairs: usize| numbers > 0 && numbers.is_multiple_of(RADIAL * pairs);
        let distances = inputs.saturating_sub(positions);
        match self.contains("features.node_embedding.weight") {
            false if of_pairs(distances, BACKBONE_PAIRS) => Ok(Family::Protein),
            true if of_pairs(distances, BACKBONE_PAIRS) => Ok(Family::Membrane),
            true if of_pairs(distances.saturating_sub(CA_ORIENTATION), CA_PAIRS) => Ok(Family::CaOnly),
            _ => Err(self.unsupported(format!("{distances} distance features per edge belong to no known network"))),
        }
    }
}
