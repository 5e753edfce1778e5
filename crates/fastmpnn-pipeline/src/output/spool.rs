//! A list of records that is kept on the disk while it grows.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::ser::{Error, SerializeSeq};
use serde::{Serialize, Serializer};

/// A list of records, a line each of a file that has no name and goes with this value. It is serialized as a list.
pub(super) struct Spool<T> {
    folder: PathBuf,
    /// None before the first record.
    file: RefCell<Option<BufWriter<File>>>,
    records: PhantomData<T>,
}

impl<T: Serialize + DeserializeOwned> Spool<T> {
    /// An empty list, whose file will be in this folder.
    pub(super) fn new(folder: &Path) -> Spool<T> {
        Spool { folder: folder.to_owned(), file: RefCell::new(None), records: PhantomData }
    }

    /// Adds a record.
    pub(super) fn push(&mut self, record: &T) -> io::Result<()> {
        let file = self.file.get_mut();
        let file = match file {
            Some(file) => file,
            None => file.insert(BufWriter::new(tempfile::tempfile_in(&self.folder)?)),
        };
        serde_json::to_writer(&mut *file, record)?;
        file.write_all(b"\n")
    }
}

impl<T: Serialize + DeserializeOwned> Serialize for Spool<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        if let Some(writer) = self.file.borrow_mut().as_mut() {
            writer.flush().map_err(Error::custom)?;
            let file = writer.get_mut();
            file.rewind().map_err(Error::custom)?;
            for line in BufReader::new(&mut *file).lines() {
                let record: T = serde_json::from_str(&line.map_err(Error::custom)?).map_err(Error::custom)?;
                list.serialize_element(&record)?;
            }
            // More records may follow.
            file.seek(io::SeekFrom::End(0)).map_err(Error::custom)?;
        }
        list.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_the_list_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path());
        assert_eq!(serde_json::to_string(&spool).unwrap(), "[]");
        for text in ["a", "b\nc", "ä\""] {
            spool.push(&text.to_owned()).unwrap();
        }
        assert_eq!(serde_json::to_string(&spool).unwrap(), "[\"a\",\"b\\nc\",\"ä\\\"\"]");
        spool.push(&"last".to_owned()).unwrap();
        assert!(serde_json::to_string(&spool).unwrap().ends_with("\"last\"]"));
    }
}
