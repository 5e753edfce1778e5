//! A line of parsed structures as a structure.

use std::collections::BTreeMap;
use std::fmt;

use fastmpnn::chemistry::Letter;
use fastmpnn::error::StructureError;
use fastmpnn::structure::{AtomColumns, Point, ReadOptions, Structure, from_columns};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::text_of;
use crate::input::python_json::without_nan;

/// The atoms that are written, and their elements.
const ATOMS: [(&str, &str); 4] = [("N", "N"), ("CA", "C"), ("C", "C"), ("O", "O")];

/// A parsed structure: its chains in their order.
#[derive(Default)]
struct ParsedLine {
    chains: Vec<ParsedChain>,
}

#[derive(Default)]
struct ParsedChain {
    id: String,
    /// A letter for each residue; `-` where the numbering skips one, or the name has no letter.
    sequence: Option<String>,
    /// Of each kind of atom a position for each residue: `N_chain_A`.
    coordinates: BTreeMap<String, Vec<Position>>,
}

/// The position of an atom. That of CA alone is written as a list of one.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a position is not of the form [x, y, z]")]
enum Position {
    Point([Option<f32>; 3]),
    Only([[Option<f32>; 3]; 1]),
}

impl Position {
    /// `None` where the atom is missing.
    fn point(&self) -> Option<Point> {
        let (Position::Point(axes) | Position::Only([axes])) = self;
        let [Some(x), Some(y), Some(z)] = *axes else { return None };
        Some([x, y, z]).filter(|point| point.iter().all(|axis| axis.is_finite()))
    }
}

/// The structure of a line; `label` is what messages call it. Residues are numbered from 1 in each chain, and those
/// without atoms are gaps of the numbering, as they are where the file that was parsed is read itself.
pub(in super::super) fn structure_of(
    label: &str,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<Structure, StructureError> {
    let refused = |reason: String| StructureError::UnsupportedFormat { file: label.to_owned(), reason };
    let parsed: ParsedLine = serde_json::from_slice(&without_nan(text_of(bytes))).map_err(|error| {
        let text = error.to_string();
        let text = text.split(" at line ").next().unwrap_or_default();
        refused(format!("this is no parsed structure of ProteinMPNN: {text}"))
    })?;
    if parsed.chains.is_empty() {
        return Err(refused(
            "this is no parsed structure of ProteinMPNN: it has no seq_chain_A or the like".to_owned(),
        ));
    }
    let mut columns = AtomColumns::default();
    for chain in &parsed.chains {
        chain.add_to(&mut columns).map_err(|reason| refused(format!("chain {}: {reason}", chain.id)))?;
    }
    if columns.position.is_empty() {
        let reason = "all its atoms are missing".to_owned();
        return Err(StructureError::NoAtoms { file: label.to_owned(), reason });
    }
    from_columns(label, &columns, options)
}

impl ParsedChain {
    fn add_to(&self, columns: &mut AtomColumns) -> Result<(), String> {
        let id = &self.id;
        let sequence = self.sequence.as_deref().ok_or_else(|| format!("there is no seq_chain_{id}"))?;
        let count = sequence.chars().count();
        let positions = ATOMS.map(|(atom, _)| self.coordinates.get(&format!("{atom}_chain_{id}")));
        if positions[1].is_none() {
            return Err(format!("there is no CA_chain_{id}"));
        }
        for ((atom, _), positions) in ATOMS.iter().zip(positions) {
            if let Some(found) = positions.map(Vec::len).filter(|&found| found != count) {
                return Err(format!("{found} positions of {atom}, and {count} letters"));
            }
        }
        for (index, code) in sequence.chars().enumerate() {
            let letter = Letter::from_char(code).or((code == '-').then_some(Letter::X));
            let letter = letter.ok_or_else(|| {
                let code = code.escape_debug();
                format!("residue {}: `{code}` is not one of ACDEFGHIKLMNPQRSTVWYX-", index + 1)
            })?;
            for ((atom, element), positions) in ATOMS.iter().zip(positions) {
                let Some(point) = positions.and_then(|positions| positions[index].point()) else { continue };
                columns.chain.push(id.clone());
                columns.residue_number.push(i32::try_from(index + 1).unwrap_or(i32::MAX));
                columns.residue_name.push(letter.residue_name().to_owned());
                columns.atom_name.push((*atom).to_owned());
                columns.element.push((*element).to_owned());
                columns.position.push(point);
                columns.hetatm.push(false);
                columns.in_polymer.push(Some(true));
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for ParsedLine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ParsedLine, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

/// The chains of a structure are its entries, whose names end in the chain's.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = ParsedLine;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ParsedLine, A::Error> {
        let mut line = ParsedLine::default();
        while let Some(key) = map.next_key::<String>()? {
            if let Some(id) = key.strip_prefix("seq_chain_") {
                line.chain(id).sequence = Some(map.next_value()?);
            } else if let Some(id) = key.strip_prefix("coords_chain_") {
                line.chain(id).coordinates = map.next_value()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(line)
    }
}

impl ParsedLine {
    fn chain(&mut self, id: &str) -> &mut ParsedChain {
        let index = self.chains.iter().position(|chain| chain.id == id).unwrap_or_else(|| {
            self.chains.push(ParsedChain { id: id.to_owned(), ..ParsedChain::default() });
            self.chains.len() - 1
        });
        &mut self.chains[index]
    }
}
