//! Sources of the bytes of inputs: the disk, memory, and standard input if a front end provides it.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fastmpnn::error::StructureError;
use fastmpnn::structure::{ReadOptions, Structure, read_bytes, read_models, read_models_bytes, read_path};
use sha2::{Digest, Sha256};

use super::archive::Archive;
use super::container::Container;
use super::parsed::{self, ParsedFile};
use super::structure_input::Place;
use super::{Input, STANDARD_INPUT, is_standard_input};
use crate::address::{Listing, Objects, is_address};
use crate::error::{PipelineError, unusable};
use crate::size_limit::LARGEST;

/// What there is at an input.
pub(crate) enum Found {
    /// The bytes of its file.
    Bytes(Vec<u8>),
    /// A structure that was read already.
    Structure(Arc<Structure>),
}

impl Found {
    /// The structure, under the input's name.
    pub(crate) fn structure(&self, input: &Input, options: &ReadOptions) -> Result<Structure, StructureError> {
        match self {
            Found::Structure(structure) => Ok(Structure::clone(structure)),
            Found::Bytes(bytes) => {
                let file = input.display_name();
                let structure = match input.is_parsed() {
                    true => parsed::structure_of(&file, bytes, options)?,
                    false => read_bytes(&file, bytes, options)?,
                };
                Ok(Structure { name: input.name.clone(), ..structure })
            }
        }
    }

    /// SHA-256 of what was found and of the files beside it that are there, in hexadecimal digits.
    pub(crate) fn sha256(&self, beside: &[PathBuf], sources: &Sources) -> String {
        let mut sha256 = Sha256::new();
        match self {
            Found::Bytes(bytes) => sha256.update(bytes),
            Found::Structure(structure) => sha256.update(structure.fingerprint().to_string()),
        }
        for bytes in beside.iter().filter_map(|path| sources.read(path).ok()) {
            // Bytes that moved from one file to the other would make another content.
            sha256.update((bytes.len() as u64).to_le_bytes());
            sha256.update(bytes);
        }
        format!("{:x}", sha256.finalize())
    }
}

/// The sources that a run may read. Several threads may read them at once.
pub struct Sources {
    standard_input: Option<Mutex<Box<dyn Read + Send>>>,
    files: HashMap<PathBuf, Vec<u8>>,
    structures: HashMap<PathBuf, Arc<Structure>>,
    disk: bool,
    /// The files of several structures that were gone through.
    containers: Mutex<Vec<Arc<Container>>>,
    objects: Objects,
}

/// A file that holds several structures, and one of them.
pub(super) type MemberOf = (Arc<Container>, u32);

impl Sources {
    /// Files on the disk.
    pub fn disk() -> Sources {
        Sources {
            standard_input: None,
            files: HashMap::new(),
            structures: HashMap::new(),
            disk: true,
            containers: Mutex::default(),
            objects: Default::default(),
        }
    }

    /// Only files added by [`Sources::with_file`] and [`Sources::with_structure`].
    pub fn memory() -> Sources {
        Sources { disk: false, ..Sources::disk() }
    }

    /// Adds a reader for the path `-`. It is read when an input names that path.
    #[must_use]
    pub fn with_standard_input(mut self, reader: impl Read + Send + 'static) -> Sources {
        self.standard_input = Some(Mutex::new(Box::new(reader)));
        self
    }

    /// Adds a file in memory, which takes precedence over a file with that path on the disk.
    #[must_use]
    pub fn with_file(mut self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) -> Sources {
        self.files.insert(path.into(), bytes.into());
        self
    }

    /// With a structure that is read already. It has its own name, and its path is what messages call it.
    #[must_use]
    pub fn with_structure(mut self, path: impl Into<PathBuf>, structure: impl Into<Arc<Structure>>) -> Sources {
        self.structures.insert(path.into(), structure.into());
        self
    }

    /// Whether files on the disk may be read.
    pub fn reads_disk(&self) -> bool {
        self.disk
    }

    /// Whether a path is of a file in memory.
    pub(crate) fn holds(&self, path: &Path) -> bool {
        self.files.contains_key(path) || self.structures.contains_key(path)
    }

    /// Whether there is something at a path.
    pub(crate) fn exists(&self, path: &Path) -> bool {
        self.holds(path) || self.disk && (path.exists() || is_address(path) && self.read(path).is_ok())
    }

