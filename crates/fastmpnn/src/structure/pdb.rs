//! The PDB format, version 3.3, by fixed columns, with what real files do besides:
//!
//! - residue numbers in hybrid-36 (`A000` follows `9999`); serial numbers are not used, so any will do;
//! - residue names of four letters (columns 18–21), as CHARMM writes them, and chain ids of two (columns 21–22);
//! - lines that end early, after the coordinates; CRLF; blank element columns;
//! - models closed by ENDMDL or END but never opened by MODEL;
//! - atoms after the last ENDMDL or after END, as programs that append a ligand leave them: read with the model.
//!
//! Source: wwPDB, "Protein Data Bank Contents Guide: Atomic Coordinate Entry Format", version 3.30; hybrid-36:
//! the Computational Crystallography Toolbox, `iotbx/pdb/hybrid_36`.

use std::collections::{HashMap, HashSet};

use super::atom_record::{AtomRecord, ParsedModel, choose_model, parse_charge, parse_coordinate, parse_or};
use super::read::{Arrangement, ReadOptions};
use super::{AtomLine, Record as FileRecord, Records};
use crate::chemistry::{Letter, is_water, modified_residue_letter};
use crate::error::StructureError;

/// What a line is, as far as this reader cares.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Record {
    Atom,
    Hetatm,
    Model,
    Endmdl,
    End,
    Ter,
    Anisou,
    Modres,
    Other,
}

fn record_of(line: &[u8]) -> Record {
    let name = line.get(..6).unwrap_or(line).trim_ascii_end();
    match name {
        b"ATOM" => Record::Atom,
        b"HETATM" => Record::Hetatm,
        b"MODEL" => Record::Model,
        b"ENDMDL" => Record::Endmdl,
        b"END" => Record::End,
        b"TER" => Record::Ter,
        b"ANISOU" => Record::Anisou,
        b"MODRES" => Record::Modres,
        // Serial numbers past 99999 may run into the record's name.
        _ if name.starts_with(b"HETATM") => Record::Hetatm,
        _ if name.len() >= 5 && name.starts_with(b"ATOM") && name[4].is_ascii_digit() => Record::Atom,
        _ if name.len() >= 4 && name.starts_with(b"TER") && name[3].is_ascii_digit() => Record::Ter,
        _ => Record::Other,
    }
}

/// A run of atom and TER lines: a model, or atoms that stand outside every model.
#[derive(Default)]
struct Segment<'a> {
    /// The number of the MODEL line, if one opened it.
    number: Option<i32>,
    opened: bool,
    closed_by_endmdl: bool,
    lines: Vec<(usize, Record, &'a [u8])>,
}

impl Segment<'_> {
    fn atoms(&self) -> usize {
        self.lines.iter().filter(|(_, record, _)| *record != Record::Ter).count()
    }
}

/// Reads the chosen model of a PDB file.
pub(super) fn parse<'a>(file: &str, bytes: &'a [u8], options: &ReadOptions) -> Result<ParsedModel<'a>, StructureError> {
    let (segments, declared_parents) = segments_of(file, bytes)?;
    if options.arrangement == Arrangement::ByNumber && !segments.is_empty() {
        let mut parsed = ParsedModel { model_number: 1, model_count: 1, declared_parents, ..ParsedModel::default() };
        for segment in &segments {
            parsed.records.extend(parse_segment(file, segment)?);
        }
        return Ok(parsed);
    }
    let (models, strays) = sort_segments(segments);
    if models.is_empty() {
        return Err(StructureError::NoAtoms {
            file: file.to_owned(),
            reason: "no line of it begins with ATOM or HETATM".to_owned(),
        });
    }
    let numbers: Vec<i32> = models.iter().map(|(number, _)| *number).collect();
    let chosen = choose_model(file, &numbers, options.model_number)?;
    let mut parsed = ParsedModel {
        model_number: numbers[chosen],
        model_count: models.len(),
        declared_parents,
        ..ParsedModel::default()
    };
    parsed.records = parse_segment(file, &models[chosen].1)?;
    for stray in &strays {
        let records = parse_segment(file, stray)?;
        if let Some(first) = records.first() {
            let message = format!(
                "atoms from here on stand after the end of the models; they were read with model {}",
                parsed.model_number
            );
            parsed.warnings.push((first.line, message));
        }
        parsed.records.extend(records);
    }
    Ok(parsed)
}

