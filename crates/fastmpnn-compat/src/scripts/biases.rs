//! `make_bias_AA.py` and `make_bias_per_res_dict.py`.

use anyhow::{Context, Result};
use fastmpnn::chemistry::VOCABULARY;

use super::arguments::{INPUT, OUTPUT, words};
use super::helper_script::HelperScript;
use super::outline::{OutlineChain, outlines};
use super::output::write;
use crate::console::Console;
use crate::python::argparse::{Parser, Takes, Values, flag};
use crate::python::json::{Json, Object};
use crate::python::text;

pub(super) const MAKE_BIAS_BY_LETTER: HelperScript = HelperScript {
    parser: Parser {
        program: "make_bias_AA.py",
        flags: &[
            OUTPUT,
            flag("--AA_list", Takes::Text, "", "letters"),
            flag("--bias_list", Takes::Text, "", "a bias for each of them"),
        ],
    },
    run: by_letter,
};

pub(super) const MAKE_BIAS_BY_RESIDUE: HelperScript =
    HelperScript { parser: Parser { program: "make_bias_per_res_dict.py", flags: &[INPUT, OUTPUT] }, run: by_residue };

fn by_letter(values: &Values, _console: &mut dyn Console) -> Result<()> {
    let mut dictionary = Object::default();
    let number =
        |word: &&str| text::parse_float(word).with_context(|| format!("--bias_list: {word:?} is not a number"));
    let biases = words(values, "--bias_list").iter().map(number).collect::<Result<Vec<f64>>>()?;
    for (letter, bias) in words(values, "--AA_list").into_iter().zip(biases) {
        dictionary.insert(letter, Json::Float(bias));
    }
    write(values, dictionary)
}

/// The published script has no options for its biases: it is an example to edit. These are its values.
fn by_residue(values: &Values, _console: &mut dyn Console) -> Result<()> {
    const RESIDUES: [usize; 11] = [0, 1, 2, 3, 4, 5, 11, 12, 13, 14, 15];
    let mut dictionary = Object::default();
    for outline in outlines(values, "--input_path")? {
        let mut chains = Object::default();
        for OutlineChain { letter: chain, sequence } in &outline.chains {
            let mut rows = vec![[0.0; VOCABULARY]; sequence.chars().count()];
            for residue in RESIDUES {
                let row = || rows_end(&outline.name, chain);
                match chain.as_str() {
                    // G and L.
                    "A" => {
                        let row = rows.get_mut(residue).with_context(row)?;
                        (row[5], row[9]) = (100.5, 100.5);
                    }
                    // All but A.
                    "C" => rows.get_mut(residue).with_context(row)?[1..].fill(-100.5),
                    _ => {}
                }
            }
            chains.insert(chain, Json::list(rows, |row| Json::list(row, Json::Float)));
        }
        dictionary.insert(outline.name, Json::Object(chains));
    }
    write(values, dictionary)
}

fn rows_end(name: &str, chain: &str) -> String {
    format!("{name}: chain {chain} is shorter than the 16 residues that the script biases")
}
