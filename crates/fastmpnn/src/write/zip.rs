//! Zip archives whose files are stored as they are, which is all an `.npz` needs.
//!
//! Source: PKWARE's APPNOTE.TXT 6.3, sections 4.3.7 (local header), 4.3.12 (central directory) and 4.3.16 (its end).
//! Without the 64-bit extension a file and the archive stay below 4 GiB.

use std::io::{self, Write};

const LOCAL_HEADER: u32 = 0x0403_4b50;
const CENTRAL_HEADER: u32 = 0x0201_4b50;
const END_OF_DIRECTORY: u32 = 0x0605_4b50;
/// Version 2.0 of the format reads it.
const VERSION: u16 = 20;
/// 1980-01-01 00:00, the earliest there is, so that equal contents are equal archives.
const TIME: u16 = 0;
const DATE: u16 = 0x21;

/// An archive on its way out.
pub(super) struct StoredZip<W> {
    out: W,
    position: u32,
    directory: Vec<u8>,
    files: u16,
}

impl<W: Write> StoredZip<W> {
    pub(super) fn new(out: W) -> StoredZip<W> {
        StoredZip { out, position: 0, directory: Vec::new(), files: 0 }
    }

    /// Adds a file.
    pub(super) fn add(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let mut sum = flate2::Crc::new();
        sum.update(content);
        let size = u32::try_from(content.len()).map_err(|_| too_large())?;
        let name_length = u16::try_from(name.len()).map_err(|_| too_large())?;
        // What the local header and the directory's entry have in common.
        let mut shared = Vec::new();
        // Flags (none) and method (0, stored).
        for value in [VERSION, 0, 0, TIME, DATE] {
            shared.extend(value.to_le_bytes());
        }
        for value in [sum.sum(), size, size] {
            shared.extend(value.to_le_bytes());
        }
        // The length of the extra field is 0.
        shared.extend(name_length.to_le_bytes());
        shared.extend(0_u16.to_le_bytes());

        let start = self.position;
        let mut header = LOCAL_HEADER.to_le_bytes().to_vec();
        header.extend(&shared);
        header.extend(name.as_bytes());
        self.write(&header)?;
        self.write(content)?;

        self.directory.extend(CENTRAL_HEADER.to_le_bytes());
        self.directory.extend(VERSION.to_le_bytes());
        self.directory.extend(&shared);
        // No comment, first disk, no attributes.
        self.directory.extend([0; 10]);
        self.directory.extend(start.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.files = self.files.checked_add(1).ok_or_else(too_large)?;
        Ok(())
    }

    /// Writes the directory.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let start = self.position;
        let mut end = std::mem::take(&mut self.directory);
        let size = u32::try_from(end.len()).map_err(|_| too_large())?;
        end.extend(END_OF_DIRECTORY.to_le_bytes());
        end.extend([0; 4]);
        end.extend(self.files.to_le_bytes());
        end.extend(self.files.to_le_bytes());
        end.extend(size.to_le_bytes());
        end.extend(start.to_le_bytes());
        end.extend([0; 2]);
        self.write(&end)?;
        self.out.flush()
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.position =
            u32::try_from(bytes.len()).ok().and_then(|size| self.position.checked_add(size)).ok_or_else(too_large)?;
        self.out.write_all(bytes)
    }
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "a zip archive of 4 GiB or more")
}
