//! Encodings kept from one structure to the next, and from one run to the next.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use fastmpnn::model::{Precision, StoredPrecision};
use fastmpnn::spec::{Environment, States, StatesPlan};
use fastmpnn::structure::{Fingerprint, Structure};
use fastmpnn::{Encoding, Engine};
use sha2::{Digest, Sha256};

use super::encoding_folder::{EncodingFolder, Entry};
use crate::error::PipelineError;
use crate::output::OutputFailure;

/// Encodings that later runs on the same structures use again: the last ones in memory, all of them in a folder, or
/// both. Clones share them; the default keeps none.
#[derive(Clone, Debug, Default)]
pub struct Encodings {
    capacity: usize,
    /// The last one used stands last.
    kept: Arc<Mutex<Vec<KeptEncoding>>>,
    folder: Option<Arc<EncodingFolder>>,
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
    residues: usize,
    environment: Environment,
}

impl EncodingKey {
    /// SHA-256 of all of it, of the version of the program and of the numbers it is stored in, in hexadecimal digits.
    fn sha256(&self, engine: &Engine, stored: StoredPrecision) -> String {
        let EncodingKey { checkpoint_sha256, precision, neighbors, states } = self;
        let mut sha256 = Sha256::new();
        let version = env!("CARGO_PKG_VERSION");
        sha256.update(format!("{version} {stored} {checkpoint_sha256} {precision} {neighbors}"));
        for EncodedState { structure, residues, environment } in states {
            let environment = engine.environment_fingerprint(environment, *residues);
            sha256.update(format!(" {structure} {environment}"));
        }
        format!("{:x}", sha256.finalize())
    }
}

impl Encodings {
    /// Keeps the last `capacity` encodings that were used.
    pub fn keeping(capacity: usize) -> Encodings {
        Encodings { capacity, ..Encodings::default() }
    }

    /// Also keeps them in a folder, which is made where it is missing, and takes those that are there. Every entry is
    /// checked before it is used, and a damaged one is replaced. A folder that must not be written is only read.
    ///
    /// In [`StoredPrecision::F16`] entries take half the space, and every encoding is rounded, whether it was there
    /// already or not.
    pub fn in_folder(self, folder: &Path, stored: StoredPrecision) -> Result<Encodings, OutputFailure> {
        Ok(Encodings { folder: Some(Arc::new(EncodingFolder::open(folder, stored)?)), ..self })
    }

    /// Whether they are kept in a folder.
    pub(crate) fn has_folder(&self) -> bool {
        self.folder.is_some()
    }

    /// The precision that encodings are rounded to, where they are.
    pub(crate) fn rounded_to(&self) -> Option<StoredPrecision> {
        self.folder.as_ref().map(|folder| folder.stored()).filter(|&stored| stored != StoredPrecision::F32)
    }

    /// The encoding of all states of a protein.
    pub(crate) fn of_states(
        &self,
        engine: &Engine,
        states: &States,
        plan: &StatesPlan,
    ) -> Result<Encoding, PipelineError> {
        let keys = states.structures().iter().zip(&plan.environment);
        self.get_or_make(engine, keys, || Ok(engine.encode_states(states, plan)?))
    }

    /// The encoding of a structure in an environment.
    pub(crate) fn of_structure(
        &self,
        engine: &Engine,
        structure: &Structure,
        environment: &Environment,
    ) -> Result<Encoding, PipelineError> {
        self.get_or_make(engine, [(structure, environment)], || Ok(engine.encode_with(structure, environment)?))
    }

    fn get_or_make<'a>(
        &self,
        engine: &Engine,
        states: impl IntoIterator<Item = (&'a Structure, &'a Environment)>,
        make: impl FnOnce() -> Result<Encoding, PipelineError>,
    ) -> Result<Encoding, PipelineError> {
        if self.capacity == 0 && self.folder.is_none() {
            return make();
        }
        let of_state = |(structure, environment): (&Structure, &Environment)| EncodedState {
            structure: structure.fingerprint(),
            residues: structure.residues.len(),
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
        let encoding = match &self.folder {
            None => make()?,
            Some(folder) => {
                let name = key.sha256(engine, folder.stored());
                match folder.find(engine, &name) {
                    Entry::Found(encoding) => encoding,
                    entry => folder.add(engine, &name, make()?, entry.is_damaged())?,
                }
            }
        };
        if self.capacity > 0 {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push(KeptEncoding { key, encoding: encoding.clone() });
            if kept.len() > self.capacity {
                kept.remove(0);
            }
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
