//! The JSON file that RFdiffusion3 writes beside each design. Read are
//!
//! - `diffused_index_map`: for each residue that was taken from the input, its name there and its name in the design,
//!   `{"A17": "A1", "A18": "A2"}`, chain and number without anything between;
//! - `specification`, which is there unless `output_full_json=False` left it out: which of these residues have their place
//!   alone from the input, and not their letter. Those are named as in the input: `select_unfixed_sequence` is true for all,
//!   a text such as `A20-35,B7`, or an object with such texts as keys and atoms as values; `redesign_motif_sidechains` is true
//!   or a text; the older form of the specification says `unfix_sequence` instead.
//!
//! Source: `_build_predicted_atom_array_stack` of `rfd3/trainer/rfd3.py`, `process_unindexed_outputs` of `rfd3/trainer/trainer_utils.py`,
//! `RFD3Output.dump` of `rfd3/engine.py`, `InputSelection` of `rfd3/inference/parsing.py` and both `input_parsing.py` in
//! RosettaCommons/foundry, commit fb62080 of June 2026.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The entry that is read.
pub(super) const INDEX_MAP: &str = "diffused_index_map";

/// Where letters are said to be free.
const UNFIXED: [&str; 3] = ["select_unfixed_sequence", "unfix_sequence", "redesign_motif_sidechains"];

#[derive(Deserialize)]
struct Metadata {
    diffused_index_map: Option<BTreeMap<String, String>>,
    #[serde(default)]
    specification: Value,
}

/// The names, in the design, of the residues whose letters were taken from the input.
pub(super) fn names(bytes: &[u8]) -> Result<Vec<String>, String> {
    let read: Result<Metadata, _> = serde_json::from_slice(bytes);
    let metadata = read.map_err(|error| format!("cannot be read as a file of RFdiffusion3: {error}"))?;
    let map = metadata.diffused_index_map;
    let map = map.ok_or_else(|| format!("is no file of RFdiffusion3: it has no {INDEX_MAP}"))?;
    let unfixed: Vec<&Value> = UNFIXED.iter().map(|field| &metadata.specification[*field]).collect();
    let is_kept = |source: &str| !unfixed.iter().any(|selection| selects(selection, source));
    Ok(map.into_iter().filter(|(source, _)| is_kept(source)).map(|(_, name)| name).collect())
}

/// Chain and number that a name may mean, the shortest chain that is not empty first: `AA-3`, or `A12`, which is residue 2 of
/// a chain A1 where there is one and no residue 12 of chain A.
pub(super) fn places(name: &str) -> Result<Vec<(String, i64)>, String> {
    let digits = name.bytes().rev().take_while(u8::is_ascii_digit).count();
    let first = name.len() - digits;
    let cut = |at: usize| {
        let (chain, number) = name.split_at(at);
        let (chain, sign) = match chain.strip_suffix('-') {
            Some(chain) => (chain, -1),
            None => (chain, 1),
        };
        let number: i64 = number.parse().ok()?;
        (!chain.is_empty() && !chain.starts_with(|code: char| code.is_ascii_digit()))
            .then(|| (chain.to_owned(), sign * number))
    };
    let places: Vec<(String, i64)> = (first..name.len()).filter_map(cut).collect();
    if places.is_empty() {
        let name: String = name.chars().take(20).flat_map(char::escape_debug).collect();
        return Err(format!("{INDEX_MAP}: `{name}` is not a chain and a number, such as A12"));
    }
    Ok(places)
}

/// Whether a selection of RFdiffusion3 has a residue of the input.
fn selects(selection: &Value, source: &str) -> bool {
    match selection {
        Value::Bool(all) => *all,
        Value::String(text) => has(text, source),
        // The values are atoms: a text, which is empty for none, or a list.
        Value::Object(parts) => parts.iter().any(|(text, atoms)| {
            let none = atoms.as_str().is_some_and(str::is_empty) || atoms.as_array().is_some_and(Vec::is_empty);
            !none && has(text, source)
        }),
        _ => false,
    }
}

/// Whether `A5-10,B1` has a residue. Other parts, such as names of ligands, have none.
fn has(text: &str, source: &str) -> bool {
    let Some((chain, number)) = residue(source) else { return false };
    text.split(',').any(|part| {
        let (first, last) = part.trim().split_once('-').unwrap_or((part.trim(), ""));
        let Some((of, first)) = residue(first) else { return false };
        let last = if last.is_empty() { Some(first) } else { last.parse().ok() };
        of == chain && last.is_some_and(|last| (first..=last).contains(&number))
    })
}

/// A chain of one letter, and a number.
fn residue(text: &str) -> Option<(char, u32)> {
    let chain = text.chars().next().filter(char::is_ascii_alphabetic)?;
    Some((chain, text[1..].parse().ok()?))
}
