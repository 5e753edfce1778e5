//! The options about residues of each structure: fixed and designed residues, biases, omitted letters, residues that
//! share a letter, membrane labels.
//!
//! As in the scripts, a residue that an option names but the structure lacks is silently ignored; among residues that
//! share a letter it is an error.
//!
//! Source: the published `run.py`.

use std::collections::HashMap;
use std::fs;

use anyhow::{Context, Result, anyhow, bail};
use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::spec::TiedGroup;

use super::parsed::ParsedStructure;
use super::settings::words;
use crate::python::argparse::Values;
use crate::python::json::{Json, Object};
use crate::python::text;

/// Subtracted from the logits of omitted letters.
const OMITTED: f32 = 1e8;

/// The options about residues, for all structures of a run.
#[derive(Clone, Debug)]
pub(super) struct ResidueOptions {
    fixed: ByPath<Vec<String>>,
    redesigned: ByPath<Vec<String>>,
    /// −1e8 for each omitted letter, and the biases by letter. `[V]`
    bias: [f32; VOCABULARY],
    residue_bias: Option<ByPath<Object>>,
    residue_omit: Option<ByPath<Object>>,
    chains: Vec<String>,
    symmetry: Vec<Vec<String>>,
    weights: Vec<Vec<f32>>,
    homo_oligomer: bool,
}

/// A value that is the same for all structures, or given by path.
#[derive(Clone, Debug)]
enum ByPath<T> {
    All(T),
    Each(HashMap<String, T>, &'static str),
}

impl<T> ByPath<T> {
    fn of(&self, path: &str) -> Result<&T> {
        match self {
            ByPath::All(value) => Ok(value),
            ByPath::Each(values, flag) => {
                values.get(path).with_context(|| format!("{flag}: it has no entry for {path}"))
            }
        }
    }
}

/// The options resolved for a structure; arrays by residue, N of them.
#[derive(Clone, Debug)]
pub(super) struct ResiduePlan {
    /// `chain_mask`: whether a residue is to be designed, whether or not it has a backbone.
    pub(super) chosen: Vec<bool>,
    /// Whether residues were named as fixed or redesigned.
    pub(super) names_residues: bool,
    /// The biases by residue and letter, and −1e8 for omitted letters; nats at T = 1. `[N, V]`
    pub(super) bias: Vec<[f32; VOCABULARY]>,
    /// Groups that share a letter; `None` if residues are decoded one by one.
    pub(super) ties: Option<Vec<TiedGroup>>,
}

impl ResidueOptions {
    /// Reads the options, and the files they name.
    pub(super) fn load(values: &Values) -> Result<ResidueOptions> {
        let residues = |one: &'static str, multi: &'static str| -> Result<ByPath<Vec<String>>> {
            let Some(path) = values.given(multi) else {
                return Ok(ByPath::All(split(values.text(one))));
            };
            let list = |json: &Json| Some(split(json.as_text()?));
            by_path(path, multi, list)
        };
        let dictionary = |one: &'static str, multi: &'static str| -> Result<Option<ByPath<Object>>> {
            if let Some(path) = values.given(multi) {
                return Ok(Some(by_path(path, multi, |json| json.as_object().cloned())?));
            }
            values.given(one).map(|path| Ok(ByPath::All(load_object(path, one)?))).transpose()
        };
        let mut bias = [0.0; VOCABULARY];
        for letter in Letter::all().filter(|letter| values.text("--omit_AA").contains(letter.to_char())) {
            bias[letter.index()] = -OMITTED;
        }
        let mut by_letter = [0.0; VOCABULARY];
        for item in values.given("--bias_AA").into_iter().flat_map(|text| text.split(',')) {
            let (letter, number) = letter_bias(item).ok_or_else(|| {
                anyhow!(
                    "--bias_AA: {item:?} is not a letter and a bias, such as A:-1.5; the letters are ACDEFGHIKLMNPQRSTVWYX"
                )
            })?;
            by_letter[letter.index()] = number;
        }
        for (total, number) in bias.iter_mut().zip(by_letter) {
            *total += number;
        }
        let list =
            |name: &str, separator: char| values.given(name).map_or_else(Vec::new, |text| words(text, separator));
        let weights = list("--symmetry_weights", '|').into_iter().map(|group| {
            let number = |word: &str| text::parse_float(word).map(|number| number as f32);
            let numbers: Option<Vec<f32>> = group.split(',').map(number).collect();
            numbers.ok_or_else(|| anyhow!("--symmetry_weights: {group:?} is not a list of numbers, such as 1.0,-0.5"))
        });
        Ok(ResidueOptions {
            fixed: residues("--fixed_residues", "--fixed_residues_multi")?,
            redesigned: residues("--redesigned_residues", "--redesigned_residues_multi")?,
            bias,
            residue_bias: dictionary("--bias_AA_per_residue", "--bias_AA_per_residue_multi")?,
            residue_omit: dictionary("--omit_AA_per_residue", "--omit_AA_per_residue_multi")?,
            chains: list("--chains_to_design", ','),
            symmetry: list("--symmetry_residues", '|').iter().map(|group| words(group, ',')).collect(),
            weights: weights.collect::<Result<_>>()?,
            homo_oligomer: values.truth("--homo_oligomer"),
        })
    }

