//! From the bytes of a file to PDB or mmCIF text: gzip archives, text encodings, line endings, and recognition of
//! formats that are not supported.

use std::borrow::Cow;
use std::io::Read;

use flate2::bufread::GzDecoder;

use crate::error::StructureError;

/// The most bytes read from a stream or unpacked from an archive. No PDB entry is this large.
const LARGEST: u64 = 1 << 30;

/// The extensions of structure files, in lower case; each may be followed by `.gz`. The PDB's assembly files end in
/// `.pdb` and a number.
pub const STRUCTURE_ENDINGS: [&str; 4] = [".pdb", ".ent", ".cif", ".mmcif"];

/// `.pdb1`, `.pdb2`, …
const ASSEMBLY_ENDING: &str = ".pdb";

/// First words of PDB files.
const PDB_STARTS: [&[u8]; 12] = [
    b"HEADER", b"ATOM", b"HETATM", b"MODEL", b"REMARK", b"TITLE", b"CRYST1", b"COMPND", b"EXPDTA", b"SEQRES", b"USER",
    b"AUTHOR",
];

/// What a file holds, ready to be parsed.
pub(super) struct Content<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    /// Messages about anything odd in it.
    pub(super) oddities: Vec<String>,
}

impl<'a> Content<'a> {
    /// Unpacks and decodes the bytes of a file.
    pub(super) fn of(file: &str, bytes: &'a [u8]) -> Result<Content<'a>, StructureError> {
        let mut oddities = Vec::new();
        let bytes = unpack(file, bytes, &mut oddities)?;
        let bytes = match bytes {
            Cow::Borrowed(bytes) => decode(bytes),
            Cow::Owned(bytes) => match decode(&bytes) {
                Cow::Owned(decoded) => Cow::Owned(decoded),
                Cow::Borrowed(rest) if rest.len() == bytes.len() => Cow::Owned(bytes),
                Cow::Borrowed(rest) => Cow::Owned(rest.to_vec()),
            },
        };
        refuse_other_kinds(file, &bytes)?;
        Ok(Content { bytes, oddities })
    }
}

/// The bytes of any file, unpacked if they are gzipped. `file` is its name in messages.
///
/// # Errors
/// If the bytes are an archive of another kind, which the error names, or a damaged gzip archive.
pub fn unpacked<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, StructureError> {
    let bytes = unpack(file, bytes, &mut Vec::new())?;
    match archive(&bytes) {
        Some(reason) => Err(StructureError::UnsupportedFormat { file: file.to_owned(), reason }),
        None => Ok(bytes),
    }
}

/// Whether a file's name has the extension of a structure: `.pdb`, `.ent`, `.cif`, `.mmcif`, `.pdb1` and so on, with or
/// without `.gz`, in upper or lower case.
pub fn has_structure_ending(file_name: &str) -> bool {
    let base = base_name(file_name);
    stem(base).len() < without_ending(base, ".gz").unwrap_or(base).len()
}

/// The name of a file's structure: the file's name without folder and extensions.
pub fn structure_name(file_name: &str) -> String {
    stem(base_name(file_name)).to_owned()
}

fn base_name(file_name: &str) -> &str {
    // On Unix a backslash is a character like any other.
    file_name.rsplit(std::path::is_separator).next().unwrap_or(file_name)
}

fn stem(base: &str) -> &str {
    let plain = without_ending(base, ".gz").unwrap_or(base);
    let of_assembly = || {
        let before = plain.trim_end_matches(|c: char| c.is_ascii_digit());
        (before.len() < plain.len()).then(|| without_ending(before, ASSEMBLY_ENDING)).flatten()
    };
    STRUCTURE_ENDINGS.iter().find_map(|ending| without_ending(plain, ending)).or_else(of_assembly).unwrap_or(plain)
}

/// `None` when the name does not end so, or is nothing but the ending.
fn without_ending<'n>(name: &'n str, ending: &str) -> Option<&'n str> {
    let at = name.len().checked_sub(ending.len()).filter(|&at| at > 0)?;
    name.get(at..).filter(|end| end.eq_ignore_ascii_case(ending)).map(|_| &name[..at])
}

