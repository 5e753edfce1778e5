//! The PDB format, version 3.3, by fixed columns, and these deviations of real files:
//!
//! - residue numbers in hybrid-36 (`A000` follows `9999`); serial numbers are not used, so any value is accepted;
//! - residue names of four letters (columns 18–21), as CHARMM writes them, and chain ids of two (columns 21–22);
//! - lines that end after the coordinates; CRLF; blank element columns;
//! - models closed by ENDMDL or END but never opened by MODEL;
//! - atoms after the last ENDMDL or after END, as programs that append a ligand leave them: read with the model.
//!
//! Source: wwPDB, "Protein Data Bank Contents Guide: Atomic Coordinate Entry Format", version 3.30; hybrid-36:
//! the Computational Crystallography Toolbox, `iotbx/pdb/hybrid_36`.

use std::collections::{HashMap, HashSet};

use super::atom_record::{AtomRecord, ModelChoice, ParsedModel, choose_model};
use super::name_columns::{names_and_chains, narrow};
use super::numbering::number_the_unnumbered;
use super::pdb_columns::{
    AtomText, LOST_COLUMNS, aligned, atom_line, columns, has_lost_its_columns, parse_atom, without_returns,
};
use super::{AtomLine, DamagedLines};
use crate::error::StructureError;

/// The record types that this reader distinguishes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RecordType {
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

fn record_of(line: &[u8]) -> RecordType {
    let name = line.get(..6).unwrap_or(line).trim_ascii_end();
    match name {
        b"ATOM" => RecordType::Atom,
        b"HETATM" => RecordType::Hetatm,
        b"MODEL" => RecordType::Model,
        b"ENDMDL" => RecordType::Endmdl,
        b"END" => RecordType::End,
        b"TER" => RecordType::Ter,
        b"ANISOU" => RecordType::Anisou,
        b"MODRES" => RecordType::Modres,
        // Serial numbers past 99999 may run into the record's name.
        _ if name.starts_with(b"HETATM") => RecordType::Hetatm,
        _ if name.len() >= 5 && name.starts_with(b"ATOM") && name[4].is_ascii_digit() => RecordType::Atom,
        // A six-digit serial number that starts in column 6 does not shift the other columns.
        _ if name.len() == 6
            && name.starts_with(b"ATOM ")
            && name[5].is_ascii_digit()
            && line.get(6..12).is_some_and(|rest| rest[..5].iter().all(u8::is_ascii_digit) && rest[5] == b' ') =>
        {
            RecordType::Atom
        }
        _ if name.len() >= 4 && name.starts_with(b"TER") && name[3].is_ascii_digit() => RecordType::Ter,
        _ => RecordType::Other,
    }
}

/// A run of atom and TER lines: a model, or atoms that stand outside every model.
#[derive(Default)]
struct Segment<'a> {
    /// The number of the MODEL line, if one opened it.
    number: Option<i32>,
    opened: bool,
    closed_by_endmdl: bool,
    lines: Vec<(usize, RecordType, &'a [u8])>,
}

impl Segment<'_> {
    fn atoms(&self) -> usize {
        self.lines.iter().filter(|(_, record, _)| *record != RecordType::Ter).count()
    }
}

/// Reads the chosen model of a PDB file.
pub(super) fn parse<'a>(file: &str, bytes: &'a [u8], model: ModelChoice) -> Result<ParsedModel<'a>, StructureError> {
    let (segments, declared_parents) = segments_of(file, bytes)?;
    let (models, strays) = sort_segments(segments);
    if models.is_empty() {
        return Err(no_atom_lines(file));
    }
    let numbers: Vec<i32> = models.iter().map(|(number, _)| *number).collect();
    let chosen = choose_model(file, &numbers, model)?;
    let mut parsed = ParsedModel {
        model_number: numbers[chosen],
        model_count: models.len(),
        declared_parents,
        ..ParsedModel::default()
    };
    let model = &models[chosen].1;
    let names = names_of(std::iter::once(model).chain(&strays));
    let (of_model, mut of_strays) = names.split_at(model.lines.len());
    parsed.records = parse_segment(file, model, of_model)?;
    for stray in &strays {
        let (of_stray, rest) = of_strays.split_at(stray.lines.len());
        of_strays = rest;
        let records = parse_segment(file, stray, of_stray)?;
        if let Some(first) = records.first() {
            let message = format!(
                "atoms from here on stand after the end of the models; they were read with model {}",
                parsed.model_number
            );
            parsed.warnings.push((first.line, message));
        }
        parsed.records.extend(records);
    }
    number_the_unnumbered(&mut parsed);
    Ok(parsed)
}

