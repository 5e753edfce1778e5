//! Networks in memory.

use std::collections::BTreeMap;

use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::fastmpnn::decode::MemoryLimit;
use fastmpnn_pipeline::fastmpnn::error::WeightsError;
use fastmpnn_pipeline::fastmpnn::model::Precision;
use fastmpnn_pipeline::fastmpnn::weights::{Checkpoint, PublishedCheckpoint};
use fastmpnn_pipeline::fastmpnn::{Engine, EngineOptions, Packer, Workers};
use fastmpnn_pipeline::request::{Network, NetworkSettings};
use fastmpnn_pipeline::run::Engines;

/// What decoding may take beyond encodings: a part of the 4 GiB that WebAssembly has.
const MEMORY_LIMIT: MemoryLimit = MemoryLimit(1 << 30);

/// The networks that the page has loaded, by the names under which requests find them.
#[derive(Debug, Default)]
pub(crate) struct LoadedEngines {
    checkpoints: BTreeMap<String, Checkpoint>,
    engines: Vec<LoadedEngine>,
    workers: Option<Workers>,
}

#[derive(Debug)]
struct LoadedEngine {
    name: String,
    precision: Precision,
    engine: Engine,
}

impl LoadedEngines {
    /// Adds a network; its name for requests is the published one where it is published, whatever its file is called.
    pub(crate) fn add(&mut self, file: &str, bytes: &[u8]) -> Result<AddedCheckpoint, PipelineError> {
        let named = |name: &str| Ok::<_, PipelineError>(Checkpoint::from_bytes(name, bytes)?);
        let read = named(file)?;
        // The default network is stored without what a published file has beside its tensors, and names that file.
        let sha256 = read.metadata("source_sha256").unwrap_or(read.sha256());
        let known = PublishedCheckpoint::with_sha256(sha256);
        let name = known.map_or(file, |known| known.name).to_owned();
        let shown = known.map(|known| known.name.strip_prefix("proteinmpnn_").unwrap_or(known.name));
        let checkpoint = match shown {
            Some(shown) => named(shown)?,
            None => read,
        };
        self.engines.retain(|loaded| loaded.name != name);
        self.checkpoints.insert(name.clone(), checkpoint);
        let engine = self.engine_of(&name, Precision::default())?;
        Ok(AddedCheckpoint { file: file.to_owned(), name, published: known, engine })
    }

    fn engine_of(&mut self, name: &str, precision: Precision) -> Result<Engine, PipelineError> {
        let known = |loaded: &&LoadedEngine| loaded.name == name && loaded.precision == precision;
        if let Some(loaded) = self.engines.iter().find(known) {
            return Ok(loaded.engine.clone());
        }
        let Some(checkpoint) = self.checkpoints.get(name) else {
            let (name, folder) = (name.to_owned(), "this page: drop its file here".to_owned());
            return Err(WeightsError::Absent { name, folder }.into());
        };
        let workers = match &self.workers {
            Some(workers) => workers.clone(),
            None => self.workers.insert(Workers::new(None)?).clone(),
        };
        let options = EngineOptions::default().with_precision(precision).with_memory_limit(Some(MEMORY_LIMIT));
        let engine = Engine::with_workers(checkpoint, &options, &workers)?;
        self.engines.push(LoadedEngine { name: name.to_owned(), precision, engine: engine.clone() });
        Ok(engine)
    }
}

/// A network that was added.
pub(crate) struct AddedCheckpoint {
    pub(crate) file: String,
    pub(crate) name: String,
    pub(crate) published: Option<&'static PublishedCheckpoint>,
    pub(crate) engine: Engine,
}

impl Engines for LoadedEngines {
    fn engine(&mut self, network: &NetworkSettings) -> Result<Engine, PipelineError> {
        let name = match network.network()? {
            Network::Published(known) => known.name.to_owned(),
            Network::File(path) => path.display().to_string(),
        };
        self.engine_of(&name, network.precision)
    }

    fn packer(&mut self, checkpoint: &str) -> Result<Packer, PipelineError> {
        let folder = "this page: side chains are packed by the program".to_owned();
        Err(WeightsError::Absent { name: checkpoint.to_owned(), folder }.into())
    }
}
