//! What can be said of a sequence without its structure: composition, charge, absorbance, hydrophobicity, motifs.
//!
//! Every property is a column of tables, filters and rankings: [`PropertySet::columns`] lists them and
//! [`PropertySet::values`] gives them in the same order.

mod charged_groups;
mod motif;
mod scales;

use fastmpnn::chemistry::Letter;
use fastmpnn::structure::Structure;
use fastmpnn::write::chains_by_id;

pub use motif::Motif;

use crate::error::{PipelineError, refusal};
use crate::message::Field;
use crate::table::{Column, Kind, Value};
use charged_groups::ChargedGroups;
use motif::{GLYCOSYLATION, PROTEASES};

/// The pH of `charge_ph7`.
const NEUTRAL_PH: f64 = 7.0;

/// The twenty amino acids, in the order of their columns.
const AMINO_ACIDS: &str = "ACDEFGHIKLMNPQRSTVWY";

/// The sequence of a chain as tables have it: one letter a residue. Any other character separates polymers, such as two
/// chains of one id; each has termini of its own, and no motif reaches from one into the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainSequence {
    /// The chain's id.
    pub id: String,
    /// Its letters.
    pub letters: String,
}

impl ChainSequence {
    /// The chains of a sequence on a structure, chains of one id together.
    pub fn of_structure(structure: &Structure, sequence: &[Letter]) -> Vec<ChainSequence> {
        let chains = chains_by_id(structure, sequence, '/').into_iter();
        chains.map(|(id, letters)| ChainSequence { id, letters }).collect()
    }

    /// The chains of a sequence that says nothing of their ids, which are then 1, 2, ….
    pub fn of_text(text: &str) -> Vec<ChainSequence> {
        let chains = polymers(text).zip(1..);
        chains.map(|(letters, number)| ChainSequence { id: format!("{number}"), letters: letters.to_owned() }).collect()
    }
}

fn polymers(letters: &str) -> impl Iterator<Item = &str> {
    letters.split(|character: char| !character.is_ascii_alphabetic()).filter(|polymer| !polymer.is_empty())
}

/// The properties of a sequence of one or more chains.
#[derive(Clone, Debug, PartialEq)]
pub struct SequenceProperties {
    /// The number of residues, unknown ones (X) included.
    pub length: usize,
    /// How often each amino acid occurs, in the order A, C, D, E, F, G, H, I, K, L, M, N, P, Q, R, S, T, V, W, Y.
    pub counts: [usize; 20],
    /// Lysines and arginines minus aspartates and glutamates, elementary charges.
    pub charge: i64,
    /// The net charge at pH 7 with the termini of each chain, elementary charges.
    pub charge_ph7: f64,
    /// The pH at which the net charge is 0; `None` without residues.
    pub isoelectric_point: Option<f64>,
    /// The molar absorption coefficient at 280 nm with all cysteines reduced, M⁻¹ cm⁻¹.
    pub epsilon_280: u64,
    /// The same with as many cystines as the cysteines can form, M⁻¹ cm⁻¹.
    pub epsilon_280_oxidized: u64,
    /// The mean hydropathy of the known residues (GRAVY); `None` without any.
    pub hydrophobicity: Option<f64>,
    /// The length of the longest run of one letter.
    pub longest_run: usize,
    /// Where an asparagine can be N-glycosylated, as chain and place in the chain's sequence from 1: `A:12`.
    pub glycosylation_sites: Vec<String>,
    /// The number of sites of each protease, in the order of their columns.
    pub protease_sites: Vec<usize>,
    /// The number of matches of each motif of the user.
    pub motifs: Vec<usize>,
}

/// A column of properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyColumn {
    /// Its name and the kind of its values.
    pub column: Column,
    /// What it is, with its unit.
    pub description: String,
}

/// The properties that are asked for: all of FastMPNN's own, and motifs of the user.
#[derive(Clone, Debug, Default)]
pub struct PropertySet {
    motifs: Vec<Motif>,
}

impl PropertySet {
    /// The properties with motifs such as `his=H{6}`: a name and a regular expression.
    pub fn new(motifs: &[String]) -> Result<PropertySet, PipelineError> {
        let refused = |error: String| refusal(format!("{}: {error}", Field("motif")));
        let motifs: Vec<Motif> =
            motifs.iter().map(|text| text.parse().map_err(refused)).collect::<Result<_, PipelineError>>()?;
        let twice =
            motifs.iter().enumerate().find(|(index, motif)| motifs[..*index].iter().any(|m| m.name == motif.name));
        match twice {
            Some((_, motif)) => Err(refused(format!("two motifs have the name {}", motif.name))),
            None => Ok(PropertySet { motifs }),
        }
    }