/// Reads every atom line of a PDB file, of all models.
pub(super) fn atom_lines(file: &str, bytes: &[u8], damaged: DamagedLines) -> Result<Vec<AtomLine>, StructureError> {
    if damaged == DamagedLines::Refuse {
        segments_of(file, bytes)?;
    }
    let mut atoms = Vec::new();
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let line = without_returns(line);
        let record = record_of(line);
        if matches!(record, RecordType::Atom | RecordType::Hetatm) {
            let line = aligned(line);
            let text = AtomText { file, number: index + 1, hetatm: record == RecordType::Hetatm, line };
            let (residue_name, chain) = narrow(line);
            atoms.push(atom_line(parse_atom(text, residue_name, chain)?, line));
        }
    }
    if atoms.is_empty() { Err(no_atom_lines(file)) } else { Ok(atoms) }
}

fn no_atom_lines(file: &str) -> StructureError {
    let reason = "no line of it begins with ATOM or HETATM".to_owned();
    StructureError::NoAtoms { file: file.to_owned(), reason }
}

type SegmentsAndParents<'a> = (Vec<Segment<'a>>, Vec<(&'a str, &'a str)>);

fn segments_of<'a>(file: &str, bytes: &'a [u8]) -> Result<SegmentsAndParents<'a>, StructureError> {
    let mut segments: Vec<Segment<'a>> = Vec::new();
    let mut parents = Vec::new();
    let mut open = false;
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let line = without_returns(line);
        let record = record_of(line);
        match record {
            RecordType::Atom | RecordType::Hetatm | RecordType::Ter => {
                if !open && record == RecordType::Ter {
                    continue;
                }
                if !open {
                    segments.push(Segment::default());
                    open = true;
                }
                if let Some(segment) = segments.last_mut() {
                    segment.lines.push((
                        index + 1,
                        record,
                        if record == RecordType::Ter { line } else { aligned(line) },
                    ));
                }
            }
            RecordType::Model => {
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
            RecordType::Endmdl | RecordType::End => {
                if let Some(segment) = segments.last_mut().filter(|_| open) {
                    segment.closed_by_endmdl = record == RecordType::Endmdl;
                }
                open = false;
            }
            RecordType::Modres => parents.push((columns(line, 13, 15).trim(), columns(line, 25, 27).trim())),
            RecordType::Anisou => {}
            RecordType::Other => {
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
                if name.starts_with(b"ATOM ") && has_lost_its_columns(line) {
                    let (file, reason) = (file.to_owned(), LOST_COLUMNS.to_owned());
                    return Err(StructureError::Malformed { file, line: index + 1, reason });
                }
            }
        }
    }
    Ok((segments, parents))
}

/// Separates models from stray atoms. A segment without a MODEL line is a model if it comes first, if ENDMDL closes it,
/// or if it repeats a residue of the first model; otherwise its atoms belong to every model.
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

/// The columns that identify an atom of a polymer: 13 to 27 of the ATOM lines.
fn polymer_atoms<'a>(segment: &Segment<'a>) -> impl Iterator<Item = &'a [u8]> {
    let atoms = segment.lines.iter().filter(|(_, record, _)| *record == RecordType::Atom);
    atoms.filter_map(|&(_, _, line)| line.get(12..27)).collect::<Vec<_>>().into_iter()
}

/// Residue name and chain id of each line of the segments.
fn names_of<'a: 's, 's>(segments: impl Iterator<Item = &'s Segment<'a>>) -> Vec<(&'a str, &'a str)> {
    let lines: Vec<Option<&'a [u8]>> = segments
        .flat_map(|segment| &segment.lines)
        .map(|&(_, record, line)| (record != RecordType::Ter).then_some(line))
        .collect();
    names_and_chains(&lines)
}

/// Reads the lines of a segment, given the residue name and chain id of each.
fn parse_segment<'a>(
    file: &str,
    segment: &Segment<'a>,
    names: &[(&'a str, &'a str)],
) -> Result<Vec<AtomRecord<'a>>, StructureError> {
    let mut records: Vec<AtomRecord<'a>> = Vec::with_capacity(segment.lines.len());
    // For each chain, the number of records before its last TER.
    let mut polymer_ends: HashMap<&str, usize> = HashMap::new();
    let mut follows_end = true;
    for (&(line_number, record, line), &(residue_name, chain)) in segment.lines.iter().zip(names) {
        if record == RecordType::Ter {
            // A TER line may be bare; it then ends the chain of the atom before it.
            if let Some(last) = records.last() {
                polymer_ends.insert(last.chain, records.len());
            }
            follows_end = true;
            continue;
        }
        let text = AtomText { file, number: line_number, hetatm: record == RecordType::Hetatm, line };
        let record = parse_atom(text, residue_name, chain)?;
        records.push(AtomRecord { follows_end, ..record });
        follows_end = false;
    }
    for (index, record) in records.iter_mut().enumerate() {
        record.in_polymer = polymer_ends.get(record.chain).map(|&end| index < end);
    }
    Ok(records)
}
