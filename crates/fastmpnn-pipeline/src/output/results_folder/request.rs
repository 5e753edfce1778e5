//! A run's request for a folder, and the files that it reads.

use std::path::{Path, PathBuf};

use crate::input::{InputList, is_standard_input};

/// The settings of the run, and the list of its files.
pub(super) const SETTINGS: &str = "settings.json";

/// A run's request for a folder.
pub struct FolderRequest<'a> {
    /// The folder.
    pub path: &'a Path,
    /// The command that writes: `design`.
    pub command: &'static str,
    /// Whether the files of a former run may be removed.
    pub overwrite: bool,
    /// The inputs, after which results are named.
    pub inputs: &'a InputList,
    /// The FASTA file of the run, if any.
    pub fasta: Option<&'a Path>,
}

/// The paths of the files that a run reads.
pub(super) fn read_files<'a>(request: &'a FolderRequest<'_>) -> impl Iterator<Item = PathBuf> + 'a {
    let fasta = request.fasta.map(Path::to_owned);
    let files = request.inputs.iter().map(|input| input.file().to_owned()).chain(fasta);
    files.filter(|path| !is_standard_input(path)).filter_map(|path| path.canonicalize().ok())
}
