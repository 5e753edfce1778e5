//! Options that label residues for the membrane networks.

use fastmpnn::spec::{DesignSpec, MembraneLabel};

/// What the membrane networks are told.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Membrane networks")]
pub(crate) struct MembraneArgs {
    /// The label of the whole protein, for --model membrane-global; soluble where nothing is said.
    #[arg(long, value_name = "soluble|transmembrane")]
    pub(crate) membrane_global: Option<MembraneLabel>,
    /// Residues buried in the membrane, such as A20-35,A41, for --model membrane-residue. May be repeated.
    #[arg(long, value_name = "SELECTION")]
    pub(crate) membrane_buried: Vec<String>,
    /// Residues in the membrane's interface with water, for the same. All others are neither. May be repeated.
    #[arg(long, value_name = "SELECTION")]
    pub(crate) membrane_interface: Vec<String>,
}

impl MembraneArgs {
    /// The specification with these labels.
    pub(crate) fn label(self, spec: DesignSpec) -> DesignSpec {
        let MembraneArgs { membrane_global, membrane_buried, membrane_interface } = self;
        DesignSpec { membrane_global, membrane_buried, membrane_interface, ..spec }
    }
}
