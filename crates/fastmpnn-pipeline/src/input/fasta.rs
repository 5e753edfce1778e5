//! FASTA files as people have them: plain or gzipped, UTF-8 or UTF-16, with or without a byte order mark, lines that end in
//! a line feed, a carriage return or both.

use std::path::Path;

use fastmpnn::structure::unpacked;

use super::{STANDARD_INPUT, Sources, is_standard_input};
use crate::error::{InFile, PipelineError, unreadable, unusable};

type Result<T> = std::result::Result<T, PipelineError>;

/// A record as it stands in its file.
#[derive(Debug, Default)]
pub(super) struct FastaRecord {
    /// The line of its header, from 1.
    pub(super) line: usize,
    /// The header without `>` and without white space around it; may be empty.
    pub(super) header: String,
    /// What follows, without white space.
    pub(super) letters: String,
    /// Where lines of the file begin in `letters`, bytes, and their numbers.
    lines: Vec<(usize, usize)>,
}

impl FastaRecord {
    /// The line of the letter that begins at that byte of `letters`.
    pub(super) fn line_of(&self, at: usize) -> usize {
        let after = self.lines.partition_point(|&(begin, _)| begin <= at);
        after.checked_sub(1).map_or(self.line, |index| self.lines[index].1)
    }
}

/// What messages call a FASTA file.
pub(super) fn display_name(path: &Path) -> String {
    if is_standard_input(path) { STANDARD_INPUT.to_owned() } else { path.display().to_string() }
}

/// The records of a file, `-` for standard input. There is at least one.
pub(super) fn read_records(path: &Path, sources: &Sources) -> Result<Vec<FastaRecord>> {
    let file = display_name(path);
    if sources.reads_disk() && path.is_dir() {
        return Err(unusable(format!("{file}: is a folder, not a FASTA file")));
    }
    let bytes = sources.read(path).map_err(|error| unreadable(format!("{file}: cannot be read"), error))?;
    let bytes = unpacked(&file, &bytes)?;
    decoded(&bytes).and_then(|text| parse(&text)).in_file(&file)
}

/// The text of a file.
fn decoded(bytes: &[u8]) -> Result<String> {
    let words = |bytes: &[u8], word: fn([u8; 2]) -> u16| -> Vec<u16> {
        bytes.chunks_exact(2).map(|pair| word([pair[0], pair[1]])).collect()
    };
    let utf_16 = match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Err(unusable("is UTF-32 text; save it as UTF-8")),
        [0xff, 0xfe, rest @ ..] => words(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => words(rest, u16::from_be_bytes),
        // A header in UTF-16 without a byte order mark.
        [b'>', 0, ..] => words(bytes, u16::from_le_bytes),
        [0, b'>', ..] => words(bytes, u16::from_be_bytes),
        _ => {
            let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            if text.contains(&0) {
                return Err(unusable("is not a text file, so not FASTA"));
            }
            return Ok(String::from_utf8_lossy(text).into_owned());
        }
    };
    String::from_utf16(&utf_16).map_err(|error| unusable(format!("begins like UTF-16 text and is damaged: {error}")))
}

fn parse(text: &str) -> Result<Vec<FastaRecord>> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut records: Vec<FastaRecord> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let (number, line) = (index + 1, line.trim());
        if let Some(header) = line.strip_prefix('>') {
            let header = header.trim().to_owned();
            records.push(FastaRecord { line: number, header, ..FastaRecord::default() });
        } else if line.is_empty() || line.starts_with(';') {
            // Blank lines and the comments of the first FASTA programs.
        } else if let Some(record) = records.last_mut() {
            record.lines.push((record.letters.len(), number));
            record.letters.extend(line.chars().filter(|code| !code.is_whitespace()));
        } else {
            match other_kind(line) {
                Some(kind) => return Err(unusable(format!("line {number}: this is {kind}, not FASTA"))),
                None => return Err(unusable(format!("line {number}: a FASTA file begins with a header line, >NAME"))),
            }
        }
    }
    if records.is_empty() {
        return Err(unusable("holds no FASTA records"));
    }
    Ok(records)
}

/// What files that people take for FASTA begin with.
fn other_kind(line: &str) -> Option<&'static str> {
    const STARTS: [(&str, &str); 17] = [
        ("HEADER", "a PDB file"),
        ("ATOM ", "a PDB file"),
        ("REMARK", "a PDB file"),
        ("MODEL ", "a PDB file"),
        ("data_", "an mmCIF file"),
        ("{\\rtf", "a document of a word processor (RTF)"),
        ("%PDF", "a PDF document"),
        ("<", "an HTML or XML document"),
        ("{", "JSON"),
        ("[", "JSON"),
        ("@", "FASTQ, which holds reads of DNA"),
        ("LOCUS ", "a GenBank entry"),
        ("ID   ", "an entry of UniProt or EMBL"),
        ("CLUSTAL", "a CLUSTAL alignment"),
        ("# STOCKHOLM", "a Stockholm alignment"),
        ("#NEXUS", "a NEXUS file"),
        ("#", "a table or script"),
    ];
    let start = STARTS.iter().find(|(start, _)| line.starts_with(start)).map(|&(_, kind)| kind);
    start.or_else(|| line.contains([',', '\t']).then_some("a table"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers_and_letters(bytes: &[u8]) -> Vec<(String, String)> {
        let records = decoded(bytes).and_then(|text| parse(&text)).unwrap();
        records.into_iter().map(|record| (record.header, record.letters)).collect()
    }

    #[test]
    fn line_ends_and_encodings_do_not_matter() {
        let text = ">a b\nAC DE\nFG\n\n>\n;no letters\nHI*";
        let expected = headers_and_letters(text.as_bytes());
        assert_eq!(expected, [("a b".to_owned(), "ACDEFG".to_owned()), (String::new(), "HI*".to_owned())]);
        for ends in ["\r", "\r\n"] {
            assert_eq!(headers_and_letters(text.replace('\n', ends).as_bytes()), expected, "{ends:?}");
        }
        assert_eq!(headers_and_letters(format!("\u{feff}{text}").as_bytes()), expected);
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let words = |text: &str| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
            assert_eq!(headers_and_letters(&words(text)), expected);
            assert_eq!(headers_and_letters(&words(&format!("\u{feff}{text}"))), expected);
        }
    }

    #[test]
    fn letters_know_their_lines() {
        let records = parse(">a\nAC\n\nDE\n>b\n").unwrap();
        assert_eq!([0, 1, 2, 3].map(|at| records[0].line_of(at)), [2, 2, 4, 4]);
        assert_eq!((records[1].line, records[1].line_of(0)), (5, 5));
    }
}
