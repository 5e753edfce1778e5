//! One atom as a file states it: the common output of the PDB and mmCIF readers.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Point, ResidueId};
use crate::chemistry::{Letter, modified_residue_letter};
use crate::error::StructureError;

/// An atom line or row. Text borrows from the file.
#[derive(Clone, Debug)]
pub(super) struct AtomRecord<'a> {
    /// 1-based.
    pub(super) line: usize,
    /// HETATM rather than ATOM.
    pub(super) hetatm: bool,
    /// The atom's name, trimmed.
    pub(super) name: &'a str,
    /// The name with the padding of its four PDB columns, which hints at the element; the same as `name` in mmCIF.
    pub(super) padded_name: &'a str,
    pub(super) altloc: Option<char>,
    pub(super) residue_name: &'a str,
    /// The author's chain id; `_` where blank.
    pub(super) chain: &'a str,
    pub(super) label_chain: Option<&'a str>,
    /// The segment, columns 73 to 76 of a PDB line; empty where there is none.
    pub(super) segment: &'a str,
    /// Whether a TER or the beginning of a model stands before it.
    pub(super) follows_end: bool,
    /// 0 where the file gives none, until the residue gets one.
    pub(super) number: i32,
    pub(super) has_number: bool,
    pub(super) insertion: Option<char>,
    pub(super) label_number: Option<i32>,
    /// Whether the file says that the residue is part of a polymer: `label_seq_id` in mmCIF, standing before or after
    /// the chain's TER in PDB. `None` where the file does not say.
    pub(super) in_polymer: Option<bool>,
    /// Position, Å; three NaNs where the file gives none. Such records are removed before residues are built.
    pub(super) position: Point,
    pub(super) occupancy: f32,
    pub(super) b_factor: f32,
    /// Formal charge, in units of e.
    pub(super) charge: i8,
    /// As written; may be blank or nonsense.
    pub(super) element: &'a str,
}

impl AtomRecord<'_> {
    /// Whether the file gives the atom coordinates.
    pub(super) fn has_position(&self) -> bool {
        self.position[0].is_finite()
    }

    /// How users name its residue.
    pub(super) fn residue_id(&self) -> ResidueId {
        ResidueId { chain: Arc::from(self.chain), number: self.number, insertion: self.insertion }
    }
}

/// The atoms of the chosen model, and what else the file states about them.
#[derive(Clone, Debug, Default)]
pub(super) struct ParsedModel<'a> {
    pub(super) records: Vec<AtomRecord<'a>>,
    pub(super) model_number: i32,
    pub(super) model_count: usize,
    /// The reader's warnings: line and message.
    pub(super) warnings: Vec<(usize, String)>,
    /// Modified residue names and the parents that the file itself declares for them (MODRES, `_pdbx_struct_mod_residue`).
    pub(super) declared_parents: Vec<(&'a str, &'a str)>,
}

impl ParsedModel<'_> {
    /// Each `label_asym_id` with the author's chain id, in file order.
    pub(super) fn labels(&self) -> Vec<(String, Arc<str>)> {
        let mut labels: Vec<(&str, &str)> = Vec::new();
        for record in &self.records {
            let Some(label) = record.label_chain else { continue };
            // Most atoms belong to the same chain as the atom before.
            if labels.last().is_none_or(|last| *last != (label, record.chain)) {
                labels.push((label, record.chain));
            }
        }
        let mut seen = HashSet::new();
        labels.retain(|pair| seen.insert(*pair));
        labels.into_iter().map(|(label, author)| (label.to_owned(), Arc::from(author))).collect()
    }

    /// Leaves out atoms of occupancy 0 or less, with a warning.
    pub(super) fn leave_out_unoccupied(&mut self) {
        let count = self.records.len();
        let first = self.records.iter().find(|record| record.occupancy <= 0.0).map(|record| record.line);
        self.records.retain(|record| record.occupancy > 0.0);
        if let Some(first) = first {
            let atoms = match count - self.records.len() {
                1 => "1 atom".to_owned(),
                several => format!("{several} atoms"),
            };
            self.warnings.push((first, format!("{atoms} with occupancy 0 left out")));
        }
    }
}

/// The largest coordinate accepted, Å. No real structure exceeds it, and beyond it squared distances are meaningless in
/// f32.
pub(super) const FARTHEST: f32 = 1e6;

/// The position of an atom without coordinates.
pub(super) const NOWHERE: Point = [f32::NAN; 3];

