//! The members of a tar archive, one after another: ustar, GNU's long names, and the extended headers of pax. What is
//! kept of an archive is a member's name and place, so that one of a million members takes no more memory than another.
//!
//! Source: POSIX.1-2017, `pax`, "ustar Interchange Format" and "pax Extended Header"; GNU tar's `tar.h`.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

const BLOCK: u64 = 512;

/// The longest header with a name in it.
const LONGEST_HEADER: u64 = 1 << 20;

/// A file in an archive.
#[derive(Debug)]
pub(super) struct TarEntry {
    pub(super) name: String,
    /// Where its bytes begin.
    pub(super) offset: u64,
    pub(super) size: u64,
    pub(super) sparse: bool,
}

/// Goes through an archive.
pub(super) struct TarReader<R> {
    reader: R,
    /// What is left out is skipped by seeking, where that is possible.
    skip: fn(&mut R, u64) -> io::Result<()>,
    position: u64,
    /// The bytes before the next header.
    ahead: u64,
    /// The size of the archive, where it is known.
    end: Option<u64>,
}

/// What extended headers say of the next file.
#[derive(Default)]
struct Extended {
    name: Option<String>,
    size: Option<u64>,
    sparse: bool,
}

impl TarReader<BufReader<File>> {
    pub(super) fn of_file(mut file: File) -> io::Result<TarReader<BufReader<File>>> {
        let end = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        let skip = |reader: &mut BufReader<File>, count: u64| {
            let count = i64::try_from(count).map_err(|_| damage("a member has an impossible size"))?;
            reader.seek_relative(count)
        };
        Ok(TarReader { reader: BufReader::new(file), skip, position: 0, ahead: 0, end: Some(end) })
    }
}

impl<R: Read> TarReader<R> {
    /// Of a stream, whose end is known when it is reached.
    pub(super) fn of_stream(reader: R) -> TarReader<R> {
        let skip = |reader: &mut R, count: u64| {
            let copied = io::copy(&mut reader.take(count), &mut io::sink()).map_err(in_words)?;
            if copied == count { Ok(()) } else { Err(cut_short()) }
        };
        TarReader { reader, skip, position: 0, ahead: 0, end: None }
    }

    /// The next file; `None` at the end of the archive.
    pub(super) fn next(&mut self) -> io::Result<Option<TarEntry>> {
        let mut extended = Extended::default();
        loop {
            self.skip_ahead()?;
            let Some(header) = self.header()? else { return Ok(None) };
            let size = number(&header[124..136]).ok_or_else(|| damage("a header has an impossible size"))?;
            let kind = header[156];
            match kind {
                b'L' => {
                    extended.name = Some(text_of(&self.small(size)?));
                    continue;
                }
                b'x' => {
                    extended.add(&self.small(size)?);
                    continue;
                }
                // The target of a link, and what holds for all files.
                b'K' | b'g' => {
                    self.ahead = padded(size)?;
                    continue;
                }
                _ => {}
            }
            let size = extended.size.unwrap_or(size);
            let offset = self.position;
            // Links and devices have no bytes, whatever their size.
            self.ahead = if matches!(kind, b'1'..=b'6') { 0 } else { padded(size)? };
            if let Some(end) = self.end
                && offset.saturating_add(size) > end
            {
                return Err(cut_short());
            }
            let is_file = matches!(kind, b'0' | 0 | b'7' | b'S');
            let Extended { name, sparse, .. } = std::mem::take(&mut extended);
            let name = name.unwrap_or_else(|| name_of(&header));
            if is_file && !name.ends_with('/') {
                return Ok(Some(TarEntry { name, offset, size, sparse: sparse || kind == b'S' }));
            }
        }
    }

    /// The bytes of the file that [`TarReader::next`] gave last.
    pub(super) fn bytes(&mut self, size: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(size as usize);
        let count = (&mut self.reader).take(size).read_to_end(&mut bytes).map_err(in_words)? as u64;
        self.position += count;
        self.ahead = self.ahead.saturating_sub(count);
        if count == size { Ok(bytes) } else { Err(cut_short()) }
    }

