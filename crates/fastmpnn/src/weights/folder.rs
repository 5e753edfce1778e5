//! The folder of published checkpoints on this machine, and the search for one by name.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::container::hexadecimal;
use super::{Checkpoint, PublishedCheckpoint};
use crate::error::WeightsError;

/// The environment variable that names the folder of checkpoints.
pub const FOLDER_VARIABLE: &str = "FASTMPNN_WEIGHTS";

/// The user's folder of checkpoints, which need not exist: that of [`FOLDER_VARIABLE`], or one in the system's folder
/// for programs' data. `None` if the user has no home folder.
pub fn folder() -> Option<PathBuf> {
    folder_by(|variable| env::var_os(variable).filter(|value| !value.is_empty()))
}

fn folder_by(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = |name: &str| variable(name).map(PathBuf::from);
    if let Some(folder) = path(FOLDER_VARIABLE) {
        return Some(folder);
    }
    let data = if cfg!(windows) {
        path("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        path("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        // The XDG base directory specification says to ignore relative paths.
        path("XDG_DATA_HOME")
            .filter(|data| data.is_absolute())
            .or_else(|| path("HOME").map(|home| home.join(".local/share")))
    };
    data.map(|data| data.join("fastmpnn").join("weights"))
}

/// Whether a published checkpoint can be used on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is part of the program.
    Embedded,
    /// Its file is in the folder, and has the published SHA-256.
    Present,
    /// A file of its name is in the folder, but it is not the published one.
    Damaged,
    /// Its file is not in the folder.
    Absent,
}

impl Presence {
    /// One word for listings.
    pub fn name(self) -> &'static str {
        match self {
            Presence::Embedded => "embedded",
            Presence::Present => "present",
            Presence::Damaged => "damaged",
            Presence::Absent => "absent",
        }
    }
}

impl PublishedCheckpoint {
    /// Whether it can be used, with the user's checkpoints in `folder`. Its file is read to the end.
    pub fn presence(&self, folder: Option<&Path>) -> Presence {
        if self.is_embedded() {
            return Presence::Embedded;
        }
        let path = folder.map(|folder| folder.join(self.file_name()));
        match path.filter(|path| path.exists()) {
            None => Presence::Absent,
            // The size first: the file may be anything.
            Some(path) if path.metadata().is_ok_and(|metadata| metadata.len() == self.bytes) => match fs::read(path) {
                Ok(bytes) if hexadecimal(&Sha256::digest(&bytes)) == self.sha256 => Presence::Present,
                _ => Presence::Damaged,
            },
            Some(_) => Presence::Damaged,
        }
    }

    /// Its file in a folder of checkpoints, if there is one.
    pub fn file_in(&self, folder: &Path) -> Option<PathBuf> {
        Some(folder.join(self.file_name())).filter(|path| path.exists())
    }

    /// Reads it from the user's folder, or from the program if it is embedded. The file's size and SHA-256 must be the
    /// published ones.
    pub fn load(&self) -> Result<Checkpoint, WeightsError> {
        if self.is_embedded() {
            return Checkpoint::embedded();
        }
        let folder = folder();
        let Some(path) = folder.as_deref().and_then(|folder| self.file_in(folder)) else {
            let folder =
                folder.map_or_else(|| format!("a folder named by {FOLDER_VARIABLE}"), |at| at.display().to_string());
            return Err(WeightsError::Absent { name: self.name.to_owned(), folder });
        };
        let shown = path.display().to_string();
        let unreadable = |source| WeightsError::Unreadable { name: shown.clone(), source };
        let changed = |reason| WeightsError::Changed { name: self.name.to_owned(), path: shown.clone(), reason };
        let length = path.metadata().map_err(unreadable)?.len();
        if length != self.bytes {
            let mut start = Vec::new();
            File::open(&path).and_then(|file| file.take(START).read_to_end(&mut start)).map_err(unreadable)?;
            let reason = not_of_size(length, self.bytes, &start);
            return Err(changed(reason));
        }
        let bytes = fs::read(&path).map_err(unreadable)?;
        if hexadecimal(&Sha256::digest(&bytes)) != self.sha256 {
            return Err(changed("its SHA-256 is not the published one".to_owned()));
        }
        Checkpoint::from_bytes(&shown, &bytes)
    }
}

/// The number of bytes read from a file's start to tell what it is.
const START: u64 = 4096;

/// What is wrong with a file whose size is not the published one.
fn not_of_size(found: u64, published: u64, start: &[u8]) -> String {
    match super::container::foreign(start) {
        Some(kind) => kind.to_owned(),
        None => format!("it has {found} bytes, not {published}"),
    }
}

impl Checkpoint {
    /// The published checkpoint called `name`, embedded or in the user's folder.
    pub fn find(name: &str) -> Result<Checkpoint, WeightsError> {
        match PublishedCheckpoint::named(name) {
            Some(known) => known.load(),
            None => Err(WeightsError::Unknown { name: name.escape_debug().to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Option<PathBuf> {
        folder_by(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value)))
    }

    #[test]
    fn the_variable_beats_the_system() {
        let folder = with(&[("FASTMPNN_WEIGHTS", "shared"), ("HOME", "/h"), ("LOCALAPPDATA", "C:")]);
        assert_eq!(folder, Some(PathBuf::from("shared")));
        assert_eq!(with(&[]), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn data_homes_of_xdg() {
        assert_eq!(with(&[("HOME", "/h")]), Some(PathBuf::from("/h/.local/share/fastmpnn/weights")));
        assert_eq!(with(&[("HOME", "/h"), ("XDG_DATA_HOME", "/x")]), Some(PathBuf::from("/x/fastmpnn/weights")));
        let relative = with(&[("HOME", "/h"), ("XDG_DATA_HOME", "x")]);
        assert_eq!(relative, Some(PathBuf::from("/h/.local/share/fastmpnn/weights")));
    }
}
