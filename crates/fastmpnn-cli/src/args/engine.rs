//! The network, the labels that it may need, and how it runs.

use fastmpnn_pipeline::request::{MembraneSettings, NetworkSettings};

use super::cache::CacheArgs;
use super::membrane::MembraneArgs;
use super::network::NetworkArgs;
use super::run::RunArgs;

/// The network, the labels that it may need, and how it runs.
#[derive(Debug, clap::Args)]
pub(crate) struct EngineArgs {
    #[command(flatten)]
    pub(crate) membrane: MembraneArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    #[command(flatten)]
    pub(crate) cache: CacheArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

impl EngineArgs {
    /// The settings of a request.
    pub(crate) fn settings(self) -> (MembraneSettings, NetworkSettings) {
        (self.membrane.into(), self.network.settings(self.run.precision))
    }
}
