//! The journal of a run: locked while its process lives, a line of JSON for each file.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::ser::{Error as _, SerializeSeq, Serializer};
use serde::{Deserialize, Serialize};
use tempfile::Builder;

use crate::output::{OutputFailure, WritingTo};

/// A name that explains itself if the file is left behind.
pub(super) const NAME: &str = ".fastmpnn-unfinished";

/// An open journal, locked where the file system has locks.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// Whether a run before this one has left it, and its lines are still there.
    left: bool,
}

/// The first line.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Header {
    command: String,
    process: u32,
}

/// The last line of a journal that is about to be removed.
const END: &str = "null";

/// What a process that was killed has noted.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub(super) command: String,
    /// Where the file system has no locks, the process may still be at work.
    pub(super) perhaps_running: Option<u32>,
    pub(super) files: Vec<String>,
}

/// Who is writing, where that can be read: ` (process 4711, fastmpnn design)`.
pub(super) struct Holder(Option<Header>);

impl fmt::Display for Holder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(Header { command, process }) => write!(out, " (fastmpnn {command}, process {process})"),
            None => Ok(()),
        }
    }
}

/// The files that a journal notes; none without one.
pub(super) struct NotedFiles<'a>(pub(super) Option<&'a Journal>);

impl Serialize for NotedFiles<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        if let Some(journal) = self.0 {
            for file in journal.files().map_err(S::Error::custom)? {
                list.serialize_element(&file.map_err(S::Error::custom)?)?;
            }
        }
        list.end()
    }
}

/// The outcome of an attempt to take a folder.
pub(super) enum Found {
    Ours(Journal),
    /// Taken, with the files that another run left.
    Left(Journal, Left),
    InUse(Holder),
}

impl Journal {
    /// Takes a folder: of several processes at once, one gets it.
    pub(super) fn take(folder: &Path, command: &str) -> Result<Found, OutputFailure> {
        let path = folder.join(NAME);
        loop {
            let found = match Journal::begin(&path, command).writing_to(folder.display())? {
                Some(journal) => Some(Found::Ours(journal)),
                None => Journal::open(&path).writing_to(path.display())?,
            };
            // Otherwise its run ended between the two looks.
            if let Some(found) = found {
                return Ok(found);
            }
        }
    }

    /// Makes the journal, unless there is one. It appears with its lock and its first line.
    fn begin(path: &Path, command: &str) -> io::Result<Option<Journal>> {
        let folder = path.parent().unwrap_or(Path::new("."));
        if path.symlink_metadata().is_ok() {
            return Ok(None);
        }
        let mut file = Builder::new().prefix(NAME).suffix(".part").tempfile_in(folder)?;
        lock(file.as_file())?;
        file.write_all(&header(command))?;
        match file.persist_noclobber(path) {
            Ok(file) => Ok(Some(Journal { path: path.to_owned(), file, left: false })),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
            // Not every file system can rename without replacing.
            Err(_) => match OpenOptions::new().read(true).write(true).create_new(true).open(path) {
                Ok(mut file) => {
                    lock(&file)?;
                    file.write_all(&header(command))?;
                    Ok(Some(Journal { path: path.to_owned(), file, left: false }))
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
                Err(error) => Err(error),
            },
        }
    }

    /// Opens the journal that is there; `None` when it is about to go.
    fn open(path: &Path) -> io::Result<Option<Found>> {
        let mut file = match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let locked = lock(&file);
        let mut text = String::new();
        // On some systems a locked file cannot be read by others.
        let read = file.read_to_string(&mut text);
        let mut lines = text.lines();
        let header: Option<Header> = lines.next().and_then(|line| serde_json::from_str(line).ok());
        let locked = match locked {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Some(Found::InUse(Holder(header)))),
            locked => locked?,
        };
        read?;
        if text.lines().next_back() == Some(END) {
            return Ok(None);
        }
        let header = header.unwrap_or_default();
        // A last line without an end is one that its process was killed in, before it made the file.
        let files = lines.filter_map(|line| serde_json::from_str(line).ok()).collect();
        let perhaps_running = (!locked).then_some(header.process);
        let left = Left { command: header.command, perhaps_running, files };
        Ok(Some(Found::Left(Journal { path: path.to_owned(), file, left: true }, left)))
    }

    /// Begins anew, when the files of the run before are gone.
    pub(super) fn restart(&mut self, command: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.left = false;
        self.file.write_all(&header(command))
    }

    /// Notes a file.
    pub(super) fn note(&mut self, file: &str) -> io::Result<()> {
        let mut line = serde_json::to_vec(file).map_err(io::Error::other)?;
        line.push(b'\n');
        self.file.seek(SeekFrom::End(0))?;
        self.file.write_all(&line)
    }

    /// The files that it notes, in their order. They are read from the disk.
    fn files(&self) -> io::Result<impl Iterator<Item = io::Result<String>>> {
        let mut file = self.file.try_clone()?;
        file.rewind()?;
        // The first line is no file.
        let lines = BufReader::new(file).lines().skip(1);
        Ok(lines.map(|line| serde_json::from_str(&line?).map_err(io::Error::other)))
    }

    /// Ends the journal of a run that has written its list of files.
    pub(super) fn end(mut self) -> io::Result<()> {
        // Who has the file open already sees by this line that the folder is free.
        self.file.seek(SeekFrom::End(0))?;
        writeln!(self.file, "{END}")?;
        fs::remove_file(&self.path)
    }

    /// Leaves the folder as it was found.
    pub(super) fn withdraw(self) {
        if !self.left {
            // When it cannot be removed, the next run sees that there are no files in it.
            let _ = self.end();
        }
    }
}

/// Whether a name in the folder is one that a journal had before it was whole.
pub(super) fn is_beginning(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(NAME.as_bytes()) && name.ends_with(b".part")
}

fn header(command: &str) -> Vec<u8> {
    let header = Header { command: command.to_owned(), process: std::process::id() };
    let mut line = serde_json::to_vec(&header).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Locks a file until it is closed; false where the file system has no locks.
fn lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
        Err(TryLockError::Error(_)) => Ok(false),
    }
}
