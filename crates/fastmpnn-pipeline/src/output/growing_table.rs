//! A table on disk to which rows are added during a run, so that an interrupted run leaves those it made.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::output::AtomicFile;

/// A table of complete rows: rows that cannot be written completely are not added.
pub struct GrowingTable {
    path: PathBuf,
    file: File,
    /// The size of the whole rows, bytes.
    whole: u64,
}

impl GrowingTable {
    /// Begins a table with its header line. The file must not exist.
    pub fn create(path: PathBuf, header: &[u8]) -> io::Result<GrowingTable> {
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        let mut table = GrowingTable { path, file, whole: 0 };
        table.append(header)?;
        Ok(table)
    }

    /// Adds rows.
    pub fn append(&mut self, rows: &[u8]) -> io::Result<()> {
        // One call for all of them: a process that is killed has written them or not.
        let written = self.file.write_all(rows);
        if written.is_err() {
            // The disk is full, or worse. The first error is the one to report.
            let _ = self.file.set_len(self.whole);
            return written;
        }
        self.whole += rows.len() as u64;
        Ok(())
    }

    /// The size of the table, bytes.
    pub(crate) fn size(&self) -> u64 {
        self.whole
    }

    /// Replaces the table by a file that was written for its path, of that many bytes; more rows may follow.
    pub(crate) fn replace_with(&mut self, file: AtomicFile, size: u64) -> io::Result<()> {
        file.commit()?;
        self.file = OpenOptions::new().append(true).open(&self.path)?;
        self.whole = size;
        Ok(())
    }

    /// The table's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the content of the whole table; more rows may follow.
    pub fn replace(&mut self, content: &[u8]) -> io::Result<()> {
        AtomicFile::write(&self.path, content)?;
        self.file = OpenOptions::new().append(true).open(&self.path)?;
        self.whole = content.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn rows_are_on_disk_at_once_and_replaced_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        let mut table = GrowingTable::create(path.clone(), b"a\n").unwrap();
        table.append(b"2\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\n2\n");
        table.replace(b"a,b\n1,\n2,\n").unwrap();
        table.append(b"3,x\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "a,b\n1,\n2,\n3,x\n");
        assert!(GrowingTable::create(path, b"a\n").is_err(), "a table that exists is not written over");
    }
}
