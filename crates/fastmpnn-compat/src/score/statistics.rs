//! The results that `score.py` saves: a dictionary of NumPy arrays and numbers.

use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::score::log_likelihood;

use crate::ligand::parsed::ParsedStructure;
use crate::python::torch_file::{NumberArray, Numbers, Value};

/// Logits by residue and letter. `[N, V]`
pub(super) type Logits = Vec<[f32; VOCABULARY]>;

/// The decoding orders of all samples, S of them.
#[derive(Clone, Debug)]
pub(super) enum SavedOrders {
    /// Whole numbers, `[S, N]`.
    Along(Vec<i64>),
    /// An order for each residue, as floats: `[S, N, N]`.
    Single(Vec<f32>),
}

/// Which residues are to be designed.
#[derive(Clone, Debug)]
pub(super) struct ChainMask {
    /// `[N]`
    pub(super) chosen: Vec<bool>,
    /// Whether the numbers have 64 bits, as torch makes them if residues are named, instead of 32.
    pub(super) wide: bool,
}

/// All saved results of a structure.
#[derive(Debug)]
pub(super) struct Scores<'a> {
    pub(super) parsed: &'a ParsedStructure,
    /// The logits of each sample.
    pub(super) logits: Vec<Logits>,
    pub(super) orders: SavedOrders,
    pub(super) chain_mask: ChainMask,
    pub(super) seed: u64,
}

impl Scores<'_> {
    pub(super) fn value(&self) -> Value {
        let (samples, length) = (self.logits.len(), self.parsed.len());
        let logits = self.logits.concat();
        let log_probabilities: Vec<f32> = logits.iter().flat_map(log_likelihood).collect();
        let probabilities: Vec<f32> = log_probabilities.iter().map(|value| value.exp()).collect();
        let cube = |values: Vec<f32>| array(&[samples, length, VOCABULARY], Numbers::Float32(values));
        let whole = |flags: &[bool]| Numbers::Int32(flags.iter().map(|&flag| i32::from(flag)).collect());
        let native = self.parsed.native();
        let ChainMask { chosen, wide } = &self.chain_mask;
        let chosen = match wide {
            true => Numbers::Int64(chosen.iter().map(|&flag| i64::from(flag)).collect()),
            false => whole(chosen),
        };
        let (mean, deviation) = mean_and_deviation(&probabilities, samples);
        let alphabet: Vec<String> = Letter::all().map(|letter| letter.to_char().to_string()).collect();
        let letters = native.iter().map(|letter| alphabet[letter.index()].as_str());
        let names = (0..).zip(&self.parsed.names);
        let names = names.map(|(index, name)| (Value::Int(index), Value::Text(name.clone()))).collect();
        let by_letter = |values: &[f32]| {
            let rows = self.parsed.names.iter().zip(values.chunks_exact(VOCABULARY));
            let row = |(name, row): (&_, &[f32])| -> (Value, Value) {
                let row = alphabet.iter().map(String::as_str).zip(row.iter().map(|&value| Value::Scalar(value)));
                (Value::Text(String::clone(name)), Value::dictionary(row))
            };
            Value::Dictionary(rows.map(row).collect())
        };
        let orders = match &self.orders {
            SavedOrders::Along(orders) => array(&[samples, length], Numbers::Int64(orders.clone())),
            SavedOrders::Single(orders) => array(&[samples, length, length], Numbers::Float32(orders.clone())),
        };
        Value::dictionary([
            ("logits", cube(logits.as_flattened().to_vec())),
            ("probs", cube(probabilities)),
            ("log_probs", cube(log_probabilities)),
            ("decoding_order", orders),
            (
                "native_sequence",
                array(&[length], Numbers::Int32(native.iter().map(|letter| letter.index() as i32).collect())),
            ),
            ("mask", array(&[length], whole(&self.parsed.resolved()))),
            ("chain_mask", array(&[length], chosen)),
            ("seed", Value::Int(self.seed as i64)),
            ("alphabet", Value::texts(alphabet.iter().map(String::as_str))),
            ("residue_names", Value::Dictionary(names)),
            ("sequence", Value::texts(letters)),
            ("mean_of_probs", by_letter(&mean)),
            ("std_of_probs", by_letter(&deviation)),
        ])
    }
}

fn array(shape: &[usize], numbers: Numbers) -> Value {
    Value::Array(NumberArray { shape: shape.to_vec(), numbers })
}

/// Mean and standard deviation over the samples, added in single precision and in the samples' order, as in NumPy.
fn mean_and_deviation(values: &[f32], samples: usize) -> (Vec<f32>, Vec<f32>) {
    let size = values.len() / samples;
    let count = samples as f32;
    let mean_of = |term: &dyn Fn(usize, f32) -> f32| -> Vec<f32> {
        let mut total: Vec<f32> = (0..size).map(|place| term(place, values[place])).collect();
        for row in values.chunks_exact(size).skip(1) {
            for (place, &value) in row.iter().enumerate() {
                total[place] += term(place, value);
            }
        }
        total.into_iter().map(|total| total / count).collect()
    };
    let mean = mean_of(&|_, value| value);
    let variance = mean_of(&|place, value| (value - mean[place]) * (value - mean[place]));
    let deviation = variance.into_iter().map(f32::sqrt).collect();
    (mean, deviation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_deviations_are_over_samples() {
        let (mean, deviation) = mean_and_deviation(&[1.0, 0.0, 3.0, 0.5], 2);
        assert_eq!((mean, deviation), (vec![2.0, 0.25], vec![1.0, 0.25]));
        assert_eq!(mean_and_deviation(&[0.1, 0.7], 1), (vec![0.1, 0.7], vec![0.0, 0.0]));
    }
}
