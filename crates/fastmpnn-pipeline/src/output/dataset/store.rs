//! Where the files of a dataset are.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::output::AtomicFile;

/// The files of a dataset, by their paths in it with `/` between names.
pub(crate) trait Store: Send {
    /// What messages call a file.
    fn shown(&self, file: &str) -> String;

    /// The content of a file; `None` where there is none.
    fn read(&self, file: &str) -> io::Result<Option<Vec<u8>>>;

    /// An empty file to be filled and then [created](Store::create), under a hidden name that begins like this until then.
    fn stage(&self, prefix: &str) -> io::Result<NamedTempFile>;

    /// Gives a staged file its name, once it is on the disk. A file of that name is never replaced: one with the same
    /// content is what a killed process has left, and any other is an error.
    fn create(&self, file: &str, staged: NamedTempFile) -> io::Result<()>;

    /// Writes a file, in place of the one that is there.
    fn replace(&self, file: &str, content: &[u8]) -> io::Result<()>;

    /// The names of the files in a folder, in alphabetical order.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// Removes a file, if it is there.
    fn remove(&self, file: &str) -> io::Result<()>;

    /// Removes what a killed process has staged.
    fn remove_staged(&self, prefix: &str) -> io::Result<()>;

    /// Where files of this process alone can be appended to, such as its journal.
    fn local(&self) -> &Path;
}

/// A dataset in a folder.
pub(super) struct FolderStore {
    path: PathBuf,
}

impl FolderStore {
    pub(super) fn new(path: &Path) -> io::Result<FolderStore> {
        fs::create_dir_all(path)?;
        Ok(FolderStore { path: path.to_owned() })
    }

    fn path_of(&self, file: &str) -> PathBuf {
        file.split('/').fold(self.path.clone(), |path, name| path.join(name))
    }
}

impl Store for FolderStore {
    fn shown(&self, file: &str) -> String {
        self.path_of(file).display().to_string()
    }

    fn read(&self, file: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.path_of(file)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn stage(&self, prefix: &str) -> io::Result<NamedTempFile> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(prefix).suffix(".part");
        // Otherwise the file would be for its owner alone.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        builder.tempfile_in(&self.path)
    }

    fn create(&self, file: &str, mut staged: NamedTempFile) -> io::Result<()> {
        let path = self.path_of(file);
        let folder = path.parent().unwrap_or(&self.path);
        fs::create_dir_all(folder)?;
        staged.as_file().sync_all()?;
        match staged.persist_noclobber(&path) {
            Ok(_) => sync_folder(folder),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                staged = error.file;
                staged.rewind()?;
                let mut content = Vec::new();
                staged.read_to_end(&mut content)?;
                if fs::read(&path)? == content { Ok(()) } else { Err(other_content()) }
            }
            Err(error) => Err(error.error),
        }
    }

    fn replace(&self, file: &str, content: &[u8]) -> io::Result<()> {
        let path = self.path_of(file);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        AtomicFile::write(&path, content)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.path_of(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names: Vec<String> =
            entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<io::Result<_>>()?;
        // What a killed process has staged is no file of the dataset.
        names.retain(|name| !name.starts_with('.'));
        names.sort();
        Ok(names)
    }

    fn remove(&self, file: &str) -> io::Result<()> {
        match fs::remove_file(self.path_of(file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn remove_staged(&self, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.to_string_lossy().strip_prefix(prefix).is_some_and(|rest| rest.ends_with(".part")) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn local(&self) -> &Path {
        &self.path
    }
}

pub(super) fn other_content() -> io::Error {
    io::Error::new(io::ErrorKind::AlreadyExists, "a file with other content is there already")
}

/// Makes a new name in a folder outlast a loss of power, where the system can.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = (folder, File::open::<&Path>);
    Ok(())
}
