//! Structures and designs to files.

mod design_table;
mod entities;
mod fasta;
mod format;
mod mmcif;
mod npy;
mod pdb;
mod pdb_columns;
mod pdb_names;
mod table;
mod written;

pub use design_table::{DesignColumns, DesignRow, GoalMeasures, LigandMeasures};
pub use fasta::{chains_by_id, chains_joined, write_record};
pub use format::{StructureFormat, choose_format};
pub use npy::{NamedArray, Values, write_npy, write_npz};
pub use table::{
    PackRow, ResidueScoreRow, ScoreRow, write_letter_table, write_packs, write_residue_scores, write_scores,
};
pub use written::WrittenStructure;
