//! The manifest of a dataset: a file for each part, made once and never changed, that says what is in it.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io;

use serde::ser::{Error, SerializeSeq};
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::store::Store;
use crate::input::{Input, InputIdentity};
use crate::output::FinishedInputs;
use crate::selection::SelectionCounts;

/// The folder of the manifest's files.
pub(crate) const FOLDER: &str = "manifest";
/// The folder of the parts.
pub(crate) const PARTS: &str = "parts";

/// A part, as its file of the manifest describes it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct PartRecord<S> {
    /// Its file: `parts/designs-00001.parquet`.
    pub(crate) file: String,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    /// The structures whose designs it holds.
    pub(crate) structures: S,
}

/// Structures that are written one after another as they come: there may be as many as rows. It is written once.
pub(super) struct Streamed<I>(RefCell<I>);

impl<I> Streamed<I> {
    pub(super) fn new(structures: I) -> Streamed<I> {
        Streamed(RefCell::new(structures))
    }
}

impl<I: Iterator<Item = io::Result<FinishedStructure>>> Serialize for Streamed<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for structure in &mut *self.0.borrow_mut() {
            list.serialize_element(&structure.map_err(S::Error::custom)?)?;
        }
        list.end()
    }
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
    /// How many designs each step of the selection removed, where there is one.
    #[serde(default, skip_serializing_if = "SelectionCounts::is_empty")]
    pub(crate) selection: SelectionCounts,
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
    pub(super) fn add(&mut self, structure: &FinishedStructure) {
        self.0.insert(structure.key());
    }
}

impl FinishedInputs for FinishedStructures {
    fn is_finished(&self, input: &Input, identity: &InputIdentity) -> bool {
        self.0.contains(&key_of(&input.name, &identity.content, &identity.settings))
    }
}

/// The parts of a dataset, in the order of their names, with the number of structures of each; calls `take` with every
/// structure and the file of its part.
pub(crate) fn parts(
    store: &dyn Store,
    mut take: impl FnMut(&FinishedStructure, &str),
) -> io::Result<Vec<PartRecord<u64>>> {
    let mut records = Vec::new();
    for name in store.list(FOLDER)? {
        if !name.ends_with(".json") {
            continue;
        }
        let file = format!("{FOLDER}/{name}");
        let Some(bytes) = store.read(&file)? else { continue };
        let record = serde_json::from_slice::<PartRecord<Vec<FinishedStructure>>>(&bytes);
        let shown = store.shown(&file);
        let record = record.map_err(|error| io::Error::other(format!("{shown} is damaged: {error}")))?;
        record.structures.iter().for_each(|structure| take(structure, &record.file));
        let PartRecord { file, rows, bytes, sha256, structures } = record;
        records.push(PartRecord { file, rows, bytes, sha256, structures: structures.len() as u64 });
    }
    Ok(records)
}
