//! The inputs of a run. There may be a million of them, so that each is kept in a few bytes and made when it is asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::container::Container;
use super::own_name::name_of;
use super::structure_input::{Input, Place};
use super::text_store::{Span, TextStore};
use crate::request::Shard;

/// Inputs, in their order.
#[derive(Debug, Default)]
pub struct InputList {
    entries: Vec<Entry>,
    text: TextStore,
    /// The folders of files; the last file's is the last, and the next file often shares it.
    folders: Vec<Span>,
    /// Paths that are not UTF-8 or do not end in a name.
    odd: Vec<PathBuf>,
    /// Names that are not those of the files, by index.
    names: BTreeMap<usize, Span>,
    containers: Vec<Arc<Container>>,
    /// The share of them that the run works on; all when `None`.
    share: Option<Shard>,
}

/// An input.
#[derive(Clone, Copy, Debug)]
enum Entry {
    /// The path up to its last separator, and what follows.
    File { folder: u32, file: Span },
    /// Of a file that holds several.
    Member { container: u32, index: u32 },
    /// One of the paths that are kept whole.
    Odd(u32),
}

impl InputList {
    /// The number of inputs.
    pub fn len(&self) -> usize {
        match self.share {
            None => self.entries.len(),
            Some(share) => share.of(self.entries.len()),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Leaves a share of the inputs, under the names that they have among all.
    pub(super) fn take_share(&mut self, share: Shard) {
        self.share = Some(share);
    }

    /// The input with this index.
    pub fn get(&self, index: usize) -> Option<Input> {
        let index = self.share.map_or(index, |share| share.place(index));
        let place = match *self.entries.get(index)? {
            Entry::Member { container, index } => {
                Place::Member { container: self.containers[container as usize].clone(), index }
            }
            _ => Place::File,
        };
        Some(Input { path: self.path(index).into_owned(), name: self.name(index), place, row: Some(index) })
    }

    /// All inputs, each made when it is reached.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Input> + '_ {
        (0..self.len()).map(|index| self.get(index).unwrap_or_default())
    }

    /// The name of an input.
    pub(super) fn name(&self, index: usize) -> String {
        match self.names.get(&index) {
            Some(&name) => self.text.get(name).to_owned(),
            None => self.own_name(index),
        }
    }

    /// The name that a file gives its structure.
    pub(super) fn own_name(&self, index: usize) -> String {
        match self.entries[index] {
            Entry::Member { container, index } => self.containers[container as usize].name(index),
            Entry::File { file, .. } => name_of(Path::new(self.text.get(file))),
            Entry::Odd(_) => name_of(&self.path(index)),
        }
    }

    /// Whether it has a name that is not the file's.
    pub(super) fn is_named(&self, index: usize) -> bool {
        self.names.contains_key(&index)
    }

    pub(super) fn rename(&mut self, index: usize, name: &str) {
        let name = self.text.add(name);
        self.names.insert(index, name);
    }

    /// The path of an input as messages have it: `archive.tar:x.pdb` of a member.
    pub(super) fn path(&self, index: usize) -> Cow<'_, Path> {
        match self.entries[index] {
            Entry::File { folder, file } => {
                Cow::Owned(PathBuf::from([self.folder(folder), self.text.get(file)].concat()))
            }
            Entry::Member { container, index } => Cow::Owned(self.containers[container as usize].label(index)),
            Entry::Odd(odd) => Cow::Borrowed(&self.odd[odd as usize]),
        }
    }

    /// The path that tells inputs of the same name apart: a file of several is like a folder without its ending.
    pub(super) fn path_for_naming(&self, index: usize) -> PathBuf {
        match self.entries[index] {
            Entry::Member { container, index } => self.containers[container as usize].path_for_naming(index),
            _ => self.path(index).into_owned(),
        }
    }

    pub(super) fn add_file(&mut self, path: &Path) {
        let entry = match path.to_str() {
            Some(text) if !text.ends_with(std::path::is_separator) => {
                let end = text.rfind(std::path::is_separator).map_or(0, |at| at + 1);
                if self.folders.last().is_none_or(|&last| self.text.get(last) != &text[..end]) {
                    self.folders.push(self.text.add(&text[..end]));
                }
                Entry::File { folder: (self.folders.len() - 1) as u32, file: self.text.add(&text[end..]) }
            }
            _ => {
                self.odd.push(path.to_owned());
                Entry::Odd((self.odd.len() - 1) as u32)
            }
        };
        self.entries.push(entry);
    }

