//! Parses one atom line of the PDB format by its columns.

use super::AtomLine;
use super::atom_record::{AtomRecord, parse_charge, parse_or, parse_position};
use crate::chemistry::autodock_element;
use crate::error::StructureError;

/// Columns `first` to `last`, counted from 1 as in the format's description; shorter lines give less text.
pub(super) fn columns(line: &[u8], first: usize, last: usize) -> &str {
    let end = last.min(line.len());
    let field = line.get(first - 1..end).unwrap_or(&[]);
    str::from_utf8(field).unwrap_or("")
}

/// An atom line with the fields after its serial number in their proper columns: programs that count past 99999 write
/// six or more digits from column 7 on, which shifts the rest to the right.
pub(super) fn aligned(line: &[u8]) -> &[u8] {
    let digits = line.iter().skip(6).take_while(|byte| byte.is_ascii_digit()).count();
    if digits > 5 && line.get(6 + digits) == Some(&b' ') { &line[digits - 5..] } else { line }
}

/// Whether the fields of an atom line are present, but outside their columns.
pub(super) fn has_lost_its_columns(line: &[u8]) -> bool {
    // A single unreadable field is reported separately.
    let is_number = |first: &usize| columns(line, *first, first + 7).trim().parse::<f32>().is_ok();
    if [31, 39, 47].iter().filter(|first| is_number(first)).count() > 1 {
        return false;
    }
    let text = String::from_utf8_lossy(line);
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_decimal = |word: &&str| word.contains('.') && word.parse::<f32>().is_ok();
    words.len() > 6 && words.windows(3).any(|three| three.iter().all(is_decimal))
}

/// The end of the message about such a line.
pub(super) const LOST_COLUMNS: &str = "the fields of this atom line do not stand in the fixed columns of the PDB format: \
                                       its spaces were collapsed, or it was shifted";

/// An atom line, and its line number.
#[derive(Clone, Copy)]
pub(super) struct AtomText<'f, 'a> {
    pub(super) file: &'f str,
    /// 1-based.
    pub(super) number: usize,
    pub(super) hetatm: bool,
    pub(super) line: &'a [u8],
}

/// Reads a line whose residue name and chain id are known.
pub(super) fn parse_atom<'a>(
    text: AtomText<'_, 'a>,
    residue_name: &'a str,
    chain: &'a str,
) -> Result<AtomRecord<'a>, StructureError> {
    parse_fields(text, residue_name, chain).map_err(|error| {
        if !has_lost_its_columns(text.line) {
            return error;
        }
        let (file, reason) = (text.file.to_owned(), LOST_COLUMNS.to_owned());
        StructureError::Malformed { file, line: text.number, reason }
    })
}

fn parse_fields<'a>(
    text: AtomText<'_, 'a>,
    residue_name: &'a str,
    chain: &'a str,
) -> Result<AtomRecord<'a>, StructureError> {
    let AtomText { file, number: line_number, hetatm, line } = text;
    let malformed = |reason: String| StructureError::Malformed { file: file.to_owned(), line: line_number, reason };
    let fixed = line.get(..line.len().min(80)).unwrap_or(line);
    if let Some(at) = fixed.iter().position(|byte| !(b' '..=b'~').contains(byte)) {
        let what = if fixed[at] == b'\t' { "a tab" } else { "a character that is not plain ASCII text" };
        return Err(malformed(format!("column {} holds {what}; the columns of PDB lines are fixed", at + 1)));
    }
    let insertion = columns(line, 27, 27).chars().next().filter(|code| *code != ' ');
    // Insertion codes are letters; a digit here is the fifth digit of an overlong number.
    let (last_column, insertion) = match insertion {
        Some(digit) if digit.is_ascii_digit() => (27, None),
        other => (26, other),
    };
    let residue_text = columns(line, 23, last_column).trim();
    let has_number = !residue_text.is_empty();
    let number = if has_number { decode_hybrid_36(residue_text) } else { Some(0) };
    let number = number.ok_or_else(|| {
        malformed(format!("chain {chain}: the residue number {residue_text:?} (columns 23–26) is not a number"))
    })?;
    let bad_atom = |reason: String| StructureError::BadAtom {
        file: file.to_owned(),
        line: line_number,
        chain: chain.to_owned(),
        residue: match insertion {
            Some(code) => format!("{residue_name} {number}{code}"),
            None => format!("{residue_name} {number}"),
        },
        reason,
    };
    let padded_name = columns(line, 13, 16);
    if padded_name.trim().is_empty() {
        return Err(bad_atom("the atom has no name (columns 13–16)".to_owned()));
    }
    if line.len() < 54 {
        return Err(bad_atom(format!("the line ends at column {}, before the coordinates do (column 54)", line.len())));
    }
    let position = parse_position([31, 39, 47].map(|first| columns(line, first, first + 7))).map_err(&bad_atom)?;
    Ok(AtomRecord {
        line: line_number,
        hetatm,
        name: padded_name.trim(),
        padded_name,
        altloc: altloc_of(line),
        residue_name,
        chain,
        label_chain: None,
        segment: columns(line, 73, 76).trim(),
        follows_end: false,
        number,
        has_number,
        insertion,
        label_number: None,
        in_polymer: None,
        position,
        occupancy: parse_or(columns(line, 55, 60), 1.0),
        b_factor: parse_or(columns(line, 61, 66), 0.0),
        charge: parse_charge(columns(line, 79, 80)),
        element: element_of(line),
    })
}

