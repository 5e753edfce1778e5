//! The members of a zip archive: its central directory, read through once, and members stored or deflated.
//!
//! Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 (structure) and 4.5.3 (Zip64).

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::member::{Member, Storage};

const END: [u8; 4] = *b"PK\x05\x06";
const END_64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";

/// The length of the record at the end without its comment, and with the longest one.
const END_LENGTH: u64 = 22;
const LONGEST_END: u64 = END_LENGTH + u16::MAX as u64;
const LOCATOR_LENGTH: u64 = 20;

/// A file in an archive.
#[derive(Debug)]
pub(super) struct ZipEntry {
    pub(super) name: String,
    /// Where its header begins.
    pub(super) offset: u64,
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) checksum: u32,
    pub(super) encrypted: bool,
    pub(super) method: u16,
}

/// Where the central directory is.
struct Directory {
    offset: u64,
    count: u64,
    /// What stands before the archive in its file, as in a program that unpacks itself.
    before: u64,
}

/// Calls `add` with each file of an archive, in the order of its directory.
pub(super) fn entries(mut file: File, mut add: impl FnMut(ZipEntry)) -> io::Result<()> {
    let Directory { offset, count, before } = directory(&mut file)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut reader = BufReader::new(file);
    for number in 0..count {
        let mut header = [0; 46];
        reader
            .read_exact(&mut header)
            .map_err(|_| damage(&format!("its directory ends after {number} of {count} members")))?;
        if header[..4] != ENTRY {
            return Err(damage(&format!("its directory is damaged after {number} of {count} members")));
        }
        let mut texts = vec![0; usize::from(u16_at(&header, 28)) + usize::from(u16_at(&header, 30))];
        reader.read_exact(&mut texts)?;
        let (name, extra) = texts.split_at(usize::from(u16_at(&header, 28)));
        reader.seek_relative(i64::from(u16_at(&header, 32)))?;
        let mut sizes = [u32_at(&header, 24), u32_at(&header, 20), u32_at(&header, 42)].map(u64::from);
        widen(&mut sizes, extra);
        let [size, packed, offset] = sizes;
        let is_link = u32_at(&header, 38) >> 16 & 0o170_000 == 0o120_000;
        let name = String::from_utf8_lossy(name).into_owned();
        if !name.ends_with(['/', '\\']) && !is_link {
            add(ZipEntry {
                name,
                offset: offset.saturating_add(before),
                packed,
                size,
                checksum: u32_at(&header, 16),
                encrypted: u16_at(&header, 8) & 1 != 0,
                method: u16_at(&header, 10),
            });
        }
    }
    Ok(())
}

/// The bytes of a member of at most 1 GiB.
pub(super) fn read(path: &Path, member: &Member) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(member.offset))?;
    let mut header = [0; 30];
    file.read_exact(&mut header)?;
    if header[..4] != LOCAL {
        return Err(damage("its header is damaged"));
    }
    let texts = i64::from(u16_at(&header, 26)) + i64::from(u16_at(&header, 28));
    file.seek(SeekFrom::Current(texts))?;
    let packed = file.take(member.packed);
    // A member that unpacks to more than its directory says is damaged, or a bomb.
    let room = member.size + 1;
    let mut bytes = Vec::new();
    match member.storage {
        Storage::Deflated => DeflateDecoder::new(BufReader::new(packed)).take(room).read_to_end(&mut bytes)?,
        _ => packed.take(room).read_to_end(&mut bytes)?,
    };
    let mut checksum = Crc::new();
    checksum.update(&bytes);
    if bytes.len() as u64 != member.size || checksum.sum() != member.checksum {
        return Err(damage("its bytes are damaged: they do not fit their length and checksum"));
    }
    Ok(bytes)
}

fn directory(file: &mut File) -> io::Result<Directory> {
    let length = file.seek(SeekFrom::End(0))?;
    let begin = length.saturating_sub(LONGEST_END);
    file.seek(SeekFrom::Start(begin))?;
    let mut tail = Vec::new();
    file.take(LONGEST_END).read_to_end(&mut tail)?;
    let is_end = |&at: &usize| {
        let record = &tail[at..];
        record[..4] == END && usize::from(u16_at(record, 20)) <= record.len() - END_LENGTH as usize
    };
    let places = tail.len().saturating_sub(END_LENGTH as usize - 1);
    let at = (0..places).rev().find(is_end);
    let at = at.ok_or_else(|| damage("the zip archive is cut short: its directory, which ends it, is not there"))?;
    let record = &tail[at..];
    let mut end = begin + at as u64;
    let [mut count, mut size, mut offset] =
        [u64::from(u16_at(record, 10)), u64::from(u32_at(record, 12)), u64::from(u32_at(record, 16))];
    if let Some(wide) = wide_end(file, end)? {
        let WideEnd { place, fields } = wide;
        end = place;
        [count, size, offset] = fields;
    }
    let start = end.checked_sub(size).ok_or_else(|| damage("the directory of the zip archive is damaged"))?;
    let before = start.checked_sub(offset).ok_or_else(|| damage("the directory of the zip archive is damaged"))?;
    Ok(Directory { offset: start, count, before })
}

/// The record of an archive of more than 65,535 members or 4 GiB.
struct WideEnd {
    place: u64,
    /// Members, and size and place of the directory.
    fields: [u64; 3],
}

fn wide_end(file: &mut File, end: u64) -> io::Result<Option<WideEnd>> {
    let Some(place) = end.checked_sub(LOCATOR_LENGTH) else { return Ok(None) };
    let mut locator = [0; LOCATOR_LENGTH as usize];
    file.seek(SeekFrom::Start(place))?;
    file.read_exact(&mut locator)?;
    if locator[..4] != LOCATOR_64 {
        return Ok(None);
    }
    let place = u64_at(&locator, 8);
    let mut record = [0; 56];
    file.seek(SeekFrom::Start(place))?;
    file.read_exact(&mut record)?;
    if record[..4] != END_64 {
        return Err(damage("the directory of the zip archive is damaged"));
    }
    Ok(Some(WideEnd { place, fields: [u64_at(&record, 32), u64_at(&record, 40), u64_at(&record, 48)] }))
}

/// Replaces the fields that 32 bits do not hold by those of the extra field 1, which has only these.
fn widen(fields: &mut [u64; 3], extra: &[u8]) {
    let mut rest = extra;
    while let [a, b, c, d, after @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([*c, *d])).min(after.len());
        if (*a, *b) == (1, 0) {
            let mut values = after[..length].chunks_exact(8).map(|bytes| u64_at(bytes, 0));
            for field in fields.iter_mut().filter(|field| **field == u64::from(u32::MAX)) {
                *field = values.next().unwrap_or(*field);
            }
            return;
        }
        rest = &after[length..];
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

fn damage(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
