//! What a run works with: what it may read, and where engines come from.

use std::num::NonZeroUsize;
use std::path::Path;

use fastmpnn::decode::MemoryLimit;
use fastmpnn::weights::Checkpoint;
use fastmpnn::{Engine, EngineOptions, Packer};

use crate::error::PipelineError;
use crate::input::Sources;
use crate::request::NetworkSettings;
use crate::threads;

/// Where a run's engines come from: loaded for it, or kept warm by the front end.
pub trait Engines {
    /// The engine of the network that a request chooses.
    fn engine(&mut self, network: &NetworkSettings) -> Result<Engine, PipelineError>;

    /// The packer of a published name or a file.
    fn packer(&mut self, checkpoint: &str) -> Result<Packer, PipelineError>;
}

/// Loads a network each time it is asked for one.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadEngines {
    /// Worker threads; as many as this process may use when `None`.
    pub threads: Option<NonZeroUsize>,
    /// What decoding may take beyond the encoding itself; half of what is free when `None`.
    pub memory_limit: Option<MemoryLimit>,
}

impl LoadEngines {
    fn options(&self) -> EngineOptions {
        EngineOptions {
            threads: Some(self.threads.unwrap_or_else(threads::available)),
            memory_limit: self.memory_limit,
            ..EngineOptions::default()
        }
    }
}

impl Engines for LoadEngines {
    fn engine(&mut self, network: &NetworkSettings) -> Result<Engine, PipelineError> {
        let options = EngineOptions { precision: network.precision, ..self.options() };
        Ok(Engine::with_checkpoint(&network.network()?.checkpoint()?, &options)?)
    }

    fn packer(&mut self, checkpoint: &str) -> Result<Packer, PipelineError> {
        let path = Path::new(checkpoint);
        let file = path.extension().is_some() || path.components().count() > 1;
        let checkpoint = if file { Checkpoint::open(path) } else { Checkpoint::find(checkpoint) };
        Packer::with_checkpoint(&checkpoint?, &self.options()).map_err(PipelineError::Packer)
    }
}

/// What a run works with.
pub struct Resources<'a> {
    /// What may be read.
    pub sources: Sources,
    /// Where engines come from.
    pub engines: &'a mut dyn Engines,
}
