//! The format of the structures that a command writes.

use fastmpnn_pipeline::fastmpnn::write::StructureFormat;

/// In which format.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct StructureFormatArgs {
    /// The format of structures. By default PDB, or mmCIF (.cif) for structures that do not fit into PDB files: chain
    /// ids of more than one character, residue names of more than three, more than 99,999 atoms. With `pdb` such names
    /// are replaced, and REMARK 6 lists the replacements.
    #[arg(long, value_enum, value_name = "pdb|cif")]
    pub(crate) structure_format: Option<StructureFormat>,
}
