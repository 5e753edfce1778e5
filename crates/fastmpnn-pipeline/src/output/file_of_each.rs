//! A result that has a file for each structure: one file, or a folder of them.

use std::fs;
use std::path::{Path, PathBuf};

use super::{AtomicFile, WritingTo};
use crate::error::{PipelineError, refusal};
use crate::message::Field;

/// Where the files go.
#[derive(Debug)]
pub(crate) enum FileOfEach<'a> {
    /// There is one structure.
    One(&'a Path),
    /// NAME.ENDING for each structure NAME.
    Folder { path: &'a Path, ending: &'static str },
}

impl<'a> FileOfEach<'a> {
    /// A path with the ending is a file, and one without an ending a folder, which is made.
    pub(crate) fn open(
        field: &'static str,
        path: &'a Path,
        ending: &'static str,
        structures: usize,
    ) -> Result<FileOfEach<'a>, PipelineError> {
        let (name, shown) = (Field(field), path.display());
        match path.extension() {
            Some(given) if given.eq_ignore_ascii_case(ending) => {
                if structures > 1 {
                    let why =
                        format!("is for one structure, and there are {structures}; a folder takes a file of each");
                    return Err(refusal(format!("{name} {shown} {why}")));
                }
                Ok(FileOfEach::One(path))
            }
            Some(_) if !path.is_dir() => Err(refusal(format!(
                "{name} {shown}: a file that ends in .{ending}, or a folder for a file of each structure"
            ))),
            _ => {
                fs::create_dir_all(path).writing_to(shown)?;
                Ok(FileOfEach::Folder { path, ending })
            }
        }
    }

    /// The file of a structure.
    pub(crate) fn path_of(&self, structure: &str) -> PathBuf {
        match self {
            FileOfEach::One(path) => path.to_path_buf(),
            FileOfEach::Folder { path, ending } => path.join(format!("{structure}.{ending}")),
        }
    }

    /// Writes the file of a structure.
    pub(crate) fn write(&self, structure: &str, text: &str) -> Result<(), PipelineError> {
        let path = self.path_of(structure);
        AtomicFile::write(&path, text.as_bytes()).writing_to(path.display())?;
        Ok(())
    }
}
