//! Archives of structures, read where they are: .tar, .tar.gz (.tgz) and .zip. Nothing is unpacked onto the disk, so that
//! no path in an archive leads anywhere.
//!
//! An archive is gone through once, for the names of its members and where they are. Those of .tar and .zip are then read
//! by any thread in any order. A .tar.gz can only be read from its beginning: one stream goes through it, as far as the
//! members are asked for, and keeps some that it passes on the way.

mod member;
mod stream;
mod tar;
#[cfg(test)]
mod tests;
mod zip;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use fastmpnn::error::StructureError;
use fastmpnn::structure::has_structure_ending;
use flate2::read::MultiGzDecoder;

use self::member::{Member, Storage};
use self::stream::Stream;
use self::tar::{TarEntry, TarReader};
use self::zip::ZipEntry;
use super::file_stamp::FileStamp;
use super::other_files::OtherFiles;
use super::text_store::{Span, TextStore};
use crate::error::{PipelineError, unreadable, unusable};
use crate::size_limit::LARGEST;

/// The endings of archives.
const ENDINGS: [&str; 4] = [".tar", ".tar.gz", ".tgz", ".zip"];

/// Members that say something of the structure beside them, as RFdiffusion writes them.
const BESIDE: [&str; 2] = [".trb", ".json"];

/// An archive, and where its members are.
#[derive(Debug)]
pub(super) struct Archive {
    path: PathBuf,
    stamp: FileStamp,
    kind: Kind,
    /// Structures, and what stands beside them, in the order of the archive.
    members: Vec<Member>,
    names: TextStore,
    others: OtherFiles,
    /// Why the archive could not be gone through to its end.
    damage: Option<String>,
    /// The members by name, made when one is asked for by its name.
    by_name: OnceLock<Vec<u32>>,
    /// Of a .tar.gz.
    stream: Mutex<Option<Stream>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Tar,
    TarGz,
    Zip,
}

impl Archive {
    /// Whether a path is named as an archive is.
    pub(super) fn is_one(path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        ENDINGS.iter().any(|ending| name.len() > ending.len() && name.ends_with(ending))
    }

    /// Goes through an archive. There is at least one structure in it.
    pub(super) fn open(path: &Path) -> Result<Archive, PipelineError> {
        let shown = path.display();
        let cannot_be_read = |error| unreadable(format!("{shown}: the archive cannot be read"), error);
        let stamp = FileStamp::of(path);
        let file = File::open(path).map_err(cannot_be_read)?;
        let kind = Kind::of(&file).map_err(cannot_be_read)?;
        let mut archive = Archive {
            path: path.to_owned(),
            stamp,
            kind,
            members: Vec::new(),
            names: TextStore::default(),
            others: OtherFiles::default(),
            damage: None,
            by_name: OnceLock::new(),
            stream: Mutex::default(),
        };
        let gone_through = match kind {
            Kind::Tar => archive.add_tar(TarReader::of_file(file).map_err(cannot_be_read)?),
            Kind::TarGz => archive.add_tar(TarReader::of_stream(MultiGzDecoder::new(BufReader::new(file)))),
            Kind::Zip => zip::entries(file, |entry| archive.add_zip(&entry)),
        };
        archive.damage = gone_through.err().map(|error| error.to_string());
        archive.leave_out_former();
        if archive.structures().next().is_none() {
            return Err(unusable(archive.nothing()));
        }
        Ok(archive)
    }

    fn add_tar<R: Read>(&mut self, mut tar: TarReader<R>) -> io::Result<()> {
        while let Some(entry) = tar.next()? {
            let TarEntry { name, offset, size, sparse } = entry;
            let storage = if sparse { Storage::Sparse } else { Storage::Plain };
            self.add(&name, Member { name: Span::default(), offset, packed: size, size, checksum: 0, storage });
        }
        Ok(())
    }

    fn add_zip(&mut self, entry: &ZipEntry) {
        let &ZipEntry { offset, packed, size, checksum, encrypted, method, .. } = entry;
        let storage = match method {
            _ if encrypted => Storage::Encrypted,
            0 => Storage::Plain,
            8 => Storage::Deflated,
            other => Storage::Method(other),
        };
        self.add(&entry.name, Member { name: Span::default(), offset, packed, size, checksum, storage });
    }

    fn add(&mut self, name: &str, member: Member) {
        let name = name.trim_start_matches("./");
        let file = file_name(name);
        // As in folders; and what macOS adds to archives.
        if name
            .split(['/', '\\'])
            .any(|part| part.starts_with('.') && part != "." && part != ".." || part == "__MACOSX")
        {
            return;
        }
        let is_structure = has_structure_ending(file);
        if !is_structure {
            self.others.add(file);
        }
        if is_structure || is_beside(file) {
            let name = self.names.add(name);
            self.members.push(Member { name, ..member });
        }
    }

