//! The structures of a folder in an object store.

use std::path::{Path, PathBuf};

use fastmpnn::structure::{STRUCTURE_ENDINGS, has_structure_ending};

use super::archive::Archive;
use super::other_files::OtherFiles;
use super::parsed::ParsedFile;
use super::pattern::{is_pattern, names_that_fit};
use super::source::Sources;
use crate::error::{PipelineError, unreadable, unusable};
use crate::message::Field;

/// A folder that was searched.
#[derive(Default)]
pub(super) struct FoundObjects {
    /// Its structures, sorted by path.
    pub(super) structures: Vec<PathBuf>,
    /// What else it holds, in words.
    pub(super) note: Option<String>,
    /// Whether it is a folder, and not one object whose name does not say that it is a structure.
    pub(super) is_folder: bool,
}

/// Whether an address is that of one object, by its name.
pub(super) fn is_object(address: &Path) -> Result<bool, PipelineError> {
    let text = address.to_string_lossy();
    let name = name_of(&text);
    if Archive::is_one(address) || ParsedFile::is_one(address) {
        let shown = address.display();
        return Err(unusable(format!("{shown}: archives and parsed structures are read from the disk: copy it there")));
    }
    Ok(!text.ends_with('/') && !is_pattern(name) && has_structure_ending(name))
}

/// The structures of a folder, with `recursive` those of folders inside, too; or those whose names fit a pattern at the end of
/// the address.
pub(super) fn search(address: &str, recursive: bool, sources: &Sources) -> Result<FoundObjects, PipelineError> {
    let pattern = Some(name_of(address)).filter(|name| is_pattern(name));
    let (folder, _) = address.split_at(address.len() - pattern.map_or(0, str::len));
    if let Some(part) = folder.split('/').find(|part| is_pattern(part)) {
        let part = part.escape_debug();
        return Err(unusable(format!(
            "{address}: in an object store only the last name is a pattern, and {part} is another"
        )));
    }
    let mut search = Search::default();
    search.add(folder, pattern, sources)?;
    let inside = !search.folders.is_empty();
    if recursive && pattern.is_none() {
        while let Some(folder) = search.folders.pop() {
            search.add(&folder, None, sources)?;
        }
    }
    let Search { mut structures, others, .. } = search;
    structures.sort();
    let is_folder = pattern.is_none();
    if !structures.is_empty() {
        let note = others.not_read().filter(|_| is_folder);
        return Ok(FoundObjects { structures, note, is_folder });
    }
    if is_folder && !inside && others.not_read().is_none() && !address.ends_with('/') {
        // An object whose name does not tell what it is.
        return Ok(FoundObjects { structures: vec![address.into()], ..FoundObjects::default() });
    }
    if pattern.is_some() {
        return Err(unusable(format!("{address}: no object matches the pattern")));
    }
    let endings = STRUCTURE_ENDINGS.join(", ");
    let mut text = format!("{address}: the folder holds no structures ({endings}, .pdb1 and so on, or these with .gz)");
    if inside && !recursive {
        text.push_str(&format!("; for those of folders inside add {}", Field("recursive")));
    }
    if let Some(others) = others.not_read() {
        text.push_str(&format!("; {others}"));
    }
    Err(unusable(text))
}

/// What was found so far.
#[derive(Default)]
struct Search {
    structures: Vec<PathBuf>,
    others: OtherFiles,
    folders: Vec<String>,
}

impl Search {
    fn add(&mut self, folder: &str, pattern: Option<&str>, sources: &Sources) -> Result<(), PipelineError> {
        let listing = sources.list(folder.trim_end_matches('/'));
        let listing = listing.map_err(|error| unreadable(format!("{folder}: the folder cannot be read"), error))?;
        let names: Vec<&str> = listing.objects.iter().map(|address| name_of(address)).collect();
        let fitting = pattern.map(|pattern| names_that_fit(pattern, &names)).transpose()?;
        for (address, name) in listing.objects.iter().zip(names) {
            let is_wanted = match &fitting {
                Some(fitting) => fitting.contains(&name),
                None => has_structure_ending(name),
            };
            if name.starts_with('.') && fitting.is_none() {
                continue;
            } else if is_wanted {
                self.structures.push(address.into());
            } else {
                self.others.add(name);
            }
        }
        let is_hidden = |folder: &String| name_of(folder).starts_with('.');
        self.folders.extend(listing.folders.into_iter().filter(|folder| !is_hidden(folder)));
        Ok(())
    }
}

/// What follows the last separator of an address.
fn name_of(address: &str) -> &str {
    address.rsplit('/').next().unwrap_or(address)
}
