//! The journal of a part: the rows of the structures that are finished and in no part yet.
//!
//! ```text
//! {"process":4711,"part":3,"columns":[{"name":"name","kind":"text"},…]}
//! ["5L33",1,0.1,…]                                  a row of the structure that is worked on
//! ["5L33",2,0.1,…]
//! {"name":"5L33","content":"9f…","settings":"c4…","rows":2}   its designs are all there
//! ```
//!
//! Rows and structures reach the parts and the manifest through this file, in a run that was stopped and continued as in
//! one that was not, so that they are the same to the byte, and no more than one line of a part is held in memory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::manifest::FinishedStructure;
use crate::table::{Column, Value};

/// A name that explains itself if the file is left behind.
pub(super) const NAME: &str = ".fastmpnn-unfinished-designs";

/// How often finished structures are forced onto the disk: what a loss of power costs at most.
const SYNC: Duration = Duration::from_secs(1);

/// An open journal, locked where the file system has locks.
pub(super) struct Journal {
    path: PathBuf,
    out: BufWriter<File>,
    /// The part that its rows will be.
    part: u64,
    finished: Finished,
    /// The end of the last finished structure, bytes.
    whole: u64,
    /// Rows of the structure that is worked on.
    rows: u64,
    columns: Vec<Column>,
    synced: Instant,
}

/// How much of a part is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Finished {
    /// The structures whose rows are all there.
    pub(super) structures: u64,
    /// Their rows.
    pub(super) rows: u64,
}

impl Finished {
    fn add(&mut self, structure: &FinishedStructure) {
        self.structures += 1;
        self.rows += structure.rows;
    }
}

#[derive(Deserialize, Serialize)]
struct Header {
    process: u32,
    part: u64,
    /// The columns of the rows.
    columns: Vec<Column>,
}

/// The outcome of an attempt to take a journal.
pub(super) enum Taken {
    Ours(Journal),
    /// Another process holds it; its number where that can be read.
    InUse(Option<u32>),
}

impl Journal {
    /// Takes the journal at a path, with what a former run has left in it.
    pub(super) fn take(path: PathBuf, columns: &[Column]) -> io::Result<Taken> {
        loop {
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create(true).truncate(false).open(&path)?;
            let locked = match file.try_lock() {
                Ok(()) => true,
                // Some file systems have no locks.
                Err(TryLockError::Error(_)) => false,
                Err(TryLockError::WouldBlock) => {
                    return Ok(Taken::InUse(read_header(&file).map(|header| header.process)));
                }
            };
            // A run that ended between the two calls has removed the file.
            if locked && !is_at(&file, &path) {
                continue;
            }
            return Journal::open(path, file, columns).map(Taken::Ours);
        }
    }

    fn open(path: PathBuf, file: File, columns: &[Column]) -> io::Result<Journal> {
        let header = read_header(&file);
        let mut journal = Journal {
            path,
            out: BufWriter::with_capacity(1 << 16, file),
            part: header.as_ref().map_or(0, |header| header.part),
            finished: Finished::default(),
            whole: 0,
            rows: 0,
            columns: columns.to_vec(),
            synced: Instant::now(),
        };
        match header {
            Some(header) if header.columns == columns => journal.recover()?,
            header => journal.restart(header.map_or(0, |header| header.part))?,
        }
        Ok(journal)
    }

    /// Finds the finished structures, and removes what comes after the last.
    fn recover(&mut self) -> io::Result<()> {
        let mut place = 0;
        let mut rows = 0;
        self.out.get_mut().rewind()?;
        let mut lines = BufReader::new(self.out.get_ref());
        let mut line = String::new();
        let mut whole = 0;
        let mut finished = Finished::default();
        loop {
            line.clear();
            // What is not UTF-8 was never written by us: a loss of power has left it.
            let Ok(length) = lines.read_line(&mut line) else { break };
            if length == 0 || !line.ends_with('\n') {
                break;
            }
            let first = place == 0;
            place += length as u64;
            if first {
                whole = place;
            } else if line.starts_with('[') {
                rows += 1;
            } else {
                match serde_json::from_str::<FinishedStructure>(&line) {
                    Ok(structure) if structure.rows == rows => finished.add(&structure),
                    _ => break,
                }
                rows = 0;
                whole = place;
            }
        }
        (self.whole, self.finished) = (whole, finished);
        self.drop_unfinished()
    }

    /// Begins a part, without rows.
    pub(super) fn restart(&mut self, part: u64) -> io::Result<()> {
        self.whole = 0;
        self.drop_unfinished()?;
        self.finished = Finished::default();
        self.part = part;
        let header =
            serde_json::to_string(&Header { process: std::process::id(), part, columns: self.columns.clone() })?;
        writeln!(self.out, "{header}")?;
        self.out.flush()?;
        self.whole = self.out.get_mut().stream_position()?;
        Ok(())
    }

