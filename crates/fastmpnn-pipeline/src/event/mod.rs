//! What is said of a run while it goes on.

mod ligand_report;

pub use ligand_report::Context;
