//! The parts of a parsed structure that the scripts need.

use std::fs;

use anyhow::{Context, Result, anyhow};

use super::arguments::needed;
use crate::python::argparse::Values;
use crate::python::json::Json;

/// The name and the chains of a parsed structure.
pub(super) struct Outline {
    pub(super) name: String,
    /// The chains, in the order of the file.
    pub(super) chains: Vec<OutlineChain>,
}

/// A chain of a parsed structure.
pub(super) struct OutlineChain {
    pub(super) letter: String,
    /// One-letter codes.
    pub(super) sequence: String,
}

impl Outline {
    /// Chain letters, in the order of the file.
    pub(super) fn letters(&self) -> impl Iterator<Item = &str> {
        self.chains.iter().map(|chain| chain.letter.as_str())
    }

    /// Chain letters, sorted.
    pub(super) fn sorted(&self) -> Vec<&str> {
        let mut letters: Vec<&str> = self.letters().collect();
        letters.sort_unstable();
        letters
    }

    /// The number of residues in the chain called `letter`.
    pub(super) fn length(&self, letter: &str) -> Result<usize> {
        let chain = self.chains.iter().find(|chain| chain.letter == letter);
        let chain = chain.with_context(|| format!("{}: there is no chain {letter}", self.name))?;
        Ok(chain.sequence.chars().count())
    }
}

/// The structures of a file of parsed structures.
pub(super) fn outlines(values: &Values, flag: &str) -> Result<Vec<Outline>> {
    let path = needed(values, flag)?;
    let text = fs::read_to_string(path).with_context(|| format!("{path} cannot be read"))?;
    let mut outlines = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = || format!("{path}: line {}", index + 1);
        let json = Json::loads(line).map_err(|error| anyhow!(error)).with_context(place)?;
        let object =
            json.as_object().context("it is not a parsed structure: an object is expected").with_context(place)?;
        let name = object.get("name").and_then(Json::as_text).context("it has no \"name\"").with_context(place)?;
        let chain = |(key, value): (&str, &Json)| {
            // The scripts take the last character of the key.
            let letter = key.strip_prefix("seq_chain")?.chars().last()?;
            Some(OutlineChain { letter: letter.to_string(), sequence: value.as_text()?.to_owned() })
        };
        outlines.push(Outline { name: name.to_owned(), chains: object.entries().filter_map(chain).collect() });
    }
    Ok(outlines)
}
