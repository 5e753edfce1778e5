//! `make_fixed_positions_dict.py`, `make_tied_positions_dict.py` and `make_pos_neg_tied_positions_dict.py`.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};

use super::arguments::{INPUT, OUTPUT, list_of, number_lists, words};
use super::helper_script::HelperScript;
use super::outline::{Outline, outlines};
use super::output::write;
use crate::console::Console;
use crate::python::argparse::{Flag, Parser, Takes, Values, flag, switch};
use crate::python::json::{Json, Object};
use crate::python::text;

const CHAINS: Flag = flag("--chain_list", Takes::Text, "", "chains that the positions are of");
const POSITIONS: Flag = flag("--position_list", Takes::Text, "", "positions, a list for each chain: 11 12 14, 1 2 3 4");
const COPIES: Flag = flag("--homooligomer", Takes::Int, "0", "1: tie all chains, position by position");

pub(super) const MAKE_FIXED_POSITIONS: HelperScript = HelperScript {
    parser: Parser {
        program: "make_fixed_positions_dict.py",
        flags: &[
            INPUT,
            OUTPUT,
            CHAINS,
            POSITIONS,
            switch("--specify_non_fixed", "the positions are those to design; all others are fixed"),
        ],
    },
    run: fixed,
};

pub(super) const MAKE_TIED_POSITIONS: HelperScript = HelperScript {
    parser: Parser { program: "make_tied_positions_dict.py", flags: &[INPUT, OUTPUT, CHAINS, POSITIONS, COPIES] },
    run: tied,
};

pub(super) const MAKE_POSITIVE_AND_NEGATIVE_TIES: HelperScript = HelperScript {
    parser: Parser {
        program: "make_pos_neg_tied_positions_dict.py",
        flags: &[
            INPUT,
            OUTPUT,
            CHAINS,
            POSITIONS,
            COPIES,
            flag("--pos_neg_chain_list", Takes::Text, "", "chains to tie, group by group: A B, C D"),
            flag("--pos_neg_chain_betas", Takes::Text, "", "a weight for each of these chains; negative ones repel"),
        ],
    },
    run: weighted,
};

fn fixed(values: &Values, _console: &mut dyn Console) -> Result<()> {
    let lists = number_lists(values, "--position_list")?;
    let named = words(values, "--chain_list");
    let mut dictionary = Object::default();
    for outline in outlines(values, "--input_path")? {
        let mut chains = Object::default();
        if values.switch("--specify_non_fixed") {
            for letter in outline.letters() {
                let all = 1..=outline.length(letter)? as i64;
                let designed = match named.iter().position(|&chain| chain == letter) {
                    Some(place) => list_of(&lists, place, letter, "--position_list")?,
                    None => &[],
                };
                chains.insert(letter, Json::list(all.filter(|position| !designed.contains(position)), Json::Int));
            }
        } else {
            for (place, &chain) in named.iter().enumerate() {
                let positions = list_of(&lists, place, chain, "--position_list")?;
                chains.insert(chain, Json::list(positions.iter().copied(), Json::Int));
            }
            for letter in outline.letters().filter(|letter| !named.contains(letter)) {
                chains.insert(letter, Json::List(Vec::new()));
            }
        }
        dictionary.insert(outline.name, Json::Object(chains));
    }
    write(values, dictionary)
}

fn tied(values: &Values, _console: &mut dyn Console) -> Result<()> {
    make_ties(values, |outline| {
        let letters = outline.sorted();
        let Some(first) = letters.first() else { return Ok(Vec::new()) };
        let group = |position: i64| {
            let mut group = Object::default();
            for &letter in &letters {
                group.insert(letter, Json::List(vec![Json::Int(position)]));
            }
            Json::Object(group)
        };
        Ok((1..=outline.length(first)? as i64).map(group).collect())
    })
}

fn weighted(values: &Values, _console: &mut dyn Console) -> Result<()> {
    let groups: Vec<Vec<&str>> =
        values.text("--pos_neg_chain_list").split(',').map(|group| group.split_whitespace().collect()).collect();
    let mut weights = HashMap::new();
    let betas = values.text("--pos_neg_chain_betas").split([',', ' ', '\t']).filter(|word| !word.is_empty());
    for (&chain, word) in groups.iter().flatten().zip(betas) {
        let weight =
            text::parse_float(word).with_context(|| format!("--pos_neg_chain_betas: {word:?} is not a weight"))?;
        weights.insert(chain, weight);
    }
    if values.truth("--homooligomer") && values.given("--pos_neg_chain_list").is_none() {
        bail!("--homooligomer needs --pos_neg_chain_list");
    }
    make_ties(values, |outline| {
        let letters = outline.sorted();
        let Some(first) = letters.first() else { return Ok(Vec::new()) };
        let length = outline.length(first)? as i64;
        let mut ties = Vec::new();
        for chains in &groups {
            for position in 1..=length {
                let mut group = Object::default();
                for &chain in chains {
                    let weight = weights.get(chain).copied();
                    let weight =
                        weight.with_context(|| format!("--pos_neg_chain_betas: chain {chain} has no weight"))?;
                    let parts = [Json::Int(position), Json::Float(weight)];
                    group.insert(chain, Json::list(parts, |part| Json::List(vec![part])));
                }
                ties.push(Json::Object(group));
            }
        }
        Ok(ties)
    })
}

/// The positions that are named, tied one by one; or with `--homooligomer` the ties that `copies` makes of the chains.
fn make_ties(values: &Values, copies: impl Fn(&Outline) -> Result<Vec<Json>>) -> Result<()> {
    let mut dictionary = Object::default();
    let lists = number_lists(values, "--position_list")?;
    let named = words(values, "--chain_list");
    for outline in outlines(values, "--input_path")? {
        let ties = if values.truth("--homooligomer") {
            copies(&outline)?
        } else {
            let count = lists.first().map_or(0, Vec::len);
            let mut ties = Vec::with_capacity(count);
            for index in 0..count {
                let mut group = Object::default();
                for (place, &chain) in named.iter().enumerate() {
                    let position = list_of(&lists, place, chain, "--position_list")?.get(index);
                    let position = position.with_context(|| {
                        format!("--position_list: the list of chain {chain} is shorter than the first")
                    })?;
                    group.insert(chain, Json::List(vec![Json::Int(*position)]));
                }
                ties.push(Json::Object(group));
            }
            ties
        };
        dictionary.insert(outline.name, Json::List(ties));
    }
    write(values, dictionary)
}
