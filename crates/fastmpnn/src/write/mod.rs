//! Structures and designs to files.

mod fasta;
mod mmcif;
mod npy;
mod packed_atoms;
mod pdb;
mod table;
mod zip;

pub use fasta::{chains_joined, write_record};
pub use mmcif::write_packing as write_packing_mmcif;
pub use npy::{NamedArray, Values, write_npy, write_npz};
pub use pdb::{write_backbone, write_packing as write_packing_pdb};
pub use table::{
    DesignRow, LigandMeasures, PackRow, ResidueScoreRow, ScoreRow, write_designs, write_letter_table, write_packs,
    write_residue_scores, write_scores,
};
