//! How much was written.

use std::io::{self, Write};

/// Counts the bytes that go through it.
#[derive(Debug)]
pub struct Counted<W> {
    out: W,
    bytes: u64,
}

impl<W> Counted<W> {
    /// Nothing yet.
    pub fn new(out: W) -> Counted<W> {
        Counted { out, bytes: 0 }
    }

    /// The bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Where they went.
    pub fn into_inner(self) -> W {
        self.out
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