    fn skip_ahead(&mut self) -> io::Result<()> {
        let count = std::mem::take(&mut self.ahead);
        self.position += count;
        if count > 0 { (self.skip)(&mut self.reader, count) } else { Ok(()) }
    }

    /// The next block of a header; `None` for the block of zeros that ends an archive.
    fn header(&mut self) -> io::Result<Option<[u8; BLOCK as usize]>> {
        let mut header = [0; BLOCK as usize];
        let mut filled = 0;
        while filled < header.len() {
            match self.reader.read(&mut header[filled..]).map_err(in_words)? {
                // Some programs leave out the zeros at the end.
                0 if filled == 0 && self.position > 0 => return Ok(None),
                0 => return Err(if self.position == 0 { damage("it is no tar archive") } else { cut_short() }),
                count => filled += count,
            }
        }
        if header.iter().all(|&byte| byte == 0) {
            return Ok(None);
        }
        // The sum of all bytes, with those of the sum itself as spaces.
        let sum = |byte: fn(u8) -> i64| -> i64 {
            let outside = header.iter().enumerate().filter(|(at, _)| !(148..156).contains(at));
            outside.map(|(_, &value)| byte(value)).sum::<i64>() + 8 * i64::from(b' ')
        };
        let expected = number(&header[148..156]).and_then(|number| i64::try_from(number).ok());
        // Old programs took bytes as signed.
        if expected != Some(sum(i64::from)) && expected != Some(sum(|byte| i64::from(byte as i8))) {
            let what = if self.position == 0 { "it is no tar archive" } else { "the archive is damaged" };
            return Err(damage(&format!("{what} (byte {})", self.position)));
        }
        self.position += BLOCK;
        Ok(Some(header))
    }

    /// The text of an extended header.
    fn small(&mut self, size: u64) -> io::Result<Vec<u8>> {
        if size > LONGEST_HEADER {
            return Err(damage("a header has more than 1 MiB"));
        }
        self.ahead = padded(size)?;
        self.bytes(size)
    }
}

impl Extended {
    /// Records of pax, `LENGTH KEY=VALUE\n`.
    fn add(&mut self, text: &[u8]) {
        let mut rest = text;
        while let Some(space) = rest.iter().position(|&byte| byte == b' ') {
            let length = std::str::from_utf8(&rest[..space]).ok().and_then(|text| text.parse::<usize>().ok());
            let Some(record) = length.and_then(|length| rest.get(space + 1..length)) else { return };
            let record = String::from_utf8_lossy(record);
            if let Some((key, value)) = record.trim_end_matches('\n').split_once('=') {
                match key {
                    "path" | "GNU.sparse.name" => self.name = Some(value.to_owned()),
                    "size" => self.size = value.parse().ok(),
                    _ => self.sparse |= key.starts_with("GNU.sparse."),
                }
            }
            rest = &rest[length.unwrap_or(rest.len())..];
        }
    }
}

/// The size of what follows a header, with the zeros that fill its last block.
fn padded(size: u64) -> io::Result<u64> {
    size.checked_next_multiple_of(BLOCK).ok_or_else(|| damage("a member has an impossible size"))
}

/// In octal digits, or in 256-adic ones where the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if let [first @ 0x80..=0xff, rest @ ..] = field {
        let mut value = u64::from(first & 0x3f);
        for &byte in rest {
            value = value.checked_mul(256)? | u64::from(byte);
        }
        return Some(value);
    }
    let text = text_of(field);
    let digits = text.trim();
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 8).ok() }
}

fn name_of(header: &[u8; BLOCK as usize]) -> String {
    let name = text_of(&header[..100]);
    let prefix = if header[257..].starts_with(b"ustar\0") { text_of(&header[345..500]) } else { String::new() };
    if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
}

/// What stands before the first zero.
fn text_of(field: &[u8]) -> String {
    let text = field.split(|&byte| byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

fn damage(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// A compressed stream that ends early has words of its own for it.
fn in_words(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::UnexpectedEof { cut_short() } else { error }
}

fn cut_short() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the archive is cut short")
}
