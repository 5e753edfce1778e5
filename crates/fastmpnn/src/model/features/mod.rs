//! The trained part of the features: from a graph's geometry to the initial states of the layers.

mod edges;
mod nodes;
mod places;
mod side_chains;

pub(crate) use edges::{EdgeFeatures, EdgeScratch, EdgeTile};
pub(crate) use nodes::InitialNodes;
pub(crate) use places::{ContextLayout, ELEMENTS, PlaceFeatures, PlaceScratch, element_states, pair_states};
pub(crate) use side_chains::{ResidueFeatures, SideChainFeatures, SideChainScratch, pair_inputs};