/// Reads every atom line of a PDB file, and what ends chains and models.
pub(super) fn records(file: &str, bytes: &[u8]) -> Result<Records, StructureError> {
    let mut found = Records::default();
    for (index, line) in bytes.split_inclusive(|&byte| byte == b'\n').enumerate() {
        found.lines += 1;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let record = match record_of(line) {
            record @ (Record::Atom | Record::Hetatm) => {
                let hetatm = record == Record::Hetatm;
                FileRecord::Atom(atom_line(parse_atom(file, index + 1, hetatm, line)?, line))
            }
            Record::Ter => FileRecord::EndOfChain,
            Record::Endmdl | Record::End => FileRecord::EndOfModel,
            Record::Anisou => {
                // Seven columns each from 29 on; what is no number counts as 0.
                let number = |place: usize| columns(line, 29 + 7 * place, 35 + 7 * place).trim().parse().unwrap_or(0);
                FileRecord::Anisotropic(std::array::from_fn(number), altloc_of(line))
            }
            Record::Model | Record::Modres | Record::Other => continue,
        };
        found.records.push((index + 1, record));
    }
    if found.records.iter().any(|(_, record)| matches!(record, FileRecord::Atom(_))) {
        return Ok(found);
    }
    let reason = "no line of it begins with ATOM or HETATM".to_owned();
    Err(StructureError::NoAtoms { file: file.to_owned(), reason })
}

fn atom_line(record: AtomRecord<'_>, line: &[u8]) -> AtomLine {
    // Digit and sign, as in `2+`; some programs write the sign first.
    let charge = columns(line, 79, 80).trim();
    let charge = match charge.strip_suffix(['+', '-']) {
        Some(digits) if charge.ends_with('-') => digits.parse().map_or(0, |number: i32| -number),
        Some(digits) => digits.parse().unwrap_or(0),
        None => charge.parse().unwrap_or(0),
    };
    AtomLine {
        hetatm: record.hetatm,
        name: record.name.to_owned(),
        altloc: record.altloc,
        residue_name: columns(line, 18, 20).trim().to_owned(),
        chain: columns(line, 22, 22).trim().to_owned(),
        number: record.number,
        insertion: record.insertion,
        position: record.position,
        occupancy: record.occupancy,
        b_factor: record.b_factor,
        segment: columns(line, 73, 76).trim().to_owned(),
        element: record.element.trim().to_owned(),
        charge,
    }
}

fn altloc_of(line: &[u8]) -> Option<char> {
    columns(line, 17, 17).chars().next().filter(|code| *code != ' ')
}

type SegmentsAndParents<'a> = (Vec<Segment<'a>>, Vec<(&'a str, &'a str)>);

fn segments_of<'a>(file: &str, bytes: &'a [u8]) -> Result<SegmentsAndParents<'a>, StructureError> {
    let mut segments: Vec<Segment<'a>> = Vec::new();
    let mut parents = Vec::new();
    let mut open = false;
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let record = record_of(line);
        match record {
            Record::Atom | Record::Hetatm | Record::Ter => {
                if !open && record == Record::Ter {
                    continue;
                }
                if !open {
                    segments.push(Segment::default());
                    open = true;
                }
                if let Some(segment) = segments.last_mut() {
                    segment.lines.push((index + 1, record, line));
                }
            }
            Record::Model => {
                let text = columns(line, 7, 14).trim();
                let number = match text {
                    "" => None,
                    _ => Some(text.parse().map_err(|_| StructureError::Malformed {
                        file: file.to_owned(),
                        line: index + 1,
                        reason: format!("the model number {text:?} is not a whole number"),
                    })?),
                };
                segments.push(Segment { number, opened: true, ..Segment::default() });
                open = true;
            }
            Record::Endmdl | Record::End => {
                if let Some(segment) = segments.last_mut().filter(|_| open) {
                    segment.closed_by_endmdl = record == Record::Endmdl;
                }
                open = false;
            }
            Record::Modres => parents.push((columns(line, 13, 15).trim(), columns(line, 25, 27).trim())),
            Record::Anisou => {}
            Record::Other => {
                let name = line.get(..6).unwrap_or(line);
                if name.eq_ignore_ascii_case(b"HETATM")
                    || name.eq_ignore_ascii_case(b"ATOM  ")
                    || name.starts_with(b"ATOM\t")
                {
                    return Err(StructureError::Malformed {
                        file: file.to_owned(),
                        line: index + 1,
                        reason: "the record name must be ATOM or HETATM in upper case, followed by spaces".to_owned(),
                    });
                }
            }
        }
    }
    Ok((segments, parents))
}

/// Tells models from stray atoms. What no MODEL line opens is a model when it comes first, when ENDMDL closes it, or
/// when it repeats a residue of the first model; otherwise its atoms belong to every model.
fn sort_segments(segments: Vec<Segment<'_>>) -> (Vec<(i32, Segment<'_>)>, Vec<Segment<'_>>) {
    let mut models: Vec<(i32, Segment<'_>)> = Vec::new();
    let mut strays = Vec::new();
    let mut of_first: Option<HashSet<&[u8]>> = None;
    for segment in segments.into_iter().filter(|segment| segment.atoms() > 0) {
        let is_model = segment.opened || models.is_empty() || segment.closed_by_endmdl || {
            let known = of_first.get_or_insert_with(|| polymer_atoms(&models[0].1).collect());
            polymer_atoms(&segment).any(|atom| known.contains(atom))
        };
        if is_model {
            let next = models.last().map_or(1, |(number, _)| number.saturating_add(1));
            models.push((segment.number.unwrap_or(next), segment));
        } else {
            strays.push(segment);
        }
    }
    (models, strays)
}

