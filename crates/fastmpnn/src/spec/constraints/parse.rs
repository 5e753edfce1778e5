//! Goals as text: `-5..0`, `A:-5..0`, `C=0,W>=1`.

use super::super::letters::{AMINO_ACIDS, bit, parse_letters};
use super::super::quotation::quoted;
use crate::chemistry::{Letter, VOCABULARY};
use crate::error::SpecError;

pub(super) const CHARGE: &str = "charge";
pub(super) const COUNT: &str = "count";
pub(super) const NO_MOTIF: &str = "no_motif";

/// A goal before its residues are known.
pub(super) struct Goal<'a> {
    /// The selection before the colon.
    pub(super) selection: Option<&'a str>,
    /// The goal without it.
    pub(super) text: &'a str,
    /// The letters whose number it is; `None` for the charge.
    pub(super) letters: Option<u32>,
    pub(super) minimum: i32,
    pub(super) maximum: i32,
}

impl Goal<'_> {
    /// What each letter counts.
    pub(super) fn values(&self) -> [i32; VOCABULARY] {
        let mut values = [0; VOCABULARY];
        for letter in Letter::all() {
            values[letter.index()] = match self.letters {
                None => letter.charge(),
                Some(letters) => i32::from(letters & bit(letter) != 0),
            };
        }
        values
    }
}

/// `-5..0`, `A:-5..0`.
pub(super) fn parse_charge(text: &str) -> Result<Goal<'_>, SpecError> {
    let (selection, goal) = scoped(text);
    match bounds(goal) {
        Some((minimum, maximum)) if minimum <= maximum => {
            Ok(Goal { selection, text: goal, letters: None, minimum, maximum })
        }
        Some(_) => Err(malformed(CHARGE, text, "ends below its beginning; write the smaller number first")),
        None => {
            let reason = "a charge is a range such as -5..0, ..0 or 3.., a number, or <=0; A:-5..0 is that of chain A";
            Err(malformed(CHARGE, text, reason))
        }
    }
}

/// `C=0,W>=1`, `A:KR=5..12`.
pub(super) fn parse_counts(text: &str) -> Result<Vec<Goal<'_>>, SpecError> {
    let (selection, goals) = scoped(text);
    let items = goals.split(|separator: char| separator == ',' || separator.is_whitespace());
    let mut counts = Vec::new();
    for item in items.filter(|item| !item.is_empty()) {
        let reason = "a count is letters, =, <= or >=, and a number or a range, as in C=0, W>=1 or DE=5..10";
        let begin = item.find(['=', '<', '>']).filter(|&begin| begin > 0);
        let (codes, rest) = item.split_at(begin.ok_or_else(|| malformed(COUNT, item, reason))?);
        let letters = parse_letters(COUNT, codes)?;
        if letters & AMINO_ACIDS != letters {
            return Err(malformed(COUNT, item, "X is never drawn and is not counted"));
        }
        let (minimum, maximum) = bounds(rest).ok_or_else(|| malformed(COUNT, item, reason))?;
        if minimum > maximum {
            return Err(malformed(COUNT, item, "ends below its beginning; write the smaller number first"));
        }
        if maximum < 0 || (minimum < 0 && minimum != i32::MIN) {
            return Err(malformed(COUNT, item, "a number of letters is 0 or more"));
        }
        counts.push(Goal { selection, text: item, letters: Some(letters), minimum, maximum });
    }
    if counts.is_empty() {
        return Err(malformed(COUNT, text, "names no letter; a count is written C=0 or W>=1"));
    }
    Ok(counts)
}

/// The selection before the last colon, and the rest.
fn scoped(text: &str) -> (Option<&str>, &str) {
    match text.rsplit_once(':') {
        Some((selection, goal)) => (Some(selection.trim()), goal.trim()),
        None => (None, text.trim()),
    }
}

/// `-5..0`, `..0`, `3..`, `7`, with or without `=` before; `<=3`, `>=-2`, `<3`, `>3`.
fn bounds(text: &str) -> Option<(i32, i32)> {
    // So large a number is out of reach in any case, and sums of some stay within i32.
    const MOST: i32 = 1_000_000;
    let number = |text: &str| text.trim().parse::<i32>().ok().filter(|number| number.abs() <= MOST);
    let text = text.trim();
    if let Some(most) = text.strip_prefix("<=") {
        return Some((i32::MIN, number(most)?));
    }
    if let Some(least) = text.strip_prefix(">=") {
        return Some((number(least)?, i32::MAX));
    }
    if let Some(beyond) = text.strip_prefix('<') {
        return Some((i32::MIN, number(beyond)? - 1));
    }
    if let Some(beyond) = text.strip_prefix('>') {
        return Some((number(beyond)? + 1, i32::MAX));
    }
    let text = text.strip_prefix("==").or_else(|| text.strip_prefix('=')).unwrap_or(text).trim();
    match text.split_once("..") {
        None => number(text).map(|exactly| (exactly, exactly)),
        Some(("", "")) => None,
        Some(("", most)) => Some((i32::MIN, number(most)?)),
        Some((least, "")) => Some((number(least)?, i32::MAX)),
        Some((least, most)) => Some((number(least)?, number(most)?)),
    }
}

fn malformed(field: &'static str, item: &str, reason: &str) -> SpecError {
    SpecError::Malformed { field, item: quoted(item), reason: reason.to_owned() }
}
