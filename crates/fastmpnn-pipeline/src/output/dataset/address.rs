//! Where a dataset is: in a folder, or at the address of an object store.

use std::io;
use std::path::Path;

#[cfg(feature = "object-store")]
use super::object_store::ObjectFolder;
use super::store::{FolderStore, Store};
use crate::address::is_address;

/// The place at a path: a folder, which is made, or the address of an object store.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn Store>> {
    #[cfg(feature = "object-store")]
    if is_address(path) {
        return Ok(Box::new(ObjectFolder::open(path)?));
    }
    if is_address(path) {
        return Err(io::Error::other("this program was built without object stores"));
    }
    Ok(Box::new(FolderStore::new(path)?))
}
