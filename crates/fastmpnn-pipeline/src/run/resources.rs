//! The resources of a run: the sources that it may read, and its engines.

use std::num::NonZeroUsize;
use std::path::Path;

use fastmpnn::decode::MemoryLimit;
use fastmpnn::error::EngineError;
use fastmpnn::weights::Checkpoint;
use fastmpnn::{Engine, EngineOptions, Packer, Workers};

use crate::error::PipelineError;
use crate::input::Sources;
use crate::request::NetworkSettings;
use crate::threads;

/// A provider of engines: loaded for a run, or kept in memory by the front end.
pub trait Engines {
    /// The engine for the network that a request chooses.
    fn engine(&mut self, network: &NetworkSettings) -> Result<Engine, PipelineError>;

    /// The packer for a published name or a file.
    fn packer(&mut self, checkpoint: &str) -> Result<Packer, PipelineError>;
}

/// Loads a network on each call; all of them share the same worker threads.
#[derive(Clone, Debug, Default)]
pub struct LoadEngines {
    /// Worker threads; as many as this process may use when `None`.
    threads: Option<NonZeroUsize>,
    /// What decoding may take beyond the encoding itself; half of what is free when `None`.
    memory_limit: Option<MemoryLimit>,
    /// Started with the first network.
    workers: Option<Workers>,
}

impl LoadEngines {
    /// Engines with the given number of threads (all that this process may use when `None`) and the given memory for
    /// decoding in addition to the encoding (half of the free memory when `None`).
    pub fn new(threads: Option<NonZeroUsize>, memory_limit: Option<MemoryLimit>) -> LoadEngines {
        LoadEngines { threads, memory_limit, workers: None }
    }

    fn workers(&mut self) -> Result<Workers, EngineError> {
        if let Some(workers) = &self.workers {
            return Ok(workers.clone());
        }
        let workers = Workers::new(self.options().threads)?;
        Ok(self.workers.insert(workers).clone())
    }

    fn options(&self) -> EngineOptions {
        EngineOptions::default()
            .with_threads(Some(self.threads.unwrap_or_else(threads::available)))
            .with_memory_limit(self.memory_limit)
    }
}

impl Engines for LoadEngines {
    fn engine(&mut self, network: &NetworkSettings) -> Result<Engine, PipelineError> {
        let options = self.options().with_precision(network.precision);
        let checkpoint = network.network()?.checkpoint()?;
        Ok(Engine::with_workers(&checkpoint, &options, &self.workers()?)?)
    }

    fn packer(&mut self, checkpoint: &str) -> Result<Packer, PipelineError> {
        let path = Path::new(checkpoint);
        let file = path.extension().is_some() || path.components().count() > 1;
        let checkpoint = if file { Checkpoint::open(path) } else { Checkpoint::find(checkpoint) };
        let (checkpoint, workers) = (checkpoint?, self.workers().map_err(PipelineError::Packer)?);
        Packer::with_workers(&checkpoint, &self.options(), &workers).map_err(PipelineError::Packer)
    }
}

/// The resources of a run.
pub struct Resources<'a> {
    /// The sources that may be read.
    pub sources: Sources,
    /// The provider of engines.
    pub engines: &'a mut dyn Engines,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_networks_work_on_the_same_threads() {
        let mut engines = LoadEngines::new(NonZeroUsize::new(2), None);
        let first = engines.engine(&NetworkSettings::default()).unwrap();
        let second = engines.engine(&NetworkSettings::default()).unwrap();
        assert_eq!((first.threads(), second.threads()), (2, 2));
        assert!(first.workers().is_pool_of(second.workers()));
        let mut others = LoadEngines::new(NonZeroUsize::new(2), None);
        assert!(!first.workers().is_pool_of(others.engine(&NetworkSettings::default()).unwrap().workers()));
    }
}
