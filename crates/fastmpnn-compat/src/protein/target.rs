//! A parsed structure with the dictionaries' settings for its residues, in the published order of chains: the designed
//! ones by letter, then the others.
//!
//! Source: `tied_featurize` of the published `protein_mpnn_utils.py`.

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use fastmpnn::chemistry::{Letter, Sequence, VOCABULARY};
use fastmpnn::spec::TiedGroup;
use fastmpnn::structure::{Atom, Chain, Residue, ResidueId, Structure};

use super::dictionaries::{Dictionaries, of_chain, of_structure};
use super::entries::{ALPHA, ATOMS, Entry, EntryChain};
use crate::python::json::Json;

/// A structure with its settings; arrays by residue, N of them.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) structure: Structure,
    pub(super) native: Sequence,
    /// `mask`
    pub(super) resolved: Vec<bool>,
    /// `chain_M`: whether the residue's chain is designed, and therefore printed.
    pub(super) shown: Vec<bool>,
    /// `chain_M · chain_M_pos · mask`
    pub(super) designed: Vec<bool>,
    /// Letters that `omit_AA_jsonl` leaves out: bit l stands for the letter of index l.
    pub(super) omitted: Vec<u32>,
    pub(super) pssm_coef: Vec<f32>,
    pub(super) pssm_bias: Vec<[f32; VOCABULARY]>,
    pub(super) pssm_log_odds: Vec<[f32; VOCABULARY]>,
    pub(super) bias_by_res: Vec<[f32; VOCABULARY]>,
    /// The tied groups; `None` if no dictionary of tied positions was loaded.
    pub(super) ties: Option<Vec<TiedGroup>>,
    /// Chain letters in order, the designed ones first.
    pub(super) chain_letters: Vec<String>,
    pub(super) designed_chains: Vec<String>,
    pub(super) fixed_chains: Vec<String>,
    /// The number of residues of each designed chain.
    pub(super) designed_lengths: Vec<usize>,
}

/// The default log odds, which are above any threshold in use.
const NO_LOG_ODDS: f32 = 10_000.0;

impl Target {
    pub(super) fn new(entry: &Entry, dictionaries: &Dictionaries, ca_only: bool) -> Result<Target> {
        let (mut designed_chains, mut fixed_chains) = chains_of(entry, dictionaries)?;
        designed_chains.sort();
        fixed_chains.sort();
        let mut target = Target {
            name: entry.name.clone(),
            structure: Structure { name: entry.name.clone(), model_count: 1, ..Structure::default() },
            native: Vec::new(),
            resolved: Vec::new(),
            shown: Vec::new(),
            designed: Vec::new(),
            omitted: Vec::new(),
            pssm_coef: Vec::new(),
            pssm_bias: Vec::new(),
            pssm_log_odds: Vec::new(),
            bias_by_res: Vec::new(),
            ties: None,
            chain_letters: Vec::new(),
            designed_lengths: Vec::new(),
            designed_chains,
            fixed_chains,
        };
        for letter in target.designed_chains.clone() {
            target.add_chain(entry.chain(&letter)?, ca_only)?;
            target.add_options(entry, &letter, dictionaries)?;
        }
        for letter in target.fixed_chains.clone() {
            let chain = entry.chain(&letter)?;
            target.add_chain(chain, ca_only)?;
            target.add_nothing(chain.residues.len());
        }
        for (designed, &resolved) in target.designed.iter_mut().zip(&target.resolved) {
            *designed &= resolved;
        }
        if let Some(tied) = &dictionaries.tied {
            let groups = of_structure(tied, &entry.name, TIED)?;
            target.ties = Some(target.ties_of(groups).with_context(|| format!("{TIED}: {}", entry.name))?);
        }
        Ok(target)
    }

    /// N, the number of residues.
    pub(super) fn len(&self) -> usize {
        self.native.len()
    }

    fn add_chain(&mut self, chain: &EntryChain, ca_only: bool) -> Result<()> {
        if chain.alpha_only && !ca_only {
            bail!("{}: chain {} has CA atoms alone; use --ca_only", self.name, chain.letter);
        }
        let begin = self.len();
        let id: Arc<str> = Arc::from(chain.letter.as_str());
        for (index, (code, backbone)) in chain.sequence.chars().zip(&chain.residues).enumerate() {
            let code = if code == '-' { 'X' } else { code };
            let letter = Letter::from_char(code)
                .filter(|_| code.is_ascii_uppercase())
                .ok_or_else(|| anyhow!("{}: chain {}: {code:?} is not a residue letter", self.name, chain.letter))?;
            let atom = |(name, position): (&&str, _)| Atom {
                name: (*name).to_owned(),
                element: name[..1].to_owned(),
                position,
                occupancy: 1.0,
                b_factor: 0.0,
                charge: 0,
            };
            let present = ATOMS.iter().zip(backbone).filter_map(|(name, position)| Some((name, (*position)?)));
            self.structure.residues.push(Residue {
                id: ResidueId { chain: id.clone(), number: index as i32 + 1, insertion: None },
                chain: self.structure.chains.len(),
                name: letter.residue_name().to_owned(),
                hetatm: false,
                letter,
                sequence_position: index as i32,
                label_number: None,
                atoms: present.map(atom).collect(),
            });
            self.native.push(letter);
            let needed = if ca_only { &backbone[ALPHA..=ALPHA] } else { &backbone[..] };
            self.resolved.push(needed.iter().all(Option::is_some));
        }
        self.structure.chains.push(Chain { id, label_id: None, residues: begin..self.len() });
        self.chain_letters.push(chain.letter.clone());
        Ok(())
    }

