//! Parses sets of letters and biases: `CM`, `A=-1.0,W=0.5`, `A1-5:CM`.

use super::quotation::quoted;
use crate::chemistry::{Letter, VOCABULARY};
use crate::error::SpecError;

/// The bits of the twenty amino acids.
pub(super) const AMINO_ACIDS: u32 = (1 << (VOCABULARY - 1)) - 1;

/// The largest bias accepted, in nats. Already 1000 nats decide the letter, and f32 must hold the bias divided by any
/// temperature.
const LARGEST_BIAS: f32 = 1e8;

/// The bit of a letter in a set of letters.
pub(super) fn bit(letter: Letter) -> u32 {
    1 << letter.index()
}

/// The one-letter codes of a set of letters.
pub(super) fn letters_of(set: u32) -> String {
    Letter::all().filter(|&letter| set & bit(letter) != 0).map(Letter::to_char).collect()
}

/// A set of letters: `CM`, `cm`, `C,M`.
pub(super) fn parse_letters(field: &'static str, text: &str) -> Result<u32, SpecError> {
    let mut set = 0;
    for code in text.chars().filter(|code| *code != ',' && !code.is_whitespace()) {
        set |= bit(letter(field, text, code)?);
    }
    Ok(set)
}

/// Letters and their biases in nats: `A=-1.0,W=0.5`, several letters with one value as `EK=-0.5`. A colon serves as the
/// equals sign.
pub(super) fn parse_bias(field: &'static str, text: &str) -> Result<Vec<(Letter, f32)>, SpecError> {
    let mut biases = Vec::new();
    let items = text.split(|separator: char| separator == ',' || separator.is_whitespace());
    for item in items.filter(|item| !item.is_empty()) {
        let malformed = |reason: &str| SpecError::Malformed { field, item: quoted(item), reason: reason.into() };
        let (codes, value) = item
            .split_once(['=', ':'])
            .filter(|(codes, _)| !codes.is_empty())
            .ok_or_else(|| malformed("a bias is a letter, =, and a number, as in W=0.5"))?;
        let value: f32 =
            value.parse().map_err(|_| malformed("what follows the = is not a number; a bias is written W=0.5"))?;
        if !value.is_finite() || value.abs() > LARGEST_BIAS {
            return Err(malformed("a bias lies between -1e8 and 1e8 nats"));
        }
        for code in codes.chars() {
            biases.push((letter(field, item, code)?, value));
        }
    }
    if biases.is_empty() {
        let reason = "names no letter; a bias is written W=0.5".to_owned();
        return Err(SpecError::Malformed { field, item: quoted(text), reason });
    }
    Ok(biases)
}

/// `A1-5:CM` as selection and letters: the last colon divides, since a selection may hold some of its own.
pub(super) fn split_place<'a>(
    field: &'static str,
    text: &'a str,
    example: &str,
) -> Result<(&'a str, &'a str), SpecError> {
    match text.rsplit_once(':') {
        Some((selection, letters)) if !letters.trim().is_empty() => Ok((selection, letters)),
        _ => Err(SpecError::Malformed {
            field,
            item: quoted(text),
            reason: format!("is a selection, a colon and letters, as in {example}"),
        }),
    }
}

fn letter(field: &'static str, text: &str, code: char) -> Result<Letter, SpecError> {
    Letter::from_char(code).ok_or_else(|| SpecError::UnknownLetter {
        field,
        item: quoted(text),
        letter: code.escape_debug().to_string(),
    })
}
