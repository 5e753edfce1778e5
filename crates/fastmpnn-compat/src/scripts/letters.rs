//! `make_omit_AA.py`: letters that are not drawn, by position.
//!
//! The published script has its author's paths and positions in its text, to be edited. This one takes them as options.

use anyhow::{Context, Result, bail};

use super::arguments::{INPUT, OUTPUT};
use super::helper_script::HelperScript;
use super::outline::outlines;
use super::output::write;
use crate::console::Console;
use crate::python::argparse::{Parser, Takes, Values, flag};
use crate::python::json::{Json, Object};
use crate::python::text;

pub(super) const MAKE_OMITTED_LETTERS: HelperScript = HelperScript {
    parser: Parser {
        program: "make_omit_AA.py",
        flags: &[
            INPUT,
            OUTPUT,
            flag("--omit_list", Takes::Text, "", "chain:positions:letters, separated by commas: A:1-3 7 22:GPL,B:4:C"),
            flag("--name", Takes::Text, "", "the structure it is for; all structures if none is named"),
        ],
    },
    run,
};

fn run(values: &Values, _console: &mut dyn Console) -> Result<()> {
    let mut rules: Vec<(&str, Json)> = Vec::new();
    for rule in values.text("--omit_list").split(',').map(str::trim).filter(|rule| !rule.is_empty()) {
        let parts: Vec<&str> = rule.split(':').map(str::trim).collect();
        let [chain, places, letters] = parts[..] else { bail!("--omit_list: {rule:?} is not chain:positions:letters") };
        let places =
            positions(places).with_context(|| format!("--omit_list: {rule:?} has no positions such as 1-3 7"))?;
        rules.push((chain, Json::List(vec![Json::list(places, Json::Int), Json::text(letters)])));
    }
    let only = values.given("--name");
    let mut dictionary = Object::default();
    for outline in outlines(values, "--input_path")? {
        let meant = only.is_none_or(|name| name == outline.name);
        let mut chains = Object::default();
        for letter in outline.letters() {
            let own = rules.iter().filter(|(chain, _)| meant && *chain == letter).map(|(_, rule)| rule.clone());
            chains.insert(letter, Json::List(own.collect()));
        }
        dictionary.insert(outline.name, Json::Object(chains));
    }
    write(values, dictionary)
}

/// `1-3 7`
fn positions(list: &str) -> Option<Vec<i64>> {
    let mut positions = Vec::new();
    for word in list.split_whitespace() {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        positions.extend(text::parse_int(first)?..=text::parse_int(last)?);
    }
    Some(positions).filter(|positions| !positions.is_empty())
}
