//! Which residues are designed, and in which order they are decoded.

use std::path::PathBuf;

use fastmpnn_pipeline::fastmpnn::spec::OrderKind;
use fastmpnn_pipeline::input::TrbSource;
use fastmpnn_pipeline::request::ResidueSettings;

/// Which residues count.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Residues")]
pub(crate) struct ResidueArgs {
    /// The chains to design, such as A,B or not C; the others keep their sequence, which the network sees. All by
    /// default.
    #[arg(long, value_name = "CHAINS")]
    pub(crate) chains: Option<String>,
    /// Residues that keep their native letters, such as A1-10,B5. May be repeated.
    #[arg(long, value_name = "SELECTION")]
    pub(crate) fix: Vec<String>,
    /// Fix the residues labeled FIXED in a PDB file from Rosetta (REMARK PDBinfo-LABEL: 3 FIXED), as well as those of
    /// --fix. The labels number the protein residues of the file from 1.
    #[arg(long)]
    pub(crate) pdb_labels: bool,
    /// Fix the residues that RFdiffusion kept, as well as those of --fix, according to the .trb file that it wrote, or the
    /// .json file of RFdiffusion3: NAME.trb or NAME.json beside each NAME.pdb, or FILE with --trb=FILE. No code in it is
    /// run.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub(crate) trb: Option<Option<PathBuf>>,
    /// Design these residues only, such as A20-35 or 'within 5 of ligand'. Overrides --fix. May be repeated.
    #[arg(long, value_name = "SELECTION")]
    pub(crate) redesign: Vec<String>,
    /// The order in which residues are decoded: a new random order for each sample; N to C terminus, chain after chain;
    /// or by colors, random groups of residues that are not neighbors, which takes the fewest steps.
    #[arg(long, value_name = "random|chain|colored", default_value_t = ResidueSettings::default().order)]
    pub(crate) order: OrderKind,
}

impl From<ResidueArgs> for ResidueSettings {
    fn from(args: ResidueArgs) -> ResidueSettings {
        let ResidueArgs { chains, fix, pdb_labels, trb, redesign, order } = args;
        let trb = trb.map(|file| file.map_or(TrbSource::Beside, TrbSource::File));
        ResidueSettings { chains, fix, pdb_labels, trb, redesign, order }
    }
}