    /// Of members of the same name the last counts, as it does for programs that unpack the archive.
    fn leave_out_former(&mut self) {
        let mut last: HashMap<&str, usize> = HashMap::with_capacity(self.members.len());
        for (index, member) in self.members.iter().enumerate() {
            last.insert(self.names.get(member.name), index);
        }
        if last.len() == self.members.len() {
            return;
        }
        let mut kept: Vec<usize> = last.into_values().collect();
        kept.sort_unstable();
        self.members = kept.into_iter().map(|index| self.members[index]).collect();
    }

    pub(super) fn stamp(&self) -> &FileStamp {
        &self.stamp
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The members that are structures.
    pub(super) fn structures(&self) -> impl Iterator<Item = u32> + '_ {
        let all = 0..self.members.len() as u32;
        all.filter(|&index| has_structure_ending(file_name(self.name(index))))
    }

    /// The member that stands for what the archive's damage hides, where it is damaged.
    pub(super) fn hidden(&self) -> Option<u32> {
        self.damage.is_some().then_some(self.members.len() as u32)
    }

    /// The member of that name.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        let by_name = self.by_name.get_or_init(|| {
            let mut indices: Vec<u32> = (0..self.members.len() as u32).collect();
            indices.sort_by_key(|&index| self.name(index));
            indices
        });
        let found = by_name.binary_search_by_key(&name, |&index| self.name(index)).ok()?;
        Some(by_name[found])
    }

    /// The path of a member in the archive.
    pub(super) fn name(&self, index: u32) -> &str {
        self.members.get(index as usize).map_or("the rest", |member| self.names.get(member.name))
    }

    /// `3 other files were not read (2 .sdf, 1 .xz)`; `None` where everything is a structure.
    pub(super) fn not_read(&self) -> Option<String> {
        self.others.not_read()
    }

    /// Why there is no structure.
    fn nothing(&self) -> String {
        let shown = self.path.display();
        if let Some(damage) = &self.damage {
            return format!("{shown}: {damage}");
        }
        let others = self.not_read().map_or_else(String::new, |others| format!("; {others}"));
        format!("{shown}: the archive holds no structures{others}")
    }

    /// The bytes of a member.
    pub(super) fn read(&self, index: u32) -> Result<Vec<u8>, StructureError> {
        let label = || format!("{}:{}", self.path.display(), self.name(index));
        let refused = |reason: String| StructureError::UnsupportedFormat { file: label(), reason };
        let Some(member) = self.members.get(index as usize) else {
            let damage = self.damage.as_deref().unwrap_or("the archive has no such member");
            return Err(StructureError::UnsupportedFormat {
                file: self.path.display().to_string(),
                reason: format!("{damage}; what stands before that is read"),
            });
        };
        match member.storage {
            Storage::Encrypted => return Err(refused("is encrypted, and no password is known".to_owned())),
            Storage::Method(method) => {
                return Err(refused(format!(
                    "is packed by method {method} of zip archives; 0 and 8 (deflate) are read"
                )));
            }
            Storage::Sparse => return Err(refused("is a sparse file, which is not read".to_owned())),
            Storage::Plain | Storage::Deflated if member.size.max(member.packed) > LARGEST => {
                return Err(refused("has more than 1 GiB".to_owned()));
            }
            Storage::Plain | Storage::Deflated => {}
        }
        let bytes = match self.kind {
            Kind::Tar => self.read_plain(member),
            Kind::TarGz => self.read_stream(index),
            Kind::Zip => zip::read(&self.path, member),
        };
        bytes.map_err(|source| StructureError::Unreadable { path: label(), source })
    }

    fn read_plain(&self, member: &Member) -> io::Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(member.offset))?;
        let mut bytes = vec![0; member.size as usize];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn read_stream(&self, index: u32) -> io::Result<Vec<u8>> {
        // A thread that panicked left the stream where it was.
        let mut stream = self.stream.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let read = stream.get_or_insert_with(Stream::default).read(&self.path, &self.members, index);
        if read.is_err() {
            *stream = None;
        }
        read
    }
}

impl Kind {
    /// By the first bytes, since people rename archives; what begins as neither is taken for a plain tar archive.
    fn of(mut file: &File) -> io::Result<Kind> {
        let mut start = Vec::new();
        file.take(4).read_to_end(&mut start)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(match start[..] {
            [0x1f, 0x8b, ..] => Kind::TarGz,
            [b'P', b'K', 3 | 5, 4 | 6] => Kind::Zip,
            _ => Kind::Tar,
        })
    }
}

/// The last part of a member's path, written on whichever system.
fn file_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

fn is_beside(file: &str) -> bool {
    let lower = file.to_ascii_lowercase();
    BESIDE.iter().any(|ending| lower.ends_with(ending))
}
