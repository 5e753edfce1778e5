//! [`Structure`](crate::structure::Structure) to [`Graph`]: who is whose neighbour, and what an edge is seen by.
//!
//! The edges' features are wide (N · K · 416 numbers) and used once, so a graph does not hold them: the featurizer
//! makes those of a few edges at a time, where the encoder wants them.

mod backbone;
mod graph;

pub(crate) use backbone::{BackboneFeatures, EdgeScratch};
pub use graph::Graph;