    /// The part that its rows will be, from 0.
    pub(super) fn part(&self) -> u64 {
        self.part
    }

    /// How much of the part is there.
    pub(super) fn finished(&self) -> Finished {
        self.finished
    }

    /// Adds a row of the structure that is worked on.
    pub(super) fn add(&mut self, row: &[Value]) -> io::Result<()> {
        let cells: Vec<serde_json::Value> = row.iter().map(Value::to_json).collect();
        serde_json::to_writer(&mut self.out, &cells)?;
        self.out.write_all(b"\n")?;
        self.rows += 1;
        Ok(())
    }

    /// All designs of the structure are there.
    pub(super) fn end_structure(&mut self, mut structure: FinishedStructure) -> io::Result<()> {
        structure.rows = self.rows;
        let line = serde_json::to_string(&structure)?;
        writeln!(self.out, "{line}")?;
        self.out.flush()?;
        if self.synced.elapsed() >= SYNC {
            self.out.get_ref().sync_data()?;
            self.synced = Instant::now();
        }
        self.whole = self.out.get_mut().stream_position()?;
        self.rows = 0;
        self.finished.add(&structure);
        Ok(())
    }

    /// Removes the rows of a structure that is not finished.
    pub(super) fn drop_unfinished(&mut self) -> io::Result<()> {
        // What is still in memory goes to the file first: it is cut off there.
        let flushed = self.out.flush();
        let file = self.out.get_mut();
        file.set_len(self.whole)?;
        file.seek(SeekFrom::Start(self.whole))?;
        self.rows = 0;
        flushed
    }

    /// Calls `take` with each row of the finished structures.
    pub(super) fn rows(&self, take: impl FnMut(Vec<Value>) -> io::Result<()>) -> io::Result<()> {
        each_row(&self.path, Some(self.whole), take)
    }

    /// The finished structures.
    pub(super) fn structures(&self) -> io::Result<impl Iterator<Item = io::Result<FinishedStructure>>> {
        // Rows after the last finished structure are of none.
        let lines = BufReader::new(File::open(&self.path)?.take(self.whole)).lines().skip(1);
        let of_structure = |line: &io::Result<String>| !line.as_ref().is_ok_and(|line| line.starts_with('['));
        Ok(lines.filter(of_structure).map(|line| Ok(serde_json::from_str(&line?)?)))
    }

    /// Leaves a folder in which nothing was begun as it was found.
    pub(super) fn withdraw(self) {
        if self.finished.structures == 0 {
            // Where it cannot be removed, the next run finds it empty.
            let _ = self.end();
        }
    }

    /// Ends the journal of a run whose rows are all in parts.
    pub(super) fn end(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

/// Calls `take` with each row of a journal up to a number of bytes, or of its finished structures.
pub(super) fn each_row(
    path: &Path,
    whole: Option<u64>,
    mut take: impl FnMut(Vec<Value>) -> io::Result<()>,
) -> io::Result<()> {
    let file = File::open(path)?;
    let mut lines = BufReader::new(file);
    let (mut line, mut place, mut waiting) = (String::new(), 0, Vec::new());
    let mut columns: Vec<Column> = Vec::new();
    loop {
        line.clear();
        let length = match lines.read_line(&mut line) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData && whole.is_none() => return Ok(()),
            length => length? as u64,
        };
        let first = place == 0;
        place += length;
        if length == 0 || whole.is_some_and(|whole| place > whole) || !line.ends_with('\n') {
            return Ok(());
        }
        if first {
            columns = serde_json::from_str::<Header>(&line)?.columns;
            continue;
        }
        if !line.starts_with('[') {
            waiting.drain(..).try_for_each(&mut take)?;
            continue;
        }
        let cells: Vec<serde_json::Value> = match serde_json::from_str(&line) {
            Ok(cells) => cells,
            // What a loss of power has left comes after the last finished structure.
            Err(_) if whole.is_none() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let row: Vec<Value> =
            cells.into_iter().zip(&columns).map(|(cell, column)| Value::of_json(cell, column.kind)).collect();
        match whole {
            Some(_) => take(row)?,
            None => waiting.push(row),
        }
    }
}

/// The columns of the rows of a journal; `None` where it is about to be begun.
pub(super) fn columns(path: &Path) -> io::Result<Option<Vec<Column>>> {
    Ok(read_header(&File::open(path)?).map(|header| header.columns))
}

fn read_header(mut file: &File) -> Option<Header> {
    let mut line = String::new();
    file.rewind().ok()?;
    BufReader::new(file).read_line(&mut line).ok()?;
    file.rewind().ok()?;
    serde_json::from_str(&line).ok()
}

/// Whether an open file is the one of that name.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let (open, named) = (file.metadata(), path.metadata());
        matches!((open, named), (Ok(open), Ok(named)) if open.ino() == named.ino() && open.dev() == named.dev())
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        true
    }
}
