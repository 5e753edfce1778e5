//! Files that hold several structures: archives, and ProteinMPNN's parsed structures.

use std::path::{Path, PathBuf};

use fastmpnn::error::StructureError;

use super::archive::Archive;
use super::file_stamp::FileStamp;
use super::own_name::name_of;
use super::parsed::ParsedFile;

/// A file that holds several structures. Which and where is known; they are read when their turn comes, by any thread.
#[derive(Debug)]
pub(super) enum Container {
    Archive(Box<Archive>),
    Parsed(ParsedFile),
}

impl Container {
    /// Whether the file is the one that was gone through, by its length and time.
    pub(super) fn is_unchanged(&self) -> bool {
        let before = match self {
            Container::Archive(archive) => archive.stamp(),
            Container::Parsed(file) => file.stamp(),
        };
        FileStamp::of(self.path()) == *before
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Container::Archive(archive) => archive.path(),
            Container::Parsed(file) => file.path(),
        }
    }

    /// What stands after the file's path in a member's: `dir/x.pdb`, or the number of a line.
    fn place(&self, index: u32) -> String {
        match self {
            Container::Archive(archive) => archive.name(index).replace(char::is_control, "_"),
            Container::Parsed(file) => file.line(index).to_string(),
        }
    }

    /// The path of a member in messages: `archive.tar:dir/x.pdb`, `parsed.jsonl:12`.
    pub(super) fn label(&self, index: u32) -> PathBuf {
        let mut label = self.path().as_os_str().to_owned();
        label.push(":");
        label.push(self.place(index));
        label.into()
    }

    /// What a member calls its structure.
    pub(super) fn name(&self, index: u32) -> String {
        match self {
            Container::Archive(archive) => name_of(Path::new(archive.name(index))),
            Container::Parsed(file) => file.name(index),
        }
    }

    /// A path that tells members of the same name apart, in which the file is a folder without its ending.
    pub(super) fn path_for_naming(&self, index: u32) -> PathBuf {
        let file = self.path().file_name().unwrap_or_default().to_string_lossy();
        let folder = self.path().with_file_name(without_ending(&file));
        match self {
            Container::Archive(archive) => folder.join(archive.name(index).trim_start_matches(['/', '\\'])),
            Container::Parsed(file) => folder.join(file.name(index)),
        }
    }

    /// The member that stands after the file's path: a path in the archive, or the number of a line.
    pub(super) fn find(&self, place: &str) -> Option<u32> {
        match self {
            Container::Archive(archive) => archive.find(place),
            Container::Parsed(file) => file.find(place.parse().ok()?),
        }
    }

    /// The bytes of a member, or of a line.
    pub(super) fn read(&self, index: u32) -> Result<Vec<u8>, StructureError> {
        match self {
            Container::Archive(archive) => archive.read(index),
            Container::Parsed(file) => file.read(index),
        }
    }
}

/// `runs` of `runs.tar.gz`.
fn without_ending(name: &str) -> &str {
    let gz = name.len() - name.to_ascii_lowercase().strip_suffix(".gz").map_or(name.len(), str::len);
    let plain = &name[..name.len() - gz];
    match plain.rfind('.') {
        Some(at) if at > 0 => &plain[..at],
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_of_files_of_several() {
        for (name, expected) in [
            ("runs.tar.gz", "runs"),
            ("a.b.TGZ", "a.b"),
            ("x.zip", "x"),
            ("parsed_pdbs.jsonl", "parsed_pdbs"),
            (".tar", ".tar"),
        ] {
            assert_eq!(without_ending(name), expected);
        }
    }
}
