//! The trained part of the features: a graph's geometry to the states that the layers start from.

mod edges;
mod nodes;
mod places;
mod side_chains;

pub(crate) use edges::{EdgeFeatures, EdgeScratch};
pub(crate) use nodes::InitialNodes;
pub(crate) use places::{ContextLayout, ELEMENTS, PlaceFeatures, PlaceScratch, element_states, pair_states};
pub(crate) use side_chains::{SideChainFeatures, SideChainScratch, pair_inputs};
