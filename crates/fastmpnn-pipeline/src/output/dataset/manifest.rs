//! The manifest of a dataset: a file for each part, made once and never changed, that says what is in it.

use std::collections::HashSet;
use std::io;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::store::Store;
use crate::input::{Input, InputIdentity};
use crate::output::FinishedInputs;

/// The folder of the manifest's files.
pub(crate) const FOLDER: &str = "manifest";
/// The folder of the parts.
pub(crate) const PARTS: &str = "parts";

/// A part, as its file of the manifest describes it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct PartRecord {
    /// Its file: `parts/designs-00001.parquet`.
    pub(crate) file: String,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    /// The structures whose designs it holds.
    pub(crate) structures: Vec<FinishedStructure>,
}

/// A structure whose designs are all made.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct FinishedStructure {
    pub(crate) name: String,
    /// SHA-256 of its file and of the files beside it that its settings read.
    pub(crate) content: String,
    /// SHA-256 of its name and its settings.
    pub(crate) settings: String,
    /// The number of its designs.
    pub(crate) rows: u64,
}

impl FinishedStructure {
    fn key(&self) -> StructureKey {
        key_of(&self.name, &self.content, &self.settings)
    }
}

/// A finished structure in 32 bytes: there may be a million.
type StructureKey = [u8; 32];

fn key_of(name: &str, content: &str, settings: &str) -> StructureKey {
    let mut digest = Sha256::new();
    for part in [name, content, settings] {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

/// The structures that are finished.
#[derive(Debug, Default)]
pub(super) struct FinishedStructures(HashSet<StructureKey>);

impl FinishedStructures {
    pub(super) fn extend<'s>(&mut self, structures: impl IntoIterator<Item = &'s FinishedStructure>) {
        self.0.extend(structures.into_iter().map(FinishedStructure::key));
    }
}

impl FinishedInputs for FinishedStructures {
    fn is_finished(&self, input: &Input, identity: &InputIdentity) -> bool {
        self.0.contains(&key_of(&input.name, &identity.content, &identity.settings))
    }
}

/// The parts of a dataset, in the order of their names.
pub(crate) fn parts(store: &dyn Store) -> io::Result<Vec<PartRecord>> {
    let mut records = Vec::new();
    for name in store.list(FOLDER)? {
        if !name.ends_with(".json") {
            continue;
        }
        let file = format!("{FOLDER}/{name}");
        let Some(bytes) = store.read(&file)? else { continue };
        let record = serde_json::from_slice(&bytes);
        let shown = store.shown(&file);
        records.push(record.map_err(|error| io::Error::other(format!("{shown} is damaged: {error}")))?);
    }
    Ok(records)
}
