//! [`Structure`](crate::structure::Structure) to [`Graph`]: neighbors and edge features.
//!
//! The edges' features are wide (N · K · 416 numbers) and used once, so a graph does not hold them: the featurizer
//! computes those of a few edges at a time, when the encoder needs them. Families differ in the sites of a
//! residue, in the pairs of sites whose distances are edge features, and in the initial node states.

mod backbone;
mod ca_only;
mod context;
mod edge_layout;
mod equal_distances;
mod graph;
mod residue_frame;
mod side_chains;
mod torsions;

pub(crate) use context::{ContextAtom, ContextAtoms, ligand_distances};
pub(crate) use edge_layout::EdgeLayout;
pub use edge_layout::backbone_pairs;
#[cfg(test)]
pub(crate) use equal_distances::nearest_first;
pub use graph::Graph;
pub(crate) use residue_frame::{DIRECTION, ResidueFrame, distance};
pub(crate) use side_chains::{CONTEXT_ATOMS, PlacedAtoms, PlacedContext, PlacedNeighbors, SortedNeighbors, atom_count};
pub(crate) use torsions::{Angle, SideChainAngles, angle_of, backbone_frame, place_atoms, psi, side_chain_angles};
