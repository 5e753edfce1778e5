//! The sequence logo of a result.

use std::path::PathBuf;

use fastmpnn_pipeline::draw::LogoAxis;
use fastmpnn_pipeline::request::LogoSettings;

/// The sequence logo of a result.
#[derive(Debug, clap::Args)]
pub(crate) struct LogoArgs {
    /// Draw the sequence logo to this SVG file. A folder, whose name has no ending, takes NAME.svg of each structure
    /// NAME.
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) logo: Option<PathBuf>,
    /// The height of the logo's letters: bits, p times the information log2 20 − entropy; or probability, p alone.
    #[arg(long, value_enum, hide_possible_values = true, value_name = "bits|probability", default_value_t = LogoSettings::default().logo_axis)]
    pub(crate) logo_axis: LogoAxis,
}

impl From<LogoArgs> for LogoSettings {
    fn from(args: LogoArgs) -> LogoSettings {
        let LogoArgs { logo, logo_axis } = args;
        LogoSettings { logo, logo_axis }
    }
}
