//! The names of samples: the same in FASTA headers, file names and tables, whether a sample is packed immediately or
//! later from its FASTA record.

use std::collections::{HashMap, HashSet};

use fastmpnn::decode::Design;

/// A sequence of a structure: a sample at a temperature, a record of a foreign FASTA file, or the native sequence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// The sample's number, from 1; `None` for the native sequence.
    pub number: Option<u64>,
    /// The sampling temperature, if known.
    pub temperature: Option<f32>,
}

impl Sample {
    /// The native sequence.
    pub const NATIVE: Sample = Sample { number: None, temperature: None };

    /// Of a design.
    pub fn of(design: &Design) -> Sample {
        Sample { number: Some(design.sample + 1), temperature: Some(design.temperature) }
    }

    /// `5L33_3`, with several temperatures `5L33_T0.1_3`; `5L33_native`.
    pub fn stem(&self, structure: &str, several_temperatures: bool) -> String {
        match *self {
            Sample { number: None, .. } => format!("{structure}_native"),
            Sample { number: Some(number), temperature: Some(temperature) } if several_temperatures => {
                format!("{structure}_T{temperature}_{number}")
            }
            Sample { number: Some(number), .. } => format!("{structure}_{number}"),
        }
    }
}

/// The stem as the first word of a FASTA header, which other programs take for the record's name.
pub fn first_word(stem: &str) -> String {
    let word = |code: char| if code.is_whitespace() || code.is_control() || code == ',' { '_' } else { code };
    stem.chars().map(word).collect()
}

/// A record of a FASTA file among those of its file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numbered {
    /// Which sample of the structure it is.
    pub sample: Sample,
    /// What keys the random numbers of its packings, beside the pack: a sample's number, 0 for the native sequence; for
    /// foreign records the place from 0.
    pub stream: u64,
}

/// The samples of a file, by their headers; where those do not say, or name a sample twice, by their places.
pub struct NumberedRecords {
    /// The records in their order.
    pub records: Vec<Numbered>,
    /// Whether their samples are of more than one temperature.
    pub several_temperatures: bool,
    /// The places of two records, from 1, that say they are the same sample.
    pub repeated: Option<(usize, usize)>,
}

impl NumberedRecords {
    /// Of the headers of a file.
    pub fn of<'a>(headers: impl IntoIterator<Item = &'a str>) -> NumberedRecords {
        let headers: Vec<&str> = headers.into_iter().collect();
        let samples: Option<Vec<Sample>> =
            headers.iter().enumerate().map(|(place, header)| sample_of(header, place)).collect();
        let by_place = || {
            let place = |place: u64| Sample { number: Some(place + 1), temperature: None };
            (0..headers.len() as u64).map(|index| Numbered { sample: place(index), stream: index }).collect()
        };
        let by_header = |samples: &[Sample]| {
            samples.iter().map(|&sample| Numbered { sample, stream: sample.number.unwrap_or(0) }).collect()
        };
        let (records, repeated): (Vec<Numbered>, _) = match &samples {
            Some(samples) if samples.iter().any(|sample| sample.number.is_some()) || samples.len() == 1 => {
                match repeated(samples) {
                    None => (by_header(samples), None),
                    repeated => (by_place(), repeated),
                }
            }
            _ => (by_place(), None),
        };
        let temperatures = records.iter().filter_map(|record| record.sample.temperature);
        let temperatures: HashSet<u32> = temperatures.map(f32::to_bits).collect();
        NumberedRecords { records, several_temperatures: temperatures.len() > 1, repeated }
    }
}

/// What a header says that FastMPNN, ProteinMPNN or LigandMPNN has written; `None` of a foreign one. The first record
/// is the native sequence where it has no sample.
fn sample_of(header: &str, place: usize) -> Option<Sample> {
    let field = |name: &str| header.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='));
    let temperature = field("T").and_then(|value| value.trim().parse().ok());
    let number = field("sample").or_else(|| field("id").filter(|_| temperature.is_some()));
    match number {
        Some(number) => {
            let number = number.trim().parse().ok().filter(|&number: &u64| number > 0);
            Some(Sample { number: Some(number?), temperature })
        }
        None if header.split(',').any(|field| field.trim() == "native") => Some(Sample::NATIVE),
        // The published scripts head the native sequence with the name and the seed.
        None if place == 0 && field("seed").is_some() => Some(Sample::NATIVE),
        None => None,
    }
}

/// Places of two equal ones.
fn repeated(samples: &[Sample]) -> Option<(usize, usize)> {
    let mut seen = HashMap::new();
    samples.iter().enumerate().find_map(|(place, sample)| {
        let key = (sample.number, sample.temperature.map(f32::to_bits));
        seen.insert(key, place).map(|before| (before + 1, place + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(headers: &[&str]) -> Vec<(Option<u64>, Option<f32>, u64)> {
        let records = NumberedRecords::of(headers.iter().copied()).records;
        records.iter().map(|record| (record.sample.number, record.sample.temperature, record.stream)).collect()
    }

    #[test]
    fn headers_of_the_three_programs_are_read() {
        let ours = ["x_native x, native, score=1, seed=37, model=m", "x_3 x, sample=3, T=0.1, score=1, seed=37"];
        assert_eq!(numbers(&ours), [(None, None, 0), (Some(3), Some(0.1), 3)]);
        // Without the native sequence, and in another order.
        let some = ["x_T0.5_9 x, sample=9, T=0.5", "x_T0.1_2 x, sample=2, T=0.1"];
        assert_eq!(numbers(&some), [(Some(9), Some(0.5), 9), (Some(2), Some(0.1), 2)]);
        assert!(NumberedRecords::of(some).several_temperatures);
        let protein = ["x, score=1.7, global_score=1.7, model_name=v_48_020, seed=37", "T=0.1, sample=1, score=0.8"];
        assert_eq!(numbers(&protein), [(None, None, 0), (Some(1), Some(0.1), 1)]);
        let ligand = ["x, T=0.1, seed=37, num_res=5, model_path=m", "x, id=1, T=0.1, seed=37"];
        assert_eq!(numbers(&ligand), [(None, None, 0), (Some(1), Some(0.1), 1)]);
    }

    #[test]
    fn foreign_records_are_numbered_by_their_places() {
        assert_eq!(numbers(&["a", "b"]), [(Some(1), None, 0), (Some(2), None, 1)]);
        // Two runs in one file.
        let twice = ["x, sample=1, T=0.1, seed=1", "x, sample=1, T=0.1, seed=2"];
        assert_eq!(numbers(&twice), [(Some(1), None, 0), (Some(2), None, 1)]);
        assert_eq!(NumberedRecords::of(twice).repeated, Some((1, 2)));
        // One that does not say among some that do.
        assert_eq!(numbers(&["x, sample=7, T=0.1", "b"]), [(Some(1), None, 0), (Some(2), None, 1)]);
        assert_eq!(numbers(&["native"]), [(None, None, 0)]);
        assert_eq!(NumberedRecords::of(["native"]).records[0].sample.stem("x", false), "x_native");
    }

    #[test]
    fn stems_and_first_words() {
        let third = Sample { number: Some(3), temperature: Some(0.1) };
        assert_eq!((third.stem("x", false).as_str(), third.stem("x", true).as_str()), ("x_3", "x_T0.1_3"));
        assert_eq!(first_word("my model, v2_3"), "my_model__v2_3");
    }
}
