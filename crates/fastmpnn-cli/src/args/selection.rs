//! Which designs are kept.

use clap::builder::RangedU64ValueParser;
use fastmpnn_pipeline::request::SelectionSettings;

/// Which designs are kept.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct SelectionArgs {
    /// Keep the designs that meet this condition, such as 'score < 1.0 and charge > -10'; docs/ranking.md lists the columns.
    /// May be repeated.
    #[arg(long, value_name = "CONDITION")]
    pub(crate) filter: Vec<String>,
    /// Keep only the best COUNT designs: of each structure in `design`; of all in `rank`, where --per-structure changes that.
    #[arg(long, value_name = "COUNT", value_parser = RangedU64ValueParser::<u64>::new().range(1..))]
    pub(crate) top: Option<u64>,
    /// Rank by this column or expression, the least first, such as 'rescored' or 'score + abs(charge) / 100'. Without it,
    /// rescored if there is one, else score.
    #[arg(long, value_name = "KEY")]
    pub(crate) by: Option<String>,
    /// Take the greatest for the best.
    #[arg(long)]
    pub(crate) descending: bool,
    /// Keep a design only if it differs from every better one that is kept at this fraction of the designed residues.
    #[arg(long, value_name = "FRACTION", value_parser = fraction)]
    pub(crate) min_distance: Option<f64>,
    /// Count the matches of a regular expression, overlapping ones included, as the column motif_NAME. May be repeated.
    #[arg(long, value_name = "NAME=REGEX")]
    pub(crate) motif: Vec<String>,
}

impl From<SelectionArgs> for SelectionSettings {
    fn from(args: SelectionArgs) -> SelectionSettings {
        let SelectionArgs { filter, top, by, descending, min_distance, motif } = args;
        SelectionSettings { filter, top, by, descending, min_distance, motif }
    }
}

fn fraction(text: &str) -> Result<f64, String> {
    let value = text.trim().parse().ok().filter(|value| (0.0..=1.0).contains(value));
    value.ok_or_else(|| "a distance is a fraction, from 0 to 1".to_owned())
}