    /// Resolves the options for the structure at `path`.
    pub(super) fn resolve(&self, path: &str, parsed: &ParsedStructure) -> Result<ResiduePlan> {
        let (redesigned, fixed) = (self.redesigned.of(path)?, self.fixed.of(path)?);
        let chosen = chosen(parsed, &self.chains, redesigned, fixed);
        let names_residues = !redesigned.is_empty() || !fixed.is_empty();
        let mut bias = vec![self.bias; parsed.len()];
        let index = parsed.index_by_name();
        if let Some(dictionary) = &self.residue_bias {
            for (name, letters) in dictionary.of(path)?.entries() {
                let Some(&residue) = index.get(name) else { continue };
                let letters = letters
                    .as_object()
                    .with_context(|| format!("--bias_AA_per_residue: {name}: letters and numbers are expected"))?;
                for (letter, number) in letters.entries() {
                    let Some(letter) = only_letter(letter) else { continue };
                    let number = number.as_f64().with_context(|| {
                        format!("--bias_AA_per_residue: {name}: {} is not a number", number.dumps())
                    })?;
                    bias[residue][letter.index()] += number as f32;
                }
            }
        }
        if let Some(dictionary) = &self.residue_omit {
            for (name, letters) in dictionary.of(path)?.entries() {
                let Some(&residue) = index.get(name) else { continue };
                let letters = letters
                    .as_text()
                    .with_context(|| format!("--omit_AA_per_residue: {name}: a text of letters is expected"))?;
                for letter in Letter::all().filter(|letter| letters.contains(letter.to_char())) {
                    bias[residue][letter.index()] -= OMITTED;
                }
            }
        }
        let ties = self.ties(parsed).with_context(|| path.to_owned())?;
        Ok(ResiduePlan { chosen, names_residues, bias, ties })
    }