    /// Adds the default settings of a chain that is not designed.
    fn add_nothing(&mut self, length: usize) {
        self.shown.resize(self.shown.len() + length, false);
        self.designed.resize(self.designed.len() + length, false);
        self.add_neutral(length);
    }

    fn add_neutral(&mut self, length: usize) {
        let count = self.omitted.len() + length;
        self.omitted.resize(count, 0);
        self.pssm_coef.resize(count, 0.0);
        self.pssm_bias.resize(count, [0.0; VOCABULARY]);
        self.pssm_log_odds.resize(count, [NO_LOG_ODDS; VOCABULARY]);
        self.bias_by_res.resize(count, [0.0; VOCABULARY]);
    }

    /// Sets what the dictionaries give for the designed chain that was added last.
    fn add_options(&mut self, entry: &Entry, letter: &str, dictionaries: &Dictionaries) -> Result<()> {
        let name = &entry.name;
        let begin = self.shown.len();
        let length = self.len() - begin;
        self.designed_lengths.push(length);
        self.shown.resize(begin + length, true);
        self.designed.resize(begin + length, true);
        self.add_neutral(length);
        let about = |flag: &str| format!("{flag}: chain {letter} of {}", entry.name);
        if let Some(fixed) = &dictionaries.fixed {
            for position in positions(of_chain(fixed, name, letter, FIXED)?, length).with_context(|| about(FIXED))? {
                self.designed[begin + position] = false;
            }
        }
        if let Some(omitted) = &dictionaries.omitted {
            let rules = of_chain(omitted, name, letter, OMITTED)?;
            self.omit(rules, begin..begin + length).with_context(|| about(OMITTED))?;
        }
        if let Some(pssm) = dictionaries.pssm.as_ref().filter(|pssm| pssm.keys().next().is_some()) {
            let scores = of_chain(pssm, name, letter, PSSM)?;
            if !scores.is_false() {
                self.add_pssm(scores, begin..begin + length).with_context(|| about(PSSM))?;
            }
        }
        if let Some(bias) = dictionaries.residue_bias.as_ref().filter(|bias| bias.keys().next().is_some()) {
            let rows = rows(of_chain(bias, name, letter, BIAS)?, length).with_context(|| about(BIAS))?;
            self.bias_by_res[begin..].copy_from_slice(&rows);
        }
        Ok(())
    }

    fn omit(&mut self, rules: &Json, residues: Range<usize>) -> Result<()> {
        for rule in rules.as_list().context("a list of [positions, letters] is expected")? {
            let Some([places, letters]) = rule.as_list() else { bail!("[positions, letters] is expected") };
            let letters = match letters {
                Json::Text(text) => text.clone(),
                Json::List(items) => items.iter().filter_map(Json::as_text).collect(),
                _ => bail!("letters are expected after the positions"),
            };
            let mut bits = 0;
            for code in letters.chars() {
                let letter = Letter::from_char(code).filter(|_| code.is_ascii_uppercase());
                bits |= 1 << letter.with_context(|| format!("{code:?} is not a residue letter"))?.index();
            }
            for position in positions(places, residues.len())? {
                self.omitted[residues.start + position] |= bits;
            }
        }
        Ok(())
    }

    fn add_pssm(&mut self, scores: &Json, residues: Range<usize>) -> Result<()> {
        let (begin, length) = (residues.start, residues.len());
        let scores = scores.as_object().context("pssm_coef, pssm_bias and pssm_log_odds are expected")?;
        let part = |key: &str| scores.get(key).with_context(|| format!("it has no {key}"));
        let coefficients = part("pssm_coef")?.as_list().context("pssm_coef is not a list")?;
        if coefficients.len() != length {
            bail!("pssm_coef has {} numbers for {length} residues", coefficients.len());
        }
        for (target, number) in self.pssm_coef[begin..].iter_mut().zip(coefficients) {
            *target = number.as_f64().context("pssm_coef holds something that is not a number")? as f32;
        }
        let bias = rows(part("pssm_bias")?, length).context("pssm_bias")?;
        self.pssm_bias[begin..].copy_from_slice(&bias);
        let log_odds = rows(part("pssm_log_odds")?, length).context("pssm_log_odds")?;
        self.pssm_log_odds[begin..].copy_from_slice(&log_odds);
        Ok(())
    }

