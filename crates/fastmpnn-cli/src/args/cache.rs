//! Options of encodings that are kept from one run to the next.

use std::path::{Path, PathBuf};

use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::fastmpnn::model::StoredPrecision;
use fastmpnn_pipeline::run::Encodings;

/// Where encodings are kept.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct CacheArgs {
    /// Keep the encodings of structures in this folder, and take those that are there, from `fastmpnn encode` or an
    /// earlier run. Results do not depend on it.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) cache: Option<PathBuf>,
    /// The numbers of the encodings in the cache: f32, as they are, or f16, which takes half the space; results then
    /// are those of rounded encodings.
    #[arg(long, value_name = "f32|f16", default_value_t, requires = "cache")]
    pub(crate) cache_precision: StoredPrecision,
}

impl CacheArgs {
    /// What they say to keep.
    pub(crate) fn encodings(&self) -> Result<Encodings, PipelineError> {
        match &self.cache {
            Some(folder) => encodings_in(folder, self.cache_precision),
            None => Ok(Encodings::default()),
        }
    }
}

/// Encodings in a folder.
pub(crate) fn encodings_in(folder: &Path, stored: StoredPrecision) -> Result<Encodings, PipelineError> {
    Ok(Encodings::default().in_folder(folder, stored)?)
}
