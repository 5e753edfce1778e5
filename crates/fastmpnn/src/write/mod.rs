//! Structures and designs to files.

mod fasta;
mod npy;
mod pdb;
mod table;
mod zip;

pub use fasta::{chains_joined, write_record};
pub use npy::{NamedArray, Values, write_npy, write_npz};
pub use pdb::write_backbone;
pub use table::{
    DesignRow, LigandMeasures, ResidueScoreRow, ScoreRow, write_designs, write_letter_table, write_residue_scores,
    write_scores,
};
