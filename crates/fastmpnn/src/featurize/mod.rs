//! [`Structure`](crate::structure::Structure) to [`Graph`]: who is whose neighbor, and what an edge is seen by.
//!
//! The edges' features are wide (N · K · 416 numbers) and used once, so a graph does not hold them: the featurizer
//! makes those of a few edges at a time, where the encoder wants them. Families differ in the sites that a residue is
//! seen as, in the pairs of sites an edge is seen by, and in what the nodes start from.

mod backbone;
mod ca_only;
mod context;
mod edge_layout;
mod equal_distances;
mod graph;
mod residue_frame;
mod side_chains;
mod torsions;

pub use context::ligand_distances;
pub(crate) use context::{ContextAtom, ContextAtoms};
pub(crate) use edge_layout::EdgeLayout;
pub use edge_layout::backbone_pairs;
#[cfg(test)]
pub(crate) use equal_distances::nearest_first;
pub use graph::Graph;
pub(crate) use residue_frame::{DIRECTION, ResidueFrame, distance};
pub(crate) use side_chains::{CONTEXT_ATOMS, PlacedAtoms, PlacedContext, PlacedNeighbors, SortedNeighbors, atom_count};
pub use torsions::{Angle, SideChainAngles, angle_of, backbone_frame, place_atoms, psi, side_chain_angles, torsion};
