//! `assign_fixed_chains.py`: which chains are designed and which are fixed.

use anyhow::Result;

use super::{Console, Object, Script, Values, outlines, words, write};
use crate::python::argparse::{Parser, Takes, flag, optional};
use crate::python::json::Json;

pub(super) const ASSIGN_FIXED_CHAINS: Script = Script {
    parser: Parser {
        program: "assign_fixed_chains.py",
        flags: &[
            optional("--input_path", "file of parsed structures"),
            optional("--output_path", "dictionary to write"),
            flag("--chain_list", Takes::Text, "", "chains to design; A where none is named"),
        ],
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
        let fixed =
            outline.chains.iter().map(|(letter, _)| letter).filter(|letter| !designed.contains(&letter.as_str()));
        let pair = vec![Json::list(designed.iter().copied(), Json::text), Json::list(fixed, Json::text)];
        dictionary.insert(outline.name, Json::List(pair));
    }
    write(values, dictionary)
}
