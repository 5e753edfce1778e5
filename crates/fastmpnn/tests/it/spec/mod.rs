//! The spec stage: settings in the numbering of the file → a plan by residue index.

mod by_residue;
mod expressions;
mod grammar;
mod hostile;
mod membrane;
mod plan;
mod ties;
pub(crate) mod wishes;
