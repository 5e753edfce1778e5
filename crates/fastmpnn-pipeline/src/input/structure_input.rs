//! One of the structures that a run reads.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::container::Container;
use super::standard_input::{STANDARD_INPUT, is_standard_input};

/// One structure to read.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Input {
    /// The file, or `-`; `archive.tar.gz:dir/x.pdb` of a member of an archive, `parsed.jsonl:12` of a line.
    pub path: PathBuf,
    /// The name the structure will have; no two inputs share one.
    pub name: String,
    pub(super) place: Place,
    /// Its place in the list of inputs, from 0: its row, where a manifest names them.
    pub(super) row: Option<usize>,
}

/// Where the bytes of an input are.
#[derive(Clone, Debug, Default)]
pub(super) enum Place {
    /// In the file at its path.
    #[default]
    File,
    /// In a file that holds several.
    Member { container: Arc<Container>, index: u32 },
}

impl Input {
    /// A file, under that name.
    pub fn new(path: impl Into<PathBuf>, name: impl Into<String>) -> Input {
        Input { path: path.into(), name: name.into(), ..Input::default() }
    }

    /// The file that it is read from: that of its archive, where it is in one.
    pub(crate) fn file(&self) -> &Path {
        match &self.place {
            Place::File => &self.path,
            Place::Member { container, .. } => container.path(),
        }
    }

    /// Whether it is a line of parsed structures.
    pub(super) fn is_parsed(&self) -> bool {
        matches!(&self.place, Place::Member { container, .. } if matches!(**container, Container::Parsed(_)))
    }

    /// Its name in messages.
    pub fn display_name(&self) -> String {
        if is_standard_input(&self.path) { STANDARD_INPUT.to_owned() } else { self.path.display().to_string() }
    }
}
