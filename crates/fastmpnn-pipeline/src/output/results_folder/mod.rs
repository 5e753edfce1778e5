//! A results folder holds the results of one run only.
//!
//! While a run goes on, the folder has a journal: a hidden file that the process holds locked, with the name of each
//! file of the run, noted before the file is made. At the end, `settings.json` lists them and the journal goes. So a later
//! run knows whose files it finds, whether their run was finished, was cut short or still goes on, and which files
//! `--overwrite` may remove.

mod former;
mod journal;
mod request;

use std::cell::{Cell, LazyCell, RefCell};
use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use self::former::Former;
use self::journal::{Found, Journal, NotedFiles};
pub use self::request::FolderRequest;
use self::request::SETTINGS;
use super::{AtomicFile, DATASET_FILE, OutputFailure, WritingTo};
use crate::error::{PipelineError, refusal, unreadable};
use crate::message::Field;

/// Files of a run that are not named by its inputs.
const FIXED: [&str; 3] = [SETTINGS, "designs.csv", "packs.csv"];
/// Folders inside, for files that are.
const FOLDERS: [&str; 3] = ["seqs", "structures", "packed"];

/// The state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It has not ended yet.
    Running,
    /// All results are written.
    Finished,
    /// It was stopped; the results finished by then are written.
    Interrupted,
}

/// A folder that this process has taken for its results.
pub struct ResultsFolder {
    path: PathBuf,
    command: &'static str,
    /// Whether the folder was made for the run.
    created: bool,
    /// `None` once the run has ended.
    journal: RefCell<Option<Journal>>,
    /// What a former run left, until the first file of this run is made.
    former: RefCell<Option<Former>>,
    /// Whether a file of the run is noted.
    begun: Cell<bool>,
    ended: Cell<bool>,
}

/// The entries of `settings.json` besides the settings.
#[derive(Serialize)]
struct SettingsFile<'a, S> {
    #[serde(flatten)]
    settings: &'a S,
    run: RunRecord<'a>,
}

#[derive(Serialize)]
struct RunRecord<'a> {
    command: &'static str,
    state: State,
    /// All files of the run, relative to the folder; none while it goes on.
    files: NotedFiles<'a>,
}

impl ResultsFolder {
    /// Takes a folder, or returns the obstacle. The files of a former run stay until the first new file is written.
    pub fn take(request: &FolderRequest<'_>) -> Result<ResultsFolder, PipelineError> {
        let FolderRequest { path, command, overwrite, .. } = *request;
        let shown = path.display();
        let created = !path.exists();
        if path.join(DATASET_FILE).exists() {
            return Err(refusal(format!("{shown} holds a dataset; name another folder, or add {}", Field("table"))));
        }
        fs::create_dir_all(path).writing_to(&shown)?;
        let journal = Journal::take(path, command)?;
        let (journal, left) = match journal {
            Found::Ours(journal) => (journal, None),
            Found::Left(journal, left) => (journal, Some(left)),
            Found::InUse(holder) => {
                return Err(refusal(format!(
                    "{shown} is in use: another process{holder} is writing its results there; name another folder, or \
                     wait until it has ended"
                )));
            }
        };
        let folder = ResultsFolder {
            path: path.to_owned(),
            command,
            created,
            journal: RefCell::new(Some(journal)),
            former: RefCell::new(None),
            begun: Cell::new(false),
            ended: Cell::new(false),
        };
        let former = Former::of(path, left);
        if let Some(former) = &former {
            if !overwrite {
                let overwrite = Field("overwrite");
                return Err(refusal(format!(
                    "{shown} holds {former}; name another folder, or add {overwrite}, which removes the files of that \
                     run first"
                )));
            }
            former.check_inputs(path, request)?;
        }
        if let Some(file) = unknown_result(request, former.as_ref())? {
            let file = file.display();
            return Err(refusal(format!(
                "{file} is there already, and no record tells which run made it; name another folder"
            )));
        }
        folder.former.replace(former);
        Ok(folder)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether nothing has been written and a former run's results are still there.
    pub fn is_untouched(&self) -> bool {
        self.former.borrow().is_some()
    }

    /// Notes a file of the run, by its path in the folder with `/` between names, and makes the folder it belongs in.
    /// The file must not exist.
    pub fn claim(&self, file: &str) -> Result<PathBuf, OutputFailure> {
        let path = file.split('/').fold(self.path.clone(), |path, name| path.join(name));
        self.noted(file, &path).writing_to(path.display())?;
        Ok(path)
    }

    fn noted(&self, file: &str, path: &Path) -> io::Result<()> {
        let mut journal = self.journal.borrow_mut();
        if let (Some(former), Some(journal)) = (self.former.take(), journal.as_mut()) {
            former.remove(&self.path)?;
            journal.restart(self.command)?;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        if path.symlink_metadata().is_ok() {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "a file that is not of this run is there already",
            ));
        }
        if let Some(journal) = journal.as_mut() {
            journal.note(file)?;
        }
        self.begun.set(true);
        Ok(())
    }

