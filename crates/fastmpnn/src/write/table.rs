//! Tables as CSV (RFC 4180): one header line, decimal points, empty fields for missing values.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use crate::chemistry::{Letter, VOCABULARY};
use crate::structure::Structure;

/// One scored sequence.
#[derive(Clone, Debug, Serialize)]
pub struct ScoreRow {
    /// The structure's name.
    pub name: String,
    /// `native`, or the header of the FASTA record.
    pub record: String,
    /// Mean −ln p over the designed residues, nats; the mean over the decoding orders.
    #[serde(serialize_with = "rounded")]
    pub score: Option<f64>,
    /// Standard deviation of the score over the decoding orders; with one order there is none.
    #[serde(serialize_with = "rounded")]
    pub score_deviation: Option<f64>,
    /// Mean −ln p over all residues with a backbone, nats.
    #[serde(serialize_with = "rounded")]
    pub global_score: Option<f64>,
    /// The fraction of designed residues with a known native letter that have that letter.
    #[serde(serialize_with = "rounded")]
    pub recovery: Option<f64>,
    /// The number of residues that the score is averaged over.
    pub residues: usize,
    /// The number of decoding orders that it is averaged over.
    pub orders: u32,
}

/// One residue of a scored sequence.
#[derive(Clone, Debug, Serialize)]
pub struct ResidueScoreRow {
    /// The structure's name.
    pub name: String,
    /// `native`, or the header of the FASTA record.
    pub record: String,
    /// The author's chain id.
    pub chain: String,
    /// The author's residue number.
    pub number: i32,
    /// The insertion code.
    pub insertion: Option<char>,
    /// The letter of the file.
    pub native: char,
    /// The letter that is scored.
    pub letter: char,
    /// Whether the score of the sequence counts this residue.
    pub counted: bool,
    /// −ln p of the letter, nats; none without a backbone. This and the following values are means over the decoding
    /// orders.
    #[serde(serialize_with = "rounded")]
    pub score: Option<f64>,
    /// p of the letter.
    #[serde(serialize_with = "rounded")]
    pub probability: Option<f64>,
    /// Entropy of the distribution over the 21 letters, nats.
    #[serde(serialize_with = "rounded")]
    pub entropy: Option<f64>,
    /// The most likely letter.
    pub likeliest: Option<char>,
}

/// A packing of a sequence.
#[derive(Clone, Debug, Serialize)]
pub struct PackRow {
    /// The structure's name.
    pub name: String,
    /// Which sample, from 1; of a foreign FASTA file the place of the record; none of the native sequence.
    pub sample: Option<u64>,
    /// The temperature that it was drawn at, where that is known.
    pub temperature: Option<f32>,
    /// `native`, or the header of the FASTA record.
    pub record: String,
    /// Number of the pack, from 1.
    pub pack: u64,
    /// The seed.
    pub seed: u64,
    /// Pairs of atoms that are too close ([`clashes`](crate::score::clashes)).
    pub clashes: usize,
    /// The mean log density of the torsions that were packed, nats per radian.
    pub log_density: f64,
    /// How many residues were packed.
    pub residues: usize,
    /// The file of the structure, where there is one.
    pub file: Option<String>,
    /// The letters, with a separator between chains.
    pub sequence: String,
}

/// The columns of packings: the fields of [`PackRow`].
const PACK_COLUMNS: [&str; 11] = [
    "name",
    "sample",
    "temperature",
    "record",
    "pack",
    "seed",
    "clashes",
    "log_density",
    "residues",
    "file",
    "sequence",
];

/// Six decimals: more is below what single precision holds.
#[expect(clippy::ref_option, reason = "the signature that serde's attribute calls for")]
fn rounded<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(|value| (value * 1e6).round() / 1e6).serialize(serializer)
}

/// Writes packings in the order they come; the header line only with the first rows.
pub fn write_packs(mut out: impl Write, with_header: bool, rows: &[PackRow]) -> io::Result<()> {
    if with_header {
        // serde names the columns by the first row, and there may be none.
        writeln!(out, "{}", PACK_COLUMNS.join(","))?;
    }
    write_rows(out, false, rows)
}

/// Writes scores; the header line only with the first rows.
pub fn write_scores(out: impl Write, with_header: bool, rows: &[ScoreRow]) -> io::Result<()> {
    write_rows(out, with_header, rows)
}

/// Writes scores by residue; the header line only with the first rows.
pub fn write_residue_scores(out: impl Write, with_header: bool, rows: &[ResidueScoreRow]) -> io::Result<()> {
    write_rows(out, with_header, rows)
}

fn write_rows<R: Serialize>(out: impl Write, with_header: bool, rows: &[R]) -> io::Result<()> {
    let mut table = csv::WriterBuilder::new().has_headers(with_header).from_writer(out);
    for row in rows {
        table.serialize(row).map_err(plain)?;
    }
    table.flush()
}

/// Writes a value for each letter at each residue `[N, V]`: name, chain, number, insertion code, native letter, whether
/// the residue has a backbone, then a column for each of the 21 letters. The header line is optional.
pub fn write_letter_table(
    out: impl Write,
    with_header: bool,
    structure: &Structure,
    values: &[[f32; VOCABULARY]],
) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    if with_header {
        let columns = ["name", "chain", "number", "insertion", "native", "resolved"].map(str::to_owned);
        table.write_record(columns.into_iter().chain(Letter::all().map(|letter| letter.to_string()))).map_err(plain)?;
    }
    for (index, (residue, values)) in structure.residues.iter().zip(values).enumerate() {
        let id = &residue.id;
        let place = [
            structure.name.clone(),
            id.chain.to_string(),
            id.number.to_string(),
            id.insertion.map(String::from).unwrap_or_default(),
            residue.letter.to_string(),
            structure.is_resolved(index).to_string(),
        ];
        table.write_record(place.into_iter().chain(values.iter().map(f32::to_string))).map_err(plain)?;
    }
    table.flush()
}

/// The system's error where there is one: a closed pipe must stay recognizable.
pub(super) fn plain(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_packings_are_their_fields() {
        let row = PackRow {
            name: "a".to_owned(),
            sample: Some(3),
            temperature: Some(0.1),
            record: "x, y".to_owned(),
            pack: 2,
            seed: 37,
            clashes: 1,
            log_density: 1.5,
            residues: 3,
            file: Some("packed/a_3_2.pdb".to_owned()),
            sequence: "AC/D".to_owned(),
        };
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        write_packs(&mut ours, true, std::slice::from_ref(&row)).unwrap();
        write_rows(&mut theirs, true, &[row]).unwrap();
        assert_eq!(ours, theirs);
        assert!(ours.ends_with(b"\na,3,0.1,\"x, y\",2,37,1,1.5,3,packed/a_3_2.pdb,AC/D\n"));
    }

    #[test]
    fn missing_values_are_empty_and_names_are_quoted() {
        let row = ScoreRow {
            name: "a".to_owned(),
            record: "x, sample=1".to_owned(),
            score: Some(1.0 / 3.0),
            score_deviation: None,
            global_score: Some(2.0),
            recovery: None,
            residues: 7,
            orders: 1,
        };
        let mut text = Vec::new();
        write_scores(&mut text, true, &[row]).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "name,record,score,score_deviation,global_score,recovery,residues,orders\n\
             a,\"x, sample=1\",0.333333,,2.0,,7,1\n"
        );
    }
}