    fn ties_of(&self, groups: &Json) -> Result<Vec<TiedGroup>> {
        let mut ties: Vec<TiedGroup> = Vec::new();
        // A residue has the same weight in all its groups: the last one given.
        let mut weight = vec![1.0; self.len()];
        let mut tied = vec![None; self.len()];
        for group in groups.as_list().context("a list of groups is expected")? {
            let group = group.as_object().context("a group is a dictionary of chains and positions")?;
            let mut members = Vec::new();
            for (letter, places) in group.entries() {
                let chain = self.chain_letters.iter().position(|held| held == letter);
                let chain = chain.with_context(|| format!("there is no chain {letter}"))?;
                let start = self.structure.chains[chain].residues.start;
                let places = places.as_list().with_context(|| format!("chain {letter}: positions are expected"))?;
                let (places, weights) = match places {
                    [Json::List(places), Json::List(weights)] => (&places[..], Some(weights)),
                    places => (places, None),
                };
                for (index, place) in places.iter().enumerate() {
                    let residue = place
                        .as_i64()
                        .and_then(|place| usize::try_from(start as i64 + place - 1).ok())
                        .filter(|&residue| residue < self.len())
                        .with_context(|| format!("chain {letter}: {} is not a position", place.dumps()))?;
                    if let Some(weights) = weights {
                        let number = weights.get(index).and_then(Json::as_f64);
                        weight[residue] =
                            number.with_context(|| format!("chain {letter}: a weight is missing"))? as f32;
                    }
                    members.push(residue);
                }
            }
            if members.is_empty() || ties.iter().any(|tie| tie.members == members) {
                continue;
            }
            for &member in &members {
                if tied[member].replace(()).is_some() {
                    let id = &self.structure.residues[member].id;
                    bail!("position {} of chain {} is tied more than once", id.number, id.chain);
                }
            }
            ties.push(TiedGroup { weights: Vec::new(), members });
        }
        for tie in &mut ties {
            tie.weights = tie.members.iter().map(|&member| weight[member]).collect();
        }
        Ok(ties)
    }
}

const FIXED: &str = "--fixed_positions_jsonl";
const OMITTED: &str = "--omit_AA_jsonl";
const PSSM: &str = "--pssm_jsonl";
const BIAS: &str = "--bias_by_res_jsonl";
const TIED: &str = "--tied_positions_jsonl";
const CHAINS: &str = "--chain_id_jsonl";

fn chains_of(entry: &Entry, dictionaries: &Dictionaries) -> Result<(Vec<String>, Vec<String>)> {
    let Some(chains) = &dictionaries.chains else {
        return Ok((entry.chains.iter().map(|chain| chain.letter.clone()).collect(), Vec::new()));
    };
    let pair = of_structure(chains, &entry.name, CHAINS)?;
    let letters = |json: &Json| -> Option<Vec<String>> {
        json.as_list()?.iter().map(|letter| Some(letter.as_text()?.to_owned())).collect()
    };
    let pair = match pair.as_list() {
        Some([designed, fixed]) => letters(designed).zip(letters(fixed)),
        _ => None,
    };
    pair.with_context(|| format!("{CHAINS}: {}: [[designed chains], [fixed chains]] is expected", entry.name))
}

/// Positions counted from 1, as indexes; 0 and below count from the end, as Python does.
fn positions(json: &Json, length: usize) -> Result<Vec<usize>> {
    let place = |json: &Json| -> Result<usize> {
        let place = json.as_i64().with_context(|| format!("{} is not a position", json.dumps()))?;
        let index = if place > 0 { place - 1 } else { length as i64 + place - 1 };
        usize::try_from(index)
            .ok()
            .filter(|&index| index < length)
            .with_context(|| format!("position {place} is past the {length} residues"))
    };
    json.as_list().context("a list of positions is expected")?.iter().map(place).collect()
}

/// Numbers by residue and letter.
fn rows(json: &Json, length: usize) -> Result<Vec<[f32; VOCABULARY]>> {
    let rows = json.as_list().context("a list of rows is expected")?;
    if rows.len() != length {
        bail!("{} rows for {length} residues", rows.len());
    }
    let row = |json: &Json| -> Option<[f32; VOCABULARY]> {
        let numbers: Option<Vec<f32>> = json.as_list()?.iter().map(|number| Some(number.as_f64()? as f32)).collect();
        numbers?.try_into().ok()
    };
    rows.iter().map(|json| row(json).with_context(|| format!("a row is {VOCABULARY} numbers"))).collect()
}
