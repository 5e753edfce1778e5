//! The one stream through a packed file of parsed structures, which can only be read from its beginning. Lines are asked for
//! in about their order, by several threads: those that are passed on the way to one are kept for the next.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::path::Path;

use super::place::Line;
use crate::gzip::open_unpacked;

/// What is kept of lines that were passed, bytes.
const KEPT: usize = 64 << 20;

/// How far the stream has come.
#[derive(Default)]
pub(super) struct PackedLines {
    reader: Option<Box<dyn BufRead + Send>>,
    /// Where the stream is, in bytes of what is unpacked.
    place: u64,
    /// The line that comes next.
    next: usize,
    kept: BTreeMap<usize, Vec<u8>>,
    bytes: usize,
}

impl PackedLines {
    /// The text of a line. One that is neither ahead nor kept is reached from the beginning.
    pub(super) fn read(&mut self, path: &Path, lines: &[Line], index: usize) -> io::Result<Vec<u8>> {
        if let Some(line) = self.kept.remove(&index) {
            self.bytes -= line.len();
            return Ok(line);
        }
        if self.reader.is_none() || index < self.next {
            self.reader = Some(open_unpacked(path, u64::MAX)?);
            (self.place, self.next) = (0, 0);
        }
        while let (Some(reader), Some(line)) = (&mut self.reader, lines.get(self.next)) {
            let here = self.next;
            let is_kept = here != index && line.length as usize <= KEPT / 8 && !self.kept.contains_key(&here);
            if here == index || is_kept {
                skip(reader, line.offset - self.place)?;
                let mut text = Vec::with_capacity(line.length as usize);
                reader.take(line.length).read_to_end(&mut text)?;
                self.place = line.offset + line.length;
                self.next += 1;
                if text.len() as u64 != line.length {
                    break;
                }
                if here == index {
                    return Ok(text);
                }
                self.keep(here, text);
            } else {
                self.next += 1;
            }
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "the file has changed since it was opened"))
    }

    fn keep(&mut self, index: usize, text: Vec<u8>) {
        self.bytes += text.len();
        self.kept.insert(index, text);
        while self.bytes > KEPT {
            let Some((_, first)) = self.kept.pop_first() else { break };
            self.bytes -= first.len();
        }
    }
}

fn skip(reader: &mut impl Read, bytes: u64) -> io::Result<()> {
    match io::copy(&mut reader.take(bytes), &mut io::sink())? {
        passed if passed == bytes => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

impl fmt::Debug for PackedLines {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("PackedLines").field("next", &self.next).field("kept", &self.kept.len()).finish()
    }
}
