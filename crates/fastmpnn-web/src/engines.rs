//! Networks that are kept in memory: one engine for each, on the same threads.

use std::sync::{Arc, Mutex, PoisonError};

use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::fastmpnn::{Engine, Packer, Precision};
use fastmpnn_pipeline::request::{Network, NetworkSettings};
use fastmpnn_pipeline::run::{Encodings, Engines, LoadEngines};

/// Networks kept at once; the one that was used longest ago goes first.
const KEPT: usize = 8;
/// Encodings of the last structures, for those who design one again.
const KEPT_ENCODINGS: usize = 4;

/// Networks that are kept in memory. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct KeptEngines {
    kept: Arc<Mutex<Kept>>,
    encodings: Encodings,
}

#[derive(Debug)]
struct Kept {
    load: LoadEngines,
    engines: Vec<(EngineKey, Engine)>,
    packers: Vec<(String, Packer)>,
}

#[derive(Clone, Debug, PartialEq)]
struct EngineKey {
    checkpoint: &'static str,
    precision: Precision,
}

impl KeptEngines {
    pub(crate) fn new(load: LoadEngines) -> KeptEngines {
        let kept = Kept { load, engines: Vec::new(), packers: Vec::new() };
        KeptEngines { kept: Arc::new(Mutex::new(kept)), encodings: Encodings::keeping(KEPT_ENCODINGS) }
    }

    /// Encodings of the last structures.
    pub(crate) fn encodings(&self) -> Encodings {
        self.encodings.clone()
    }

    /// The number of networks in memory.
    pub(crate) fn count(&self) -> usize {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.engines.len() + kept.packers.len()
    }
}

impl Engines for KeptEngines {
    fn engine(&mut self, network: &NetworkSettings) -> Result<Engine, PipelineError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Network::Published(known) = network.network()? else { return kept.load.engine(network) };
        let key = EngineKey { checkpoint: known.name, precision: network.precision };
        let engine = match kept.engines.iter().position(|(other, _)| *other == key) {
            Some(place) => kept.engines.remove(place).1,
            None => kept.load.engine(network)?,
        };
        kept.engines.push((key, engine.clone()));
        if kept.engines.len() > KEPT {
            kept.engines.remove(0);
        }
        Ok(engine)
    }

    fn packer(&mut self, checkpoint: &str) -> Result<Packer, PipelineError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, packer)) = kept.packers.iter().find(|(name, _)| name == checkpoint) {
            return Ok(packer.clone());
        }
        let packer = kept.load.packer(checkpoint)?;
        kept.packers.push((checkpoint.to_owned(), packer.clone()));
        Ok(packer)
    }
}
