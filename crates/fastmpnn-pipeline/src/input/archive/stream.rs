//! The one stream through a .tar.gz. Members are asked for in about the order of the archive, by several threads: those
//! that are passed on the way to one are kept for the next.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::member::{Member, Storage};
use super::tar::TarReader;
use crate::size_limit::LARGEST;

/// What is kept of members that were passed, bytes.
const KEPT: usize = 64 << 20;

type Tar = TarReader<MultiGzDecoder<BufReader<File>>>;

/// How far the stream has come.
#[derive(Default)]
pub(super) struct Stream {
    tar: Option<Tar>,
    /// The member that comes next.
    next: u32,
    kept: BTreeMap<u32, Vec<u8>>,
    bytes: usize,
}

impl Stream {
    /// The bytes of a member. One that is neither ahead nor kept is reached from the beginning.
    pub(super) fn read(&mut self, path: &Path, members: &[Member], index: u32) -> io::Result<Vec<u8>> {
        if let Some(bytes) = self.kept.remove(&index) {
            self.bytes -= bytes.len();
            return Ok(bytes);
        }
        if self.tar.is_none() || index < self.next {
            let file = BufReader::new(File::open(path)?);
            self.tar = Some(TarReader::of_stream(MultiGzDecoder::new(file)));
            self.next = 0;
        }
        let Some(tar) = &mut self.tar else { return Err(io::ErrorKind::NotFound.into()) };
        while let (Some(entry), Some(member)) = (tar.next()?, members.get(self.next as usize)) {
            if entry.offset != member.offset {
                continue;
            }
            let here = self.next;
            self.next += 1;
            if here == index {
                return tar.bytes(member.size);
            }
            let is_read = member.storage == Storage::Plain && member.size <= LARGEST;
            let fits = member.size as usize <= KEPT / 8;
            if is_read && fits && !self.kept.contains_key(&here) {
                let bytes = tar.bytes(member.size)?;
                self.bytes += bytes.len();
                self.kept.insert(here, bytes);
                while self.bytes > KEPT {
                    let Some((_, first)) = self.kept.pop_first() else { break };
                    self.bytes -= first.len();
                }
            }
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "the archive has changed since it was opened"))
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Stream").field("next", &self.next).field("kept", &self.kept.len()).finish()
    }
}
