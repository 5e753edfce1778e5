//! The resources of a run: the sources that it may read, and its engines.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use fastmpnn::decode::MemoryLimit;
use fastmpnn::error::EngineError;
use fastmpnn::spec::ByResidue;
use fastmpnn::weights::Checkpoint;
use fastmpnn::{Engine, EngineOptions, LogitsHook, Packer, Workers};

use super::Encodings;
use crate::error::PipelineError;
use crate::event::{NoteKind, Reporter};
use crate::input::Sources;
use crate::message::Field;
use crate::output::ReportForm;
use crate::request::NetworkSettings;
use crate::threads;

/// A provider of engines: loaded for a run, or kept in memory by the front end.
pub trait Engines {
    /// The engine for the network that a request chooses.
    fn engine(&mut self, network: &NetworkSettings) -> Result<Engine, PipelineError>;

    /// The packer for a published name or a file.
    fn packer(&mut self, checkpoint: &str) -> Result<Packer, PipelineError>;
}

/// The packer's checkpoint that a request names: one of a published name, or a file.
pub fn packer_checkpoint(name: &str) -> Result<Checkpoint, PipelineError> {
    let path = Path::new(name);
    let file = path.extension().is_some() || path.components().count() > 1;
    Ok(if file { Checkpoint::open(path)? } else { Checkpoint::find(name)? })
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
        let (checkpoint, workers) = (packer_checkpoint(checkpoint)?, self.workers().map_err(PipelineError::Packer)?);
        Packer::with_workers(&checkpoint, &self.options(), &workers).map_err(PipelineError::Packer)
    }
}

/// What a request is given in values and functions instead of text, by front ends that have them.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Values {
    /// Sets and tables of residues, which hold for every structure of the run.
    pub by_residue: ByResidue,
    /// Hooks that see the logits before letters are drawn.
    pub hooks: Vec<Arc<dyn LogitsHook>>,
    /// Whether `design` leaves the native sequence without scores, for front ends that show none.
    pub no_native_scores: bool,
    /// The number, from 0, of the first sample that `design` draws of each structure and temperature. Any division of the
    /// numbers among runs makes the same designs.
    pub first_sample: u64,
}

impl Values {
    /// Whether there is any that results depend on.
    pub(crate) fn given(&self) -> bool {
        self.by_residue != ByResidue::default() || !self.hooks.is_empty() || self.first_sample > 0
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Values { by_residue, hooks, no_native_scores, first_sample } = self;
        out.debug_struct("Values")
            .field("by_residue", by_residue)
            .field("hooks", &hooks.len())
            .field("no_native_scores", no_native_scores)
            .field("first_sample", first_sample)
            .finish()
    }
}

/// The resources of a run.
#[non_exhaustive]
pub struct Resources<'a> {
    /// The sources that may be read.
    pub sources: Sources,
    /// The provider of engines.
    pub engines: &'a mut dyn Engines,
    /// Encodings to use again.
    pub encodings: Encodings,
    /// What the request is given beside its text.
    pub values: Values,
    /// How reports are written.
    pub report: ReportForm,
}

impl<'a> Resources<'a> {
    /// With those sources and engines, without encodings to use again, and nothing beside the request.
    pub fn new(sources: Sources, engines: &'a mut dyn Engines) -> Resources<'a> {
        let (encodings, values, report) = (Encodings::default(), Values::default(), ReportForm::default());
        Resources { sources, engines, encodings, values, report }
    }

    /// The engine for the network that a request chooses. Where this processor computes its precision in another way than
    /// its name says, a note says how.
    pub(crate) fn engine(
        &mut self,
        network: &NetworkSettings,
        reporter: &mut Reporter<'_>,
    ) -> Result<Engine, PipelineError> {
        let engine = self.engines.engine(network)?;
        if let Some(sentence) = network.precision.substitute(engine.kernels()) {
            reporter.note(
                None,
                NoteKind::Precision,
                format!("{} {}: {sentence}", Field("precision"), network.precision),
            );
        }
        Ok(engine)
    }

    /// Using and keeping these encodings.
    #[must_use]
    pub fn with_encodings(mut self, encodings: Encodings) -> Resources<'a> {
        self.encodings = encodings;
        self
    }

    /// With reports of this form.
    #[must_use]
    pub fn with_report(mut self, report: ReportForm) -> Resources<'a> {
        self.report = report;
        self
    }

    /// With these values beside the request.
    #[must_use]
    pub fn with_values(mut self, values: Values) -> Resources<'a> {
        self.values = values;
        self
    }
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
