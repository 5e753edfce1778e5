//! Encodings kept from one run to the next.

use std::sync::{Arc, Mutex, PoisonError};

use fastmpnn::error::EngineError;
use fastmpnn::model::Precision;
use fastmpnn::spec::{Environment, States, StatesPlan};
use fastmpnn::structure::{Fingerprint, Structure};
use fastmpnn::{Encoding, Engine};

/// Encodings that later runs on the same structures use again. Clones share them; the default keeps none.
#[derive(Clone, Debug, Default)]
pub struct Encodings {
    capacity: usize,
    /// The last one used stands last.
    kept: Arc<Mutex<Vec<KeptEncoding>>>,
}

#[derive(Debug)]
struct KeptEncoding {
    key: EncodingKey,
    encoding: Encoding,
}

/// What an encoding depends on.
#[derive(Clone, Debug, PartialEq)]
struct EncodingKey {
    checkpoint_sha256: String,
    precision: Precision,
    /// K
    neighbors: usize,
    states: Vec<EncodedState>,
}

/// What an encoding depends on in one state of the protein.
#[derive(Clone, Debug, PartialEq)]
struct EncodedState {
    structure: Fingerprint,
    environment: Environment,
}

impl Encodings {
    /// Keeps the last `capacity` encodings that were used.
    pub fn keeping(capacity: usize) -> Encodings {
        Encodings { capacity, kept: Arc::default() }
    }

    /// The encoding of all states of a protein.
    pub(crate) fn of_states(
        &self,
        engine: &Engine,
        states: &States,
        plan: &StatesPlan,
    ) -> Result<Encoding, EngineError> {
        let keys = states.structures().iter().zip(&plan.environment);
        self.get_or_make(engine, keys, || engine.encode_states(states, plan))
    }

    /// The encoding of a structure in an environment.
    pub(crate) fn of_structure(
        &self,
        engine: &Engine,
        structure: &Structure,
        environment: &Environment,
    ) -> Result<Encoding, EngineError> {
        self.get_or_make(engine, [(structure, environment)], || engine.encode_with(structure, environment))
    }

    fn get_or_make<'a>(
        &self,
        engine: &Engine,
        states: impl IntoIterator<Item = (&'a Structure, &'a Environment)>,
        make: impl FnOnce() -> Result<Encoding, EngineError>,
    ) -> Result<Encoding, EngineError> {
        if self.capacity == 0 {
            return make();
        }
        let of_state = |(structure, environment): (&Structure, &Environment)| EncodedState {
            structure: structure.fingerprint(),
            environment: environment.clone(),
        };
        let key = EncodingKey {
            checkpoint_sha256: engine.checkpoint_sha256().to_owned(),
            precision: engine.precision(),
            neighbors: engine.model().config().neighbors,
            states: states.into_iter().map(of_state).collect(),
        };
        if let Some(encoding) = self.find(&key) {
            return Ok(encoding);
        }
        // Not under the lock: two callers may make the same, and neither waits for the other.
        let encoding = make()?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(KeptEncoding { key, encoding: encoding.clone() });
        if kept.len() > self.capacity {
            kept.remove(0);
        }
        Ok(encoding)
    }

    fn find(&self, key: &EncodingKey) -> Option<Encoding> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.iter().position(|kept| kept.key == *key)?;
        let found = kept.remove(place);
        let encoding = found.encoding.clone();
        kept.push(found);
        Some(encoding)
    }
}