/// Decides between mmCIF and PDB by the first line that tells them apart.
pub(super) fn is_mmcif(file: &str, file_name: &str, bytes: &[u8]) -> Result<bool, StructureError> {
    let first = bytes
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .find(|line| !line.is_empty() && !line.starts_with(b"#"));
    let Some(first) = first else {
        return Err(StructureError::NoAtoms { file: file.to_owned(), reason: "it is empty".to_owned() });
    };
    let starts_with = |start: &[u8]| first.get(..start.len()).is_some_and(|word| word.eq_ignore_ascii_case(start));
    if starts_with(b"data_") || starts_with(b"loop_") || first.starts_with(b"_") {
        return Ok(true);
    }
    if PDB_STARTS.iter().any(|start| first.starts_with(start)) {
        return Ok(false);
    }
    let lower = file_name.to_ascii_lowercase();
    let plain = lower.strip_suffix(".gz").unwrap_or(&lower);
    Ok(plain.ends_with(".cif") || plain.ends_with(".mmcif"))
}

const GZIP: &[u8] = &[0x1f, 0x8b];

/// Unpacks a gzip archive of one or several members. Zeros after the last member are padding, as block devices and
/// object stores leave it; anything else there is left out with a warning.
fn unpack<'a>(file: &str, bytes: &'a [u8], oddities: &mut Vec<String>) -> Result<Cow<'a, [u8]>, StructureError> {
    let unsupported = |reason: String| StructureError::UnsupportedFormat { file: file.to_owned(), reason };
    if !bytes.starts_with(GZIP) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut unpacked = Vec::new();
    let mut rest = bytes;
    while rest.starts_with(GZIP) {
        let mut member = GzDecoder::new(rest);
        let room = LARGEST.saturating_sub(unpacked.len() as u64);
        match (&mut member).take(room).read_to_end(&mut unpacked) {
            Err(error) => return Err(unsupported(format!("the gzip archive is damaged: {error}"))),
            Ok(length) if length as u64 == room => {
                return Err(unsupported("the gzip archive unpacks to more than 1 GiB".to_owned()));
            }
            Ok(_) => rest = member.into_inner(),
        }
        let padding = rest.iter().position(|&byte| byte != 0).unwrap_or(rest.len());
        rest = &rest[padding..];
    }
    if !rest.is_empty() {
        oddities.push(format!("{} bytes after the end of the gzip archive were left out", rest.len()));
    }
    Ok(Cow::Owned(unpacked))
}

/// Text as bytes of UTF-8 without a byte order mark, with lines that end in LF or CRLF.
fn decode(bytes: &[u8]) -> Cow<'_, [u8]> {
    if let Some(text) = decode_utf_16(bytes) {
        return Cow::Owned(end_lines(text.as_bytes()).unwrap_or_else(|| text.into_bytes()));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    end_lines(bytes).map_or(Cow::Borrowed(bytes), Cow::Owned)
}

/// UTF-16, which PowerShell writes when output is redirected to a file: with a byte order mark, or known by the zeros
/// among its first characters, which are plain letters.
fn decode_utf_16(bytes: &[u8]) -> Option<String> {
    let (big_endian, rest) = match bytes {
        [0xff, 0xfe, rest @ ..] => (false, rest),
        [0xfe, 0xff, rest @ ..] => (true, rest),
        [1..=255, 0, 1..=255, 0, 1..=255, 0, ..] => (false, bytes),
        [0, 1..=255, 0, 1..=255, 0, 1..=255, ..] => (true, bytes),
        _ => return None,
    };
    let unit = |pair: &[u8]| {
        let pair = [pair[0], pair[1]];
        if big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    };
    let units: Vec<u16> = rest.chunks_exact(2).map(unit).collect();
    Some(String::from_utf16_lossy(&units))
}

/// Replaces lone carriage returns, the line endings of old Macintosh programs, by line feeds; `None` where there are
/// none.
fn end_lines(bytes: &[u8]) -> Option<Vec<u8>> {
    // A run of carriage returns that a line feed ends, as in CRLF, is one end of a line.
    let mut lines = bytes.split(|&byte| byte == b'\n').map(|line| {
        let end = line.iter().rposition(|&byte| byte != b'\r').map_or(0, |last| last + 1);
        &line[..end]
    });
    let ends_alone = bytes.ends_with(b"\r");
    if !ends_alone && lines.all(|line| !line.contains(&b'\r')) {
        return None;
    }
    let mut text = bytes.to_vec();
    // From the back, so that a run of carriage returns is looked at once.
    let mut before_lf = false;
    for byte in text.iter_mut().rev() {
        match *byte {
            b'\r' if !before_lf => *byte = b'\n',
            b'\r' => {}
            other => before_lf = other == b'\n',
        }
    }
    Some(text)
}

/// Refuses other file formats that users try, naming the format.
fn refuse_other_kinds(file: &str, bytes: &[u8]) -> Result<(), StructureError> {
    let Some(kind) = archive(bytes).or_else(|| binary_format(bytes)).or_else(|| text_format(bytes)) else {
        return Ok(());
    };
    Err(StructureError::UnsupportedFormat { file: file.to_owned(), reason: kind })
}

