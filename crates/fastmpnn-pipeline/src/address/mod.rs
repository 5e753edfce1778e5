//! Addresses of object stores: `s3://bucket/folder`, `gs://…`, `az://…`, `file:///…`.

mod objects;
#[cfg(feature = "object-store")]
mod stores;

use std::path::{Path, PathBuf};

pub(crate) use self::objects::{Listing, Objects};
#[cfg(feature = "object-store")]
pub(crate) use self::stores::{open_store, runtime, to_io};

/// Whether a path is the address of an object store: a scheme, `://`, and what follows.
pub(crate) fn is_address(path: &Path) -> bool {
    let scheme = path.to_str().and_then(|text| Some(text.split_once("://")?.0));
    scheme.is_some_and(|scheme| !scheme.is_empty() && scheme.chars().all(|code| code.is_ascii_alphanumeric()))
}

/// A path as a file in `folder` names it: relative to the folder, unless it is an address or begins at the root.
pub(crate) fn in_folder(folder: &Path, path: &str) -> PathBuf {
    if is_address(Path::new(path)) { PathBuf::from(path) } else { folder.join(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_begin_with_a_scheme() {
        for (text, expected) in [
            ("s3://bucket/x.pdb", true),
            ("file:///x.pdb", true),
            ("x.pdb", false),
            ("a/b://x.pdb", false),
            ("://x", false),
            ("C:\\x.pdb", false),
        ] {
            assert_eq!(is_address(Path::new(text)), expected, "{text}");
        }
        let folder = Path::new("s3://bucket/runs");
        assert_eq!(in_folder(folder, "x.pdb"), Path::new("s3://bucket/runs/x.pdb"));
        assert_eq!(in_folder(folder, "gs://other/x.pdb"), Path::new("gs://other/x.pdb"));
    }
}
