//! Which files are read: paths, folders, patterns, lists, standard input.

mod archive;
mod container;
mod dictionaries;
mod fasta;
mod fasta_folder;
mod file_stamp;
mod folder;
mod identity;
mod input_list;
mod manifest;
mod models;
mod mutations;
mod names;
mod object_folder;
mod other_files;
mod own_name;
mod parsed;
mod pattern;
mod python_json;
mod resolved;
mod selection_files;
mod sequences;
mod source;
mod spec_settings;
mod standard_input;
mod structure_input;
mod text_store;
mod trb;

use std::fs;
use std::path::{Path, PathBuf};

use crate::address::is_address;
use crate::error::{PipelineError, refusal, unreadable, unusable};
use crate::message::Field;

use container::Container;
pub(crate) use dictionaries::Dictionaries;
pub use fasta_folder::FastaFolder;
pub(crate) use identity::{InputIdentity, settings_that_matter};
pub use input_list::InputList;
pub(crate) use manifest::{Manifest, ManifestInputs};
pub use manifest::{ManifestRow, manifest_rows};
pub use models::model_of_several;
pub(crate) use mutations::{MutantText, Substitution, mutant_texts};
pub use names::Naming;
pub(crate) use resolved::{ResolvedDesign, ResolvedInputs};
pub(crate) use selection_files::with_files;
pub use sequences::SequenceRecord;
pub(crate) use sequences::read_fasta;
pub use source::Sources;
pub(crate) use spec_settings::SpecSettings;
pub(crate) use standard_input::STANDARD_INPUT;
pub use standard_input::is_standard_input;
pub use structure_input::Input;
pub use trb::TrbSource;

/// All structures to read.
#[derive(Debug)]
pub struct Inputs {
    /// The structures, in their order.
    pub list: InputList,
    /// Notes about files that were not read, and about names that differ from the files'.
    pub notes: Vec<String>,
}

/// The deepest nesting of lists; it also stops a list that names itself.
const DEEPEST_LIST: usize = 4;

/// Expands the arguments to structures, in order. A file that does not exist fails only when it is read, so that the
/// others are processed; a folder, pattern or list without structures is an error. `recursive` searches subfolders.
pub fn expand(
    arguments: &[PathBuf],
    recursive: bool,
    naming: Naming,
    sources: &Sources,
) -> Result<Inputs, PipelineError> {
    let list = InputList::default();
    let mut expansion = Expansion { recursive, sources, list, notes: Vec::new(), standard_input: 0, folders: 0 };
    for argument in arguments {
        expansion.add(argument, 0)?;
    }
    let Expansion { list, mut notes, standard_input, folders, .. } = expansion;
    if standard_input > 1 {
        return Err(refusal("standard input (-) is given twice"));
    }
    if recursive && folders == 0 {
        return Err(refusal(format!("{} searches folders, and no input is one", Field("recursive"))));
    }
    let (list, of_names) = names::name_all(list, naming);
    notes.extend(of_names);
    Ok(Inputs { list, notes })
}

struct Expansion<'s> {
    recursive: bool,
    sources: &'s Sources,
    list: InputList,
    notes: Vec<String>,
    /// How often it is given.
    standard_input: usize,
    /// How many folders were searched.
    folders: usize,
}

impl Expansion<'_> {
    fn add(&mut self, argument: &Path, depth: usize) -> Result<(), PipelineError> {
        let in_memory = self.sources.holds(argument) || !self.sources.reads_disk();
        if is_standard_input(argument) {
            self.standard_input += 1;
        }
        if in_memory || is_standard_input(argument) {
            self.list.add_file(argument);
            return Ok(());
        }
        if is_address(argument) {
            return self.add_address(argument);
        }
        if argument.is_file() {
            return self.add_file(argument);
        }
        if argument.is_dir() {
            self.folders += 1;
            let found = folder::search(argument, self.recursive, &mut self.list)?;
            self.notes.extend(found.not_read().map(|others| format!("{}: {others}", argument.display())));
            return Ok(());
        }
        match argument.to_str() {
            Some(text) if text.starts_with('@') => self.add_list(Path::new(&text[1..]), depth),
            Some(text) if pattern::is_pattern(text) => {
                let found = pattern::matching(text)?;
                if found.is_empty() {
                    return Err(unusable(format!("{text}: no file matches the pattern")));
                }
                found.iter().try_for_each(|path| self.add_file(path))
            }
            Some(text) => match self.sources.member(text)? {
                Some((container, index)) => {
                    self.list.add_members(container, [index]);
                    Ok(())
                }
                None => {
                    self.list.add_file(argument);
                    Ok(())
                }
            },
            None => {
                self.list.add_file(argument);
                Ok(())
            }
        }
    }

    /// Adds a file that is there, or what it holds.
    fn add_file(&mut self, path: &Path) -> Result<(), PipelineError> {
        let Some(container) = self.sources.container(path)? else {
            self.list.add_file(path);
            return Ok(());
        };
        match &*container {
            Container::Archive(archive) => {
                self.notes.extend(archive.not_read().map(|others| format!("{}: {others}", path.display())));
                let members: Vec<u32> = archive.structures().chain(archive.hidden()).collect();
                self.list.add_members(container, members);
            }
            Container::Parsed(file) => {
                let lines = 0..file.len();
                self.list.add_members(container, lines);
            }
        }
        Ok(())
    }

    /// Adds an object of a store, or the structures of a folder there.
    fn add_address(&mut self, argument: &Path) -> Result<(), PipelineError> {
        if object_folder::is_object(argument)? {
            self.list.add_file(argument);
            return Ok(());
        }
        let found = object_folder::search(&argument.to_string_lossy(), self.recursive, self.sources)?;
        self.folders += usize::from(found.is_folder);
        self.notes.extend(found.note.map(|others| format!("{}: {others}", argument.display())));
        found.structures.iter().for_each(|path| self.list.add_file(path));
        Ok(())
    }

    fn add_list(&mut self, list: &Path, depth: usize) -> Result<(), PipelineError> {
        let shown = list.display();
        if depth == DEEPEST_LIST {
            return Err(unusable(format!("{shown}: lists that name lists go no deeper than {DEEPEST_LIST}")));
        }
        let bytes = if is_address(list) { self.sources.read(list) } else { fs::read(list) };
        let bytes = bytes.map_err(|error| unreadable(format!("{shown}: the list cannot be read"), error))?;
        let text = String::from_utf8(bytes)
            .map_err(|error| unusable(format!("{shown}: the list is not UTF-8 text: {error}")))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let before = self.list.len();
        for line in lines {
            self.add(Path::new(line), depth + 1)?;
        }
        if self.list.len() == before {
            return Err(unusable(format!("{shown}: the list names no structures")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use fastmpnn::structure::{ReadOptions, read_bytes};

    use super::*;

    #[test]
    fn names_are_those_of_the_reader() {
        let atom = b"ATOM      2  CA  ALA A   1       1.000   2.000   3.000  1.00  0.00           C\n";
        for path in ["dir/5L33.pdb.gz", "5L33.PDB", "a.b.cif", ".pdb", "x.txt", "pdb1abc.ent", "é.pdb", "stdin"] {
            let structure = read_bytes(path, atom, &ReadOptions::default());
            // A .cif of PDB lines is still read as PDB.
            assert_eq!(own_name::name_of(Path::new(path)), structure.unwrap().name, "{path}");
        }
    }
}
