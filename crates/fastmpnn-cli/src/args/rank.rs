//! What `fastmpnn rank` takes.

use std::path::PathBuf;

use fastmpnn_pipeline::request::RankRequest;

use super::selection::SelectionArgs;

/// `fastmpnn rank`.
#[derive(Debug, clap::Args)]
pub(crate) struct RankArgs {
    /// Tables of designs, such as designs.csv: CSV, JSON Lines or Parquet; and folders and datasets that `design` wrote.
    #[arg(value_name = "TABLE", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Keep the --top of each structure, which the column structure or name tells, instead of all.
    #[arg(long, requires = "top", help_heading = "Selection")]
    pub(crate) per_structure: bool,
    /// Write into this file instead of standard output, as its ending says: .csv, .jsonl or .parquet.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(crate) out: Option<PathBuf>,
    /// Print nothing on standard error but errors.
    #[arg(short, long, help_heading = "Running")]
    pub(crate) quiet: bool,
}

impl From<RankArgs> for RankRequest {
    fn from(args: RankArgs) -> RankRequest {
        let RankArgs { inputs, selection, per_structure, out, quiet: _ } = args;
        RankRequest { inputs, selection: selection.into(), per_structure, out }
    }
}