/// A line without the carriage returns at its end.
pub(super) fn without_returns(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|&byte| byte != b'\r').map_or(0, |last| last + 1);
    &line[..end]
}

/// The element, columns 77 and 78. PDBQT files have one more column of charges before it, so AutoDock's atom type is in
/// columns 78 and 79; some other programs write the symbol there, too.
fn element_of(line: &[u8]) -> &str {
    let standard = columns(line, 77, 78);
    if !standard.starts_with(' ') {
        return standard;
    }
    let shifted = columns(line, 78, 79).trim();
    let charge = columns(line, 71, 76).trim();
    let partial_charge = charge.contains('.') && charge.parse::<f32>().is_ok();
    if shifted.is_empty() || !(partial_charge || columns(line, 79, 79).starts_with(|c: char| c.is_ascii_alphabetic())) {
        return standard;
    }
    autodock_element(shifted).unwrap_or(standard)
}

/// The atom as the line states it, with the residue name from columns 18 to 20 and the chain id from column 22.
pub(super) fn atom_line(record: AtomRecord<'_>, line: &[u8]) -> AtomLine {
    // Digit and sign, as in `2+`; some programs write the sign first.
    let charge = columns(line, 79, 80).trim();
    let charge = match charge.strip_suffix(['+', '-']) {
        Some(digits) if charge.ends_with('-') => digits.parse().map_or(0, |number: i32| -number),
        Some(digits) => digits.parse().unwrap_or(0),
        None => charge.parse().unwrap_or(0),
    };
    AtomLine {
        line: record.line,
        hetatm: record.hetatm,
        name: record.name.to_owned(),
        altloc: record.altloc,
        residue_name: columns(line, 18, 20).trim().to_owned(),
        chain: columns(line, 22, 22).trim().to_owned(),
        number: record.has_number.then_some(record.number),
        insertion: record.insertion,
        position: record.has_position().then_some(record.position),
        occupancy: record.occupancy,
        b_factor: record.b_factor,
        segment: record.segment.to_owned(),
        element: columns(line, 77, 78).trim().to_owned(),
        charge,
    }
}

fn altloc_of(line: &[u8]) -> Option<char> {
    columns(line, 17, 17).chars().next().filter(|code| *code != ' ')
}

/// A residue number of four columns: decimal, or hybrid-36, in which `A000` is 10000 and `a000` follows `ZZZZ`.
fn decode_hybrid_36(field: &str) -> Option<i32> {
    let text = field.trim();
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    if text.len() != 4 {
        return None;
    }
    let upper = text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    let lower = text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    let first_is_letter = text.as_bytes()[0].is_ascii_alphabetic();
    if !first_is_letter || !(upper || lower) {
        return None;
    }
    let value = i32::from_str_radix(text, 36).ok()?;
    // In base 36, `A000` is 10·36³; upper-case codes cover 26·36³ numbers after 9999.
    let (decimal, block) = (10_000, 36 * 36 * 36);
    Some(value - 10 * block + decimal + if upper { 0 } else { 26 * block })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hybrid_36_residue_numbers_continue_after_9999() {
        let cases = [
            ("9999", 9999),
            ("A000", 10_000),
            ("A001", 10_001),
            ("ZZZZ", 1_223_055),
            ("a000", 1_223_056),
            ("zzzz", 2_436_111),
            ("-999", -999),
            ("  -5", -5),
            ("   0", 0),
        ];
        for (text, number) in cases {
            assert_eq!(decode_hybrid_36(text), Some(number), "{text}");
        }
        for text in ["", "    ", "12A", "Aa00", "A 00", "0A00", "-A00", "é00"] {
            assert_eq!(decode_hybrid_36(text), None, "{text}");
        }
    }
}
