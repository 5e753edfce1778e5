//! [`Structure`](crate::structure::Structure) to [`Graph`]: who is whose neighbor, and what an edge is seen by.
//!
//! The edges' features are wide (N · K · 416 numbers) and used once, so a graph does not hold them: the featurizer
//! makes those of a few edges at a time, where the encoder wants them. Families differ in the sites that a residue is
//! seen as, in the pairs of sites an edge is seen by, and in what the nodes start from.

mod backbone;
mod ca_only;
mod context;
mod edges;
mod equal_distances;
mod graph;
mod ligand;
mod nodes;
mod packer;
mod torsions;

pub use backbone::backbone_pairs;
pub use context::ligand_distances;
pub(crate) use context::{ContextAtom, ContextAtoms, ContextChoice};
pub(crate) use edges::{EdgeFeatures, EdgeLayout, EdgeScratch};
#[cfg(test)]
pub(crate) use equal_distances::nearest_first;
pub use graph::Graph;
pub(crate) use ligand::{ContextLayout, ELEMENTS, PlaceFeatures, PlaceScratch, distance, element_states, pair_states};
pub(crate) use nodes::InitialNodes;
pub(crate) use packer::{
    CONTEXT_ATOMS, PlacedAtoms, SideChainFeatures, SideChainScratch, SortedNeighbors, atom_count, pair_inputs,
};
pub use torsions::{Angle, SideChainAngles, angle_of, backbone_frame, place_atoms, psi, side_chain_angles, torsion};
