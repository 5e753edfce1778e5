//! What tells a file from the one that stood in its place before.

use std::path::Path;
use std::time::SystemTime;

/// Length and time of a file; nothing where it is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FileStamp {
    length: Option<u64>,
    modified: Option<SystemTime>,
}

impl FileStamp {
    pub(super) fn of(path: &Path) -> FileStamp {
        let Ok(metadata) = path.metadata() else { return FileStamp::default() };
        FileStamp { length: Some(metadata.len()), modified: metadata.modified().ok() }
    }
}
