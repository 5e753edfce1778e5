//! A dataset in an object store: `s3://bucket/folder`, `gs://…`, `az://…`, `file:///…`.
//!
//! Objects get their names by a put that creates only: of two processes that write one part, one succeeds, and the other
//! compares.

use std::env;
use std::fs;
use std::future::Future;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use tokio::runtime::Runtime;

use super::store::{Store, other_content};
use crate::address::{open_store, runtime, to_io};

/// A dataset in an object store.
pub(super) struct ObjectFolder {
    address: String,
    objects: Box<dyn ObjectStore>,
    folder: ObjectPath,
    runtime: Runtime,
    /// Where the journal is, which an object store cannot append to: a folder of this machine that a later run of the same
    /// command finds again.
    local: PathBuf,
}

impl ObjectFolder {
    pub(super) fn open(path: &Path) -> io::Result<ObjectFolder> {
        let address = path.to_string_lossy().trim_end_matches('/').to_owned();
        let (objects, folder) = open_store(&address)?;
        let runtime = runtime()?;
        let digits = format!("{:x}", Sha256::digest(&address));
        let local = unfinished_folder().join(&digits[..16]);
        fs::create_dir_all(&local)?;
        Ok(ObjectFolder { address, objects, folder, runtime, local })
    }

    fn object(&self, file: &str) -> ObjectPath {
        let parts = file.split('/').filter(|part| !part.is_empty());
        parts.fold(self.folder.clone(), |path, part| path.join(part))
    }

    fn wait<T>(&self, work: impl Future<Output = object_store::Result<T>>) -> io::Result<T> {
        self.runtime.block_on(work).map_err(to_io)
    }
}

/// The user's folder for what can be made again.
fn unfinished_folder() -> PathBuf {
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Caches"))
    } else {
        folder("XDG_CACHE_HOME")
            .filter(|cache| cache.is_absolute())
            .or_else(|| folder("HOME").map(|home| home.join(".cache")))
    };
    cache.unwrap_or_else(env::temp_dir).join("fastmpnn").join("unfinished")
}

impl Store for ObjectFolder {
    fn shown(&self, file: &str) -> String {
        format!("{}/{file}", self.address)
    }

    fn read(&self, file: &str) -> io::Result<Option<Vec<u8>>> {
        let object = self.object(file);
        let found = self.wait(async { self.objects.get(&object).await?.bytes().await });
        match found {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn stage(&self, prefix: &str) -> io::Result<NamedTempFile> {
        tempfile::Builder::new().prefix(prefix).suffix(".part").tempfile_in(&self.local)
    }

    fn create(&self, file: &str, mut staged: NamedTempFile) -> io::Result<()> {
        let mut content = Vec::new();
        staged.rewind()?;
        staged.read_to_end(&mut content)?;
        let object = self.object(file);
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        let payload = PutPayload::from(content.clone());
        match self.wait(self.objects.put_opts(&object, payload, options)) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match self.read(file)? {
                Some(found) if found == content => Ok(()),
                _ => Err(other_content()),
            },
            Err(error) => Err(error),
        }
    }

    fn replace(&self, file: &str, content: &[u8]) -> io::Result<()> {
        let object = self.object(file);
        self.wait(self.objects.put(&object, PutPayload::from(content.to_vec()))).map(|_| ())
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let folder = self.object(folder);
        let found = self.wait(self.objects.list_with_delimiter(Some(&folder)))?;
        let names = found.objects.iter().filter_map(|object| Some(object.location.filename()?.to_owned()));
        let mut names: Vec<String> = names.collect();
        names.sort();
        Ok(names)
    }

    fn remove(&self, file: &str) -> io::Result<()> {
        let object = self.object(file);
        match self.wait(self.objects.delete(&object)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn remove_staged(&self, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(&self.local)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(prefix) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn local(&self) -> &Path {
        &self.local
    }
}
