//! The JSON file that RFdiffusion3 writes beside each design: its `diffused_index_map` has, for each residue that was taken
//! from the input, its name there and its name in the design, `{"A17": "A1", "A18": "A2"}`.
//!
//! Source: `rfd3/metrics/design_metrics.py` and `rfd3/trainer/trainer_utils.py` of RosettaCommons/foundry.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The entry that is read.
pub(super) const INDEX_MAP: &str = "diffused_index_map";

#[derive(Deserialize)]
struct Metadata {
    diffused_index_map: Option<BTreeMap<String, String>>,
}

/// Chain and number, in the design, of the residues that were taken from the input.
pub(super) fn places(bytes: &[u8]) -> Result<Vec<(String, i64)>, String> {
    let read: Result<Metadata, _> = serde_json::from_slice(bytes);
    let metadata = read.map_err(|error| format!("cannot be read as a file of RFdiffusion3: {error}"))?;
    let map = metadata.diffused_index_map;
    let map = map.ok_or_else(|| format!("is no file of RFdiffusion3: it has no {INDEX_MAP}"))?;
    map.values().map(|name| place(name)).collect()
}

/// `A12` or `AA-3`: what stands before the number is the chain.
fn place(name: &str) -> Result<(String, i64), String> {
    let digits = name.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (chain, number) = name.split_at(name.len() - digits);
    let (chain, sign) = match chain.strip_suffix('-') {
        Some(chain) => (chain, -1),
        None => (chain, 1),
    };
    match number.parse::<i64>() {
        Ok(number) if !chain.is_empty() => Ok((chain.to_owned(), sign * number)),
        _ => {
            let name: String = name.chars().take(20).flat_map(char::escape_debug).collect();
            Err(format!("{INDEX_MAP}: `{name}` is not a chain and a number, such as A12"))
        }
    }
}
