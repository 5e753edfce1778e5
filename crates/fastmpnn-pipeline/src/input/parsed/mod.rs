//! ProteinMPNN's parsed structures (`parse_multiple_chains.py`), read where they are: one JSON object a line.

mod line;
mod packed;
mod place;

use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use fastmpnn::error::StructureError;
use serde::Deserialize;

pub(super) use self::line::structure_of;
use self::packed::PackedLines;
use self::place::Line;
use super::file_stamp::FileStamp;
use super::python_json::without_nan;
use super::text_store::TextStore;
use crate::error::{PipelineError, unreadable, unusable};
use crate::gzip::open_unpacked;
use crate::size_limit::LARGEST;

const ENDINGS: [&str; 2] = [".jsonl", ".jsonl.gz"];

/// A file of parsed structures, and where its lines are.
#[derive(Debug)]
pub(super) struct ParsedFile {
    path: PathBuf,
    stamp: FileStamp,
    lines: Vec<Line>,
    names: TextStore,
    /// Of a file that gzip packed, whose lines are places in what is unpacked.
    packed: Option<Mutex<PackedLines>>,
}

/// What is looked for when the file is gone through.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

impl ParsedFile {
    /// Whether a path is named as such a file is.
    pub(super) fn is_one(path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        ENDINGS.iter().any(|ending| name.len() > ending.len() && name.ends_with(ending))
    }

    /// Goes through a file. It has at least one line.
    pub(super) fn open(path: &Path) -> Result<ParsedFile, PipelineError> {
        let shown = path.display();
        let stamp = FileStamp::of(path);
        let (lines, names) = (Vec::new(), TextStore::default());
        let mut file = ParsedFile { path: path.to_owned(), stamp, lines, names, packed: None };
        let mut go_through = || {
            let mut start = Vec::new();
            File::open(path)?.take(2).read_to_end(&mut start)?;
            file.packed = (start == [0x1f, 0x8b]).then(Mutex::default);
            file.add_lines(open_unpacked(path, u64::MAX)?)
        };
        go_through().map_err(|error| unreadable(format!("{shown}: the parsed structures cannot be read"), error))?;
        if file.lines.is_empty() {
            return Err(unusable(format!("{shown}: the file holds no parsed structures: it is empty")));
        }
        Ok(file)
    }

    fn add_lines(&mut self, mut reader: impl BufRead) -> io::Result<()> {
        let (mut offset, mut number, mut line) = (0, 0, Vec::new());
        loop {
            line.clear();
            let length = (&mut reader).take(LARGEST).read_until(b'\n', &mut line)? as u64;
            if length == 0 {
                return Ok(());
            }
            number += 1;
            if length == LARGEST && self.packed.is_some() {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("line {number} unpacks to more than 1 GiB"),
                ));
            }
            if !text_of(&line).is_empty() {
                let named: Option<Named> = serde_json::from_slice(&without_nan(text_of(&line))).ok();
                // Names become those of files and headers.
                let name = named.unwrap_or(Named { name: String::new() }).name;
                let name = name.trim().replace(|code: char| code.is_control() || matches!(code, '/' | '\\'), "_");
                self.lines.push(Line { number, name: self.names.add(&name), offset, length });
            }
            offset += length;
        }
    }

    pub(super) fn stamp(&self) -> &FileStamp {
        &self.stamp
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The number of structures, and of lines that should be some.
    pub(super) fn len(&self) -> u32 {
        self.lines.len() as u32
    }

    /// The number of a structure's line, from 1.
    pub(super) fn line(&self, index: u32) -> u32 {
        self.lines.get(index as usize).map_or(0, |line| line.number)
    }

    /// The structure of a line.
    pub(super) fn find(&self, number: u32) -> Option<u32> {
        self.lines.binary_search_by_key(&number, |line| line.number).ok().map(|index| index as u32)
    }

    /// The name of a structure; made of the file's and the line's where it has none.
    pub(super) fn name(&self, index: u32) -> String {
        match self.lines.get(index as usize).map(|line| self.names.get(line.name)) {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ => {
                let file = self.path.file_name().unwrap_or_default().to_string_lossy();
                let lower = file.to_ascii_lowercase();
                let ending = ENDINGS.iter().find(|ending| lower.ends_with(*ending)).map_or(0, |ending| ending.len());
                let file = file[..file.len() - ending].replace(char::is_control, "_");
                format!("{file}_{}", self.line(index))
            }
        }
    }

    /// The text of a line.
    pub(super) fn read(&self, index: u32) -> Result<Vec<u8>, StructureError> {
        let read = || {
            let line = self.lines.get(index as usize).ok_or(io::ErrorKind::NotFound)?;
            if let Some(packed) = &self.packed {
                let mut packed = packed.lock().unwrap_or_else(PoisonError::into_inner);
                let read = packed.read(&self.path, &self.lines, index as usize);
                if read.is_err() {
                    *packed = PackedLines::default();
                }
                return read;
            }
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(line.offset))?;
            let mut bytes = Vec::new();
            file.take(line.length).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let path = || format!("{}:{}", self.path.display(), self.line(index));
        read().map_err(|source| StructureError::Unreadable { path: path(), source })
    }
}

/// A line without the byte order mark of its file and white space around it.
fn text_of(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line).trim_ascii()
}
