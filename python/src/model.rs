//! A network on the threads of this process.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::fastmpnn::decode::MemoryLimit;
use fastmpnn_pipeline::fastmpnn::model::StoredPrecision;
use fastmpnn_pipeline::fastmpnn::{Engine, EngineOptions, Packer, Workers};
use fastmpnn_pipeline::request::{DesignRequest, NetworkSettings, Request};
use fastmpnn_pipeline::run::{Encodings, Engines, packer_checkpoint};
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;

use crate::errors::{ErrorData, Raise};
use crate::pool;

/// Packers by the name or path that they were asked for with.
type Packers = Arc<Mutex<HashMap<String, Packer>>>;

/// A network.
#[pyclass(frozen, module = "fastmpnn._fastmpnn")]
pub(crate) struct Model {
    threads: Option<NonZeroUsize>,
    cache: Option<Cache>,
    /// Locked by threads that hold the interpreter only, so that no fork leaves it locked.
    warm: Mutex<WarmEngine>,
    packers: Packers,
}

/// A folder of encodings.
struct Cache {
    folder: PathBuf,
    stored: StoredPrecision,
}

/// The engine and the fork that its threads belong to.
struct WarmEngine {
    generation: u64,
    engine: Engine,
}

#[pymethods]
impl Model {
    /// `settings` are those of a request's network, as JSON; `cache` is a folder and the numbers of what is kept there.
    #[new]
    #[pyo3(signature = (settings, threads, memory_limit, cache))]
    fn new(
        py: Python<'_>,
        settings: &str,
        threads: Option<usize>,
        memory_limit: Option<u64>,
        cache: Option<(PathBuf, String)>,
    ) -> PyResult<Model> {
        let threads = match threads {
            None => None,
            Some(threads) => match NonZeroUsize::new(threads) {
                Some(threads) => Some(threads),
                None => return Err(ErrorData::setting("threads: 1 or more").raise(py)),
            },
        };
        let memory_limit = memory_limit.map(MemoryLimit);
        let cache = match cache {
            None => None,
            Some((folder, stored)) => match stored.parse() {
                Ok(stored) => Some(Cache { folder, stored }),
                Err(error) => return Err(ErrorData::setting(format!("cache_precision: {error}")).raise(py)),
            },
        };
        let pool = pool::pool(threads).or_raise(py)?;
        let engine = py.detach(|| load(settings, memory_limit, &pool.workers)).or_raise(py)?;
        let warm = Mutex::new(WarmEngine { generation: pool.generation, engine });
        let model = Model { threads, cache, warm, packers: Packers::default() };
        // A folder that cannot be made is refused now, not when something is encoded.
        model.encodings(py, 0)?;
        Ok(model)
    }

    #[getter]
    fn name(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.engine(py)?.checkpoint_name().to_owned())
    }

    #[getter]
    fn sha256(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.engine(py)?.checkpoint_sha256().to_owned())
    }

    #[getter]
    fn family(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("{:?}", self.engine(py)?.model().config().family))
    }

    #[getter]
    fn precision(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.engine(py)?.precision().to_string())
    }

    #[getter]
    fn instruction_set(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.engine(py)?.instructions())
    }

    #[getter]
    fn threads(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.engine(py)?.threads())
    }

    /// K
    #[getter]
    fn neighbors(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.engine(py)?.model().config().neighbors)
    }

    /// H
    #[getter]
    fn hidden(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.engine(py)?.model().config().hidden)
    }

    /// W_s. `[V, H]`
    #[getter]
    fn letter_embedding<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let engine = self.engine(py)?;
        let (values, hidden) = (engine.model().letter_embedding(), engine.model().config().hidden);
        PyArray1::from_slice(py, values).reshape([values.len() / hidden, hidden])
    }
}

impl Model {
    /// The engine, on threads that this process has.
    pub(crate) fn engine(&self, py: Python<'_>) -> PyResult<Engine> {
        let mut warm = self.warm.lock().unwrap_or_else(PoisonError::into_inner);
        if warm.generation != pool::generation() {
            let pool = pool::pool(self.threads).or_raise(py)?;
            let engine = warm.engine.on_workers(&pool.workers);
            *warm = WarmEngine { generation: pool.generation, engine };
        }
        Ok(warm.engine.clone())
    }

    /// Encodings of a structure: the last ones in memory, and all of them in the folder, where there is one.
    pub(crate) fn encodings(&self, py: Python<'_>, kept: usize) -> PyResult<Encodings> {
        let encodings = Encodings::keeping(kept);
        match &self.cache {
            None => Ok(encodings),
            Some(Cache { folder, stored }) => {
                encodings.in_folder(folder, *stored).map_err(PipelineError::from).or_raise(py)
            }
        }
    }

    /// The engine and its packers, for a run.
    pub(crate) fn engines(&self, py: Python<'_>) -> PyResult<WarmEngines> {
        Ok(WarmEngines { engine: self.engine(py)?, packers: self.packers.clone() })
    }
}

fn load(settings: &str, memory_limit: Option<MemoryLimit>, workers: &Workers) -> Result<Engine, PipelineError> {
    let network = DesignRequest::from_json(settings)?.network;
    let mut options = EngineOptions::default();
    options.memory_limit = memory_limit;
    options.precision = network.precision;
    let checkpoint = network.network()?.checkpoint()?;
    Ok(Engine::with_workers(&checkpoint, &options, workers)?)
}

/// One engine, whatever network a request names, and packers that are loaded once.
pub(crate) struct WarmEngines {
    pub(crate) engine: Engine,
    packers: Packers,
}

impl Engines for WarmEngines {
    fn engine(&mut self, _: &NetworkSettings) -> Result<Engine, PipelineError> {
        Ok(self.engine.clone())
    }

    fn packer(&mut self, checkpoint: &str) -> Result<Packer, PipelineError> {
        let workers = self.engine.workers();
        let mut packers = self.packers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(packer) = packers.get(checkpoint) {
            return Ok(if packer.workers().is_pool_of(workers) { packer.clone() } else { packer.on_workers(workers) });
        }
        let packer = Packer::with_workers(&packer_checkpoint(checkpoint)?, &EngineOptions::default(), workers);
        let packer = packer.map_err(PipelineError::Packer)?;
        packers.insert(checkpoint.to_owned(), packer.clone());
        Ok(packer)
    }
}
