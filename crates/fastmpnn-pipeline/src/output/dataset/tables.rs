//! The tables that hold the designs of a folder.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::address;
use super::journal::{self, each_row};
use super::manifest;
use super::settings;
use super::store::Store;
use crate::address::is_address;
use crate::error::{PipelineError, unreadable, unusable};
use crate::table::{Schema, TableFormat, TableWriter};

/// How the message about another folder begins.
const NEITHER: &str = "neither a dataset nor a folder of designs: it holds no";

/// The tables of designs at some paths, each of which is a table, a dataset, or a folder of `design -o`.
#[derive(Debug, Default)]
pub(crate) struct DesignTables {
    pub(crate) files: Vec<PathBuf>,
    /// Holds tables made of the journals of unfinished datasets, and parts from object stores, until this value goes.
    folder: Option<TempDir>,
}

impl DesignTables {
    /// Adds the tables at a path. Parts that are not what their manifest says are refused.
    pub(crate) fn add(&mut self, path: &Path) -> Result<(), PipelineError> {
        let is_address = is_address(path);
        if !is_address && !path.is_dir() {
            self.files.push(path.to_owned());
            return Ok(());
        }
        let shown = path.display();
        if is_address || path.join(settings::FILE).exists() {
            return self.add_dataset(path);
        }
        let table = path.join("designs.csv");
        if !table.exists() {
            return Err(unusable(format!("{shown}: {NEITHER} {} and no designs.csv", settings::FILE)));
        }
        self.files.push(table);
        Ok(())
    }

    fn add_dataset(&mut self, path: &Path) -> Result<(), PipelineError> {
        let shown = path.display().to_string();
        let cannot_be_read = |error| unreadable(format!("{shown}: the dataset cannot be read"), error);
        let store = address::open(path).map_err(cannot_be_read)?;
        if store.read(settings::FILE).map_err(cannot_be_read)?.is_none() {
            return Err(unusable(format!("{shown}: {NEITHER} {}", settings::FILE)));
        }
        let parts = manifest::parts(&*store, |_, _| {}).map_err(cannot_be_read)?;
        for part in &parts {
            let shown = store.shown(&part.file);
            let file = if is_address(path) { self.fetched(&*store, &part.file) } else { Ok(path.join(&part.file)) };
            let found = file.and_then(|file| Ok((sha256_of(&file)?, file)));
            let (found, file) = found.map_err(|error| unreadable(&shown, error))?;
            if found != part.sha256 {
                return Err(unusable(format!("{shown}: damaged: its SHA-256 is not that of the manifest")));
            }
            self.files.push(file);
        }
        for entry in fs::read_dir(store.local()).map_err(cannot_be_read)? {
            let name = entry.map_err(cannot_be_read)?.file_name().to_string_lossy().into_owned();
            if name.starts_with(journal::NAME) {
                self.add_journal(&store.local().join(name)).map_err(cannot_be_read)?;
            }
        }
        Ok(())
    }

    /// A file of an object store, on this machine.
    fn fetched(&mut self, store: &dyn Store, file: &str) -> io::Result<PathBuf> {
        let content = store.read(file)?.ok_or(io::ErrorKind::NotFound)?;
        let name = file.rsplit('/').next().unwrap_or(file).to_owned();
        let number = self.files.len();
        let path = self.folder()?.join(format!("{number}-{name}"));
        fs::write(&path, content)?;
        Ok(path)
    }

    fn folder(&mut self) -> io::Result<&Path> {
        let folder = match self.folder.take() {
            Some(folder) => folder,
            None => TempDir::new()?,
        };
        Ok(self.folder.insert(folder).path())
    }

    /// Adds the finished structures of a journal as a table.
    fn add_journal(&mut self, journal: &Path) -> io::Result<()> {
        let Some(columns) = journal::columns(journal)? else { return Ok(()) };
        let number = self.files.len();
        let path = self.folder()?.join(format!("{number}-unfinished.jsonl"));
        let mut writer =
            TableWriter::new(BufWriter::new(File::create(&path)?), TableFormat::Jsonl, Schema::new(columns))?;
        let mut rows = 0;
        each_row(journal, None, |row| {
            rows += 1;
            writer.write(row)
        })?;
        writer.finish()?;
        if rows > 0 {
            self.files.push(path);
        }
        Ok(())
    }
}

fn sha256_of(path: &Path) -> io::Result<String> {
    let mut digest = Sha256::new();
    io::copy(&mut File::open(path)?, &mut digest)?;
    Ok(format!("{:x}", digest.finalize()))
}