/// A position, Å, from the texts of x, y and z; the error is the end of a sentence about the atom. It is [`NOWHERE`] where
/// one of them is not finite or overflowed its columns to asterisks, and where all three are blank.
pub(super) fn parse_position(texts: [&str; 3]) -> Result<Point, String> {
    let texts = texts.map(str::trim);
    if texts.iter().all(|text| text.is_empty()) {
        return Ok(NOWHERE);
    }
    let mut position = [0.0; 3];
    for ((value, text), axis) in position.iter_mut().zip(texts).zip(['x', 'y', 'z']) {
        *value = parse_coordinate(text, axis)?;
    }
    Ok(if position.iter().all(|value| value.is_finite()) { position } else { NOWHERE })
}

/// A coordinate, Å; NaN where the text stands for a missing or overflowed number.
fn parse_coordinate(text: &str, axis: char) -> Result<f32, String> {
    if text.is_empty() {
        return Err(format!("the {axis} coordinate is blank"));
    }
    // Asterisks are an overflow in Fortran; the others are how the C library of Windows prints infinity and NaN.
    if text.bytes().all(|byte| byte == b'*') || text.contains("#IN") || text.contains("#QNAN") {
        return Ok(f32::NAN);
    }
    let value: f32 = text.parse().map_err(|_| format!("the {axis} coordinate {text:?} is not a number"))?;
    // Digits that overflow an f32 are an absurd distance, and an error; the word `inf` counts as no coordinate.
    let is_word = !text.bytes().any(|byte| byte.is_ascii_digit());
    if value.abs() > FARTHEST && !is_word {
        return Err(format!("the {axis} coordinate {text:?} is farther out than {FARTHEST} Å"));
    }
    Ok(if value.is_finite() { value } else { f32::NAN })
}

/// An occupancy or B-factor: `default` where the field is blank or unreadable, because no design depends on it.
pub(super) fn parse_or(text: &str, default: f32) -> f32 {
    text.trim().parse().ok().filter(|value: &f32| value.is_finite()).unwrap_or(default)
}

/// A formal charge, digit and sign as in `2+`; some programs write the sign first, or alone for 1. Anything else is no
/// charge: older files have line numbers there.
pub(super) fn parse_charge(text: &str) -> i8 {
    let text = text.trim();
    let signed = |digits: &str| if digits.is_empty() { Some(1) } else { digits.parse::<u8>().ok()?.try_into().ok() };
    let positive = text.strip_suffix('+').or_else(|| text.strip_prefix('+'));
    let negative = text.strip_suffix('-').or_else(|| text.strip_prefix('-'));
    match (positive, negative) {
        (Some(digits), None) => signed(digits).unwrap_or(0),
        (None, Some(digits)) => signed(digits).map_or(0, |charge: i8| -charge),
        _ => 0,
    }
}

/// HETATM or ATOM by the residue's name alone, where nothing else says it.
pub(super) fn is_hetatm_by_name(residue_name: &str) -> bool {
    Letter::from_standard_name(residue_name).is_none() && modified_residue_letter(residue_name).is_none()
}

/// Which model is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ModelChoice {
    /// The model with this number in the file.
    Number(i32),
    /// The model at this position in the file, from 0.
    Place(usize),
}

impl ModelChoice {
    /// The model with the given number, or the first.
    pub(super) fn of(number: Option<i32>) -> ModelChoice {
        number.map_or(ModelChoice::Place(0), ModelChoice::Number)
    }
}

/// The index into `models` (model numbers in file order) of the model to read.
pub(super) fn choose_model(file: &str, models: &[i32], choice: ModelChoice) -> Result<usize, StructureError> {
    let asked = match choice {
        ModelChoice::Place(place) if place < models.len() => return Ok(place),
        ModelChoice::Place(place) => i32::try_from(place).unwrap_or(i32::MAX),
        ModelChoice::Number(number) => number,
    };
    models.iter().position(|&number| number == asked).ok_or_else(|| StructureError::MissingModel {
        file: file.to_owned(),
        asked,
        present: list_models(models),
    })
}

/// Model numbers as a list with ranges: `1–38`, `1, 3, 7`.
fn list_models(models: &[i32]) -> String {
    let mut runs: Vec<(i32, i32)> = Vec::new();
    for &number in models {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let words: Vec<String> = runs
        .iter()
        .take(20)
        .map(|&(first, last)| if first == last { first.to_string() } else { format!("{first}–{last}") })
        .collect();
    let rest = if runs.len() > 20 { ", …" } else { "" };
    words.join(", ") + rest
}
