//! What `fastmpnn collect` takes.

use std::path::PathBuf;

use fastmpnn_pipeline::request::CollectRequest;

/// `fastmpnn collect`.
#[derive(Debug, clap::Args)]
pub(crate) struct CollectArgs {
    /// Datasets of `design --table`, also unfinished ones; folders of `design -o`; tables of designs: CSV, JSON Lines or
    /// Parquet.
    #[arg(value_name = "FOLDER|TABLE", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Write into this file instead of standard output, as its ending says: .csv, .jsonl or .parquet.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(crate) out: Option<PathBuf>,
    /// Print nothing on standard error but errors.
    #[arg(short, long, help_heading = "Running")]
    pub(crate) quiet: bool,
}

impl From<CollectArgs> for CollectRequest {
    fn from(args: CollectArgs) -> CollectRequest {
        let CollectArgs { inputs, out, quiet: _ } = args;
        CollectRequest { inputs, out }
    }
}
