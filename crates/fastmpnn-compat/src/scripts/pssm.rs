//! `make_pssm_input_dict.py` and `make_pssm_dict.py`: position-specific scores.

use std::fs;

use anyhow::{Context, Result, bail};
use fastmpnn::chemistry::{Letter, VOCABULARY};

use super::arguments::{INPUT, OUTPUT, needed};
use super::helper_script::HelperScript;
use super::outline::outlines;
use super::output::write;
use crate::console::Console;
use crate::python::argparse::{Parser, Values, optional};
use crate::python::json::{Json, Object};
use crate::python::npz::read_npz;

pub(super) const MAKE_PSSM_INPUT: HelperScript = HelperScript {
    parser: Parser {
        program: "make_pssm_input_dict.py",
        flags: &[
            optional("--PSSM_input_path", "folder of NAME.npz with CHAIN_coef, CHAIN_bias and CHAIN_odds"),
            optional("--jsonl_input_path", "file of parsed structures"),
            OUTPUT,
        ],
    },
    run: from_arrays,
};

/// The published script has its author's paths in its text, to be edited. This one takes them as options.
pub(super) const MAKE_PSSM: HelperScript = HelperScript {
    parser: Parser {
        program: "make_pssm_dict.py",
        flags: &[
            optional("--pssm_path", "a PSSM as PSI-BLAST prints it (-out_ascii_pssm), for every chain"),
            INPUT,
            OUTPUT,
        ],
    },
    run: from_matrix,
};

fn from_arrays(values: &Values, console: &mut dyn Console) -> Result<()> {
    let folder = needed(values, "--PSSM_input_path")?;
    let mut dictionary = Object::default();
    for outline in outlines(values, "--jsonl_input_path")? {
        let path = format!("{folder}/{}.npz", outline.name);
        console.line(&path);
        let bytes = fs::read(&path).with_context(|| format!("{path} cannot be read"))?;
        let arrays = read_npz(&bytes).with_context(|| path.clone())?;
        let mut chains = Object::default();
        for letter in outline.letters() {
            let mut scores = Object::default();
            for (key, array) in [("pssm_coef", "coef"), ("pssm_bias", "bias"), ("pssm_log_odds", "odds")] {
                let name = format!("{letter}_{array}");
                let array = arrays.iter().find(|array| array.name == name);
                let array = array.with_context(|| format!("{path}: it has no array {name}"))?;
                scores.insert(key, nested(&array.shape, &array.values));
            }
            chains.insert(letter, Json::Object(scores));
        }
        dictionary.insert(outline.name, Json::Object(chains));
    }
    write(values, dictionary)
}

/// An array as nested lists.
fn nested(shape: &[usize], values: &[f64]) -> Json {
    match shape {
        [] => values.first().map_or(Json::Null, |&value| Json::Float(value)),
        [_] => Json::list(values.iter().copied(), Json::Float),
        [_, inner @ ..] => {
            let size = inner.iter().product::<usize>().max(1);
            Json::list(values.chunks(size), |values| nested(inner, values))
        }
    }
}

fn from_matrix(values: &Values, _console: &mut dyn Console) -> Result<()> {
    let path = needed(values, "--pssm_path")?;
    let text = fs::read_to_string(path).with_context(|| format!("{path} cannot be read"))?;
    let log_odds: Vec<[f64; VOCABULARY]> = text.lines().filter_map(row_of_matrix).collect();
    if log_odds.is_empty() {
        bail!("{path}: it has no line of a number, a letter and 20 log odds");
    }
    let matrix = |make: fn(&[f64; VOCABULARY]) -> [f64; VOCABULARY]| {
        Json::list(&log_odds, |row| Json::list(make(row), Json::Float))
    };
    let mut dictionary = Object::default();
    for outline in outlines(values, "--input_path")? {
        let mut chains = Object::default();
        for letter in outline.letters() {
            let mut scores = Object::default();
            scores.insert("pssm_coef", Json::list(0..outline.length("A")?, |_| Json::Float(1.0)));
            scores.insert("pssm_bias", matrix(without_x));
            scores.insert("pssm_log_odds", matrix(|row| *row));
            chains.insert(letter, Json::Object(scores));
        }
        dictionary.insert(outline.name, Json::Object(chains));
    }
    write(values, dictionary)
}

/// The log odds of a line `12 M -1 -2 …`, in our order of letters; X has 0.
fn row_of_matrix(line: &str) -> Option<[f64; VOCABULARY]> {
    const ORDER: &str = "ARNDCQEGHILKMFPSTWYV";
    let mut words = line.split_whitespace();
    words.next()?.parse::<u32>().ok()?;
    Letter::from_char(words.next().filter(|word| word.len() == 1)?.chars().next()?)?;
    let mut row = [0.0; VOCABULARY];
    for letter in ORDER.chars().filter_map(Letter::from_char) {
        row[letter.index()] = words.next()?.parse().ok()?;
    }
    Some(row)
}

/// Softmax over all letters but X.
fn without_x(row: &[f64; VOCABULARY]) -> [f64; VOCABULARY] {
    let mut weights = row.map(f64::exp);
    weights[Letter::X.index()] = 0.0;
    let total: f64 = weights.iter().sum();
    weights.map(|weight| weight / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_is_put_in_our_order() {
        let line = "  1 M   -1 -2 -3 -4 5 -6 -7 -8 -9 10 11 12 13 14 15 16 17 18 19 20  0 0 0.5 1";
        let row = row_of_matrix(line).unwrap();
        assert_eq!((row[0], row[1], row[10], row[19], row[20]), (-1.0, 5.0, 13.0, 19.0, 0.0));
        assert_eq!(row_of_matrix("Last position-specific scoring matrix computed"), None);
        let total: f64 = without_x(&row).iter().sum();
        assert!((total - 1.0).abs() < 1e-12);
    }
}
