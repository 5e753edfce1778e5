//! How results are written.

use std::path::Path;

use anyhow::Result;

use crate::args::folder::FolderArgs;
use fastmpnn_pipeline::input::Input;
use fastmpnn_pipeline::output::{Request, ResultsFolder};

/// How results are written.
#[derive(Debug)]
pub(crate) struct FolderSettings {
    /// Whether the files of a former run may be removed.
    pub(crate) overwrite: bool,
    /// What stands between chains.
    pub(crate) chain_separator: char,
}

impl From<FolderArgs> for FolderSettings {
    fn from(args: FolderArgs) -> FolderSettings {
        let FolderArgs { overwrite, chain_separator } = args;
        FolderSettings { overwrite, chain_separator }
    }
}

impl FolderSettings {
    /// Takes a folder for the results of a command that reads these files.
    pub(crate) fn take(
        &self,
        path: &Path,
        command: &'static str,
        (inputs, fasta): (&[Input], Option<&Path>),
    ) -> Result<ResultsFolder> {
        ResultsFolder::take(&Request { path, command, overwrite: self.overwrite, inputs, fasta })
    }
}
