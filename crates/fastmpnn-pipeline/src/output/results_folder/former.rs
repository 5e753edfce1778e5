//! The files that a former run left in a folder.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::journal::{Left, is_beginning};
use super::request::{FolderRequest, SETTINGS, read_files};
use crate::error::{PipelineError, refusal};
use crate::message::Field;
use crate::output::AtomicFile;

/// The run whose files are there.
#[derive(Debug)]
pub(super) struct Former {
    /// `design`
    command: String,
    finished: bool,
    perhaps_running: Option<u32>,
    /// How long ago the last of its files was written.
    age: Option<Duration>,
    /// How many of its files are there.
    count: usize,
    /// All files that it listed, relative to the folder.
    files: BTreeSet<String>,
}

/// What is looked at in `settings.json`.
#[derive(Deserialize)]
struct SettingsRecord {
    program: String,
    run: RunRecord,
}

#[derive(Deserialize)]
struct RunRecord {
    command: String,
    state: String,
    files: Vec<String>,
}

impl Former {
    /// Reads what is known of the files in a folder; `None` where no run has left any.
    pub(super) fn of(folder: &Path, left: Option<Left>) -> Option<Former> {
        let record = fs::read(folder.join(SETTINGS)).ok();
        let record: Option<SettingsRecord> = record.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let record = record.filter(|record| record.program == crate::PROGRAM).map(|record| record.run);
        let perhaps_running = left.as_ref().and_then(|left| left.perhaps_running);
        let mut finished = record.as_ref().is_some_and(|record| record.state == "finished");
        let mut command = record.as_ref().map_or_else(String::new, |record| record.command.clone());
        let mut files: BTreeSet<String> = record.map(|record| record.files).unwrap_or_default().into_iter().collect();
        if let Some(left) = left.filter(|left| !left.files.is_empty()) {
            command = left.command;
            finished = false;
            files.extend(left.files);
        }
        // A list that somebody has changed must not lead out of the folder.
        files.retain(|file| is_inside(file));
        let ages: Vec<Option<Duration>> = files
            .iter()
            .filter_map(|file| fs::symlink_metadata(folder.join(file)).ok())
            .map(|metadata| metadata.modified().ok()?.elapsed().ok())
            .collect();
        let (count, age) = (ages.len(), ages.into_iter().flatten().min());
        (count > 0).then_some(Former { command, finished, perhaps_running, age, count, files })
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// Refuses to remove files that the new run reads.
    pub(super) fn check_inputs(&self, folder: &Path, request: &FolderRequest<'_>) -> Result<(), PipelineError> {
        let removed: HashSet<PathBuf> =
            self.files.iter().filter_map(|file| folder.join(file).canonicalize().ok()).collect();
        if let Some(path) = read_files(request).find(|path| removed.contains(path)) {
            let (path, overwrite) = (path.display(), Field("overwrite"));
            return Err(refusal(format!(
                "{path} is an input and one of the files that {overwrite} would remove; name another folder for the results"
            )));
        }
        Ok(())
    }

    /// Removes the files, what killed processes have left of them, and folders that are empty then.
    pub(super) fn remove(&self, folder: &Path) -> io::Result<()> {
        let mut folders = BTreeSet::from([folder.to_owned()]);
        for file in &self.files {
            let path = folder.join(file);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => folders.extend(path.parent().map(Path::to_owned)),
            }
        }
        let names: HashSet<&str> = self.files.iter().filter_map(|file| file.rsplit('/').next()).collect();
        for inside in &folders {
            let Ok(entries) = fs::read_dir(inside) else { continue };
            for entry in entries {
                let name = entry?.file_name();
                let of_file = |name: &OsStr| {
                    AtomicFile::is_temporary(name)
                        && names.iter().any(|file| AtomicFile::is_leftover(name, OsStr::new(file)))
                };
                if is_beginning(&name) || of_file(&name) {
                    fs::remove_file(inside.join(&name))?;
                }
            }
            if inside != folder {
                // It stays where it has other files.
                let _ = fs::remove_dir(inside);
            }
        }
        Ok(())
    }
}

/// `the results of `fastmpnn design` (12 files, written 3 hours ago)`
impl fmt::Display for Former {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Former { command, count, .. } = self;
        let kind = if self.finished { "the results" } else { "the unfinished results" };
        let files = if *count == 1 { "file" } else { "files" };
        write!(out, "{kind} of `fastmpnn {command}` ({count} {files}")?;
        if let Some(age) = self.age {
            let last = if self.finished { "written" } else { "the last written" };
            write!(out, ", {last} {} ago", in_words(age))?;
        }
        if let Some(process) = self.perhaps_running {
            write!(out, ", perhaps still at work as process {process}")?;
        }
        write!(out, ")")
    }
}

/// `3 hours`: rounded, and in units of which there are at least two, for one hour would be said of a long time.
fn in_words(age: Duration) -> String {
    const UNITS: [(u64, &str); 6] = [
        (365 * 24 * 3600, "year"),
        (7 * 24 * 3600, "week"),
        (24 * 3600, "day"),
        (3600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let seconds = age.as_secs_f64();
    let chosen = UNITS.windows(2).find(|pair| seconds + pair[1].0 as f64 / 2.0 >= 1.5 * pair[0].0 as f64);
    let (unit, name) = chosen.map_or(UNITS[5], |pair| pair[0]);
    let count = (seconds / unit as f64).round() as u64;
    match if unit > 1 { count.max(2) } else { count } {
        1 => format!("1 {name}"),
        count => format!("{count} {name}s"),
    }
}

fn is_inside(file: &str) -> bool {
    !file.is_empty() && Path::new(file).components().all(|component| matches!(component, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_rounded_to_the_unit_of_which_there_are_two() {
        for (seconds, expected) in [
            (0.0, "0 seconds"),
            (1.2, "1 second"),
            (89.4, "89 seconds"),
            (89.6, "2 minutes"),
            (3600.0, "60 minutes"),
            (5400.0, "2 hours"),
            (86400.0, "24 hours"),
            (200_000.0, "2 days"),
            (86400.0 * 30.0, "4 weeks"),
            (86400.0 * 365.0 * 3.0, "3 years"),
        ] {
            assert_eq!(in_words(Duration::from_secs_f64(seconds)), expected, "{seconds}");
        }
    }
}
