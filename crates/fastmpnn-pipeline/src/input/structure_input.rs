//! One of the structures that a run reads.

use std::path::{Path, PathBuf};

/// One structure to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The file, or `-`.
    pub path: PathBuf,
    /// The name the structure will have; no two inputs share one.
    pub name: String,
}

impl Input {
    /// Its name in messages.
    pub fn display_name(&self) -> String {
        if is_standard_input(&self.path) { STANDARD_INPUT.to_owned() } else { self.path.display().to_string() }
    }
}

/// Its name in messages.
pub(crate) const STANDARD_INPUT: &str = "standard input";

/// Whether a path means standard input.
pub fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}