    /// The columns, in the order of [`PropertySet::values`].
    pub fn columns(&self) -> Vec<PropertyColumn> {
        let column = |name: &str, kind, description: &str| PropertyColumn {
            column: Column::new(name, kind),
            description: description.to_owned(),
        };
        let mut columns = vec![
            column("length", Kind::Integer, "number of residues"),
            column("charge", Kind::Integer, "K + R − D − E, elementary charges"),
            column("charge_ph7", Kind::Number, "net charge at pH 7 with the termini of each chain, elementary charges"),
            column("isoelectric_point", Kind::Number, "pH at which the net charge is 0"),
            column("epsilon_280", Kind::Integer, "molar absorption coefficient at 280 nm, cysteines reduced, M⁻¹ cm⁻¹"),
            column(
                "epsilon_280_oxidized",
                Kind::Integer,
                "molar absorption coefficient at 280 nm, cysteines paired, M⁻¹ cm⁻¹",
            ),
            column("hydrophobicity", Kind::Number, "mean Kyte–Doolittle hydropathy (GRAVY)"),
            column("longest_run", Kind::Integer, "longest run of one letter, residues"),
            column("glycosylation_motifs", Kind::Integer, "number of N-glycosylation motifs N[^P][ST]"),
            column("glycosylation_sites", Kind::Text, "their asparagines, such as A:12 A:40"),
        ];
        columns.extend(PROTEASES.iter().map(|protease| {
            let description = format!("number of {} sites {}", protease.name, protease.pattern);
            column(protease.column, Kind::Integer, &description)
        }));
        columns.extend(
            AMINO_ACIDS.chars().map(|letter| {
                column(&format!("count_{letter}"), Kind::Integer, &format!("number of residues {letter}"))
            }),
        );
        columns.extend(self.motifs.iter().map(|motif| {
            let description = format!("number of matches of {}", motif.pattern());
            column(&motif.column(), Kind::Integer, &description)
        }));
        columns
    }

    /// The properties of a sequence.
    pub fn of(&self, chains: &[ChainSequence]) -> SequenceProperties {
        let all: Vec<&str> = chains.iter().flat_map(|chain| polymers(&chain.letters)).collect();
        let counted = |letter: char| all.iter().map(|polymer| polymer.matches(letter).count()).sum::<usize>();
        let of = |letter: char| counted(letter) as i64;
        let mut counts = [0; 20];
        for (count, letter) in counts.iter_mut().zip(AMINO_ACIDS.chars()) {
            *count = counted(letter);
        }
        let groups = ChargedGroups::of(&all);
        let epsilon_280 = scales::absorption_reduced(counted('W'), counted('Y'));
        let everywhere = |motif: &Motif| all.iter().map(|polymer| motif.count(polymer)).sum();
        SequenceProperties {
            length: all.iter().map(|polymer| polymer.len()).sum(),
            counts,
            charge: of('K') + of('R') - of('D') - of('E'),
            charge_ph7: groups.charge(NEUTRAL_PH),
            isoelectric_point: groups.isoelectric_point(),
            epsilon_280,
            epsilon_280_oxidized: epsilon_280 + scales::absorption_of_cystines(counted('C') / 2),
            hydrophobicity: scales::mean_hydropathy(&all),
            longest_run: all.iter().map(|polymer| longest_run(polymer)).max().unwrap_or(0),
            glycosylation_sites: chains.iter().flat_map(glycosylation_sites).collect(),
            protease_sites: PROTEASES.iter().map(|protease| everywhere(&protease.motif)).collect(),
            motifs: self.motifs.iter().map(everywhere).collect(),
        }
    }

    /// The values of a sequence's properties, in the order of [`PropertySet::columns`].
    pub fn values(&self, properties: &SequenceProperties) -> Vec<Value> {
        let integer = |count: usize| Value::Integer(count as i64);
        let mut values = vec![
            integer(properties.length),
            Value::Integer(properties.charge),
            Value::rounded(Some(properties.charge_ph7)),
            Value::rounded(properties.isoelectric_point),
            Value::Integer(properties.epsilon_280 as i64),
            Value::Integer(properties.epsilon_280_oxidized as i64),
            Value::rounded(properties.hydrophobicity),
            integer(properties.longest_run),
            integer(properties.glycosylation_sites.len()),
            Value::Text(properties.glycosylation_sites.join(" ")),
        ];
        values.extend(properties.protease_sites.iter().map(|&count| integer(count)));
        values.extend(properties.counts.iter().map(|&count| integer(count)));
        values.extend(properties.motifs.iter().map(|&count| integer(count)));
        values
    }
}

fn longest_run(letters: &str) -> usize {
    let letters = letters.as_bytes();
    letters.chunk_by(|one, next| one == next).map(<[u8]>::len).max().unwrap_or(0)
}

fn glycosylation_sites(chain: &ChainSequence) -> Vec<String> {
    let mut sites = Vec::new();
    let mut before = 0;
    for polymer in polymers(&chain.letters) {
        sites.extend(GLYCOSYLATION.starts(polymer).map(|start| format!("{}:{}", chain.id, before + start + 1)));
        before += polymer.len();
    }
    sites
}

#[cfg(test)]
mod tests;
