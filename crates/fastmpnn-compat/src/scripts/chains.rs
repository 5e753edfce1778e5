//! `assign_fixed_chains.py`: which chains are designed and which are fixed.

use anyhow::Result;

use super::arguments::{INPUT, OUTPUT, words};
use super::helper_script::HelperScript;
use super::outline::outlines;
use super::output::write;
use crate::console::Console;
use crate::python::argparse::{Parser, Takes, Values, flag};
use crate::python::json::{Json, Object};

pub(super) const ASSIGN_FIXED_CHAINS: HelperScript = HelperScript {
    parser: Parser {
        program: "assign_fixed_chains.py",
        flags: &[INPUT, OUTPUT, flag("--chain_list", Takes::Text, "", "chains to design; A where none is named")],
    },
    run,
};

fn run(values: &Values, _console: &mut dyn Console) -> Result<()> {
    let mut designed = words(values, "--chain_list");
    if designed.is_empty() {
        designed.push("A");
    }
    let mut dictionary = Object::default();
    for outline in outlines(values, "--input_path")? {
        let fixed = outline.letters().filter(|letter| !designed.contains(letter));
        let pair = vec![Json::list(designed.iter().copied(), Json::text), Json::list(fixed, Json::text)];
        dictionary.insert(outline.name, Json::List(pair));
    }
    write(values, dictionary)
}
