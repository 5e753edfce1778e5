//! Files that gzip packed, read as they are unpacked.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::size_limit::LARGEST;

/// Opens a file, and unpacks it where it begins as gzip files do. Unpacking more than `most` bytes is an error.
pub(crate) fn open_unpacked(path: &Path, most: u64) -> io::Result<Box<dyn BufRead + Send>> {
    let mut file = BufReader::new(File::open(path)?);
    match file.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        true => Ok(Box::new(BufReader::new(AtMost { from: MultiGzDecoder::new(file), left: most }))),
        false => Ok(Box::new(file)),
    }
}

/// The content of a file, unpacked where it begins as gzip files do. Unpacking more than [`LARGEST`] bytes is an error.
pub(crate) fn unpacked(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    AtMost { from: MultiGzDecoder::new(&bytes[..]), left: LARGEST }.read_to_end(&mut plain)?;
    Ok(plain)
}

/// A reader that fails once it has read more than a number of bytes.
struct AtMost<R> {
    from: R,
    left: u64,
}

impl<R: Read> Read for AtMost<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => {
                self.left = left;
                Ok(read)
            }
            None => Err(io::Error::new(io::ErrorKind::InvalidData, "it unpacks to more than 1 GiB")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_read_than_is_allowed() {
        let read = |length: usize| {
            let mut text = String::new();
            AtMost { from: &vec![b'x'; length][..], left: 100 }.read_to_string(&mut text).map(|_| text.len())
        };
        assert_eq!(read(100).unwrap(), 100);
        assert_eq!(read(101).unwrap_err().to_string(), "it unpacks to more than 1 GiB");
    }
}
