//! Options for a results folder and for the measures of designs.

use fastmpnn_pipeline::request::FolderSettings;

/// How results are written.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct FolderArgs {
    /// Write into a folder that holds the results of another run. The files that run listed, and no others, are removed
    /// first. Without this option, such a folder is refused.
    #[arg(long, requires = "out")]
    pub(crate) overwrite: bool,
    /// The separator between the chains of a sequence: `/`, or `:` as ColabFold expects.
    #[arg(long, value_name = "/|:", default_value_t = FolderSettings::default().chain_separator, value_parser = chain_separator)]
    pub(crate) chain_separator: char,
}

/// Measures of designs.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Sampling")]
pub(crate) struct RescoringArgs {
    /// Also score each design in this number of random decoding orders and add the mean as `rescored`, as `fastmpnn
    /// score
    /// --num-orders` computes it; designs.csv is then sorted by it. The score of a design refers to the one order that
    /// it was drawn in, and depends on it.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) rescore_orders: Option<u32>,
}

fn chain_separator(text: &str) -> Result<char, String> {
    match text {
        "/" => Ok('/'),
        ":" => Ok(':'),
        _ => Err("chains are separated by / or :".to_owned()),
    }
}
