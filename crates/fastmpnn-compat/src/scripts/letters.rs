//! `make_omit_AA.py`: letters that are not drawn, by position.
//!
//! The published script has paths and positions of its author's in its text, to be edited. This one takes them as options.

use anyhow::{Context, Result, bail};

use super::{Console, Object, Script, Values, outlines, write};
use crate::python::argparse::{Parser, Takes, flag, optional};
use crate::python::json::Json;
use crate::python::text;

pub(super) const MAKE_OMITTED_LETTERS: Script = Script {
    parser: Parser {
        program: "make_omit_AA.py",
        flags: &[
            optional("--input_path", "file of parsed structures"),
            optional("--output_path", "dictionary to write"),
            flag("--omit_list", Takes::Text, "", "chain:positions:letters, separated by commas: A:1-3 7 22:GPL,B:4:C"),
            flag("--name", Takes::Text, "", "the structure it is for; all of them where none is named"),
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
        for (letter, _) in &outline.chains {
            let own = rules.iter().filter(|(chain, _)| meant && chain == letter).map(|(_, rule)| rule.clone());
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
