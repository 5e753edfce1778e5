//! Parsed structures, and the lines of JSON that they are written to and read from.

use anyhow::{Context, Result, anyhow, bail};
use fastmpnn::structure::Point;

use crate::python::json::{Json, Object};

/// The positions of a residue's N, CA, C and O, Å; `None` for a missing atom.
pub(crate) type Backbone = [Option<Point>; 4];

/// The names of the backbone atoms, in that order.
pub(crate) const ATOMS: [&str; 4] = ["N", "CA", "C", "O"];

/// The index of CA in [`ATOMS`].
pub(crate) const ALPHA: usize = 1;

/// Stands for a residue without a letter.
pub(super) const GAP: char = '-';

/// A parsed structure.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// The letters of all chains, concatenated.
    pub(crate) sequence: String,
    pub(crate) chains: Vec<EntryChain>,
}

/// A chain of a parsed structure.
#[derive(Clone, Debug)]
pub(crate) struct EntryChain {
    pub(crate) letter: String,
    /// One-letter codes; `-` for gaps and unknown names.
    pub(crate) sequence: String,
    pub(crate) residues: Vec<Backbone>,
    /// Whether the coordinates are those of CA alone.
    pub(crate) alpha_only: bool,
}

impl Entry {
    /// Reads a line of parsed structures.
    pub(crate) fn of_json(line: &str) -> Result<Entry> {
        let json = Json::loads(line).map_err(|error| anyhow!(error))?;
        let object = json.as_object().context("it is not a parsed structure: an object is expected")?;
        let text = |key: &str| object.get(key).and_then(Json::as_text).with_context(|| format!("it has no {key:?}"));
        let name = text("name")?.to_owned();
        let mut chains = Vec::new();
        for key in object.keys() {
            let Some(letter) = key.strip_prefix("seq_chain_") else { continue };
            let chain = chain_of_json(object, letter).with_context(|| format!("{name}: chain {letter}"))?;
            chains.push(chain);
        }
        Ok(Entry { sequence: text("seq")?.to_owned(), name, chains })
    }

    /// The structure as a line of parsed structures.
    pub(crate) fn to_json(&self, alpha_only: bool) -> Json {
        let mut object = Object::default();
        for chain in &self.chains {
            let letter = &chain.letter;
            object.insert(format!("seq_chain_{letter}"), Json::text(&chain.sequence));
            let mut coordinates = Object::default();
            if alpha_only {
                let points = Json::list(&chain.residues, |atoms| Json::List(vec![point_to_json(atoms[ALPHA])]));
                coordinates.insert(format!("CA_chain_{letter}"), points);
            } else {
                for (index, atom) in ATOMS.iter().enumerate() {
                    let points = Json::list(&chain.residues, |atoms| point_to_json(atoms[index]));
                    coordinates.insert(format!("{atom}_chain_{letter}"), points);
                }
            }
            object.insert(format!("coords_chain_{letter}"), Json::Object(coordinates));
        }
        object.insert("name", Json::text(&self.name));
        object.insert("num_of_chains", Json::Int(self.chains.len() as i64));
        object.insert("seq", Json::text(&self.sequence));
        Json::Object(object)
    }

    /// The characters of its sequence that the published program refuses.
    pub(super) fn bad_characters(&self) -> Vec<char> {
        let mut bad: Vec<char> =
            self.sequence.chars().filter(|code| !"ACDEFGHIKLMNPQRSTVWYX-".contains(*code)).collect();
        bad.sort_unstable();
        bad.dedup();
        bad
    }

    /// The chain called `letter`.
    pub(super) fn chain(&self, letter: &str) -> Result<&EntryChain> {
        self.chains.iter().find(|chain| chain.letter == letter).with_context(|| {
            let present: Vec<&str> = self.chains.iter().map(|chain| chain.letter.as_str()).collect();
            format!("{}: there is no chain {letter}; its chains are {}", self.name, present.join(", "))
        })
    }
}

fn chain_of_json(object: &Object, letter: &str) -> Result<EntryChain> {
    let sequence = object.get(&format!("seq_chain_{letter}")).and_then(Json::as_text).context("it has no sequence")?;
    let coordinates =
        object.get(&format!("coords_chain_{letter}")).and_then(Json::as_object).context("it has no coordinates")?;
    let points = |atom: &str| coordinates.get(&format!("{atom}_chain_{letter}")).and_then(Json::as_list);
    let length = sequence.chars().count();
    let mut residues = vec![[None; 4]; length];
    for (index, atom) in ATOMS.iter().enumerate() {
        let Some(points) = points(atom) else { continue };
        if points.len() != length {
            bail!("{} {atom} atoms for {length} residues", points.len());
        }
        for (residue, point) in residues.iter_mut().zip(points) {
            residue[index] =
                point_of_json(point).with_context(|| format!("a position of {atom} is not of the form [x, y, z]"))?;
        }
    }
    if points("CA").is_none() {
        bail!("it has no CA atoms");
    }
    let alpha_only = ["N", "C", "O"].iter().any(|atom| points(atom).is_none());
    Ok(EntryChain { letter: letter.to_owned(), sequence: sequence.to_owned(), residues, alpha_only })
}

/// `Some(None)` for a missing atom.
fn point_of_json(json: &Json) -> Option<Option<Point>> {
    match json.as_list()? {
        // CA alone is written as a list of one atom.
        [inner @ Json::List(_)] => point_of_json(inner),
        [x, y, z] => {
            let point = [x.as_f64()? as f32, y.as_f64()? as f32, z.as_f64()? as f32];
            Some(Some(point).filter(|point| point.iter().all(|axis| axis.is_finite())))
        }
        _ => None,
    }
}

fn point_to_json(point: Option<Point>) -> Json {
    Json::list(point.unwrap_or([f32::NAN; 3]), Json::Single)
}
