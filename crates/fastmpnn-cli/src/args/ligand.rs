//! Options about ligands and side chains as context, for networks that see them.

use fastmpnn_pipeline::request::{CUTOFF_RULE, ContextSettings, is_cutoff};

/// The context that such a network sees besides the backbone.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Ligands (--model ligand)")]
pub(crate) struct ContextArgs {
    /// Hide the atoms of ligands from the network and, in `design --pack`, from the packer.
    #[arg(long)]
    pub(crate) no_ligand: bool,
    /// Show the network the side chains of the residues that are not designed, as if they were ligands.
    #[arg(long)]
    pub(crate) side_chain_context: bool,
}

impl From<ContextArgs> for ContextSettings {
    fn from(args: ContextArgs) -> ContextSettings {
        let ContextArgs { no_ligand, side_chain_context } = args;
        ContextSettings { no_ligand, side_chain_context }
    }
}

/// Measures of residues near ligands.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Ligands (--model ligand)")]
pub(crate) struct NearLigandArgs {
    /// Residues with a ligand atom within this distance (Å) of their virtual CB count for ligand_confidence and
    /// ligand_recovery; 8 by default.
    #[arg(long, value_name = "DISTANCE", value_parser = cutoff)]
    pub(crate) ligand_cutoff: Option<f32>,
}

fn cutoff(text: &str) -> Result<f32, String> {
    let value = text.trim().parse().ok().filter(|&value| is_cutoff(value));
    value.ok_or_else(|| CUTOFF_RULE.to_owned())
}