    fn ties(&self, parsed: &ParsedStructure) -> Result<Option<Vec<TiedGroup>>> {
        let index = parsed.index_by_name();
        if self.homo_oligomer {
            return Ok(Some(homo_oligomer(parsed, &index)?));
        }
        if self.symmetry.is_empty() {
            return Ok(None);
        }
        let mut weight_of = vec![1.0; parsed.len()];
        let mut groups = Vec::new();
        for (place, names) in self.symmetry.iter().enumerate() {
            let members = names.iter().map(|name| {
                index
                    .get(name.as_str())
                    .copied()
                    .with_context(|| format!("--symmetry_residues: there is no residue {name}"))
            });
            let members: Vec<usize> = members.collect::<Result<_>>()?;
            let weights = self.weights.get(place).filter(|weights| weights.len() >= members.len());
            let weights = weights
                .with_context(|| format!("--symmetry_weights: {} need {} weights", names.join(","), members.len()))?;
            for (&member, &weight) in members.iter().zip(weights) {
                weight_of[member] = weight;
            }
            groups.push(members);
        }
        disjoint(groups, &weight_of, parsed).map(Some)
    }
}

/// `--fixed_residues` and the like: names separated by spaces.
pub(crate) fn split(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Which residues are designed. In the designed chains (all if none is named) these are the redesigned residues, or, if
/// none is named, those that are not fixed.
pub(crate) fn chosen(
    parsed: &ParsedStructure,
    chains: &[String],
    redesigned: &[String],
    fixed: &[String],
) -> Vec<bool> {
    let residue = |(name, chain): (&String, &String)| {
        let in_chain = chains.is_empty() || chains.contains(chain);
        let named = if redesigned.is_empty() { !fixed.contains(name) } else { redesigned.contains(name) };
        in_chain && named
    };
    parsed.names.iter().zip(&parsed.chain_letters).map(residue).collect()
}

/// The label of each residue for the membrane networks, `[N]`: 2 buried, 1 interface, 0 neither or both; or the label
/// of the whole protein.
pub(crate) fn membrane_labels(parsed: &ParsedStructure, values: &Values, whole_protein: bool) -> Result<Vec<u8>> {
    if whole_protein {
        let label = values.int("--global_transmembrane_label");
        let label = u8::try_from(label).ok().filter(|label| *label < 3);
        let label = label.context("--global_transmembrane_label: the labels are 0, soluble, and 1, transmembrane")?;
        return Ok(vec![label; parsed.len()]);
    }
    let (buried, interface) =
        (split(values.text("--transmembrane_buried")), split(values.text("--transmembrane_interface")));
    let label = |name: &String| match (buried.contains(name), interface.contains(name)) {
        (true, false) => 2,
        (false, true) => 1,
        _ => 0,
    };
    Ok(parsed.names.iter().map(label).collect())
}

/// Reads a JSON file of one dictionary.
pub(crate) fn load_object(path: &str, flag: &str) -> Result<Object> {
    let text = fs::read_to_string(path).with_context(|| format!("{flag}: {path} cannot be read"))?;
    match Json::loads(&text).map_err(|error| anyhow!("{flag}: {path}: {error}"))? {
        Json::Object(object) => Ok(object),
        _ => bail!("{flag}: {path}: a dictionary is expected"),
    }
}

fn by_path<T>(path: &str, flag: &'static str, value: impl Fn(&Json) -> Option<T>) -> Result<ByPath<T>> {
    let entry = |(key, json): (&str, &Json)| {
        let value = value(json)
            .with_context(|| format!("{flag}: {path}: {key}: {} is not a value of this option", json.dumps()))?;
        Ok((key.to_owned(), value))
    };
    let values: Result<HashMap<String, T>> = load_object(path, flag)?.entries().map(entry).collect();
    Ok(ByPath::Each(values?, flag))
}

/// `A:-1.5`; what follows a second colon is ignored.
fn letter_bias(item: &str) -> Option<(Letter, f32)> {
    let mut parts = item.split(':');
    let letter = only_letter(parts.next()?)?;
    Some((letter, text::parse_float(parts.next()?)? as f32))
}

/// The letter of a text of one upper-case character.
fn only_letter(text: &str) -> Option<Letter> {
    Letter::all().find(|letter| text.len() == 1 && text.starts_with(letter.to_char()))
}

/// A group for each residue of the first chain: the residues of its number in all chains, with equal weights. The
/// published code takes chains in the order of a Python set, which differs between processes; here they are sorted.
pub(crate) fn homo_oligomer(parsed: &ParsedStructure, index: &HashMap<&str, usize>) -> Result<Vec<TiedGroup>> {
    let chains = &parsed.chain_list;
    let weight = (1.0 / chains.len() as f64) as f32;
    let Some(first) = chains.first() else { return Ok(Vec::new()) };
    let group = |residue: usize| {
        let number = &parsed.names[residue][first.len()..];
        let member = |chain: &String| {
            let name = format!("{chain}{number}");
            index.get(name.as_str()).copied().with_context(|| {
                let own = &parsed.names[residue];
                format!("--homo_oligomer: chain {chain} has no residue {name} to go with {own}")
            })
        };
        let members: Vec<usize> = chains.iter().map(member).collect::<Result<_>>()?;
        Ok(TiedGroup { weights: vec![weight; members.len()], members })
    };
    parsed.of_chain(first).map(group).collect()
}

/// The groups without those whose residues are all in earlier groups, which are never decoded on their own; the weights
/// are those given last. Groups that overlap in part are an error, as in the published code.
pub(crate) fn disjoint(groups: Vec<Vec<usize>>, weight_of: &[f32], parsed: &ParsedStructure) -> Result<Vec<TiedGroup>> {
    let mut taken = vec![false; parsed.len()];
    let mut result = Vec::new();
    for members in groups {
        if members.iter().all(|&member| taken[member]) {
            continue;
        }
        for &member in &members {
            if std::mem::replace(&mut taken[member], true) {
                bail!("--symmetry_residues: {} is named more than once", parsed.names[member]);
            }
        }
        result.push(TiedGroup { weights: members.iter().map(|&member| weight_of[member]).collect(), members });
    }
    Ok(result)
}
