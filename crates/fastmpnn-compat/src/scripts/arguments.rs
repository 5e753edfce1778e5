//! Options that several scripts share, and the formats of their values.

use anyhow::{Context, Result};

use crate::python::argparse::{Flag, Values, optional};
use crate::python::text;

pub(super) const INPUT: Flag = optional("--input_path", "file of parsed structures");
pub(super) const OUTPUT: Flag = optional("--output_path", "dictionary to write");

/// A path that a script needs, although its help calls it optional.
pub(super) fn needed<'v>(values: &'v Values, flag: &str) -> Result<&'v str> {
    values.given(flag).with_context(|| format!("{flag} is missing"))
}

/// The words of an option's value.
pub(super) fn words<'v>(values: &'v Values, flag: &str) -> Vec<&'v str> {
    values.text(flag).split_whitespace().collect()
}

/// `1 2 3, 4 5`: whole numbers, list by list.
pub(super) fn number_lists(values: &Values, flag: &str) -> Result<Vec<Vec<i64>>> {
    let number = |word: &str| text::parse_int(word).with_context(|| format!("{flag}: {word:?} is not a position"));
    values.text(flag).split(',').map(|list| list.split_whitespace().map(number).collect()).collect()
}

/// The list of the chain at index `place`.
pub(super) fn list_of<'l>(lists: &'l [Vec<i64>], place: usize, chain: &str, flag: &str) -> Result<&'l [i64]> {
    let list = lists.get(place).with_context(|| format!("{flag}: it has no list for chain {chain}"))?;
    Ok(list)
}