fn archive(bytes: &[u8]) -> Option<String> {
    let kind = match bytes {
        [0x1f, 0x8b, ..] => "a gzip archive in a gzip archive",
        [0x1f, 0x9d, ..] => "a .Z archive of compress",
        [b'P', b'K', 3, 4, ..] => "a zip archive",
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => "a bzip2 archive",
        [0xfd, b'7', b'z', b'X', b'Z', ..] => "an xz archive",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "a zstd archive",
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => "a 7z archive",
        [0x04, 0x22, 0x4d, 0x18, ..] => "an lz4 archive",
        [b'R', b'a', b'r', b'!', 0x1a, 0x07, ..] => "a rar archive",
        [0x5d, 0, 0, ..] => "an lzma archive",
        _ if bytes.get(257..262) == Some(b"ustar") => "a tar archive",
        _ => return None,
    };
    Some(format!("this is {kind}; unpack it first"))
}

const READ: &str = "PDB and text mmCIF are read";

fn binary_format(bytes: &[u8]) -> Option<String> {
    let start = &bytes[..bytes.len().min(4096)];
    let has = |word: &[u8]| start.windows(word.len()).any(|found| found == word);
    let kind = match bytes {
        // MessagePack maps of up to 15 entries or of a 16-bit number of them, told apart by the names of their entries.
        [0x80..=0x8f | 0xde, ..] if has(b"mmtfVersion") || has(b"mmtfProducer") => "MMTF",
        [0x80..=0x8f | 0xde, ..] if has(b"encoder") || has(b"dataBlocks") => "BinaryCIF",
        [0x80, 0x02..=0x05, ..] => "a Python pickle",
        [0x89, b'H', b'D', b'F', ..] => "HDF5",
        _ => return None,
    };
    Some(format!("this is {kind}; {READ}"))
}

fn text_format(bytes: &[u8]) -> Option<String> {
    let start = &bytes[..bytes.len().min(4096)];
    let text = String::from_utf8_lossy(start);
    let first = text.trim_start().lines().next().unwrap_or("");
    let has = |word: &str| text.contains(word);
    let begins = |word: &str| first.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
    let fourth = text.lines().nth(3).unwrap_or("").trim_end();
    let kind = if begins("{") || begins("[") {
        if has("\"data_") { "mmJSON" } else { "JSON" }
    } else if begins("<!doctype html") || begins("<html") {
        return Some(format!("this is a web page, not a structure: the download went wrong; {READ}"));
    } else if begins("<?xml") || begins("<PDBx:") {
        if has("PDBx") || has("pdbx") { "PDBML" } else { "XML" }
    } else if has("@<TRIPOS>") {
        "MOL2"
    } else if fourth.ends_with("V2000") || fourth.ends_with("V3000") {
        "an SDF or MOL file"
    } else if begins(">") {
        "FASTA, which has sequences but no atoms"
    } else {
        return None;
    };
    Some(format!("this is {kind}; {READ}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_folder_and_endings() {
        let cases = [
            ("dir/5L33.pdb.gz", "5L33"),
            ("5L33.PDB", "5L33"),
            ("pdb1abc.ent.gz", "pdb1abc"),
            ("a.b.cif", "a.b"),
            ("x.mmcif", "x"),
            ("1abc.pdb1", "1abc"),
            ("1abc.PDB12.gz", "1abc"),
            ("stdin", "stdin"),
            (".pdb", ".pdb"),
            (".pdb1", ".pdb1"),
            ("é.pdb", "é"),
            ("model.txt", "model.txt"),
            ("model.1", "model.1"),
        ];
        for (file, name) in cases {
            assert_eq!(structure_name(file), name);
            let whole = base_name(file).len() == name.len();
            assert_eq!(has_structure_ending(file), !whole, "{file}");
        }
        #[cfg(unix)]
        assert_eq!(structure_name("dir/back\\slash.pdb"), "back\\slash");
        assert!(!has_structure_ending("a.gz") && !has_structure_ending("a.pdbqt") && !has_structure_ending("a.cif1"));
    }

    #[test]
    fn lines_end_in_whatever_way_they_like() {
        let ended = |text: &str| end_lines(text.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(ended("a\nb\r\nc\r\r\n"), None);
        assert_eq!(ended("a\rb\r").as_deref(), Some("a\nb\n"));
        assert_eq!(ended("a\rb\r\n\rc").as_deref(), Some("a\nb\r\n\nc"));
    }
}