    /// Sorts the files from an index on by path, in place.
    pub(super) fn sort_from(&mut self, first: usize) {
        let mut entries = std::mem::take(&mut self.entries);
        entries[first..].sort_unstable_by(|&one, &other| match (one, other) {
            (Entry::File { folder, file }, Entry::File { folder: same, file: other }) if folder == same => {
                self.text.get(file).cmp(self.text.get(other))
            }
            _ => self.components(one).cmp(self.components(other)),
        });
        self.entries = entries;
    }

    fn folder(&self, number: u32) -> &str {
        self.text.get(self.folders[number as usize])
    }

    /// The components of the path of a file.
    fn components(&self, entry: Entry) -> impl Iterator<Item = Component<'_>> {
        let [folder, file] = match entry {
            Entry::File { folder, file } => [self.folder(folder), self.text.get(file)].map(Path::new),
            Entry::Odd(odd) => [Path::new(""), &self.odd[odd as usize]],
            Entry::Member { .. } => [Path::new(""); 2],
        };
        folder.components().chain(file.components())
    }

    /// Adds members of a file that holds several.
    pub(super) fn add_members(&mut self, container: Arc<Container>, members: impl IntoIterator<Item = u32>) {
        let known = self.containers.iter().rposition(|known| Arc::ptr_eq(known, &container));
        let number = known.unwrap_or(self.containers.len()) as u32;
        if known.is_none() {
            self.containers.push(container);
        }
        self.entries.extend(members.into_iter().map(|index| Entry::Member { container: number, index }));
    }

    /// Keeps the inputs whose mark is set; none has been renamed yet.
    pub(super) fn retain(&mut self, marks: &[bool]) {
        let mut kept = 0;
        for (index, _) in marks.iter().enumerate().filter(|(_, mark)| **mark) {
            self.entries[kept] = self.entries[index];
            kept += 1;
        }
        self.entries.truncate(kept);
    }
}

/// Files, each under its own name.
impl<P: AsRef<Path>> FromIterator<P> for InputList {
    fn from_iter<I: IntoIterator<Item = P>>(paths: I) -> InputList {
        let mut list = InputList::default();
        paths.into_iter().for_each(|path| list.add_file(path.as_ref()));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_back_as_they_were_written() {
        let paths = ["a/x.pdb", "a/y.pdb", "./b//z.cif.gz", "-", "/x.pdb", "dir/", "a/é.pdb"];
        let list: InputList = paths.iter().collect();
        let found: Vec<PathBuf> = list.iter().map(|input| input.path).collect();
        assert_eq!(found, paths.map(PathBuf::from));
        assert_eq!(list.iter().map(|input| input.name).collect::<Vec<_>>()[..3], ["x", "y", "z"]);
        assert!(list.get(7).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn paths_need_not_be_text() {
        use std::os::unix::ffi::OsStrExt;
        let odd = Path::new(std::ffi::OsStr::from_bytes(b"a/\xff.pdb"));
        let mut list: InputList = [Path::new("x.pdb"), odd].into_iter().collect();
        assert_eq!((list.get(1).unwrap().path.as_path(), list.len()), (odd, 2));
        list.retain(&[false, true]);
        assert_eq!((list.get(0).unwrap().path.as_path(), list.len()), (odd, 1));
    }

    #[test]
    fn files_are_sorted_as_paths() {
        let paths =
            ["b/x.pdb", "a/b/y.pdb", "a/z.pdb", "a-b/x.pdb", "a/a.pdb", "/x.pdb", "a/b.pdb", "./c.pdb", "a/é.pdb"];
        let mut sorted: Vec<PathBuf> = paths[1..].iter().map(PathBuf::from).collect();
        sorted.sort();
        sorted.insert(0, paths[0].into());
        let mut list: InputList = paths.iter().collect();
        list.sort_from(1);
        assert_eq!(list.iter().map(|input| input.path).collect::<Vec<_>>(), sorted);
    }

    #[test]
    fn an_input_takes_few_bytes() {
        assert!(size_of::<Entry>() <= 16, "{}", size_of::<Entry>());
    }
}
