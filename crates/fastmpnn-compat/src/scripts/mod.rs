//! The helper scripts that make the dictionaries of `protein_mpnn_run.py`.
//!
//! Source: `helper_scripts` of the published ProteinMPNN.

mod biases;
mod chains;
mod letters;
mod parsed;
mod positions;
mod pssm;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};

use super::python::argparse::{Parser, Values};
use super::python::json::{Json, Object};
use super::python::text;
use crate::console::Console;
use crate::outcome::WritingTo;

/// A helper script: its options, and what it does with them.
pub(super) struct Script {
    pub(super) parser: Parser,
    pub(super) run: fn(&Values, &mut dyn Console) -> Result<()>,
}

/// All of them.
pub(super) const SCRIPTS: [Script; 10] = [
    parsed::PARSE_MULTIPLE_CHAINS,
    chains::ASSIGN_FIXED_CHAINS,
    positions::MAKE_FIXED_POSITIONS,
    positions::MAKE_TIED_POSITIONS,
    positions::MAKE_POSITIVE_AND_NEGATIVE_TIES,
    biases::MAKE_BIAS_BY_LETTER,
    biases::MAKE_BIAS_BY_RESIDUE,
    pssm::MAKE_PSSM_INPUT,
    letters::MAKE_OMITTED_LETTERS,
    pssm::MAKE_PSSM,
];

/// What the scripts need to know of a parsed structure.
struct Outline {
    name: String,
    /// Chain letters and sequences, in the order of the file.
    chains: Vec<(String, String)>,
}

impl Outline {
    /// Chain letters, by letter.
    fn sorted(&self) -> Vec<&str> {
        let mut letters: Vec<&str> = self.chains.iter().map(|(letter, _)| letter.as_str()).collect();
        letters.sort_unstable();
        letters
    }

    /// How many residues the chain of that letter has.
    fn length(&self, letter: &str) -> Result<usize> {
        let chain = self.chains.iter().find(|(held, _)| held == letter);
        let chain = chain.with_context(|| format!("{}: there is no chain {letter}", self.name))?;
        Ok(chain.1.chars().count())
    }
}

/// The structures of a file of parsed structures.
fn outlines(values: &Values, flag: &str) -> Result<Vec<Outline>> {
    let path = needed(values, flag)?;
    let text = fs::read_to_string(path).with_context(|| format!("{path} cannot be read"))?;
    let mut outlines = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = || format!("{path}: line {}", index + 1);
        let json = Json::loads(line).map_err(|error| anyhow!(error)).with_context(place)?;
        let object =
            json.as_object().context("it is no parsed structure: an object is expected").with_context(place)?;
        let name = object.get("name").and_then(Json::as_text).context("it has no \"name\"").with_context(place)?;
        let chain = |(key, value): (&str, &Json)| {
            // The scripts take the last character of the key.
            let letter = key.strip_prefix("seq_chain")?.chars().last()?;
            Some((letter.to_string(), value.as_text()?.to_owned()))
        };
        outlines.push(Outline { name: name.to_owned(), chains: object.entries().filter_map(chain).collect() });
    }
    Ok(outlines)
}

/// A path that a script cannot do without, though it says that it can.
fn needed<'v>(values: &'v Values, flag: &str) -> Result<&'v str> {
    values.given(flag).with_context(|| format!("{flag} is missing"))
}

/// Writes a dictionary as one line.
fn write(values: &Values, dictionary: Object) -> Result<()> {
    let path = needed(values, "--output_path")?;
    write_text(path, &(Json::Object(dictionary).dumps() + "\n"))
}

fn write_text(path: &str, text: &str) -> Result<()> {
    if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        bail!("{path}: there is no folder {}", folder.display());
    }
    fs::write(path, text).writing_to(path)?;
    Ok(())
}

/// Words of an option.
fn words<'v>(values: &'v Values, flag: &str) -> Vec<&'v str> {
    values.text(flag).split_whitespace().collect()
}

/// `1 2 3, 4 5`: whole numbers, list by list.
fn number_lists(values: &Values, flag: &str) -> Result<Vec<Vec<i64>>> {
    let number = |word: &str| text::parse_int(word).with_context(|| format!("{flag}: {word:?} is no position"));
    values.text(flag).split(',').map(|list| list.split_whitespace().map(number).collect()).collect()
}

/// The list that belongs to the chain of that place.
fn list_of<'l>(lists: &'l [Vec<i64>], (place, chain): (usize, &str), flag: &str) -> Result<&'l [i64]> {
    let list = lists.get(place).with_context(|| format!("{flag}: it has no list for chain {chain}"))?;
    Ok(list)
}
