//! Structures and designs to files.

mod entities;
mod fasta;
mod format;
mod mmcif;
mod npy;
mod pdb;
mod table;
mod written;
mod zip;

pub use fasta::{chains_joined, write_record};
pub use format::{StructureFormat, choose_format};
pub use npy::{NamedArray, Values, write_npy, write_npz};
pub use table::{
    DesignRow, LigandMeasures, PackRow, ResidueScoreRow, ScoreRow, write_designs, write_letter_table, write_packs,
    write_residue_scores, write_scores,
};
pub use written::WrittenStructure;
