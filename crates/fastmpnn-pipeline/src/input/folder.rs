//! The structures of a folder, and what else it holds.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use fastmpnn::structure::{STRUCTURE_ENDINGS, has_structure_ending};

use super::input_list::InputList;
use super::other_files::OtherFiles;
use crate::error::{PipelineError, unreadable, unusable};
use crate::message::Field;

/// Entries looked at to find out whether structures lie deeper: enough to say so, not to wander through a disk.
const LOOKED_AT: usize = 20_000;

/// A folder that was searched.
#[derive(Default)]
pub(super) struct Search {
    others: OtherFiles,
    /// The folders inside that were not searched.
    inside: Vec<PathBuf>,
    /// The folders that were searched, as the system names them: a link may lead back.
    visited: HashSet<PathBuf>,
}

/// Adds the structures of a folder to a list, sorted by path, with `recursive` those of folders inside, too; hidden files
/// and folders are left out. Folders inside that cannot be read stand among them, so that they fail as inputs.
pub(super) fn search(folder: &Path, recursive: bool, list: &mut InputList) -> Result<Search, PipelineError> {
    let first = list.len();
    let mut found = Search::default();
    found.visited.insert(folder.canonicalize().unwrap_or_else(|_| folder.to_owned()));
    found
        .add(folder, list)
        .map_err(|error| unreadable(format!("{}: the folder cannot be read", folder.display()), error))?;
    if recursive {
        while let Some(inside) = found.inside.pop() {
            let canonical = inside.canonicalize().unwrap_or_else(|_| inside.clone());
            if found.visited.insert(canonical) && found.add(&inside, list).is_err() {
                list.add_file(&inside);
            }
        }
    }
    list.sort_from(first);
    if list.len() == first {
        return Err(unusable(found.nothing(folder, recursive)));
    }
    Ok(found)
}

impl Search {
    fn add(&mut self, folder: &Path, list: &mut InputList) -> std::io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                self.inside.push(path);
            } else if has_structure_ending(&name) {
                list.add_file(&path);
            } else if path.is_file() {
                self.others.add(&name);
            }
        }
        Ok(())
    }

    /// What else the folder holds, in words.
    pub(super) fn not_read(&self) -> Option<String> {
        self.others.not_read()
    }

    /// Why there is no structure.
    fn nothing(&self, folder: &Path, recursive: bool) -> String {
        let shown = folder.display();
        let endings = STRUCTURE_ENDINGS.join(", ");
        let mut text =
            format!("{shown}: the folder holds no structures ({endings}, .pdb1 and so on, or these with .gz)");
        if !recursive && self.are_deeper() {
            text.push_str(&format!("; folders inside hold some: add {}", Field("recursive")));
        }
        if let Some(others) = self.not_read() {
            text.push_str("; ");
            text.push_str(&others);
        }
        text
    }

    fn are_deeper(&self) -> bool {
        let mut folders = self.inside.clone();
        let mut left = LOOKED_AT;
        while let Some(folder) = folders.pop() {
            for path in fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if left == 0 {
                    return false;
                }
                left -= 1;
                if name.starts_with('.') {
                    continue;
                }
                // Links to folders may lead back.
                if path.is_dir() && !path.is_symlink() {
                    folders.push(path);
                } else if has_structure_ending(&name) && path.is_file() {
                    return true;
                }
            }
        }
        false
    }
}