    /// Writes a whole file of the run.
    pub fn write(&self, file: &str, bytes: &[u8]) -> Result<(), OutputFailure> {
        let path = self.claim(file)?;
        AtomicFile::write(&path, bytes).writing_to(path.display())
    }

    /// Writes the settings at the beginning, so that an interrupted run leaves them.
    pub fn begin(&self, settings: &impl Serialize) -> Result<(), OutputFailure> {
        self.claim(SETTINGS)?;
        self.write_settings(settings, State::Running, NotedFiles(None))
    }

    /// Writes the settings with the final state of the run, and releases the folder.
    pub fn finish(&self, settings: &impl Serialize, state: State) -> Result<(), OutputFailure> {
        if !self.begun.get() {
            self.claim(SETTINGS)?;
        }
        self.write_settings(settings, state, NotedFiles(self.journal.borrow().as_ref()))?;
        self.ended.set(true);
        if let Some(journal) = self.journal.take() {
            journal.end().writing_to(self.path.display())?;
        }
        Ok(())
    }

    fn write_settings(
        &self,
        settings: &impl Serialize,
        state: State,
        files: NotedFiles<'_>,
    ) -> Result<(), OutputFailure> {
        let path = self.path.join(SETTINGS);
        let record = SettingsFile { settings, run: RunRecord { command: self.command, state, files } };
        let written = AtomicFile::create(&path).and_then(|mut file| {
            serde_json::to_writer_pretty(&mut file, &record)?;
            file.write_all(b"\n")?;
            file.commit()
        });
        written.writing_to(path.display())
    }
}

impl Drop for ResultsFolder {
    /// A run that ended before its first file leaves the folder as it was.
    fn drop(&mut self) {
        if self.ended.get() || self.begun.get() {
            return;
        }
        if let Some(journal) = self.journal.take() {
            journal.withdraw();
        }
        if self.created {
            // It is not empty where somebody else has put something there meanwhile.
            let _ = fs::remove_dir(&self.path);
        }
    }
}

/// A file that the run would write or whose name looks like one of its results, and that no former run has listed.
fn unknown_result(request: &FolderRequest<'_>, former: Option<&Former>) -> Result<Option<PathBuf>, PipelineError> {
    let known: HashSet<&str> = former.iter().flat_map(|former| former.files()).collect();
    for file in FIXED {
        let path = request.path.join(file);
        if path.symlink_metadata().is_ok() && !known.contains(file) {
            return Ok(Some(path));
        }
    }
    let names: LazyCell<HashSet<String>, _> = LazyCell::new(|| request.inputs.iter().map(|input| input.name).collect());
    for folder in FOLDERS {
        let path = request.path.join(folder);
        if !path.is_dir() {
            continue;
        }
        let what = format!("{}: the folder cannot be read", path.display());
        let cannot_be_read = |error| unreadable(&what, error);
        for entry in fs::read_dir(&path).map_err(cannot_be_read)? {
            let name = entry.map_err(cannot_be_read)?.file_name();
            let name = name.to_string_lossy();
            if is_result(folder, &name, &names) && !known.contains(format!("{folder}/{name}").as_str()) {
                return Ok(Some(path.join(&*name)));
            }
        }
    }
    Ok(None)
}

/// Whether a file is named as a result of one of these inputs: `5L33.fa`, `5L33_T0.1_3.pdb`.
fn is_result(folder: &str, file: &str, names: &HashSet<String>) -> bool {
    let stem = |endings: &[&str]| endings.iter().find_map(|ending| file.strip_suffix(ending));
    if folder == "seqs" {
        return stem(&[".fa"]).is_some_and(|stem| names.contains(stem));
    }
    let Some(stem) = stem(&[".pdb", ".cif"]) else { return false };
    stem.match_indices('_').any(|(end, _)| names.contains(&stem[..end]))
}

#[cfg(test)]
mod tests;
