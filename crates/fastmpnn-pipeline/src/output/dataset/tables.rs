//! The tables that hold the designs of a folder.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::journal::{self, each_row};
use super::manifest;
use super::settings;
use super::store::FolderStore;
use crate::error::{PipelineError, unreadable, unusable};
use crate::table::{Schema, TableFormat, TableWriter};

/// The tables of designs at some paths, each of which is a table, a dataset, or a folder of `design -o`.
#[derive(Debug, Default)]
pub(crate) struct DesignTables {
    pub(crate) files: Vec<PathBuf>,
    /// Holds tables made of the journals of unfinished datasets, until this value goes.
    journals: Option<TempDir>,
}

impl DesignTables {
    /// Adds the tables at a path. Parts that are not what their manifest says are refused.
    pub(crate) fn add(&mut self, path: &Path) -> Result<(), PipelineError> {
        if !path.is_dir() {
            self.files.push(path.to_owned());
            return Ok(());
        }
        let shown = path.display();
        if path.join(settings::FILE).exists() {
            return self.add_dataset(path);
        }
        let table = path.join("designs.csv");
        if !table.exists() {
            return Err(unusable(format!(
                "{shown}: neither a dataset nor a folder of designs: it holds no {} and no designs.csv",
                settings::FILE
            )));
        }
        self.files.push(table);
        Ok(())
    }

    fn add_dataset(&mut self, path: &Path) -> Result<(), PipelineError> {
        let shown = path.display().to_string();
        let cannot_be_read = |error| unreadable(format!("{shown}: the dataset cannot be read"), error);
        let store = FolderStore::new(path).map_err(cannot_be_read)?;
        let parts = manifest::parts(&store).map_err(cannot_be_read)?;
        for part in &parts {
            let file = path.join(&part.file);
            let found = sha256_of(&file).map_err(|error| unreadable(format!("{}", file.display()), error))?;
            if found != part.sha256 {
                return Err(unusable(format!("{}: damaged: its SHA-256 is not that of the manifest", file.display())));
            }
            self.files.push(file);
        }
        for entry in fs::read_dir(path).map_err(cannot_be_read)? {
            let name = entry.map_err(cannot_be_read)?.file_name().to_string_lossy().into_owned();
            if name.starts_with(journal::NAME) {
                self.add_journal(&path.join(name), parts.len()).map_err(cannot_be_read)?;
            }
        }
        Ok(())
    }

    /// Adds the finished structures of a journal as a table.
    fn add_journal(&mut self, journal: &Path, number: usize) -> io::Result<()> {
        let Some(columns) = journal::columns(journal)? else { return Ok(()) };
        let folder = match &self.journals {
            Some(folder) => folder,
            None => self.journals.insert(TempDir::new()?),
        };
        let path = folder.path().join(format!("{}-{number}.jsonl", self.files.len()));
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
