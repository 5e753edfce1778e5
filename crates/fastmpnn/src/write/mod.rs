//! Structures and designs to files.

mod pdb;

pub use pdb::write_backbone;
