//! Encodings in a folder, one file each, which several processes may use at once.
//!
//! An entry is named after all that it depends on, so that one of another checkpoint, version or structure is never
//! found. Its first lines repeat the name and give a checksum of the rest: an entry that was cut short, changed or renamed
//! is not used. It appears complete, under its name, or not at all; of several writers the first one's stays.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fastmpnn::model::StoredPrecision;
use fastmpnn::{Encoding, Engine};
use tempfile::Builder;

use crate::error::PipelineError;
use crate::output::{OutputFailure, WritingTo};

/// The first line of an entry.
const FORMAT: &str = "fastmpnn cached encoding 1";

/// A folder of encodings.
#[derive(Debug)]
pub(super) struct EncodingFolder {
    path: PathBuf,
    stored: StoredPrecision,
}

/// What a folder has under a name.
pub(super) enum Entry {
    Found(Encoding),
    /// Something that is no whole entry.
    Damaged,
    Missing,
}

impl Entry {
    pub(super) fn is_damaged(&self) -> bool {
        matches!(self, Entry::Damaged)
    }
}

impl EncodingFolder {
    /// Opens a folder, and makes it where it is missing.
    pub(super) fn open(path: &Path, stored: StoredPrecision) -> Result<EncodingFolder, OutputFailure> {
        fs::create_dir_all(path).writing_to(path.display())?;
        Ok(EncodingFolder { path: path.to_owned(), stored })
    }

    /// The numbers of new entries.
    pub(super) fn stored(&self) -> StoredPrecision {
        self.stored
    }

    /// The file of an entry. A folder of a million files is slow to list, so they are divided by their first two digits.
    fn file_of(&self, name: &str) -> PathBuf {
        self.path.join(&name[..2]).join(format!("{name}.encoding"))
    }

    /// The entry of a name. One that cannot be read is one that is not there.
    pub(super) fn find(&self, engine: &Engine, name: &str) -> Entry {
        let Ok(bytes) = fs::read(self.file_of(name)) else { return Entry::Missing };
        let encoding = content(&bytes, name).and_then(|content| engine.load_encoding(content).ok());
        encoding.map_or(Entry::Damaged, Entry::Found)
    }

    /// Adds an entry; the encoding as it will be read. A folder that must not be written stays as it is.
    pub(super) fn add(
        &self,
        engine: &Engine,
        name: &str,
        encoding: Encoding,
        replaces: bool,
    ) -> Result<Encoding, PipelineError> {
        let content = engine.save_encoding_as(&encoding, self.stored)?;
        let path = self.file_of(name);
        match write(&path, name, &content, replaces) {
            Err(error)
                if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => {}
            written => written.writing_to(path.display())?,
        }
        Ok(match self.stored {
            StoredPrecision::F32 => encoding,
            _ => engine.load_encoding(&content)?,
        })
    }
}

fn write(path: &Path, name: &str, content: &[u8], replaces: bool) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = Builder::new();
    builder.prefix(".encoding.").suffix(".part");
    #[cfg(unix)]
    {
        // Otherwise the file would be for its owner alone.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(head(name, content).as_bytes())?;
    file.write_all(content)?;
    // Not flushed to the disk: what a crash of the machine damages is found by its checksum.
    let persisted = if replaces { file.persist(path) } else { file.persist_noclobber(path) };
    match persisted {
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
        Ok(_) => Ok(()),
    }
}

/// The lines before the content.
fn head(name: &str, content: &[u8]) -> String {
    format!("{FORMAT}\n{name}\n{:08x} {}\n", crc32fast::hash(content), content.len())
}

/// What comes after the first lines, where they are right.
fn content<'b>(bytes: &'b [u8], name: &str) -> Option<&'b [u8]> {
    let mut end = 0;
    for _ in 0..3 {
        end += bytes[end..].iter().take(200).position(|&byte| byte == b'\n')? + 1;
    }
    let (found, content) = bytes.split_at(end);
    (found == head(name, content).as_bytes()).then_some(content)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use fastmpnn::EngineOptions;
    use fastmpnn::model::Precision;
    use fastmpnn::structure::{ReadOptions, read_path};

    use super::*;

    const NAME: &str = "abcdef";

    fn engine(precision: Precision) -> Engine {
        Engine::embedded(&EngineOptions::default().with_precision(precision)).unwrap()
    }

    fn encoding(engine: &Engine) -> Encoding {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/6MRR.pdb");
        engine.encode(&read_path(&path, &ReadOptions::default()).unwrap()).unwrap()
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let inside = |path: &Path| fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
        inside(folder).iter().flat_map(|path| inside(path)).collect()
    }

    #[test]
    fn damaged_and_foreign_entries_are_never_used() {
        let place = tempfile::tempdir().unwrap();
        let engine = engine(Precision::F32);
        let folder = EncodingFolder::open(&place.path().join("new/cache"), StoredPrecision::F32).unwrap();
        assert!(matches!(folder.find(&engine, NAME), Entry::Missing));
        let made = encoding(&engine);
        folder.add(&engine, NAME, made.clone(), false).unwrap();
        let file = folder.file_of(NAME);
        let whole = fs::read(&file).unwrap();
        let is_whole = || match folder.find(&engine, NAME) {
            Entry::Found(found) => engine.unconditional(&found).unwrap() == engine.unconditional(&made).unwrap(),
            Entry::Damaged | Entry::Missing => false,
        };
        assert!(is_whole());
        let flipped = |place: usize| {
            let mut bytes = whole.clone();
            bytes[place] ^= 1;
            bytes
        };
        let cases = [
            Vec::new(),
            whole[..whole.len() - 1].to_vec(),
            whole[..40].to_vec(),
            [&whole[..], b"x"].concat(),
            flipped(2),
            flipped(30),
            flipped(200),
            flipped(whole.len() / 2),
            flipped(whole.len() - 1),
            // What another version of the program would write.
            [b"fastmpnn cached encoding 2", &whole[FORMAT.len()..]].concat(),
        ];
        for bytes in cases {
            fs::write(&file, bytes).unwrap();
            assert!(folder.find(&engine, NAME).is_damaged());
            // Without leave to replace it, a writer believes that another one was first.
            folder.add(&engine, NAME, made.clone(), false).unwrap();
            assert!(folder.find(&engine, NAME).is_damaged());
            folder.add(&engine, NAME, made.clone(), true).unwrap();
            assert!(is_whole());
        }
        // Under another name, and for another network.
        fs::create_dir_all(folder.file_of("ffff").parent().unwrap()).unwrap();
        fs::copy(&file, folder.file_of("ffff")).unwrap();
        assert!(folder.find(&engine, "ffff").is_damaged());
        let other = self::engine(Precision::Bf16);
        assert!(folder.find(&other, NAME).is_damaged());
    }

    #[test]
    fn many_writers_leave_one_whole_entry() {
        let place = tempfile::tempdir().unwrap();
        let engine = engine(Precision::F32);
        let folder = EncodingFolder::open(place.path(), StoredPrecision::F16).unwrap();
        let made = encoding(&engine);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| folder.add(&engine, NAME, made.clone(), false).unwrap());
                scope.spawn(|| (0..20).for_each(|_| assert!(!folder.find(&engine, NAME).is_damaged())));
            }
        });
        assert!(matches!(folder.find(&engine, NAME), Entry::Found(_)));
        assert_eq!(files(place.path()), [folder.file_of(NAME)]);
    }
}
