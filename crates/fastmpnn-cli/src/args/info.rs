//! What `fastmpnn info` takes.

use clap::ArgAction;

use super::input::InputArgs;

/// `fastmpnn info`.
#[derive(Debug, clap::Args)]
pub(crate) struct InfoArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// What to show.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Report")]
pub(crate) struct ReportArgs {
    /// List every residue: index from 0, id, name, letter, position along the chain including gaps, whether it is
    /// masked.
    #[arg(long)]
    pub(crate) map: bool,
    /// Print everything as JSON, one line for each file.
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "map")]
    pub(crate) json: bool,
}