    /// The bytes of a file, of an object of a store, or of `archive.tar:member`.
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if is_standard_input(path) {
            return self.read_standard_input();
        }
        match self.files.get(path) {
            Some(bytes) => Ok(bytes.clone()),
            None if self.disk && is_address(path) => self.objects.read(&path.to_string_lossy()),
            None if self.disk => match (fs::read(path), path.to_str()) {
                (Err(error), Some(text)) if error.kind() == io::ErrorKind::NotFound => self.read_member(text, error),
                (read, _) => read,
            },
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// What is in a folder of an object store.
    pub(super) fn list(&self, address: &str) -> io::Result<Listing> {
        self.objects.list(address)
    }

    /// The bytes of `archive.tar:member`; the error of the path itself where it is none.
    fn read_member(&self, path: &str, error: io::Error) -> io::Result<Vec<u8>> {
        match self.member(path).map_err(|error| io::Error::new(io::ErrorKind::NotFound, error.to_string()))? {
            Some((container, index)) => container.read(index).map_err(io::Error::other),
            None => Err(error),
        }
    }

    /// The archive or file of parsed structures at a path that is named as one; it is gone through once.
    pub(super) fn container(&self, path: &Path) -> Result<Option<Arc<Container>>, PipelineError> {
        let mut containers = self.containers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = containers.iter().position(|container| container.path() == path) {
            if containers[place].is_unchanged() {
                return Ok(Some(containers[place].clone()));
            }
            containers.remove(place);
        }
        let container = if Archive::is_one(path) {
            Container::Archive(Box::new(Archive::open(path)?))
        } else if ParsedFile::is_one(path) {
            Container::Parsed(ParsedFile::open(path)?)
        } else {
            return Ok(None);
        };
        let container = Arc::new(container);
        containers.push(container.clone());
        Ok(Some(container))
    }

    /// What `archive.tar:dir/x.pdb` or `parsed.jsonl:12` means; `None` of a path that begins with no such file.
    pub(super) fn member(&self, text: &str) -> Result<Option<MemberOf>, PipelineError> {
        for (end, _) in text.match_indices(':') {
            let path = Path::new(&text[..end]);
            if !path.is_file() {
                continue;
            }
            let Some(container) = self.container(path)? else { continue };
            let member = &text[end + 1..];
            let Some(index) = container.find(member) else {
                return Err(unusable(format!("{}: it has no {}", path.display(), member.escape_debug())));
            };
            return Ok(Some((container, index)));
        }
        Ok(None)
    }

    fn read_standard_input(&self) -> io::Result<Vec<u8>> {
        let reader = self.standard_input.as_ref().ok_or_else(|| io::Error::other("there is no standard input"))?;
        let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = Vec::new();
        reader.by_ref().take(LARGEST).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The structure of an input, under the input's name.
    pub fn structure(&self, input: &Input, options: &ReadOptions) -> Result<Structure, StructureError> {
        if let Some(structure) = self.structures.get(&input.path) {
            return Ok(Structure::clone(structure));
        }
        let structure = match self.bytes_of(input)? {
            Some(bytes) if input.is_parsed() => parsed::structure_of(&input.display_name(), &bytes, options)?,
            Some(bytes) => read_bytes(&input.display_name(), &bytes, options)?,
            None => read_path(&input.path, options)?,
        };
        Ok(Structure { name: input.name.clone(), ..structure })
    }

    /// What there is at an input, read but not parsed.
    pub(crate) fn open(&self, input: &Input) -> Result<Found, StructureError> {
        if let Some(structure) = self.structures.get(&input.path) {
            return Ok(Found::Structure(structure.clone()));
        }
        let bytes = match self.bytes_of(input)? {
            Some(bytes) => bytes,
            None => self
                .read(&input.path)
                .map_err(|source| StructureError::Unreadable { path: input.display_name(), source })?,
        };
        Ok(Found::Bytes(bytes))
    }

    /// All models of an input, under the input's name.
    pub fn models(&self, input: &Input, options: &ReadOptions) -> Result<Vec<Structure>, StructureError> {
        if let Some(structure) = self.structures.get(&input.path) {
            return Ok(vec![Structure::clone(structure)]);
        }
        let mut models = match self.bytes_of(input)? {
            Some(bytes) if input.is_parsed() => vec![parsed::structure_of(&input.display_name(), &bytes, options)?],
            Some(bytes) => read_models_bytes(&input.display_name(), &bytes, options)?,
            None => read_models(&input.path, options)?,
        };
        for model in &mut models {
            model.name.clone_from(&input.name);
        }
        Ok(models)
    }

    /// What is not read from the disk.
    fn bytes_of(&self, input: &Input) -> Result<Option<Vec<u8>>, StructureError> {
        if let Place::Member { container, index } = &input.place {
            return container.read(*index).map(Some);
        }
        let file = input.display_name();
        if !is_standard_input(&input.path) {
            return match self.files.get(&input.path) {
                None if self.disk && is_address(&input.path) => {
                    self.read(&input.path).map(Some).map_err(|source| StructureError::Unreadable { path: file, source })
                }
                None if self.disk => Ok(None),
                Some(bytes) => Ok(Some(bytes.clone())),
                None => Err(StructureError::Unreadable { path: file, source: io::ErrorKind::NotFound.into() }),
            };
        }
        let bytes = self.read_standard_input();
        let bytes = bytes.map_err(|source| StructureError::Unreadable { path: file.clone(), source })?;
        if bytes.len() as u64 == LARGEST {
            let reason = "gives more than 1 GiB".to_owned();
            return Err(StructureError::UnsupportedFormat { file, reason });
        }
        Ok(Some(bytes))
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Sources { standard_input, files, structures, disk, .. } = self;
        let mut names: Vec<&PathBuf> = files.keys().chain(structures.keys()).collect();
        names.sort();
        let standard_input = standard_input.is_some();
        out.debug_struct("Sources")
            .field(STANDARD_INPUT, &standard_input)
            .field("files", &names)
            .field("disk", disk)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATOM: &[u8] = b"ATOM      2  CA  ALA A   1       1.000   2.000   3.000  1.00  0.00           C\n";

    fn input(path: &str) -> Input {
        Input::new(path, "name")
    }

    #[test]
    fn what_is_not_given_is_not_read() {
        let options = ReadOptions::default();
        let sources = Sources::memory().with_file("a.pdb", ATOM);
        assert_eq!(sources.structure(&input("a.pdb"), &options).unwrap().name, "name");
        let error = sources.structure(&input("Cargo.toml"), &options).unwrap_err().to_string();
        assert!(error.starts_with("Cargo.toml: cannot be read"), "{error}");
        let error = sources.structure(&input("-"), &options).unwrap_err().to_string();
        assert_eq!(error, "standard input: cannot be read: there is no standard input");
        assert_eq!(sources.models(&input("a.pdb"), &options).unwrap().len(), 1);
        let sources = sources.with_standard_input(ATOM);
        assert_eq!(sources.structure(&input("-"), &options).unwrap().residues.len(), 1);
    }
}