/// What names an atom of a polymer: columns 13 to 27 of the ATOM lines.
fn polymer_atoms<'a>(segment: &Segment<'a>) -> impl Iterator<Item = &'a [u8]> {
    let atoms = segment.lines.iter().filter(|(_, record, _)| *record == Record::Atom);
    atoms.filter_map(|&(_, _, line)| line.get(12..27)).collect::<Vec<_>>().into_iter()
}

fn parse_segment<'a>(file: &str, segment: &Segment<'a>) -> Result<Vec<AtomRecord<'a>>, StructureError> {
    let mut records: Vec<AtomRecord<'a>> = Vec::with_capacity(segment.lines.len());
    // For each chain, how many records stood before its last TER.
    let mut polymer_ends: HashMap<&str, usize> = HashMap::new();
    for &(line_number, record, line) in &segment.lines {
        if record == Record::Ter {
            // A TER line may be bare; it then ends the chain of the atom before it.
            if let Some(last) = records.last() {
                polymer_ends.insert(last.chain, records.len());
            }
            continue;
        }
        records.push(parse_atom(file, line_number, record == Record::Hetatm, line)?);
    }
    for (index, record) in records.iter_mut().enumerate() {
        record.in_polymer = polymer_ends.get(record.chain).map(|&end| index < end);
    }
    Ok(records)
}

/// Columns `first` to `last`, counted from 1 as the format's description does; what the line lacks is missing.
fn columns(line: &[u8], first: usize, last: usize) -> &str {
    let end = last.min(line.len());
    let field = line.get(first - 1..end).unwrap_or(&[]);
    str::from_utf8(field).unwrap_or("")
}

fn parse_atom<'a>(
    file: &str,
    line_number: usize,
    hetatm: bool,
    line: &'a [u8],
) -> Result<AtomRecord<'a>, StructureError> {
    let malformed = |reason: String| StructureError::Malformed { file: file.to_owned(), line: line_number, reason };
    let fixed = line.get(..line.len().min(80)).unwrap_or(line);
    if let Some(at) = fixed.iter().position(|byte| !(b' '..=b'~').contains(byte)) {
        let what = if fixed[at] == b'\t' { "a tab" } else { "a character that is not plain ASCII text" };
        return Err(malformed(format!("column {} holds {what}; the columns of PDB lines are fixed", at + 1)));
    }
    let (residue_name, chain) = name_and_chain(line);
    let insertion = columns(line, 27, 27).chars().next().filter(|code| *code != ' ');
    // Insertion codes are letters; a digit is the fifth of a number that some programs let run on.
    let (last_column, insertion) = match insertion {
        Some(digit) if digit.is_ascii_digit() => (27, None),
        other => (26, other),
    };
    let residue_text = columns(line, 23, last_column).trim();
    let number = decode_hybrid_36(residue_text).ok_or_else(|| {
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
    let coordinate = |first, axis| parse_coordinate(columns(line, first, first + 7), axis).map_err(&bad_atom);
    Ok(AtomRecord {
        line: line_number,
        hetatm,
        name: padded_name.trim(),
        padded_name,
        altloc: altloc_of(line),
        residue_name,
        chain,
        label_chain: None,
        number,
        insertion,
        label_number: None,
        in_polymer: None,
        position: [coordinate(31, 'x')?, coordinate(39, 'y')?, coordinate(47, 'z')?],
        occupancy: parse_or(columns(line, 55, 60), 1.0),
        b_factor: parse_or(columns(line, 61, 66), 0.0),
        charge: parse_charge(columns(line, 79, 80)),
        element: columns(line, 77, 78),
    })
}

/// Residue name and chain id. Column 21 is blank by the format; CHARMM has the fourth letter of a name there, files
/// of large complexes the first of a chain id.
fn name_and_chain(line: &[u8]) -> (&str, &str) {
    let chain = columns(line, 22, 22).trim();
    let name = columns(line, 18, 20).trim();
    let chain_or_blank = if chain.is_empty() { "_" } else { chain };
    if columns(line, 21, 21).trim().is_empty() {
        return (name, chain_or_blank);
    }
    let long = columns(line, 18, 21).trim();
    let known = |name: &str| {
        is_water(name) || modified_residue_letter(name).is_some() || Letter::from_standard_name(name).is_some()
    };
    let long_name = known(long) || (chain.is_empty() && !known(name));
    if long_name { (long, chain_or_blank) } else { (name, columns(line, 21, 22).trim()) }
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
