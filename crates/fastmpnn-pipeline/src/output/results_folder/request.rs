//! What a run wants of a folder, and what it reads on the way.

use std::path::{Path, PathBuf};

use crate::input::{Input, is_standard_input};

/// The settings of the run, and the list of its files.
pub(super) const SETTINGS: &str = "settings.json";

/// What a run wants of a folder.
pub struct FolderRequest<'a> {
    /// The folder.
    pub path: &'a Path,
    /// The command that writes: `design`.
    pub command: &'static str,
    /// Whether the files of a former run may be removed.
    pub overwrite: bool,
    /// What results are made of and named by.
    pub inputs: &'a [Input],
    /// The file of sequences that results are made of, if any.
    pub fasta: Option<&'a Path>,
}

/// The places of files that a run reads.
pub(super) fn read_files<'a>(request: &'a FolderRequest<'_>) -> impl Iterator<Item = PathBuf> + 'a {
    let inputs = request.inputs.iter().map(|input| input.path.as_path()).chain(request.fasta);
    inputs.filter(|path| !is_standard_input(path)).filter_map(|path| path.canonicalize().ok())
}
