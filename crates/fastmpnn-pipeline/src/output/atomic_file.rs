//! Files that appear complete or not at all: written under a temporary name in the same folder, then renamed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Ends the temporary names, `.5L33.fa.x8Kd2f.part`.
const ENDING: &str = ".part";
/// How many random characters make a temporary name unique.
const RANDOM: usize = 6;
/// File systems allow names of 255 bytes; more of a long name than this is left out of the temporary one.
const LONGEST: usize = 200;

/// A file being written: [`commit`](AtomicFile::commit) gives it its name, and dropping it removes it.
pub struct AtomicFile {
    out: BufWriter<Target>,
    path: PathBuf,
}

enum Target {
    Temporary(NamedTempFile),
    /// A terminal, a pipe or a device, which must not be replaced by a file.
    Stream(File),
}

impl AtomicFile {
    /// Begins a file that will have the given path.
    pub fn create(path: &Path) -> io::Result<AtomicFile> {
        // A link stays a link, and what it leads to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let existing = fs::metadata(&path).ok();
        let target = if existing.as_ref().is_some_and(|existing| !existing.is_file() && !existing.is_dir()) {
            Target::Stream(File::options().write(true).open(&path)?)
        } else {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let mut builder = Builder::new();
            let prefix = prefix(path.file_name().unwrap_or_default());
            builder.prefix(&prefix).suffix(ENDING).rand_bytes(RANDOM);
            // Otherwise the file would be for its owner alone.
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                builder.permissions(fs::Permissions::from_mode(0o666));
            }
            let file = builder.tempfile_in(folder)?;
            if let Some(existing) = existing.filter(fs::Metadata::is_file) {
                file.as_file().set_permissions(existing.permissions())?;
            }
            Target::Temporary(file)
        };
        Ok(AtomicFile { out: BufWriter::new(target), path })
    }

    /// Flushes the file to disk and gives it its name.
    pub fn commit(self) -> io::Result<()> {
        let target = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        match target {
            Target::Stream(_) => Ok(()),
            Target::Temporary(file) => {
                // Some network file systems say only now that the disk is full.
                file.as_file().sync_all()?;
                file.persist(&self.path).map_err(|error| error.error)?;
                Ok(())
            }
        }
    }

    /// Writes a whole file.
    pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = AtomicFile::create(path)?;
        file.write_all(bytes)?;
        file.commit()
    }

    /// Whether a name looks like a temporary one.
    pub fn is_temporary(name: &OsStr) -> bool {
        name.as_encoded_bytes().starts_with(b".") && name.as_encoded_bytes().ends_with(ENDING.as_bytes())
    }

    /// Whether a name is the temporary one of a file that was to have this name, as a killed process leaves it.
    pub fn is_leftover(name: &OsStr, of: &OsStr) -> bool {
        let (name, prefix) = (name.as_encoded_bytes(), prefix(of));
        let random = name.strip_prefix(prefix.as_encoded_bytes()).and_then(|name| name.strip_suffix(ENDING.as_bytes()));
        random.is_some_and(|random| random.len() == RANDOM && random.iter().all(u8::is_ascii_alphanumeric))
    }
}

/// `.5L33.fa.`
fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    if name.len() <= LONGEST {
        prefix.push(name);
    } else {
        prefix.push(name.to_string_lossy().chars().take(LONGEST / char::MAX.len_utf8()).collect::<String>());
    }
    prefix.push(".");
    prefix
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Target::Temporary(file) => file.write(bytes),
            Target::Stream(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Target::Temporary(file) => file.flush(),
            Target::Stream(file) => file.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        fs::write(&path, "before").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        file.flush().unwrap();
        let [temporary] = &names(folder.path()).into_iter().filter(|name| name != "table.csv").collect::<Vec<_>>()[..]
        else {
            panic!("{:?}", names(folder.path()))
        };
        assert!(AtomicFile::is_leftover(temporary, OsStr::new("table.csv")), "{temporary:?}");
        assert!(!AtomicFile::is_leftover(temporary, OsStr::new("able.csv")), "{temporary:?}");
        // What happens when writing fails.
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        assert_eq!(names(folder.path()), ["table.csv"]);
        AtomicFile::write(&path, b"after").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(names(folder.path()), ["table.csv"]);
    }

    #[test]
    fn a_name_of_any_length_is_written() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["é".repeat(127), "a".repeat(255)] {
            AtomicFile::write(&folder.path().join(&name), b"x").unwrap();
            assert!(names(folder.path()).contains(&OsString::from(&name)));
        }
    }

    #[cfg(unix)]
    #[test]
    fn modes_links_and_devices_stay_what_they_are() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mode = |name: &str| fs::metadata(path(name)).unwrap().permissions().mode() & 0o777;
        fs::write(path("plain"), "x").unwrap();
        AtomicFile::write(&path("ours"), b"x").unwrap();
        assert_eq!(mode("ours"), mode("plain"));
        fs::set_permissions(path("plain"), fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("plain", path("link")).unwrap();
        AtomicFile::write(&path("link"), b"through the link").unwrap();
        assert!(fs::symlink_metadata(path("link")).unwrap().is_symlink());
        assert_eq!((fs::read_to_string(path("plain")).unwrap().as_str(), mode("plain")), ("through the link", 0o640));
        AtomicFile::write(Path::new("/dev/null"), b"x").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        // Linux's device that is always full.
        if Path::new("/dev/full").exists() {
            assert!(AtomicFile::write(Path::new("/dev/full"), b"x").is_err());
        }
    }
}
