//! A folder with a FASTA file for each structure, such as `seqs` of what `design -o` writes.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::InputList;
use crate::error::{PipelineError, refusal, unreadable, unusable};
use crate::message::Field;

/// The setting's name in messages.
const FASTA_DIR: Field = Field("fasta_dir");

const ENDINGS: [&str; 4] = [".fa", ".fasta", ".faa", ".fas"];

/// More files than this are counted instead of named.
const NAMED: usize = 5;

/// The FASTA files of a folder.
#[derive(Debug)]
pub struct FastaFolder {
    path: PathBuf,
    /// By name without extension.
    files: BTreeMap<String, Vec<PathBuf>>,
}

impl FastaFolder {
    /// Finds the FASTA files of a folder, by their names without extensions.
    pub fn open(path: &Path) -> Result<FastaFolder, PipelineError> {
        let shown = path.display();
        if !path.is_dir() {
            return Err(refusal(format!("{FASTA_DIR} {shown}: is not a folder")));
        }
        let mut files: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        let what = format!("{FASTA_DIR} {shown}: the folder cannot be read");
        let cannot_be_read = |error| unreadable(&what, error);
        for entry in fs::read_dir(path).map_err(cannot_be_read)? {
            let file = entry.map_err(cannot_be_read)?.path();
            if let Some(name) = name_of(&file) {
                files.entry(name).or_default().push(file);
            }
        }
        files.values_mut().for_each(|files| files.sort());
        if files.is_empty() {
            return Err(refusal(format!(
                "{FASTA_DIR} {shown}: the folder holds no FASTA files (.fa, .fasta, .faa, .fas, or these with .gz)"
            )));
        }
        Ok(FastaFolder { path: path.to_owned(), files })
    }

    /// The file of a structure.
    pub fn file_of(&self, name: &str) -> Result<&Path, PipelineError> {
        let folder = self.path.display();
        match self.files.get(name).map(Vec::as_slice) {
            Some([only]) => Ok(only),
            Some([first, second, ..]) => {
                let (first, second) = (file_name(first), file_name(second));
                Err(unusable(format!("{folder} holds two FASTA files for {name}, {first} and {second}")))
            }
            _ => Err(unusable(format!(
                "{folder} holds no FASTA file {name}.fa (or .fasta, .faa, .fas, or these with .gz)"
            ))),
        }
    }

    /// A sentence about files that belong to none of the structures.
    pub fn left_over(&self, inputs: &InputList) -> Option<String> {
        let names: HashSet<String> = inputs.iter().map(|input| input.name).collect();
        let left = self.files.iter().filter(|(name, _)| !names.contains(*name));
        let left: Vec<String> = left.flat_map(|(_, files)| files).map(|file| file_name(file)).collect();
        let more = left.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named = left.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        match left.len() {
            0 => None,
            1 => Some(format!("{named} belongs to none of the structures given")),
            _ => Some(format!("{named}{more} belong to none of the structures given")),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A FASTA file's name without its endings; `None` for other files and hidden ones.
fn name_of(file: &Path) -> Option<String> {
    let name = file_name(file);
    let cut = |name: &str, ending: &str| -> Option<String> {
        let at = name.len().checked_sub(ending.len()).filter(|&at| at > 0)?;
        name.get(at..).filter(|end| end.eq_ignore_ascii_case(ending)).map(|_| name[..at].to_owned())
    };
    let plain = cut(&name, ".gz").unwrap_or(name);
    let stem = ENDINGS.iter().find_map(|ending| cut(&plain, ending))?;
    (!stem.starts_with('.') && file.is_file()).then_some(stem)
}

fn file_name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
