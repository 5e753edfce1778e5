//! Files that are not part of this repository: structures of the PDB and the authors' published outputs. Other test
//! programs, and the library's own tests, include this file by its path.

use std::path::PathBuf;

/// Names the folder.
const FOLDER: &str = "FASTMPNN_SHARED";

/// When it is 1, a test that lacks the folder fails instead of being skipped.
const REQUIRED: &str = "FASTMPNN_REQUIRE_SHARED";

/// A path inside the folder, or `None`, and a sentence on standard error, where no folder is named: the test then has
/// nothing to do. A named folder must contain the file.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let required = std::env::var_os(REQUIRED).is_some_and(|value| value == "1");
    let Some(folder) = std::env::var_os(FOLDER).filter(|folder| !folder.is_empty()) else {
        assert!(!required, "{REQUIRED} is 1, and {FOLDER} names no folder");
        eprintln!("skipped: {FOLDER} names no folder with {path}");
        return None;
    };
    let path = PathBuf::from(folder).join(path);
    assert!(path.exists(), "{FOLDER} names a folder without {}", path.display());
    Some(path)
}
